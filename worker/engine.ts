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
import { Failure } from '../activities/failures.ts';
import type { Engine, StartableProcess } from '../api/context.ts';
import {
  DECIDE_UPDATE,
  LOOK_SIGNAL,
  TASK_QUEUE,
  WORKFLOW_TYPES,
  type DecisionMessage,
  type DecisionOutcome,
  type ProcessKind,
} from '../workflows/process/messages.ts';
import { resetToStep } from './reset-workflow.ts';
import { SEARCH_ATTRIBUTES } from './search-attributes.ts';
import { isAnswering } from './temporal-connection.ts';
import type { TemporalLink } from './temporal-session.ts';

const READY_DEADLINE_MS = 1_000;
/** A start longer under way than this would lose its workflow's first task; a busy engine takes above a second. */
const CALL_DEADLINE_MS = 3_000;
/** More at once would only wait for each other in the engine, until the first of their tasks come too late. */
export const CALM_PACE: StartPace = { atOnce: 16, restMs: 0 };
/** While orders queue for an answer, the dispatcher alone starts workflows, and few: whoever waits goes first. */
const BUSY_PACE: StartPace = { atOnce: 1, restMs: 100 };
/** After a failed start the dispatcher alone tries for this long. */
const BREAKER_OPEN_MS = 2_000;

/** How many workflows are started at once, and how long nobody starts one after that. */
export interface StartPace {
  readonly atOnce: number;
  readonly restMs: number;
}

/** Who waits: then few workflows are started here, or none but by the dispatcher. */
export interface Queues {
  /** Older processes wait to be started: the dispatcher alone starts any, the oldest first. */
  readonly backlog: boolean;
  /** Orders queue for an answer in some process: whoever waits goes first. */
  readonly rush: boolean;
}

/** The engine as the API and the dispatcher use it. */
export interface TemporalEngine extends Engine {
  /** Starts the workflow; one that runs or has run already counts as started. Errors: what the engine says. */
  startNow(process: StartableProcess): Promise<void>;
  /** The same for a process that a person lets go on: a workflow that has failed or was ended is started again. */
  startAgain(process: StartableProcess): Promise<void>;
  /** How fast a dispatcher may start workflows now. */
  startPace(): StartPace;
  /** Remembers what the last claim has shown. */
  setQueues(queues: Queues): void;
  /**
   * Sends a stored decision to its process, which is started for it when it has not been yet. `refused` when
   * the process does not wait for it, or could not record it; undefined when nobody answered in time.
   */
  sendDecision(
    process: StartableProcess,
    message: DecisionMessage,
  ): Promise<DecisionOutcome | 'refused' | undefined>;
  /** Tells the workflow to look for this fact and older ones; false when there is no such open workflow. */
  signal(processId: string, factId: string, olderFactIds?: readonly string[]): Promise<boolean>;
  /** Called by nudge. */
  onNudge(listener: () => void): void;
}

/**
 * `reached`: undefined as long as Temporal has not been; what is asked for until then fails at once.
 * `eager`: a worker of the same process shares the connection, so a first task need not cross the network.
 * `isIntakeBusy`: whether more orders wait for an answer in this process than it answers at once.
 */
export function temporalEngine(
  reached: () => TemporalLink | undefined,
  options: { eager: boolean; isIntakeBusy?: () => boolean },
): TemporalEngine {
  let inFlight = 0;
  let closedUntil = 0;
  let queues: Queues = { backlog: false, rush: false };
  const nudged: (() => void)[] = [];
  const within = withinOver(reached);
  const startNow = starterOf(options.eager);
  const isIntakeBusy = () => queues.rush || options.isIntakeBusy?.() === true;
  const decide: TemporalEngine['sendDecision'] = (process, message) =>
    sendDecision((act) => within(CALL_DEADLINE_MS, act), startNow(process), {
      processId: process.processId,
      message,
    });

  return {
    startPace: () => (isIntakeBusy() ? BUSY_PACE : CALM_PACE),
    setQueues(seen) {
      queues = seen;
    },
    startNow: (process) => within(CALL_DEADLINE_MS, startNow(process)),
    startAgain: (process) =>
      within(CALL_DEADLINE_MS, ({ client }) =>
        startWorkflow(client, process, { isEager: false, reuse: 'ALLOW_DUPLICATE_FAILED_ONLY' }),
      ),
    // When nobody knows what became of it, the same request again finds out.
    reset: (processId, request) =>
      within(CALL_DEADLINE_MS, (link) => resetToStep(link, processId, request)).catch(
        () => undefined,
      ),
    start(process) {
      if (queues.backlog || isIntakeBusy() || inFlight >= CALM_PACE.atOnce) return;
      if (performance.now() < closedUntil) return;
      inFlight += 1;
      within(CALL_DEADLINE_MS, startNow(process))
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
    async decide(process, message) {
      const answer = await decide(process, message);
      // What a process refuses is settled by nobody yet: the stored decision waits for the dispatcher.
      return answer === 'refused' ? undefined : answer;
    },
    sendDecision: decide,
    async signal(processId, factId, olderFactIds = []) {
      const message = olderFactIds.length === 0 ? { factId } : { factId, olderFactIds };
      try {
        await within(CALL_DEADLINE_MS, ({ client }) =>
          client.workflow.getHandle(processId).signal(LOOK_SIGNAL, message),
        );
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    ready: () => isAnswering(reached()?.connection, READY_DEADLINE_MS),
  };
}

/** Asks Temporal something that it has so long to answer. */
type Within = <Result>(ms: number, act: (link: TemporalLink) => Promise<Result>) => Promise<Result>;

function withinOver(reached: () => TemporalLink | undefined): Within {
  return async (ms, act) => {
    const link = reached();
    if (link === undefined)
      throw new Failure('ProviderUnavailable', 'Temporal has not been reached yet');
    return link.connection.withDeadline(Date.now() + ms, () => act(link));
  };
}

/**
 * Starts workflows, eagerly where that is asked for and the last start was answered: the task that comes
 * with an answer too late is lost, and its workflow stands still until it times out.
 */
function starterOf(eager: boolean) {
  let isAnswering = true;
  return (process: StartableProcess) => async (link: TemporalLink) => {
    try {
      const isEager = eager && isAnswering;
      await startWorkflow(link.client, process, { isEager, reuse: 'REJECT_DUPLICATE' });
      isAnswering = true;
    } catch (error) {
      isAnswering = false;
      throw error;
    }
  };
}

async function startWorkflow(
  client: Client,
  process: StartableProcess,
  options: { isEager: boolean; reuse: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE_FAILED_ONLY' },
): Promise<void> {
  try {
    await client.workflow.start(WORKFLOW_TYPES[process.kind as ProcessKind], {
      workflowId: process.processId,
      taskQueue: TASK_QUEUE,
      args: [{ processId: process.processId }],
      workflowIdReusePolicy: options.reuse,
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: process.processId,
      typedSearchAttributes: searchAttributes(process),
      requestEagerStart: options.isEager,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** A process that nobody has started yet is started for it: whoever decided shall not wait for its turn. */
async function sendDecision(
  withinDeadline: <Result>(act: (link: TemporalLink) => Promise<Result>) => Promise<Result>,
  start: (link: TemporalLink) => Promise<void>,
  { processId, message }: { processId: string; message: DecisionMessage },
): Promise<DecisionOutcome | 'refused' | undefined> {
  const send = ({ client }: TemporalLink) =>
    client.workflow
      .getHandle(processId)
      .executeUpdate<DecisionOutcome, [DecisionMessage]>(DECIDE_UPDATE, {
        args: [message],
        updateId: message.decisionId,
      });
  try {
    return await withinDeadline(async (link) => {
      try {
        return await send(link);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        await start(link);
        return send(link);
      }
    });
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
