import type { NoticePlan } from '../../../rules/notice/plan-notice.ts';
import type { SealedSecret } from '../../notify/webhook-secrets.ts';
import type { StoredPreference } from '../read/notice.ts';
import type { Json, Ledger } from '../connect.ts';

/** What a notice tells, as the ledger wrote it. */
export interface StoredFacts {
  readonly what: string;
  readonly subjectId: string;
  readonly amountMinor: string | null;
  readonly currency: string | null;
  readonly by: string | null;
  readonly reason: string | null;
  /** Milliseconds since 1970. */
  readonly dueAtMs: number | null;
  readonly outcome: string | null;
}

/** Something that happened, as it waits in the outbox to be planned. */
export interface Occurrence {
  readonly key: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly itemId: string;
  readonly people: readonly string[];
  readonly roles: readonly string[];
  readonly without: readonly string[];
  readonly reach: { readonly [name: string]: Json };
  readonly facts: StoredFacts;
  readonly occurredAt: string;
}

/** Who hears of an occurrence. */
export interface NoticeSnapshot {
  /** Whether a plan is stored already; it stands. */
  readonly planned: boolean;
  readonly recipients: readonly {
    readonly personId: string;
    readonly email: string | null;
    readonly preference: StoredPreference | null;
  }[];
  /** Ids of the endpoints that want this kind. */
  readonly endpoints: readonly string[];
}

/** What was planned for one person; `dueAt` RFC 3339, of what is not sent at once. */
export interface PlannedNotice {
  readonly personId: string;
  readonly email: string | null;
  readonly plan: NoticePlan['outcome'] | 'no-address';
  readonly dueAt: string | null;
  /** In which the mail tells times. */
  readonly timeZone: string;
}

/** One person's digest. */
export interface StoredDigest {
  readonly personId: string;
  /** Null where there is none any more. */
  readonly email: string | null;
  readonly preference: StoredPreference | null;
  readonly notices: readonly {
    readonly kind: string;
    readonly itemId: string;
    readonly facts: StoredFacts;
  }[];
}

/** What delivering a webhook needs. */
export interface DeliverableEndpoint {
  readonly endpointId: string;
  readonly url: string;
  readonly state: 'active' | 'disabled';
  /** The one that counts, and the one before as long as that still does. */
  readonly secrets: readonly Pick<SealedSecret, 'keyId' | 'data'>[];
  readonly failures: number;
  readonly failingSince: string | null;
}

/** What belongs on the exception board: whose trouble it is, and which. */
export interface DeliveryTrouble {
  readonly subjectId: string;
  readonly about: string;
}

/** How one attempt to deliver ended, and what follows. */
export interface RecordedDelivery {
  readonly outboxId: string;
  /** From 1; the outbox counts them. */
  readonly attempt: number;
  readonly channel: 'mail' | 'webhook';
  readonly deliveryId: string;
  /** A person's or an endpoint's id; `customer` for mail to the shop's customers. */
  readonly target: string;
  readonly outcome: 'delivered' | 'failed' | 'refused' | 'gone' | 'dropped';
  readonly status: number | null;
  readonly detail: string | null;
  readonly durationMs: number;
  /** RFC 3339. */
  readonly at: string;
  /** Left out, the message is done. */
  readonly retryAfterMs?: number | undefined;
  /** Why the endpoint is turned off. */
  readonly disable?: string | undefined;
  /** What people have to know. */
  readonly trouble?: DeliveryTrouble | undefined;
  /** What is over by it, where it stands on the board. */
  readonly over?: DeliveryTrouble | undefined;
}

/** Who hears of an occurrence, and how each of them wants to. */
export function readNoticeSnapshot(
  ledger: Ledger,
  { key, kind, people, roles, without, reach }: Occurrence,
): Promise<NoticeSnapshot> {
  return ledger.call('read_notice_snapshot', { key, kind, people, roles, without, reach });
}

/**
 * Stores what was planned, writes the mails, digests and webhooks that follow, and takes the occurrence off
 * the outbox. Idempotent by the occurrence's key: the first plan stands.
 */
export function planNotices(
  ledger: Ledger,
  request: Pick<Occurrence, 'key' | 'kind' | 'subjectId' | 'itemId' | 'facts' | 'occurredAt'> & {
    outboxId: string;
    webhookId: string;
    plans: readonly PlannedNotice[];
    endpoints: readonly string[];
  },
) {
  return ledger.call<{ applied: boolean; mails: number; digests: number; webhooks: number }>(
    'plan_notice',
    request,
  );
}

/** The digest of that id; null of a person who is not known any more. */
export function readDigest(
  ledger: Ledger,
  request: { digestId: string; personId: string },
): Promise<StoredDigest | null> {
  return ledger.call('read_digest', request);
}

/** The endpoint with its sealed secrets that count at that time; null when there is none of that id. */
export function findWebhookEndpoint(
  ledger: Ledger,
  request: { endpointId: string; at: string },
): Promise<DeliverableEndpoint | null> {
  return ledger.call('find_webhook_endpoint', request);
}

/** Stores an attempt and what follows from it. Idempotent by message and attempt. */
export function recordDelivery(ledger: Ledger, delivery: RecordedDelivery) {
  return ledger.call<{ applied: boolean }>('record_delivery', delivery);
}
