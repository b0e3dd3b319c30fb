import { Failure } from '../../activities/failures.ts';
import type { Notice } from '../../activities/notify/notify.ts';
import type { WebhookAttempt, WebhookMessage } from '../../activities/notify/send-webhook.ts';
import { webhookSecrets } from '../../activities/notify/webhook-secrets.ts';
import { parseKeyRing } from '../../activities/sealing/key-ring.ts';
import type { NoticeKind } from '../../rules/notice/notice-kinds.ts';
import { noticeLanes } from '../../worker/deliver-notices.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';

export const SECRETS = webhookSecrets(
  parseKeyRing(`test:${Buffer.alloc(32, 1).toString('base64')}`),
);
export const PUBLIC_URL = 'https://loopline.example';

/** Somebody who may hear of things; where nothing else is said, an operator who reaches everything. */
export interface PersonWish {
  readonly roles?: readonly string[];
  readonly email?: string | null;
  readonly nodes?: readonly string[] | null;
  readonly limitMinor?: string | null;
  readonly left?: boolean;
}

/** What happens, and who is asked. */
export interface Happening {
  readonly kind?: NoticeKind;
  readonly people?: readonly string[];
  readonly roles?: readonly string[];
  readonly without?: readonly string[];
  readonly node?: string;
  readonly amountMinor?: string;
}

/** A ledger, a mail server and a receiver of webhooks that do as they are told, and a clock. */
export class NoticeDesk {
  readonly shop: TestLedger;
  readonly mails: Notice[] = [];
  readonly posts: WebhookMessage[] = [];
  /** What the mail server says next; nothing takes the mail. */
  mailFailure: Failure | undefined;
  /** How the receiver answers. */
  answer: WebhookAttempt = { outcome: { kind: 'delivered' }, status: 204, detail: null };
  now = '2026-01-10T12:00:00Z';
  pausesMs: readonly number[] = [0, 0];
  #happened = 0;

  constructor(shop: TestLedger) {
    this.shop = shop;
  }

  static async open(): Promise<NoticeDesk> {
    return new NoticeDesk(await openLedger({ connections: 6 }));
  }

  async person(name: string, wish: PersonWish = {}): Promise<string> {
    const id = `person:${name}`;
    const {
      roles = ['ops'],
      email = `${name}@example.org`,
      nodes = null,
      limitMinor = null,
    } = wish;
    await this.shop.owner`
      insert into ledger.person (person_id, issuer, subject, name, email, roles, nodes, amount_limit_minor, left_at)
      values (${id}, 'https://issuer.example', ${name}, ${name}, ${email}, ${[...roles]}::text[],
        ${nodes === null ? null : [...nodes]}::text[], ${limitMinor}::bigint, ${wish.left === true ? this.now : null})`;
    return id;
  }

  /** Says in the ledger that something happened; answers its key. */
  async happen(happening: Happening = {}): Promise<string> {
    this.#happened += 1;
    const key = `approval:return:R-${this.#happened}:1:1`;
    const { kind = 'approval-requested', people = [], roles = [], without = [] } = happening;
    const { node = '*', amountMinor = '12050' } = happening;
    const reach = { nodes: node === '*' ? '*' : [node], channels: '*', regions: '*', amountMinor };
    await this.shop.owner`
      select ledger.notify(${key}, ${kind}, ${`return:R-${this.#happened}`}, ${`approval:return:R-${this.#happened}:1`},
        ${[...people]}::text[], ${[...roles]}::text[], ${[...without]}::text[],
        ${JSON.stringify(reach)}::text::jsonb,
        ledger.notice_facts('refund', ${`return:R-${this.#happened}`}, ${amountMinor}::bigint, 'GBP', 'person:sam',
          'Refunds above 100.00 need an approval.', '2026-01-12T09:30:00Z', null),
        ${this.now}::timestamptz)`;
    return key;
  }

  /** Handles what is open now, once; answers how many messages that were. */
  async deliver(): Promise<number> {
    const lanes = noticeLanes({
      ledger: this.shop.ledger.as({ actor: 'process:dispatcher' }),
      notify: {
        send: async (notice) => {
          if (this.mailFailure !== undefined) throw this.mailFailure;
          this.mails.push(notice);
        },
      },
      notices: {
        publicUrl: PUBLIC_URL,
        secrets: SECRETS,
        sendWebhook: async (message) => {
          this.posts.push(message);
          return this.answer;
        },
        webhookPausesMs: this.pausesMs,
        now: () => Date.parse(this.now),
      },
      reportError: (error) => {
        if (!(error instanceof Failure) || !error.type.startsWith('Provider')) throw error;
      },
    });
    // What one lane writes for another is for the next time.
    const claimed = await Promise.all(
      lanes.map(async (lane) => ({ lane, items: await lane.claim(lane.atOnce) })),
    );
    await Promise.all(claimed.flatMap(({ lane, items }) => items.map((item) => lane.handle(item))));
    return claimed.reduce((sum, { items }) => sum + items.length, 0);
  }

  /** Handles everything that is open or becomes so by it. */
  async deliverAll(): Promise<void> {
    for (let rounds = 0; (await this.deliver()) > 0; rounds += 1) {
      if (rounds > 20) throw new Error('the outbox is never empty');
    }
  }

  /** Lets messages that wait for a later attempt be due now. */
  async wait(): Promise<void> {
    await this.shop.owner`
      update ledger.outbox set available_at = now(), leased_until = null where done_at is null`;
  }

  /** Attempts to deliver, oldest first. */
  attempts() {
    return this.shop.owner<
      { channel: string; target: string; attempt: number; outcome: string; detail: string | null }[]
    >`select channel, target, attempt, outcome, detail from ledger.notice_attempt
      order by recorded_at, outbox_id, attempt`;
  }

  /** What was planned for each person. */
  async plans(): Promise<Record<string, string>> {
    const rows = await this.shop.owner<{ person: string; plan: string }[]>`
      select person_id as person, plan from ledger.notice order by person_id`;
    return Object.fromEntries(rows.map(({ person, plan }) => [person, plan]));
  }

  async open(): Promise<number> {
    const [row] = await this.shop.owner<{ open: number }[]>`
      select count(*)::int as open from ledger.outbox where done_at is null`;
    return row?.open ?? 0;
  }
}
