/**
 * `npm run ledger -- check`: recomputes every projection of the ledger from its entries, prints each
 * difference and the trial balance. Exit code 0 without, 1 with differences, 2 when it could not look.
 * DATABASE_URL names the server; without it, the one that `npm start` runs on this data folder.
 */
import { connectLedger } from '../activities/ledger/connect.ts';
import { checkLedger, type LedgerCheck } from '../activities/ledger/read/check.ts';
import { readTrialBalance } from '../activities/ledger/read/finance.ts';
import { readEnv } from './env.ts';
import { findLedger } from './find-ledger.ts';
import { withoutPassword } from './ledger-address.ts';
import { trialBalanceTable } from './trial-balance-table.ts';

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
  const { url, from } = await findLedger(readEnv());
  console.log(`Checking ${withoutPassword(url)} (${from}).`);
  const ledger = connectLedger(url, { connections: 1 });
  try {
    const check = await checkLedger(ledger);
    const trialBalance = await readTrialBalance(ledger, { at: new Date().toISOString() });
    printDifferences(check);
    console.log(`\n${trialBalanceTable(trialBalance)}\n`);
    console.log(verdictOf(check));
    return check.ok ? 0 : 1;
  } finally {
    await ledger.close();
  }
}

function printDifferences({ drift }: LedgerCheck): void {
  for (const { kind, id, expected, actual, detail } of drift) {
    console.log(
      `${kind}: ${id}: the entries say ${expected}, the ledger holds ${actual} ${JSON.stringify(detail)}`,
    );
  }
}

function verdictOf({ ok, found, drift }: LedgerCheck): string {
  const listed = found > drift.length ? `, the first ${drift.length} are listed` : '';
  return ok ? 'Every projection equals its entries.' : `${found} differences${listed}.`;
}
