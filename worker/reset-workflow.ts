import { isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { z } from 'zod';
import type { ResetOutcome, ResetRequest } from '../api/context.ts';
import type { TemporalLink } from './temporal-session.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type EventId = NonNullable<HistoryEvent['eventId']>;

const PAGE = 200;
/** Under this name the SDK keeps what a local activity came to. */
const LOCAL_ACTIVITY = 'core_local_activity';
/** What the engine cannot do and will not be able to do later. Source: gRPC status codes. */
const REFUSED = new Set([3, 5, 9, 12]);

/** What the SDK keeps of a local activity beside its result; our codec does not encode it. */
const markerSchema = z.object({ activity_type: z.string() });

/**
 * Takes a workflow back to just before the named step was taken last: the task that took it is done again, and
 * with it the earlier steps of the same task, which answer as before. A closed workflow runs again. The same
 * `repairId` resets once. Throws what passes: the engine is away or slow.
 */
export async function resetToStep(
  { client, connection }: TemporalLink,
  processId: string,
  { step, reason, repairId }: ResetRequest,
): Promise<ResetOutcome> {
  const { namespace } = client.options;
  try {
    const { runId, raw } = await client.workflow.getHandle(processId).describe();
    const execution = { workflowId: processId, runId };
    const signature = `${reason} (repair ${repairId})`;
    const found = await findStep({ client, connection }, execution, step, signature);
    if ('resetBefore' in found) return { state: 'done', runId };
    if (found.taskEventId === undefined) {
      // What a task has done stands in the history when the task is over.
      if (raw.pendingWorkflowTask) throw new Error(`a task of ${processId} is under way`);
      const steps = [...found.others].join(', ');
      return { state: 'failed', message: `its history has no step ${step}; it has ${steps}` };
    }
    const answer = await connection.workflowService.resetWorkflowExecution({
      namespace,
      workflowExecution: execution,
      reason: signature,
      workflowTaskFinishEventId: found.taskEventId,
      requestId: repairId,
    });
    return { state: 'done', runId: answer.runId };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError)
      return { state: 'failed', message: 'the engine has no workflow of it' };
    if (isGrpcServiceError(error) && REFUSED.has(error.code))
      return { state: 'failed', message: `the engine refused: ${error.details}` };
    throw error;
  }
}

type FoundStep =
  | { readonly taskEventId: EventId | undefined; readonly others: ReadonlySet<string> }
  /** The run that is looked at began with this very reset. */
  | { readonly resetBefore: true };

/** Reads the history from its end, so that the last time comes first. */
async function findStep(
  { client, connection }: TemporalLink,
  execution: { workflowId: string; runId: string },
  step: string,
  signature: string,
): Promise<FoundStep> {
  const { namespace } = client.options;
  const others = new Set<string>();
  let taskEventId: EventId | undefined;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await connection.workflowService.getWorkflowExecutionHistoryReverse({
      namespace,
      execution,
      maximumPageSize: PAGE,
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    for (const event of page.history?.events ?? []) {
      if (event.workflowTaskFailedEventAttributes?.failure?.message === signature)
        return { resetBefore: true };
      const taken = stepOf(event);
      if (taken === undefined) continue;
      if (taken.step === step) taskEventId ??= taken.taskEventId;
      others.add(taken.step);
    }
    nextPageToken = page.nextPageToken.length === 0 ? undefined : page.nextPageToken;
  } while (nextPageToken !== undefined);
  return { taskEventId, others };
}

/** The step that an event tells of, and the workflow task that took it. */
function stepOf(event: HistoryEvent): { step: string; taskEventId: EventId } | undefined {
  const scheduled = event.activityTaskScheduledEventAttributes;
  const marker = event.markerRecordedEventAttributes;
  const taskEventId =
    scheduled?.workflowTaskCompletedEventId ?? marker?.workflowTaskCompletedEventId;
  const step = scheduled?.activityType?.name ?? localStep(marker);
  if (taskEventId === null || taskEventId === undefined) return undefined;
  return step === undefined ? undefined : { step, taskEventId };
}

function localStep(marker: HistoryEvent['markerRecordedEventAttributes']): string | undefined {
  if (marker?.markerName !== LOCAL_ACTIVITY) return undefined;
  const data = marker.details?.['data']?.payloads?.[0]?.data;
  if (data === null || data === undefined) return undefined;
  const parsed = markerSchema.safeParse(parseJson(Buffer.from(data).toString('utf8')));
  return parsed.success ? parsed.data.activity_type : undefined;
}

/** Undefined for what is no JSON: another version of the SDK may keep it otherwise. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
