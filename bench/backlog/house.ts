import postgres from 'postgres';
import { connectLedger, type Ledger } from '../../activities/ledger/connect.ts';
import type { Child } from '../../worker/stack/children.ts';
import type { StopList } from '../../worker/stack/stop-list.ts';
import { startTemporal } from '../../worker/stack/temporal.ts';
import type { BenchOptions } from '../measure.ts';
import { type CallersProcess, startCallers } from '../placement/callers.ts';
import { openShop } from '../placement/shop.ts';
import { putSettings } from '../put-settings.ts';
import { type EmptyStack, spawnLoopline, startEmptyStack } from '../stack.ts';

const SEED = 1;
const CALLERS_PROCESSES = 2;

/** A stack whose Temporal comes and goes, with a stocked shop and people who order. */
export interface House {
  readonly empty: EmptyStack;
  readonly ledger: Ledger;
  /** The owner's connection to the ledger. */
  readonly owner: postgres.Sql;
  /** They place the backlog together. */
  readonly callers: readonly CallersProcess[];
  /** It places new orders while the backlog is started. */
  readonly latecomers: CallersProcess;
  readonly temporal: RemovableTemporal;
}

/** The stack's Temporal, over the same file and at the same address each time. */
export interface RemovableTemporal {
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Starts it; whatever was started is in `parts`. */
export async function openHouse({ dataDir, log }: BenchOptions, parts: StopList): Promise<House> {
  const empty = await startEmptyStack({ dataDir, seed: SEED, parts, log });
  const ledger = connectLedger(empty.appUrl).as({ actor: 'bench' });
  const owner = postgres(empty.ownerUrl, { max: 1, onnotice: () => undefined });
  const stopTogether = (name: string, stop: () => Promise<unknown>) =>
    parts.add({
      name,
      quiet: true,
      stop: async () => {
        await stop();
      },
    });
  stopTogether('ledger', () => Promise.all([ledger.close(), owner.end()]));
  await openShop(ledger);
  const callers = Array.from({ length: CALLERS_PROCESSES }, startCallers);
  const latecomers = startCallers();
  stopTogether('callers', () =>
    Promise.all([...callers, latecomers].map((process) => process.stop())),
  );
  // It ships nothing: what is measured ends with the release.
  await putSettings(empty.stack.simulators.warehouse, { auto: false });
  const temporal = await takeOverTemporal(empty, dataDir);
  stopTogether('Temporal', () => temporal.stop());
  return { empty, ledger, owner, callers, latecomers, temporal };
}

/** Loopline in one process, as its targets are set for; its pid is that of its memory. */
export function startLoopline({ empty }: House, dataDir: string): Promise<Child> {
  return spawnLoopline(empty, {
    dataDir,
    name: 'loopline',
    roles: 'api,worker,dispatcher',
    port: empty.env.API_PORT,
  });
}

/** Whoever starts a server on a data folder on which the same one runs already is given that one. */
async function takeOverTemporal({ env }: EmptyStack, dataDir: string): Promise<RemovableTemporal> {
  const start = () =>
    startTemporal({
      dataDir,
      port: env.TEMPORAL_PORT,
      uiPort: env.TEMPORAL_UI_PORT,
      log: () => undefined,
      timeSkipping: false,
    });
  let server = await start();
  if (!server.adopted) throw new Error('a second Temporal was started beside the first');
  return {
    stop: () => server.stop(),
    start: async () => {
      server = await start();
    },
  };
}
