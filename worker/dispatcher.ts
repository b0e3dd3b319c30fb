import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../activities/failures.ts';
import type { Ledger } from '../activities/ledger/connect.ts';
import { PROCESSES } from '../activities/ledger/process-actors.ts';
import { recordDecision } from '../activities/ledger/steps/decision.ts';
import {
  claimOutbox,
  claimProcesses,
  finishOutbox,
  markStarted,
  releaseOutbox,
  releaseProcesses,
  type OutboxMessage,
} from '../activities/ledger/steps/outbox.ts';
import type { NotifyProvider } from '../activities/notify/notify.ts';
import { carryOutReset } from '../api/carry-out-reset.ts';
import { groupBy } from '../rules/group-by.ts';
import { noticeLanes, type NoticeSettings } from './deliver-notices.ts';
import type { TemporalEngine } from './engine.ts';
import { runLane, runLoop, type Lane } from './run-loop.ts';

/** A lease outlives every deadline within, so that nothing is sent twice while all is well. */
const LEASE_SECONDS = 30;
const SIGNALS_AT_ONCE = 100;
const IDLE_MS = 250;
/** People notice no quarter of a second, and the API has sent each decision once before it comes here. */
const PEOPLE_IDLE_MS = 1_000;
const WORDS_AT_ONCE = 32;
/** A process this young is being started by the API that took it in. */
const MIN_AGE_SECONDS = 1;
const RETRY_DELAY_SECONDS = 2;

export interface Dispatcher {
  /** Stops claiming and waits for what is under way. */
  stop(): Promise<void>;
}

interface DispatcherOptions {
  readonly ledger: Ledger;
  readonly engine: TemporalEngine;
  readonly notify: NotifyProvider;
  /** Left out, only mail is delivered to people; notices and webhooks wait for a dispatcher that has it. */
  readonly notices?: NoticeSettings | undefined;
  readonly reportError: (error: unknown) => void;
}

/**
 * Carries to the engine and to people what the ledger has written for them: processes that have no
 * workflow yet, oldest first, and the outbox. Any number of dispatchers may run; leases keep them apart.
 */
export function startDispatcher(given: DispatcherOptions): Dispatcher {
  const options = { ...given, ledger: given.ledger.as(PROCESSES.dispatcher) };
  const { reportError } = options;
  const often = { idleMs: IDLE_MS, reportError };
  const calmly = { idleMs: PEOPLE_IDLE_MS, reportError };
  const processes = runLoop(() => startProcesses(options), often);
  const signals = runLoop(() => sendSignals(options), often);
  // On their own: a process that takes no decision, or a receiver that hangs, keeps nobody from their signals.
  const words = runLane(wordLane(options), calmly);
  const people = noticeLanes({ ...options, notices: options.notices }).map((lane) =>
    runLane(lane, calmly),
  );
  const wakeBoth = () => {
    signals.wake();
    words.wake();
  };
  options.engine.onNudge(wakeBoth);
  return {
    stop: async () => {
      await Promise.all([processes, signals, words, ...people].map((loop) => loop.stop()));
    },
  };
}

async function startProcesses({ ledger, engine }: DispatcherOptions): Promise<number> {
  const { atOnce, restMs } = engine.startPace();
  const { processes, isRush } = await claimProcesses(ledger, {
    limit: atOnce,
    leaseSeconds: LEASE_SECONDS,
    minAgeSeconds: MIN_AGE_SECONDS,
  });
  // A full claim may have left some waiting.
  engine.setQueues({ backlog: processes.length === atOnce, rush: isRush });
  if (processes.length === 0) return 0;
  const started = await Promise.allSettled(processes.map((process) => engine.startNow(process)));
  const idsWhere = (status: 'fulfilled' | 'rejected') =>
    processes
      .filter((_process, index) => started[index]?.status === status)
      .map(({ processId }) => processId);
  const ids = idsWhere('fulfilled');
  if (ids.length > 0) await markStarted(ledger, ids);
  const failed = started.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    // Under their lease the oldest would stand back behind younger ones when the engine returns.
    await releaseProcesses(ledger, idsWhere('rejected'));
    throw failed.reason;
  }
  await pause(restMs);
  return processes.length;
}

async function sendSignals(options: DispatcherOptions): Promise<number> {
  const { ledger, engine } = options;
  const { messages } = await claimOutbox(ledger, {
    limit: SIGNALS_AT_ONCE,
    leaseSeconds: LEASE_SECONDS,
    kinds: ['signal'],
  });
  if (messages.length === 0) return 0;
  const delivered: string[] = [];
  const kept: string[] = [];
  await Promise.all(
    // The signals of one subject are one delivery.
    [...groupBy(messages, ({ subjectId }) => subjectId).values()].map(async (together) => {
      const ids = together.map(({ outboxId }) => outboxId);
      try {
        await tell(together, engine);
        delivered.push(...ids);
      } catch (error) {
        (isHopeless(error) ? delivered : kept).push(...ids);
        options.reportError(error);
      }
    }),
  );
  await settle(ledger, { delivered, kept });
  return messages.length;
}

/** What people have said that a process or the engine has to take: decisions and resets. */
function wordLane(options: DispatcherOptions): Lane<OutboxMessage> {
  const { ledger } = options;
  return {
    atOnce: WORDS_AT_ONCE,
    claim: async (limit) => {
      const kinds = ['decision', 'repair'] as const;
      return (await claimOutbox(ledger, { limit, leaseSeconds: LEASE_SECONDS, kinds })).messages;
    },
    handle: async (message) => {
      const ids = [message.outboxId];
      try {
        await (message.kind === 'repair'
          ? resetForIt(message, options)
          : sendDecision(message, options));
      } catch (error) {
        options.reportError(error);
        const isOver = isHopeless(error);
        return settle(ledger, { delivered: isOver ? ids : [], kept: isOver ? [] : ids });
      }
      return settle(ledger, { delivered: ids, kept: [] });
    },
  };
}

/** What a receiver refuses for good will not be better next time. */
function isHopeless(error: unknown): boolean {
  return error instanceof Failure && error.type === 'ProviderRefused';
}

async function settle(
  ledger: Ledger,
  { delivered, kept }: { readonly delivered: readonly string[]; readonly kept: readonly string[] },
): Promise<void> {
  if (delivered.length > 0) await finishOutbox(ledger, delivered);
  if (kept.length > 0)
    await releaseOutbox(ledger, { ids: kept, delaySeconds: RETRY_DELAY_SECONDS });
}

async function sendDecision(message: OutboxMessage, options: DispatcherOptions): Promise<void> {
  const decisionId = textOf(message, 'decisionId');
  const approvalId = textOf(message, 'approvalId');
  // A process that has ended takes no decision any more: the ledger says what becomes of it.
  if (message.process === null || message.process.state === 'ended')
    return settleForIt(message, options);
  const outcome = await options.engine.sendDecision(message.process, { decisionId, approvalId });
  if (outcome === undefined) {
    throw new Failure('ProviderUnavailable', `${message.subjectId} did not take ${decisionId}`);
  }
  // A stored decision is never dropped.
  if (outcome === 'refused') await settleForIt(message, options);
  return undefined;
}

/**
 * The ledger settles a decision in the process's stead. Its workflow looks all the same: it may have lost
 * the task in which it took the decision, or even the one in which it ended, and would wait on.
 */
async function settleForIt(
  message: OutboxMessage,
  { ledger, engine }: DispatcherOptions,
): Promise<void> {
  const decisionId = textOf(message, 'decisionId');
  await recordDecision(ledger, { decisionId, approvalId: textOf(message, 'approvalId') });
  await engine.signal(message.subjectId, `decision:${decisionId}`);
}

/** Nobody could reach the engine when this reset was asked for, or whoever asked has died meanwhile. */
async function resetForIt(
  message: OutboxMessage,
  { ledger, engine }: DispatcherOptions,
): Promise<void> {
  const repairId = textOf(message, 'repairId');
  const reset = await carryOutReset(
    { ledger, engine, now: () => new Date().toISOString() },
    {
      processId: message.subjectId,
      repairId,
      step: textOf(message, 'step'),
      reason: textOf(message, 'reason'),
      ...PROCESSES.dispatcher,
    },
  );
  if (reset === undefined) {
    throw new Failure('ProviderUnavailable', `${message.subjectId} was not reset (${repairId})`);
  }
}

/** Signals of one process, oldest first. One that has no workflow yet is started: it begins by looking at the ledger. */
async function tell(together: readonly OutboxMessage[], engine: TemporalEngine): Promise<void> {
  const message = together.at(-1);
  if (message === undefined) return;
  const factOf = (signal: OutboxMessage) => textOf(signal, 'factId');
  const older = together.slice(0, -1).map(factOf);
  if (await engine.signal(message.subjectId, factOf(message), older)) return;
  const { process } = message;
  if (process === null || process.state === 'ended') return;
  // A person has said that it shall go on, so a workflow that has failed is no reason to leave it.
  const isAgain = together.some(({ payload }) => payload['again'] === true);
  await (isAgain ? engine.startAgain(process) : engine.startNow(process));
}

function textOf({ outboxId, payload }: OutboxMessage, name: string): string {
  const value = payload[name];
  if (typeof value !== 'string')
    throw new Failure('InvariantViolated', `message ${outboxId} has no ${name}`);
  return value;
}
