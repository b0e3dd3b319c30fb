import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { happens } from './faults.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 15_000;
const CALL_DEADLINE_MS = 5_000;
const LONGEST_HOLD_MS = 500;

export type WebhookEvent = {
  readonly id: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly data: object;
};

export type WebhookSettings = {
  readonly seed: number;
  readonly webhookUrl: string | null;
  readonly webhookSecret: string;
  /** How often an event is posted until it is taken. */
  readonly webhookAttempts: number;
  readonly faults: {
    readonly webhookDuplicateRate: number;
    readonly webhookReorderRate: number;
  };
};

/**
 * Delivers events of one subject in order, until a 2xx or the attempts are used up.
 * By seed, an event is sent twice, or waits until the next event of its subject has been sent.
 */
export class WebhookSender {
  readonly #settings: () => WebhookSettings;
  readonly #ended: (eventId: string, delivered: boolean) => void;
  readonly #tails = new Map<string, Promise<void>>();
  readonly #held = new Map<string, () => void>();
  readonly #stop = new AbortController();

  constructor(
    settings: () => WebhookSettings,
    ended: (eventId: string, delivered: boolean) => void,
  ) {
    this.#settings = settings;
    this.#ended = ended;
  }

  send(subject: string, event: WebhookEvent): void {
    const { seed, faults } = this.#settings();
    if (happens(faults.webhookReorderRate, seed, 'webhook-reorder', event.id)) {
      void this.#deliverLate(subject, event);
      return;
    }
    const tail = this.#deliverAfter(this.#tails.get(subject), subject, event).finally(() => {
      if (this.#tails.get(subject) === tail) {
        this.#tails.delete(subject);
      }
    });
    this.#tails.set(subject, tail);
  }

  stop(): void {
    this.#stop.abort();
  }

  async #deliverAfter(
    before: Promise<void> | undefined,
    subject: string,
    event: WebhookEvent,
  ): Promise<void> {
    await before;
    await this.#deliver(event);
    this.#held.get(subject)?.();
  }

  async #deliverLate(subject: string, event: WebhookEvent): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LONGEST_HOLD_MS);
      const before = this.#held.get(subject);
      this.#held.set(subject, () => {
        clearTimeout(timer);
        before?.();
        resolve();
      });
    });
    this.#held.delete(subject);
    await this.#deliver(event);
  }

  async #deliver(event: WebhookEvent): Promise<void> {
    const { seed, faults } = this.#settings();
    const delivered = await this.#tryUntilAccepted(event);
    if (delivered && happens(faults.webhookDuplicateRate, seed, 'webhook-duplicate', event.id)) {
      await this.#tryUntilAccepted(event);
    }
    if (!this.#stop.signal.aborted) {
      this.#ended(event.id, delivered);
    }
  }

  async #tryUntilAccepted(event: WebhookEvent): Promise<boolean> {
    for (let attempt = 0; attempt < this.#settings().webhookAttempts; attempt += 1) {
      if (attempt > 0) {
        // An aborted pause ends the loop through the check below.
        const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
        await sleep(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
      if (this.#stop.signal.aborted) {
        return false;
      }
      if (await this.#post(event)) {
        return true;
      }
    }
    return false;
  }

  async #post(event: WebhookEvent): Promise<boolean> {
    const { webhookUrl, webhookSecret } = this.#settings();
    if (webhookUrl === null) {
      return false;
    }
    const body = JSON.stringify(event);
    const seconds = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', webhookSecret)
      .update(`${seconds}.${body}`)
      .digest('hex');
    try {
      const response = await fetch(webhookUrl, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'Simulator-Signature': `t=${seconds},v1=${signature}`,
        },
        body,
        signal: AbortSignal.timeout(CALL_DEADLINE_MS),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }
}
