import { join } from 'node:path';
import postgres from 'postgres';
import { connectLedger, type Ledger } from '../../activities/ledger/connect.ts';
import { migrateLedger } from '../../activities/ledger/migrate.ts';
import { verifyAudit } from '../../activities/ledger/read/audit.ts';
import { sealAudit } from '../../activities/ledger/steps/seal-audit.ts';
import { freePort } from '../../worker/stack/ports.ts';
import { startPostgres } from '../../worker/stack/postgres.ts';
import { runMeasured, type CommandRun } from '../measured-command.ts';
import type { Bench, BenchOptions, Figure, Findings } from '../measure.ts';
import { writeAuditRows } from './audit-rows.ts';

const ROWS = 1_000_000;
const ROWS_QUICK = 20_000;
const VERIFY = { script: 'audit-command.ts', word: 'verify' };
/** As many connections as the verification uses. */
const READERS = 2;

/** A million acts: how fast they are sealed, and how fast all of them are proved to be as they were written. */
export const audit: Bench = {
  name: 'audit',
  summary: 'sealing and verifying a million rows of the audit',
  run,
};

/** One look over all rows: the command, and beside it what of that nobody can save. */
interface Round {
  readonly verified: CommandRun;
  readonly hashSeconds: number;
  readonly readSeconds: number;
}

async function run({ dataDir, quick, rounds, log }: BenchOptions): Promise<Findings> {
  const server = await startPostgres({
    dataDir: join(dataDir, 'postgres'),
    port: await freePort(),
    log,
  });
  const { appUrl, ownerUrl } = await migrateLedger({ url: server.url, log });
  const ledger = connectLedger(appUrl, { connections: 1 }).as({ actor: 'bench' });
  const owner = postgres(ownerUrl, { max: READERS + 1, onnotice: () => undefined });
  try {
    const rows = quick ? ROWS_QUICK : ROWS;
    const writeSeconds = await writeAuditRows(owner, rows, log);
    log(`${rows} rows are there after ${writeSeconds.toFixed(0)} s`);
    const sealSeconds = await seal(ledger, rows);
    await owner`vacuum analyze ledger.audit_seal`;
    log(`${rows} rows are sealed after ${sealSeconds.toFixed(0)} s`);
    const found: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      found.push(await look(owner, appUrl, rows));
      log(`round ${round} of ${rounds}: ${found.at(-1)?.verified.seconds.toFixed(1)} s`);
    }
    const findSeconds = await findOneChange(ledger, owner, Math.floor(rows / 2));
    return {
      figures: figuresOf(found, { rows, sealSeconds, bytes: await bytesOf(owner) }),
      notes: [
        `${rows} rows, written a thousand in a transaction in ${writeSeconds.toFixed(0)} s, sealed by seal_audit; the command is \`npm run audit -- verify\`, its own start included.`,
        `The floor reads every row and hashes its canonical text once, on ${READERS} connections as the command does; the command hashes a second time for each seal and compares. Reading alone: ${found.map(({ readSeconds }) => readSeconds.toFixed(2)).join(', ')} s.`,
        `One letter changed in the middle row was found and named after ${findSeconds.toFixed(1)} s.`,
      ],
    };
  } finally {
    await Promise.all([ledger.close(), owner.end({ timeout: 5 })]);
    await server.stop();
  }
}

async function seal(ledger: Ledger, rows: number): Promise<number> {
  const startedAt = performance.now();
  const { sealed } = await sealAudit(ledger);
  if (sealed !== rows) throw new Error(`${sealed} of ${rows} rows were sealed`);
  return secondsSince(startedAt);
}

async function look(owner: postgres.Sql, appUrl: string, rows: number): Promise<Round> {
  const verified = await runMeasured(owner, { ...VERIFY, appUrl });
  if (!verified.printed.includes(`${rows} sealed rows are as they were written`))
    throw new Error(`the verification said: ${verified.printed}`);
  const hashSeconds = await readShares(owner, 'count(ledger.audit_hash(a))');
  const readSeconds = await readShares(owner, 'sum(pg_column_size(a))');
  return { verified, hashSeconds, readSeconds };
}

/** Reads all rows, each connection its share of the pages. */
async function readShares(owner: postgres.Sql, what: string): Promise<number> {
  const [table] = await owner<{ pages: number }[]>`
    select (pg_relation_size('ledger.audit') / current_setting('block_size')::integer)::int as pages`;
  const each = Math.ceil((table?.pages ?? 0) / READERS);
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: READERS }, (_, part) =>
      owner.unsafe(
        `select ${what} from ledger.audit a
         where a.ctid >= '(${part * each},0)'::tid and a.ctid < '(${(part + 1) * each},0)'::tid`,
      ),
    ),
  );
  return secondsSince(startedAt);
}

/** Changes one row as somebody with every right would; answers how long it took to find that out. */
async function findOneChange(
  ledger: Ledger,
  owner: postgres.Sql,
  sequence: number,
): Promise<number> {
  await owner.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`
      update ledger.audit a set actor = a.actor || 'x' from ledger.audit_seal s
      where s.sequence = ${sequence} and a.xact = s.xact and a.audit_id = s.audit_id`;
  });
  const startedAt = performance.now();
  const { bad } = await verifyAudit(ledger);
  if (bad?.sequence !== sequence || bad.fault !== 'row-changed')
    throw new Error(`the change at ${sequence} was not found, but ${JSON.stringify(bad)}`);
  return secondsSince(startedAt);
}

async function bytesOf(owner: postgres.Sql): Promise<number> {
  const [row] = await owner<{ bytes: number }[]>`
    select (pg_total_relation_size('ledger.audit') + pg_total_relation_size('ledger.audit_seal'))::float as bytes`;
  return row?.bytes ?? 0;
}

function figuresOf(
  found: readonly Round[],
  { rows, sealSeconds, bytes }: { rows: number; sealSeconds: number; bytes: number },
): Figure[] {
  const hashed = { name: 'read and hashed once', rounds: found.map((each) => each.hashSeconds) };
  const verified = found.map((each) => each.verified.seconds);
  const perSecond = (seconds: readonly number[]) => seconds.map((each) => rows / each);
  return [
    {
      measure: `${rows} rows verified`,
      unit: 's',
      rounds: verified,
      floor: hashed,
      target: 'seconds',
    },
    {
      measure: 'rows verified',
      unit: '/s',
      rounds: perSecond(verified),
      floor: { ...hashed, rounds: perSecond(hashed.rounds) },
    },
    {
      measure: 'the command at its peak',
      unit: 'MB',
      rounds: found.map((each) => each.verified.peakMegabytes),
    },
    {
      measure: 'its server processes at their peak',
      unit: 'MB',
      rounds: found.map((each) => each.verified.serverPeakMegabytes),
    },
    {
      measure: 'temporary files',
      unit: 'MB',
      rounds: found.map((each) => each.verified.temporaryMegabytes),
    },
    { measure: 'rows sealed, 5,000 a call', unit: '/s', rounds: [rows / sealSeconds] },
    { measure: 'a row with its seal', unit: 'B', rounds: [bytes / rows] },
  ];
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1_000;
}
