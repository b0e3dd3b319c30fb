import { createHash } from 'node:crypto';
import { Failure } from '../activities/failures.ts';
import type { Ledger } from '../activities/ledger/connect.ts';
import {
  findWebhookEndpoint,
  planNotices,
  readDigest,
  readNoticeSnapshot,
  recordDelivery,
  type DeliveryTrouble,
  type NoticeSnapshot,
  type Occurrence,
  type PlannedNotice,
  type RecordedDelivery,
  type StoredFacts,
} from '../activities/ledger/steps/notice.ts';
import {
  claimOutbox,
  claimWebhooks,
  type OutboxMessage,
} from '../activities/ledger/steps/outbox.ts';
import { composeNotice } from '../activities/notify/compose-notice.ts';
import type { Notice as Mail, NotifyProvider } from '../activities/notify/notify.ts';
import type { WebhookSender } from '../activities/notify/send-webhook.ts';
import { MAIL_CONNECTIONS } from '../activities/notify/smtp-mail.ts';
import type { WebhookSecrets } from '../activities/notify/webhook-secrets.ts';
import { CannotOpenError } from '../activities/sealing/key-ring.ts';
import { moneyText } from '../rules/approval/money-text.ts';
import { composeDigest, composeNoticeMail, type Notice } from '../rules/notice/compose-notice.ts';
import {
  judgeMail,
  judgeWebhook,
  type AttemptOutcome,
  type MailTrouble,
} from '../rules/notice/judge-delivery.ts';
import { isNoticeKind, type NoticeKind } from '../rules/notice/notice-kinds.ts';
import { completePreference, type NoticePreference } from '../rules/notice/notice-preference.ts';
import { planNotice } from '../rules/notice/plan-notice.ts';
import type { Lane } from './run-loop.ts';

/** Each send has 10 s, so a lease outlives it. */
const LEASE_SECONDS = 30;
const PLANS_AT_ONCE = 10;
const WEBHOOKS_AT_ONCE = 64;
/** Of one endpoint, over all dispatchers: one that hangs leaves the other turns to others. */
const WEBHOOKS_PER_ENDPOINT = 4;
/** The target of mail to the shop's customers. */
const CUSTOMER = 'customer';
/** Whose trouble it is when a mail server takes nothing. */
const MAIL_SERVER = 'mail-server';

/** What notices to people and programs need besides mail. */
export interface NoticeSettings {
  /** Where people reach the API; links begin with it. */
  readonly publicUrl: string;
  readonly sendWebhook: WebhookSender;
  /** Without keys to open secrets with, webhooks wait. */
  readonly secrets: WebhookSecrets | undefined;
  /** Pauses between the attempts of a webhook; the rule's when left out. */
  readonly webhookPausesMs?: readonly number[];
  /** Milliseconds since 1970; the clock when left out. */
  readonly now?: () => number;
}

export interface NoticeDelivery {
  readonly ledger: Ledger;
  readonly notify: NotifyProvider;
  /** Undefined where this process carries mail alone. */
  readonly notices: NoticeSettings | undefined;
  readonly reportError: (error: unknown) => void;
}

/**
 * What the outbox holds for people and programs, in lanes: what happened and is to be planned, mail, and webhooks.
 * Whatever hangs keeps nobody in another lane waiting, and of the webhooks nobody but its own endpoint.
 */
export function noticeLanes(delivery: NoticeDelivery): readonly Lane<OutboxMessage>[] {
  const { ledger, notices } = delivery;
  const claim =
    (...kinds: readonly OutboxMessage['kind'][]) =>
    async (limit: number) =>
      (await claimOutbox(ledger, { limit, leaseSeconds: LEASE_SECONDS, kinds })).messages;
  const mail: Lane<OutboxMessage> = {
    // No more than there are connections, so that none waits for one within its deadline.
    atOnce: MAIL_CONNECTIONS,
    claim: claim('mail', 'channel-notice', ...(notices === undefined ? [] : (['digest'] as const))),
    handle: (message) =>
      message.kind === 'digest' && notices !== undefined
        ? deliverDigest(message, delivery, notices)
        : deliverMail(message, delivery),
  };
  if (notices === undefined) return [mail];
  const plans: Lane<OutboxMessage> = {
    atOnce: PLANS_AT_ONCE,
    claim: claim('notice'),
    handle: (message) => plan(message, ledger, nowOf(notices)),
  };
  if (notices.secrets === undefined) return [plans, mail];
  const webhooks: Lane<OutboxMessage> = {
    atOnce: WEBHOOKS_AT_ONCE,
    claim: async (limit) => {
      const perEndpoint = WEBHOOKS_PER_ENDPOINT;
      const request = { limit, perEndpoint, leaseSeconds: LEASE_SECONDS };
      return (await claimWebhooks(ledger, request)).messages;
    },
    handle: (message) => deliverWebhook(message, delivery, notices),
  };
  return [plans, mail, webhooks];
}

/** Reads who hears of it, lets the rule decide how, and stores that with the messages that follow. */
async function plan(message: OutboxMessage, ledger: Ledger, nowMs: number): Promise<void> {
  const occurrence = message.payload as unknown as Occurrence;
  const { key, kind, subjectId, itemId, facts, occurredAt } = occurrence;
  const snapshot = await readNoticeSnapshot(ledger, occurrence);
  const isKnown = isNoticeKind(kind) && !snapshot.planned;
  await planNotices(ledger, {
    key,
    kind,
    subjectId,
    itemId,
    facts,
    occurredAt,
    outboxId: message.outboxId,
    // The receiver de-duplicates by it; a dot would end it in what is signed.
    webhookId: `notice_${createHash('sha256').update(key).digest('hex').slice(0, 32)}`,
    plans: isKnown ? snapshot.recipients.map((each) => planFor(each, kind, nowMs)) : [],
    endpoints: isKnown ? snapshot.endpoints : [],
  });
}

function planFor(
  { personId, email, preference }: NoticeSnapshot['recipients'][number],
  kind: NoticeKind,
  nowMs: number,
): PlannedNotice {
  const wanted = completePreference(preference);
  const planned = planNotice(kind, wanted, nowMs);
  const { timeZone } = wanted;
  if (email === null && planned.outcome !== 'none')
    return { personId, email, plan: 'no-address', dueAt: null, timeZone };
  const dueAt = 'atMs' in planned ? new Date(planned.atMs).toISOString() : null;
  return { personId, email, plan: planned.outcome, dueAt, timeZone };
}

async function deliverMail(message: OutboxMessage, delivery: NoticeDelivery): Promise<void> {
  const { payload } = message;
  const target = typeof payload['personId'] === 'string' ? payload['personId'] : CUSTOMER;
  return sendMail(message, { mail: mailOf(message, delivery), target }, delivery);
}

/** The words of a mail; undefined when its template is unknown or it has no address. */
function mailOf(message: OutboxMessage, { notices }: NoticeDelivery): Mail | undefined {
  const { payload } = message;
  const { template, messageId, to, itemId, facts } = payload;
  if (typeof template !== 'string' || !isNoticeKind(template)) return composeNotice(payload);
  if (typeof messageId !== 'string' || typeof to !== 'string' || typeof itemId !== 'string')
    return undefined;
  const words = composeNoticeMail(noticeOf(template, itemId, facts as unknown as StoredFacts), {
    timeZone: textOf(message, 'timeZone'),
    publicUrl: notices?.publicUrl ?? '',
  });
  return { messageId, to, template, ...words };
}

async function deliverDigest(
  message: OutboxMessage,
  delivery: NoticeDelivery,
  { publicUrl }: NoticeSettings,
): Promise<void> {
  const personId = textOf(message, 'personId');
  const digest = await readDigest(delivery.ledger, { digestId: message.subjectId, personId });
  const notices = (digest?.notices ?? []).flatMap(({ kind, itemId, facts }) =>
    isNoticeKind(kind) ? [noticeOf(kind, itemId, facts)] : [],
  );
  const { timeZone }: NoticePreference = completePreference(digest?.preference ?? null);
  const to = digest?.email ?? null;
  const mail =
    to === null || notices.length === 0
      ? undefined
      : {
          messageId: message.subjectId,
          to,
          template: 'digest',
          ...composeDigest(notices, { timeZone, publicUrl }),
        };
  return sendMail(message, { mail, target: personId }, delivery);
}

/** Sends a mail once and stores how that ended; one without words or address is refused. */
async function sendMail(
  message: OutboxMessage,
  { mail, target }: { mail: Mail | undefined; target: string },
  { ledger, notify, notices, reportError }: NoticeDelivery,
): Promise<void> {
  const startedAt = performance.now();
  const { outcome, detail } = await attemptMail(message, mail, notify, reportError);
  const { verdict, trouble } = judgeMail(outcome, message.attempts);
  await recordDelivery(ledger, {
    ...attemptOf(message, startedAt, nowOf(notices)),
    channel: 'mail',
    deliveryId: mail?.messageId ?? message.subjectId,
    target,
    outcome: outcome.kind,
    status: null,
    detail,
    retryAfterMs: verdict.next === 'retry' ? verdict.afterMs : undefined,
    // A mail without an address was never tried: its customer has none, or its reader has left.
    trouble:
      trouble === null || mail === undefined ? undefined : mailTrouble(trouble, message, target),
    over: outcome.kind === 'delivered' ? mailTrouble('late', message, target) : undefined,
  });
}

/** What stands on the board: a mail that is not wanted is the trouble of whom it is about, any other the server's. */
function mailTrouble(
  trouble: MailTrouble,
  { subjectId }: OutboxMessage,
  target: string,
): DeliveryTrouble {
  const about = `mail-${trouble}`;
  if (trouble !== 'refused') return { subjectId: MAIL_SERVER, about };
  return { subjectId: target === CUSTOMER ? subjectId : target, about };
}

async function attemptMail(
  message: OutboxMessage,
  mail: Mail | undefined,
  notify: NotifyProvider,
  reportError: (error: unknown) => void,
): Promise<{ outcome: AttemptOutcome; detail: string | null }> {
  try {
    if (mail === undefined) {
      throw new Failure(
        'ProviderRefused',
        `message ${message.outboxId} has no template or address`,
      );
    }
    await notify.send(mail);
    return { outcome: { kind: 'delivered' }, detail: null };
  } catch (error) {
    reportError(error);
    // What a receiver refuses for good will not be better next time.
    const isRefused = error instanceof Failure && error.type === 'ProviderRefused';
    const detail = error instanceof Failure ? error.message.slice(0, 200) : 'failed';
    return { outcome: { kind: isRefused ? 'refused' : 'failed' }, detail };
  }
}

async function deliverWebhook(
  message: OutboxMessage,
  { ledger }: NoticeDelivery,
  settings: NoticeSettings,
): Promise<void> {
  const startedAt = performance.now();
  const { type, timestamp, data } = message.payload;
  const endpointId = textOf(message, 'endpointId');
  const webhookId = textOf(message, 'webhookId');
  const nowMs = nowOf(settings);
  const endpoint = await findWebhookEndpoint(ledger, {
    endpointId,
    at: new Date(nowMs).toISOString(),
  });
  const record = (how: Pick<RecordedDelivery, 'outcome' | 'status' | 'detail'> & Following) =>
    recordDelivery(ledger, {
      ...attemptOf(message, startedAt, nowMs),
      channel: 'webhook',
      deliveryId: webhookId,
      target: endpointId,
      ...how,
    });
  if (endpoint?.state !== 'active') {
    const detail = 'the endpoint is turned off';
    await record({ outcome: 'dropped', status: null, detail });
    return;
  }
  const attempt = await attemptWebhook(settings, endpoint, {
    webhookId,
    body: JSON.stringify({ type, timestamp, data }),
  });
  const { failures, failingSince } = endpoint;
  const { verdict, disable } = judgeWebhook(
    attempt.outcome,
    message.attempts,
    { failures, failingSinceMs: failingSince === null ? null : Date.parse(failingSince) },
    nowMs,
    settings.webhookPausesMs,
  );
  await record({
    outcome: attempt.outcome.kind,
    status: attempt.status,
    detail: attempt.detail,
    retryAfterMs: verdict.next === 'retry' ? verdict.afterMs : undefined,
    disable: disable ?? undefined,
    // One that is turned off is on the board with all that it did not take.
    trouble:
      verdict.next === 'given-up' && disable === null
        ? { subjectId: `webhook-endpoint:${endpointId}`, about: 'given-up' }
        : undefined,
  });
}

type Following = Partial<Pick<RecordedDelivery, 'retryAfterMs' | 'disable' | 'trouble'>>;

async function attemptWebhook(
  { sendWebhook, secrets }: NoticeSettings,
  endpoint: NonNullable<Awaited<ReturnType<typeof findWebhookEndpoint>>>,
  content: { readonly webhookId: string; readonly body: string },
): ReturnType<WebhookSender> {
  const { endpointId, url } = endpoint;
  try {
    const opened = endpoint.secrets.map((sealed) => secrets?.open(sealed, endpointId));
    const usable = opened.filter((secret) => secret !== undefined);
    return await sendWebhook({ ...content, url, secrets: usable });
  } catch (error) {
    if (!(error instanceof CannotOpenError)) throw error;
    return { outcome: { kind: 'failed' }, status: null, detail: `the secret: ${error.message}` };
  }
}

/** A notice as the rules write it. */
function noticeOf(kind: NoticeKind, itemId: string, stored: StoredFacts): Notice {
  const { amountMinor, currency, ...facts } = stored;
  const amount =
    amountMinor === null || currency === null ? null : moneyText(BigInt(amountMinor), currency);
  return { kind, itemId, facts: { ...facts, amount } };
}

function attemptOf(
  { outboxId, attempts }: OutboxMessage,
  startedAt: number,
  nowMs: number,
): Pick<RecordedDelivery, 'outboxId' | 'attempt' | 'durationMs' | 'at'> {
  return {
    outboxId,
    attempt: attempts,
    durationMs: Math.round(performance.now() - startedAt),
    at: new Date(nowMs).toISOString(),
  };
}

function textOf({ outboxId, payload }: OutboxMessage, name: string): string {
  const value = payload[name];
  if (typeof value !== 'string')
    throw new Failure('InvariantViolated', `message ${outboxId} has no ${name}`);
  return value;
}

function nowOf(settings: NoticeSettings | undefined): number {
  return settings?.now?.() ?? Date.now();
}
