import { randomUUID } from 'node:crypto';

/** The gateway's own view of a payment. */
export interface GatewayPayment {
  readonly id: string;
  readonly reference: string;
  readonly status: string;
  readonly capturedMinor: string;
  readonly refundedMinor: string;
  readonly voided: boolean;
}

/** The simulated gateway as a checkout, a buyer and an auditor use it. */
export class GatewayDesk {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** A payment that the buyer authorized, and the shop captured if told so, before the order came. */
  async paidAtCheckout(
    amountMinor: string,
    options: { captured?: boolean; token?: string } = {},
  ): Promise<object> {
    const key = randomUUID();
    const token = options.token === undefined ? {} : { token: options.token };
    const body = { reference: key, amountMinor, currency: 'GBP', ...token };
    const { id } = (await this.#post('/v1/authorizations', body, key)) as { id: string };
    if (options.captured === true) {
      await this.#post(
        `/v1/authorizations/${id}/captures`,
        { amountMinor, reference: key },
        `${key}-capture`,
      );
    }
    const status = options.captured === true ? 'captured' : 'authorized';
    return { provider: 'gateway', status, reference: id, amountMinor };
  }

  /** The buyer passes the challenge. */
  async passChallenge(authorizationId: string): Promise<void> {
    await this.#post(`/_sim/authorizations/${authorizationId}/challenge-results`, { passed: true });
  }

  /** Every payment in the gateway's book. */
  async payments(): Promise<GatewayPayment[]> {
    const payments: GatewayPayment[] = [];
    let cursor: string | null = '0';
    while (cursor !== null) {
      const page = await fetch(`${this.#url}/_sim/payments?limit=200&cursor=${cursor}`);
      const body = (await page.json()) as { data: GatewayPayment[]; nextCursor: string | null };
      payments.push(...body.data);
      cursor = body.nextCursor;
    }
    return payments;
  }

  /** What was done with an authorization, oldest first: `capture`, `refund`, `void`. */
  async operations(authorizationId: string): Promise<string[]> {
    const kinds: string[] = [];
    let cursor: string | null = '0';
    while (cursor !== null) {
      const page = await fetch(`${this.#url}/_sim/book?limit=1000&cursor=${cursor}`);
      const body = (await page.json()) as {
        data: { entry: { fact?: { kind: string; authorizationId?: string } } }[];
        nextCursor: string | null;
      };
      for (const { entry } of body.data) {
        if (entry.fact?.authorizationId === authorizationId) kinds.push(entry.fact.kind);
      }
      cursor = body.nextCursor;
    }
    return kinds;
  }

  async #post(path: string, body: object, key?: string): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  }
}
