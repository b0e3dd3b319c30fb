import {
  condition,
  defineSignal,
  proxyLocalActivities,
  proxySinks,
  setHandler,
  type Sinks,
} from '@temporalio/workflow';

/** What the worker's process hears from a workflow, without a word to the engine. */
export interface FloorSinks extends Sinks {
  readonly floor: { ran(): void };
}

/** Steps that do nothing; `id` names the workflow. */
export interface FloorActivities {
  begin(id: string): Promise<void>;
  advance(id: string): Promise<void>;
  capture(id: string): Promise<void>;
  settle(id: string): Promise<void>;
}

export const SHIPPED = 'shipped';

const local = proxyLocalActivities<FloorActivities>({ startToCloseTimeout: '3 seconds' });
const { floor } = proxySinks<FloorSinks>();

/** What no workflow can undercut. */
export async function empty(): Promise<void> {
  floor.ran();
}

/** The life of a plain prepaid order as the engine sees it, with nothing done in any step. */
export async function sameSteps(id: string): Promise<void> {
  let shipped = false;
  setHandler(defineSignal(SHIPPED), () => {
    shipped = true;
  });
  await local.begin(id);
  await condition(() => shipped, '3 days');
  await local.advance(id);
  await local.capture(id);
  await local.settle(id);
}
