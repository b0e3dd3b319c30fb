import postgres from 'postgres';
import { connectLedger, type Ledger } from '../../activities/ledger/connect.ts';
import { migrateLedger } from '../../activities/ledger/migrate.ts';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { createStopList, type StopList } from '../../worker/stack/stop-list.ts';
import { percentile, type Bench, type BenchOptions, type Findings } from '../measure.ts';
import { putSettings } from '../put-settings.ts';
import { startEmptyStack } from '../stack.ts';
import { runBurst, type Burst, type Site } from './burst.ts';
import { startCallers } from './callers.ts';
import { startEngineFloor } from './engine-floor.ts';
import { FULL, PACE_MS, QUICK, WARM_UP, type Extent } from './extent.ts';
import { figuresOf, notesOf } from './figures.ts';
import { measureFloors, warmFloors, type FloorSite } from './floors.ts';
import { startLooplineProcesses, type Shape } from './loopline-processes.ts';
import { aloneName, FLOORS, loadName, Measured, rateName, REFUSED } from './measured.ts';
import { openShop } from './shop.ts';

const SEED = 1;
const CALLERS_PROCESSES = 2;

/** From an HTTP request to an accepted order, a started workflow, and a completed order. */
export const placement: Bench = {
  name: 'placement',
  summary: 'orders accepted, durably started and completed a second',
  run,
};

interface Parts {
  readonly site: Omit<Site, 'loopline'>;
  readonly floors: FloorSite;
  readonly ledger: Ledger;
}

async function run(options: BenchOptions): Promise<Findings> {
  const { quick, rounds, log } = options;
  const extent = quick ? QUICK : FULL;
  const stops = createStopList(log);
  const measured = new Measured();
  try {
    const parts = await start(options, stops);
    await warmFloors(parts.floors);
    for (let round = 1; round <= rounds; round += 1) {
      await measureFloors(parts.floors, extent, measured, `floor-${round}`);
      log(
        `round ${round}: ${lastOf(measured, FLOORS.empty)} empty workflows/s, ` +
          `${lastOf(measured, FLOORS.sameSteps)} with the same steps`,
      );
      for (const shape of extent.shapes)
        await measureShape(parts.site, { shape, extent, measured, round }, options);
    }
    for (const ledger of [parts.ledger, parts.floors.ledger]) {
      const check = await checkLedger(ledger);
      if (!check.ok) throw new Error(`the ledger's check found ${JSON.stringify(check.drift)}`);
    }
  } finally {
    await stops.stop();
  }
  return { figures: figuresOf(measured, extent), notes: notesOf(measured) };
}

async function start({ dataDir, log }: BenchOptions, stops: StopList): Promise<Parts> {
  const empty = await startEmptyStack({ dataDir, seed: SEED, parts: stops, log });
  const { stack, env } = empty;
  const floorUrls = await migrateLedger({ url: stack.databaseUrl, database: 'floor', log });
  const ledger = connectLedger(empty.appUrl).as({ actor: 'bench' });
  const floorLedger = connectLedger(floorUrls.appUrl).as({ actor: 'bench' });
  const owner = postgres(empty.ownerUrl, { max: 1, onnotice: () => undefined });
  const stopTogether = (name: string, stop: () => Promise<unknown>) =>
    stops.add({
      name,
      quiet: true,
      stop: async () => {
        await stop();
      },
    });
  stopTogether('ledgers', () => Promise.all([ledger.close(), floorLedger.close(), owner.end()]));
  await openShop(ledger);
  await openShop(floorLedger);
  const callers = Array.from({ length: CALLERS_PROCESSES }, startCallers);
  stopTogether('callers', () => Promise.all(callers.map((process) => process.stop())));
  const engine = await startEngineFloor(stack.temporalAddress, env.TEMPORAL_NAMESPACE);
  stopTogether('engine floor', () => engine.stop());
  await setWarehouse(stack.simulators.warehouse);
  return {
    site: { empty, callers, owner },
    floors: { ledger: floorLedger, appUrl: floorUrls.appUrl, engine, dataDir },
    ledger,
  };
}

/** It ships when it is told to, and with more hands than by itself. */
async function setWarehouse(url: string): Promise<void> {
  const settings = { auto: false, concurrency: 16, latencyMs: 0, advanceDeadlineMs: 600_000 };
  await putSettings(url, settings);
}

/** One round of one shape, which is started for it. */
async function measureShape(
  site: Omit<Site, 'loopline'>,
  part: { shape: Shape; extent: Extent; measured: Measured; round: number },
  { dataDir, log }: BenchOptions,
): Promise<void> {
  const { shape, extent, measured, round } = part;
  const loopline = await startLooplineProcesses(shape, site.empty, { dataDir, log });
  const burst = (name: string, load: Extent['loads'][number], pauseMs = 0) =>
    runBurst(
      { ...site, loopline },
      { ...load, name: `r${round}-${shape === 'one process' ? 'one' : 'many'}-${name}`, pauseMs },
    );
  try {
    await burst('warm', WARM_UP);
    for (const load of extent.loads) {
      const result = await burst(loadName(load), load);
      measured.add(rateName(shape, 'accepted', load), result.acceptedPerSecond);
      measured.add(rateName(shape, 'durably started', load), result.startedPerSecond);
      measured.add(rateName(shape, 'whole lives', load), result.endedPerSecond);
      measured.add(REFUSED, result.refused);
      log(`round ${round}, ${shape}, ${load.lines} × ${load.callers}: ${inWords(result)}`);
    }
    const alone = await burst('alone', { callers: 1, lines: 1, count: extent.paced }, PACE_MS);
    measured.add(aloneName(shape, 'accepted'), percentile(alone.acceptedMs, 0.5));
    measured.add(aloneName(shape, 'durably started'), percentile(alone.startedMs, 0.5));
  } finally {
    await loopline.stop();
  }
}

function inWords({ acceptedPerSecond, startedPerSecond, endedPerSecond, acceptedMs }: Burst) {
  const p50 = percentile(acceptedMs, 0.5).toFixed(0);
  return (
    `${acceptedPerSecond.toFixed(0)} accepted/s (p50 ${p50} ms), ` +
    `${startedPerSecond.toFixed(0)} started/s, ${endedPerSecond.toFixed(0)} lives/s`
  );
}

function lastOf(measured: Measured, name: string): string {
  return (measured.of(name).at(-1) ?? Number.NaN).toFixed(0);
}
