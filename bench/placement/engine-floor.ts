import { join } from 'node:path';
import { PROJECT_FOLDER } from '../../worker/stack/paths.ts';
import { startTalking, type TalkingProcess } from '../talking-process.ts';

/** More than the engine does at once, so that it waits for nobody. */
export const STARTS_IN_FLIGHT = 64;

/** The first line says where Temporal is, every other what to run. */
export type FloorTask =
  | { readonly temporalAddress: string; readonly namespace: string }
  | {
      readonly workflow: 'empty' | 'sameSteps';
      readonly name: string;
      readonly count: number;
      /** Starts in flight. */
      readonly callers: number;
      readonly pauseMs: number;
    };

/** How long the whole took; of each empty workflow, from asking for its start until it ran. */
export interface FloorResult {
  readonly seconds: number;
  readonly milliseconds: readonly number[];
}

export type EngineFloor = TalkingProcess<FloorTask, FloorResult>;

/** Starts a process that is client and worker on one connection, as Loopline in one process is. */
export async function startEngineFloor(
  temporalAddress: string,
  namespace: string,
): Promise<EngineFloor> {
  const floor: EngineFloor = startTalking(
    join(PROJECT_FOLDER, 'bench', 'placement', 'engine-floor-process.ts'),
  );
  await floor.ask({ temporalAddress, namespace });
  return floor;
}
