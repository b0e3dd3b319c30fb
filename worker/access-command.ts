/**
 * `npm run access -- make-key --name <name> --roles admin`: people and service keys from the command line, the
 * way to the first key of a new installation. A key is printed once, alone on the standard output; the rest
 * goes to the standard error. Exit code 0 when done, 1 when refused, 2 when it could not try. DATABASE_URL
 * names the server; without it, the one that `npm start` runs on this data folder.
 */
import { userInfo } from 'node:os';
import { connectLedger } from '../activities/ledger/connect.ts';
import { readAccessArguments } from './access-arguments.ts';
import { carryOutAccess } from './carry-out-access.ts';
import { readEnv } from './env.ts';
import { findLedger } from './find-ledger.ts';
import { withoutPassword } from './ledger-address.ts';

process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 2;
});

async function run(args: readonly string[]): Promise<number> {
  const command = readAccessArguments(args);
  const { url, from } = await findLedger(readEnv());
  console.error(`The ledger of ${withoutPassword(url)} (${from}).`);
  const ledger = connectLedger(url, { connections: 1 });
  try {
    const by = { actor: 'process:access-command', onBehalfOf: `os-user:${userInfo().username}` };
    const { done, answer, note } = await carryOutAccess(ledger.as(by), command, Date.now());
    for (const line of answer) console.log(line);
    console.error(note);
    return done ? 0 : 1;
  } finally {
    await ledger.close();
  }
}
