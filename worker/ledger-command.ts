/**
 * `npm run ledger -- check`: recomputes every projection of the ledger from its entries and prints each
 * difference. Exit code 0 without, 1 with differences, 2 when it could not look.
 * DATABASE_URL names the server; without it, the one that `npm start` runs on this machine.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectLedger } from '../activities/ledger/connect.ts';
import { checkLedger, type LedgerCheck } from '../activities/ledger/read/check.ts';
import { readEnv, type Env } from './env.ts';
import { dataFolder } from './stack/paths.ts';
import { possibleDataFolders } from './stack/postgres-account.ts';

const LEDGER_DATABASE = 'loopline';
const USAGE = 'Usage: npm run ledger -- check';

process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 2;
});

async function run(args: readonly string[]): Promise<number> {
  if (args.length !== 1 || args[0] !== 'check') {
    console.error(USAGE);
    return 2;
  }
  const ledger = connectLedger(await ledgerUrl(readEnv()), { connections: 1 });
  try {
    const check = await checkLedger(ledger);
    print(check);
    return check.ok ? 0 : 1;
  } finally {
    await ledger.close();
  }
}

function print({ ok, found, drift, trialBalance }: LedgerCheck): void {
  for (const { kind, id, expected, actual, detail } of drift) {
    console.log(
      `${kind}: ${id}: the entries say ${expected}, the ledger holds ${actual} ${JSON.stringify(detail)}`,
    );
  }
  for (const { currency, debitMinor, creditMinor } of trialBalance) {
    console.log(
      `Trial balance ${currency}: debit ${debitMinor}, credit ${creditMinor} (minor units)`,
    );
  }
  const listed = found > drift.length ? `, the first ${drift.length} are listed` : '';
  console.log(ok ? 'Every projection equals its entries.' : `${found} differences${listed}.`);
}

/** The ledger's database on the given server, else on the local one, whose password lies beside its data. */
async function ledgerUrl(env: Env): Promise<string> {
  const url = new URL(env.DATABASE_URL ?? (await localServerUrl(env)));
  url.pathname = `/${LEDGER_DATABASE}`;
  return url.toString();
}

async function localServerUrl(env: Env): Promise<string> {
  for (const folder of possibleDataFolders(join(dataFolder(env.LOOPLINE_DATA), 'postgres'))) {
    const password = await readFile(join(folder, 'superuser-password'), 'utf8').catch(
      () => undefined,
    );
    if (password !== undefined)
      return `postgres://postgres:${password.trim()}@127.0.0.1:${env.POSTGRES_PORT}`;
  }
  throw new Error(
    'There is no ledger on this machine yet: start one with `npm start`, or set DATABASE_URL.',
  );
}
