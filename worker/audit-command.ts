/**
 * `npm run audit -- verify [<sequence>:<hash>]`: recomputes every seal of the audit from its row, names the
 * first that is not what was sealed, and says how many rows are not sealed yet. With an end of the chain
 * that was noted earlier, it also says whether the chain still holds it. Exit code 0 when all is as it was
 * written, 1 when not, 2 when it could not look. DATABASE_URL names the server; without it, the one that
 * `npm start` runs on this data folder.
 */
import { connectLedger } from '../activities/ledger/connect.ts';
import {
  verifyAudit,
  type AuditVerification,
  type ChainEnd,
} from '../activities/ledger/read/audit.ts';
import { readEnv } from './env.ts';
import { findLedger } from './find-ledger.ts';
import { withoutPassword } from './ledger-address.ts';

const USAGE =
  'Usage: npm run audit -- verify [<sequence>:<hash>], the end that an earlier run has printed';

process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 2;
});

async function run([command, noted, ...rest]: readonly string[]): Promise<number> {
  const known = noted === undefined ? undefined : readEnd(noted);
  if (command !== 'verify' || rest.length > 0 || (noted !== undefined && known === undefined)) {
    console.error(USAGE);
    return 2;
  }
  const { url, from } = await findLedger(readEnv());
  console.log(`Verifying the audit of ${withoutPassword(url)} (${from}).`);
  const ledger = connectLedger(url, { connections: 1 });
  try {
    const startedAt = performance.now();
    const found = await verifyAudit(ledger, { known, progress: printProgress });
    const seconds = (performance.now() - startedAt) / 1_000;
    for (const line of report(found, seconds)) console.log(line);
    return found.bad === null ? 0 : 1;
  } finally {
    await ledger.close();
  }
}

function printProgress(checked: number, of: number): void {
  if (checked < of) console.log(`${checked} of ${of} seals`);
}

function readEnd(text: string): ChainEnd | undefined {
  const [, sequence, rowHash] = /^([1-9]\d{0,14}):([\da-f]{64})$/i.exec(text) ?? [];
  if (sequence === undefined || rowHash === undefined) return undefined;
  return { sequence: Number(sequence), rowHash: rowHash.toLowerCase() };
}

function report(found: AuditVerification, seconds: number): string[] {
  const { bad, checked, end, unsealed } = found;
  const time = `${seconds.toFixed(1)} s`;
  if (bad !== null) {
    const row = bad.auditId === null ? '' : ` (row ${bad.auditId})`;
    return [
      `The audit was changed: ${bad.fault} at sequence ${bad.sequence}${row}. ${checked} seals were looked at in ${time}.`,
    ];
  }
  const tail =
    unsealed.oldestAt === null
      ? 'Every row is sealed.'
      : `${unsealed.rows} rows are not sealed yet, the oldest of ${unsealed.oldestAt}.`;
  const note =
    end.sequence === 0 ? [] : [`Its end, to note elsewhere: ${end.sequence}:${end.rowHash}`];
  return [`${checked} sealed rows are as they were written (${time}).`, tail, ...note];
}
