import type { Json, Ledger } from '../connect.ts';

/** A message that the ledger wants delivered; signals name their process by `subjectId`. */
export interface OutboxMessage {
  readonly outboxId: string;
  readonly kind:
    | 'signal'
    | 'decision'
    | 'mail'
    | 'channel-notice'
    | 'notice'
    | 'digest'
    | 'webhook'
    | 'repair';
  readonly subjectId: string;
  readonly payload: { readonly [key: string]: Json };
  /** How often it was handed out, this time included. */
  readonly attempts: number;
  readonly recordedAt: string;
  /** Null when the subject is no process. */
  readonly process: KnownProcess | null;
}

/** A process as whoever tells it something needs it, also to start it. */
export interface KnownProcess {
  readonly processId: string;
  readonly kind: string;
  readonly attributes: { readonly [key: string]: Json };
  readonly state: 'pending' | 'running' | 'ended';
}

/** A process that has no workflow yet. */
export interface PendingProcess {
  readonly processId: string;
  readonly kind: string;
  readonly attributes: { readonly [key: string]: Json };
  readonly attempts: number;
}

/**
 * Leases the oldest open messages, at most one per subject and kind, and with a signal all younger ones of
 * its subject. A lease that runs out is handed out again, so receivers de-duplicate. `kinds` undefined takes
 * all.
 */
export function claimOutbox(
  ledger: Ledger,
  request: { limit: number; leaseSeconds: number; kinds?: readonly OutboxMessage['kind'][] },
) {
  return ledger.call<{ messages: OutboxMessage[] }>('claim_outbox', request);
}

/**
 * Leases open webhooks, of each endpoint no more than `perEndpoint` at a time, whoever holds them; every endpoint
 * has its first one before any has its second. A lease that runs out is handed out again.
 */
export function claimWebhooks(
  ledger: Ledger,
  request: { limit: number; perEndpoint: number; leaseSeconds: number },
) {
  return ledger.call<{ messages: OutboxMessage[] }>('claim_webhooks', request);
}

/** The messages were delivered. Safe to repeat. */
export function finishOutbox(ledger: Ledger, ids: readonly string[]) {
  return ledger.call<{ finished: number }>('finish_outbox', { ids });
}

/** The messages could not be delivered: back to the queue, not before `delaySeconds`. */
export function releaseOutbox(
  ledger: Ledger,
  request: { ids: readonly string[]; delaySeconds: number },
) {
  return ledger.call<{ released: number }>('release_outbox', request);
}

/**
 * Leases processes without a workflow, oldest first; those younger than `minAgeSeconds` are left alone.
 * `isRush`: orders queued for an answer in some process within the last second, see reportRush.
 */
export function claimProcesses(
  ledger: Ledger,
  request: { limit: number; leaseSeconds: number; minAgeSeconds?: number },
) {
  return ledger.call<{ processes: PendingProcess[]; isRush: boolean }>('claim_processes', request);
}

/** Orders queue for an answer in this process: for a second every dispatcher knows. Safe to repeat. */
export function reportRush(ledger: Ledger) {
  return ledger.call<{ reported: true }>('report_rush', {});
}

/** The processes have their workflows. Safe to repeat; what has ended stays ended. */
export function markStarted(ledger: Ledger, processIds: readonly string[]) {
  return ledger.call<{ started: number }>('mark_started', { processIds });
}

/** The processes could not be started: they are the next to be claimed again. Safe to repeat. */
export function releaseProcesses(ledger: Ledger, processIds: readonly string[]) {
  return ledger.call<{ released: number }>('release_processes', { processIds });
}
