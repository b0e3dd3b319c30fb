import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';

const STEP_MS = 100;
const DEADLINE_MS = 60_000;
/** So many looks in a row a person has been told, and nothing has closed the exception. */
const QUIET_LOOKS = 10;

/**
 * Lets the people and machines around a process act until its workflow is closed, or waits for a
 * person who has been told. Throws when it does neither.
 */
export async function untilAtRest(
  handle: WorkflowHandle,
  { act, told }: { act: () => Promise<unknown>; told: () => Promise<boolean> },
): Promise<void> {
  let quiet = 0;
  const end = performance.now() + DEADLINE_MS;
  while (performance.now() < end) {
    const description = await handle.describe();
    if (description.status.name !== 'RUNNING') return;
    if (waitsForOthers(description)) await act();
    quiet = (await told()) ? quiet + 1 : 0;
    if (quiet > QUIET_LOOKS) return;
    await sleep(STEP_MS);
  }
  throw new Error(`${handle.workflowId} neither ended nor asked for a person`);
}

/** What a workflow is about to do by itself comes first; then it is the others' turn. */
export function waitsForOthers({ raw }: Pick<WorkflowExecutionDescription, 'raw'>): boolean {
  return raw.pendingWorkflowTask == null && (raw.pendingActivities ?? []).length === 0;
}
