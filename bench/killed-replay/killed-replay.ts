import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ReplayReport } from '../replay/report.ts';
import { freePorts } from '../stack.ts';
import { killTrees, startProgram, type Program } from './program.ts';

const START_DEADLINE_MS = 180_000;
/** A kill strikes this long after the day before it has ended, at most. */
const LONGEST_DELAY_MS = 6_000;
/** The end of a day's line of progress. */
const DAY_LINE = /\(day (\d+) of (\d+)\)/;

export interface KilledReplayOptions {
  readonly files: readonly string[];
  /** How often everything is killed. */
  readonly kills: number;
  readonly seed: number;
  /** Days in the files, so that the kills spread over them. */
  readonly days: number;
  /** An empty folder for the stack's data; the caller removes it. */
  readonly dataDir: string;
  readonly log: (line: string) => void;
}

/**
 * Replays files on a stack as `npm start` brings it up, kills the stack and the driver with SIGKILL
 * again and again, starts them anew, and answers the report of the run that came to its end.
 * Throws when a run ends otherwise than by our hand or with every check true.
 */
export async function killedReplay(options: KilledReplayOptions): Promise<ReplayReport> {
  const env = await environment(options.dataDir);
  const json = join(options.dataDir, 'report.json');
  for (const [round, kill] of [...killPoints(options), null].entries()) {
    const stack = await startStack(env, options.log);
    const end = await replayUntil(options, { env, json, stack, kill });
    if (end === 'killed') {
      options.log(`Kill ${round + 1} of ${options.kills}: everything is dead; once more.`);
      continue;
    }
    process.kill(stack.pid, 'SIGTERM');
    await stack.ended;
    if (end !== 0) throw new Error(`the replay after ${round} kills ended with exit code ${end}`);
  }
  return JSON.parse(await readFile(json, 'utf8')) as ReplayReport;
}

interface KillPoint {
  /** Strikes after so many days have ended. */
  readonly afterDay: number;
  readonly delayMs: number;
}

/** Spread over the days, each at another moment of a day; the same seed gives the same ones. */
export function killPoints({
  kills,
  seed,
  days,
}: Pick<KilledReplayOptions, 'kills' | 'seed' | 'days'>): KillPoint[] {
  return Array.from({ length: kills }, (_, index) => ({
    afterDay: Math.floor((index * days) / kills),
    // A multiplicative hash spreads neighbouring numbers well enough.
    delayMs: 500 + ((Math.imul(seed * 31 + index + 1, 2_654_435_761) >>> 0) % LONGEST_DELAY_MS),
  }));
}

async function environment(dataDir: string): Promise<NodeJS.ProcessEnv> {
  const { PATH, HOME, XDG_CACHE_HOME, TEMPORAL_CLI } = process.env;
  const given = { PATH, HOME, XDG_CACHE_HOME, TEMPORAL_CLI };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(await freePorts()),
    LOOPLINE_DATA: dataDir,
    LOOPLINE_API_KEY: randomBytes(24).toString('base64url'),
  };
}

async function startStack(env: NodeJS.ProcessEnv, log: (line: string) => void): Promise<Program> {
  const lines: string[] = [];
  const events = new EventEmitter();
  const up = once(events, 'up', { signal: AbortSignal.timeout(START_DEADLINE_MS) });
  const stack = startProgram({
    script: 'worker/start.ts',
    args: [],
    env,
    onLine: (line) => {
      lines.push(line);
      if (!line.includes('Loopline is up after')) return;
      log(line);
      events.emit('up');
    },
  });
  try {
    await Promise.race([up, stack.ended.then(refuse)]);
  } catch (cause) {
    throw new Error(`the stack did not come up:\n${lines.slice(-20).join('\n')}`, { cause });
  }
  return stack;
}

function refuse(exitCode: number | null): never {
  throw new Error(`exit code ${exitCode}`);
}

async function replayUntil(
  options: KilledReplayOptions,
  run: {
    readonly env: NodeJS.ProcessEnv;
    readonly json: string;
    readonly stack: Program;
    readonly kill: KillPoint | null;
  },
): Promise<number | null | 'killed'> {
  const { env, json, stack, kill } = run;
  const lines: string[] = [];
  const events = new EventEmitter();
  const struck = once(events, 'strike');
  const dayEnded = (day: number) => {
    if (day === kill?.afterDay) setTimeout(() => events.emit('strike'), kill.delayMs);
  };
  dayEnded(0);
  const driver = startProgram({
    script: 'bench/replay/main.ts',
    args: [...options.files, '--url', `http://127.0.0.1:${env['API_PORT']}`, '--json', json],
    env,
    onLine: (line) => {
      lines.push(line);
      const day = DAY_LINE.exec(line)?.[1];
      if (day !== undefined) dayEnded(Number(day));
    },
  });
  const children = await readChildren(options.dataDir);
  const end = await Promise.race([driver.ended, struck]);
  if (Array.isArray(end)) {
    const count = await killTrees([driver.pid, stack.pid, ...children]);
    await Promise.all([driver.ended, stack.ended]);
    options.log(`${count} processes killed after day ${kill?.afterDay}: ${lines.at(-1) ?? ''}`);
    return 'killed';
  }
  for (const line of lines.slice(-60)) options.log(line);
  return end;
}

/** The stack's servers run in sessions of their own and are nobody's children when it is killed. */
async function readChildren(dataDir: string): Promise<number[]> {
  const text = await readFile(join(dataDir, 'children.json'), 'utf8');
  return z
    .array(z.object({ pid: z.number() }))
    .parse(JSON.parse(text))
    .map(({ pid }) => pid);
}

/**
 * What has to come out the same however often the replay was killed; the rest may differ, because
 * another order got the stock first.
 */
export function whatStays({ source, classes, coverage, ledger }: ReplayReport) {
  const { goods: _goods, freeGoods: _freeGoods, ...rest } = ledger.byClassMinor;
  const notGoods = Object.fromEntries(
    Object.entries(rest).filter(([name]) => !name.startsWith('return')),
  );
  return {
    source,
    classes,
    coverage,
    grossSum: ledger.grossSum,
    roundingMinor: ledger.roundingMinor,
    byClassMinor: notGoods,
    sold: ledger.unitsShipped + ledger.unitsCancelledBeforeShipment,
    returned: ledger.unitsReturned + ledger.unitsCancelledBeforeShipment,
    found: ledger.unitsFound,
    writtenOff: ledger.unitsWrittenOff + ledger.unitsWriteOffShort,
  };
}
