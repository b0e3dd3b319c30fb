import { join } from 'node:path';
import type { Ledger } from '../../activities/ledger/connect.ts';
import { percentile } from '../measure.ts';
import { STARTS_IN_FLIGHT, type EngineFloor } from './engine-floor.ts';
import { PACE_MS, WARM_UP, type Extent } from './extent.ts';
import { runIntake, runPgbench } from './intake-floor.ts';
import { FLOORS, loadName, type Measured } from './measured.ts';

/** What the floors are measured on, while Loopline does not run. */
export interface FloorSite {
  /** Of a database of its own on the same server: nobody carries its orders on. */
  readonly ledger: Ledger;
  readonly appUrl: string;
  readonly engine: EngineFloor;
  /** For what has to be written down. */
  readonly dataDir: string;
}

/** Once, so that the first round is like the others. */
export async function warmFloors({ ledger, engine }: FloorSite): Promise<void> {
  await runIntake(ledger, { name: 'warm', ...WARM_UP });
  const many = { count: WARM_UP.count, callers: WARM_UP.callers, pauseMs: 0 };
  await engine.ask({ workflow: 'empty', name: 'warm-empty', ...many });
  await engine.ask({ workflow: 'sameSteps', name: 'warm-steps', ...many });
}

/** One round of every floor. `name` is unique per run. */
export async function measureFloors(
  site: FloorSite,
  extent: Extent,
  measured: Measured,
  name: string,
): Promise<void> {
  await measureIntake(site, extent, measured, name);
  const { engine } = site;
  const { workflows: count, paced } = extent;
  const many = { count, callers: STARTS_IN_FLIGHT, pauseMs: 0 };
  const empty = await engine.ask({ workflow: 'empty', name: `${name}-empty`, ...many });
  measured.add(FLOORS.empty, count / empty.seconds);
  const steps = await engine.ask({ workflow: 'sameSteps', name: `${name}-steps`, ...many });
  measured.add(FLOORS.sameSteps, count / steps.seconds);
  const alone = await engine.ask({
    workflow: 'empty',
    name: `${name}-alone`,
    count: paced,
    callers: 1,
    pauseMs: PACE_MS,
  });
  measured.add(FLOORS.emptyAlone, percentile(alone.milliseconds, 0.5));
}

async function measureIntake(
  { ledger, appUrl, dataDir }: FloorSite,
  { loads, paced, pgbenchSeconds }: Extent,
  measured: Measured,
  name: string,
): Promise<void> {
  for (const load of loads) {
    const { perSecond } = await runIntake(ledger, { ...load, name: `${name}-${loadName(load)}` });
    measured.add(FLOORS.intake(load), perSecond);
  }
  const one = { callers: 1, lines: 1, count: paced };
  const { milliseconds } = await runIntake(ledger, { ...one, name: `${name}-alone` });
  measured.add(FLOORS.intakeAlone, percentile(milliseconds, 0.5));
  for (const plan of [
    { ordersPerCall: 1, clients: 32 },
    { ordersPerCall: 20, clients: 2 },
  ]) {
    const perSecond = await runPgbench(ledger, appUrl, {
      ...plan,
      seconds: pgbenchSeconds,
      scriptFile: join(dataDir, 'pgbench.sql'),
    });
    if (perSecond !== undefined) measured.add(FLOORS.pgbench(plan.ordersPerCall), perSecond);
  }
}
