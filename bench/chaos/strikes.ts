import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import type { ChaosStack, Part, PartKind } from './chaos-stack.ts';
import { seededChance, shuffled, type Chance } from './random.ts';

/**
 * kill: -9, and started again after a while. stop: does nothing for a while, and goes on. terminate:
 * Postgres ends single sessions. crash: one of Postgres' sessions is killed, and the whole server
 * ends all others and recovers.
 */
export type StrikeAct = 'kill' | 'stop' | 'terminate' | 'crash';

export interface Strike {
  readonly atMs: number;
  readonly target: PartKind | 'backend';
  readonly act: StrikeAct;
  /** How long it stays down, or stands still. */
  readonly forMs: number;
  /** Which of several parts of a kind. */
  readonly which: number;
}

type Kind = Pick<Strike, 'target' | 'act'>;

/** Every way to strike, the likely ones several times; a schedule goes through all of them again and again. */
const DECK: readonly Kind[] = [
  ...many(5, { target: 'worker', act: 'kill' }),
  ...many(2, { target: 'worker', act: 'stop' }),
  ...many(3, { target: 'api', act: 'kill' }),
  { target: 'api', act: 'stop' },
  ...many(2, { target: 'backend', act: 'terminate' }),
  { target: 'backend', act: 'crash' },
  { target: 'backend', act: 'stop' },
  { target: 'postgres', act: 'kill' },
  { target: 'postgres', act: 'stop' },
  ...many(2, { target: 'temporal', act: 'kill' }),
  { target: 'temporal', act: 'stop' },
  ...many(2, { target: 'simulators', act: 'kill' }),
  { target: 'simulators', act: 'stop' },
];

/** Longest times; a worker that stands still for longer than a workflow task's 10 s loses it. */
const LONGEST_DOWN_MS = 4_000;
const LONGEST_STOP_MS = 14_000;
const SESSIONS_TERMINATED = 4;

function many(count: number, kind: Kind): Kind[] {
  return Array.from({ length: count }, () => kind);
}

/** As many strikes as asked for, one about every `gapMs`; the same seed gives the same ones. */
export function strikeSchedule(options: {
  readonly kills: number;
  readonly seed: number;
  readonly gapMs: number;
}): Strike[] {
  const chance = seededChance(options.seed, 0);
  const strikes: Strike[] = [];
  let deck: Kind[] = [];
  let atMs = 0;
  while (strikes.length < options.kills) {
    if (deck.length === 0) deck = shuffled(DECK, chance);
    const kind = deck.pop();
    if (kind === undefined) break;
    atMs += Math.round(options.gapMs * (0.5 + chance.fraction()));
    strikes.push({
      ...kind,
      atMs,
      forMs: durationOf(kind, chance),
      which: chance.whole(0, 1_000),
    });
  }
  return strikes;
}

/** Most are short, some long: squared chance. */
function durationOf({ act }: Kind, chance: Chance): number {
  const longest = act === 'stop' ? LONGEST_STOP_MS : LONGEST_DOWN_MS;
  return Math.round(200 + chance.fraction() ** 2 * longest);
}

/** Carries strikes out on a stack. */
export interface Striker {
  strike(blow: Strike, number: number): Promise<void>;
  /** Waits until everything struck is up again. */
  settled(): Promise<void>;
  /** Lets go on at once whatever stands still, so that it can obey. */
  release(): void;
}

export function striker(stack: ChaosStack, log: (line: string) => void): Striker {
  const underWay = new Set<Promise<void>>();
  const busy = new Set<string>();
  const standing = new Set<number>();

  async function strike(blow: Strike, number: number): Promise<void> {
    const part = await freePart(stack, blow, busy);
    busy.add(part.name);
    const time = 'kill stop'.includes(blow.act) ? ` for ${blow.forMs} ms` : '';
    log(`strike ${number}: ${blow.act} ${nameOf(blow, part)}${time}`);
    const done = carryOut({ stack, part, blow, standing })
      .catch((error: unknown) => log(`strike ${number} missed: ${String(error)}`))
      .finally(() => {
        busy.delete(part.name);
        underWay.delete(done);
      });
    underWay.add(done);
  }

  return {
    strike,
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    release: () => {
      for (const pid of standing) signal(pid, 'SIGCONT');
    },
  };
}

/** The one that the seed names, or another one of its kind that is not down already. */
async function freePart(stack: ChaosStack, blow: Strike, busy: ReadonlySet<string>): Promise<Part> {
  const candidates = partsOf(stack, blow);
  const inTurn = candidates.map((_, index) => candidates[(blow.which + index) % candidates.length]);
  for (;;) {
    const part = inTurn.find((one) => one !== undefined && !busy.has(one.name));
    if (part !== undefined) return part;
    await sleep(100);
  }
}

function partsOf({ parts }: ChaosStack, { target }: Strike): Part[] {
  const kind = target === 'backend' ? 'postgres' : target;
  return parts.filter((part) => part.kind === kind);
}

function nameOf({ target }: Strike, { name }: Part): string {
  return target === 'backend' ? "one of Postgres' sessions" : name;
}

interface Blow {
  readonly stack: ChaosStack;
  readonly part: Part;
  readonly blow: Strike;
  /** Pids that are stopped at this moment. */
  readonly standing: Set<number>;
}

async function carryOut({ stack, part, blow, standing }: Blow): Promise<void> {
  switch (blow.act) {
    case 'kill':
      return killAndStart(part, blow.forMs);
    case 'stop':
      return stopForAWhile(await pidsToStop(stack, part, blow), blow.forMs, standing);
    case 'terminate':
      return onServer(stack, async (sql) => {
        await sql`select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'loopline' order by md5(pid || ${String(blow.which)}) limit ${SESSIONS_TERMINATED}`;
      });
    case 'crash': {
      const [pid] = await sessions(stack, blow.which);
      if (pid !== undefined) signal(pid, 'SIGKILL');
    }
  }
}

async function killAndStart(part: Part, downMs: number): Promise<void> {
  const pid = part.pid();
  part.expectEnd();
  if (pid !== undefined) signal(pid, 'SIGKILL');
  await sleep(downMs);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await part.start();
    } catch (error) {
      // A part that needs another one that is down as well has to be patient.
      if (attempt >= 60) throw error;
      await sleep(500);
    }
  }
}

async function pidsToStop(stack: ChaosStack, part: Part, blow: Strike): Promise<number[]> {
  if (blow.target === 'backend') return (await sessions(stack, blow.which)).slice(0, 1);
  const pid = part.pid();
  if (pid === undefined) return [];
  return part.kind === 'postgres' ? [pid, ...(await childrenOf(pid))] : [pid];
}

async function stopForAWhile(
  pids: readonly number[],
  ms: number,
  standing: Set<number>,
): Promise<void> {
  for (const pid of pids) {
    standing.add(pid);
    signal(pid, 'SIGSTOP');
  }
  await sleep(ms);
  for (const pid of pids) {
    signal(pid, 'SIGCONT');
    standing.delete(pid);
  }
}

/** Loopline's sessions on the server, in an order that the seed decides. */
async function sessions(stack: ChaosStack, which: number): Promise<number[]> {
  return onServer(stack, async (sql) => {
    const rows = await sql<{ pid: number }[]>`select pid from pg_stat_activity
      where application_name = 'loopline' order by md5(pid || ${String(which)})`;
    return rows.map(({ pid }) => pid);
  });
}

async function onServer<Result>(
  { ownerUrl }: ChaosStack,
  work: (sql: postgres.Sql) => Promise<Result>,
): Promise<Result> {
  // As in the ledger's pool: nobody would hear that the driver's own first statement failed.
  const sql = postgres(ownerUrl, {
    max: 1,
    connect_timeout: 10,
    fetch_types: false,
    onnotice: () => undefined,
  });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Linux: the first thread's children are the process's, as Postgres' main process has one thread. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself meanwhile.
  }
}
