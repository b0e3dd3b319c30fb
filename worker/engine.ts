import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  TypedSearchAttributes,
} from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import type { Engine } from '../api/context.ts';
import {
  DECIDE_UPDATE,
  LOOK_SIGNAL,
  TASK_QUEUE,
  WORKFLOW_TYPES,
  type DecisionMessage,
  type DecisionOutcome,
  type ProcessKind,
} from '../workflows/process/messages.ts';
import { SEARCH_ATTRIBUTES } from './search-attributes.ts';

const START_DEADLINE_MS = 1_000;
const CALL_DEADLINE_MS = 3_000;
/** While orders queue for an answer, the dispatcher alone starts workflows, one after another: whoever waits goes first. */
const STARTS_AT_ONCE = { calm: 64, busy: 1 };
/** After a failed start the dispatcher alone tries for this long. */
const BREAKER_OPEN_MS = 2_000;

/** A process to be started: its id is the workflow id. */
type StartableProcess = Parameters<Engine['start']>[0];

/** The engine as the API and the dispatcher use it. */
export interface TemporalEngine extends Engine {
  /** Starts the workflow; one that runs or has run already counts as started. Errors: what the engine says. */
  startNow(process: StartableProcess): Promise<void>;
  /** How many workflows may be started at once now. */
  startsAtOnce(): number;
  /**
   * Sends a stored decision to its process. `refused` when the process does not wait for it, or could not
   * record it; undefined when nobody answered in time.
   */
  sendDecision(
    processId: string,
    message: DecisionMessage,
  ): Promise<DecisionOutcome | 'refused' | undefined>;
  /** Tells the workflow to look; false when there is no such open workflow. */
  signal(processId: string, factId: string): Promise<boolean>;
  /** Called by nudge. */
  onNudge(listener: () => void): void;
}

/**
 * `eager`: a worker of the same process shares the connection, so a first task need not cross the network.
 * `isIntakeBusy`: whether more orders wait for an answer in this process than it answers at once.
 */
export function temporalEngine(
  client: Client,
  connection: NativeConnection,
  options: { eager: boolean; isIntakeBusy?: () => boolean },
): TemporalEngine {
  let inFlight = 0;
  let closedUntil = 0;
  const nudged: (() => void)[] = [];
  const startNow = (process: StartableProcess) => startWorkflow(client, process, options.eager);
  const isIntakeBusy = () => options.isIntakeBusy?.() === true;
  const startsAtOnce = () => (isIntakeBusy() ? STARTS_AT_ONCE.busy : STARTS_AT_ONCE.calm);

  return {
    startsAtOnce,
    startNow: (process) => within(connection, CALL_DEADLINE_MS, () => startNow(process)),
    start(process) {
      if (isIntakeBusy() || inFlight >= STARTS_AT_ONCE.calm) return;
      if (performance.now() < closedUntil) return;
      inFlight += 1;
      within(connection, START_DEADLINE_MS, () => startNow(process))
        .catch(() => {
          closedUntil = performance.now() + BREAKER_OPEN_MS;
        })
        .finally(() => {
          inFlight -= 1;
        });
    },
    nudge() {
      for (const listener of nudged) listener();
    },
    onNudge(listener) {
      nudged.push(listener);
    },
    async decide(processId, message) {
      const answer = await sendDecision(client, connection, processId, message);
      // What a process refuses is settled by nobody yet: the stored decision waits for the dispatcher.
      return answer === 'refused' ? undefined : answer;
    },
    sendDecision: (processId, message) => sendDecision(client, connection, processId, message),
    async signal(processId, factId) {
      try {
        const handle = client.workflow.getHandle(processId);
        await within(connection, CALL_DEADLINE_MS, () => handle.signal(LOOK_SIGNAL, { factId }));
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    async ready() {
      try {
        await within(connection, START_DEADLINE_MS, () =>
          connection.workflowService.getSystemInfo({}),
        );
        return true;
      } catch {
        return false;
      }
    },
  };
}

function within<Result>(
  connection: NativeConnection,
  ms: number,
  act: () => Promise<Result>,
): Promise<Result> {
  return connection.withDeadline(Date.now() + ms, act);
}

async function startWorkflow(
  client: Client,
  process: StartableProcess,
  eager: boolean,
): Promise<void> {
  try {
    await client.workflow.start(WORKFLOW_TYPES[process.kind as ProcessKind], {
      workflowId: process.processId,
      taskQueue: TASK_QUEUE,
      args: [{ processId: process.processId }],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: process.processId,
      typedSearchAttributes: searchAttributes(process),
      requestEagerStart: eager,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function sendDecision(
  client: Client,
  connection: NativeConnection,
  processId: string,
  message: DecisionMessage,
): Promise<DecisionOutcome | 'refused' | undefined> {
  try {
    return await within(connection, CALL_DEADLINE_MS, () =>
      client.workflow
        .getHandle(processId)
        .executeUpdate<DecisionOutcome, [DecisionMessage]>(DECIDE_UPDATE, {
          args: [message],
          updateId: message.decisionId,
        }),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) return 'refused';
    return undefined;
  }
}

function searchAttributes({ attributes = {} }: StartableProcess): TypedSearchAttributes {
  const pairs: SearchAttributePair[] = [];
  for (const name of Object.keys(SEARCH_ATTRIBUTES)) {
    const value = attributes[name];
    if (typeof value === 'string')
      pairs.push({ key: defineSearchAttributeKey(name, 'KEYWORD'), value });
  }
  return new TypedSearchAttributes(pairs);
}
