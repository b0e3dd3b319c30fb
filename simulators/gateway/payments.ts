import type { WebhookEvent } from '../webhooks.ts';

export type AuthorizationStatus = 'authorized' | 'declined' | 'challenge';

/** Facts of the gateway's book. Amounts are strings because the book is JSON. */
export type GatewayFact = (
  | {
      readonly kind: 'authorization';
      readonly id: string;
      readonly reference: string;
      readonly amountMinor: string;
      readonly currency: string;
      readonly token: string | null;
      readonly status: AuthorizationStatus;
      readonly declineCode?: string;
    }
  | { readonly kind: 'challenge'; readonly authorizationId: string; readonly passed: boolean }
  | {
      readonly kind: 'capture' | 'refund';
      readonly id: string;
      readonly authorizationId: string;
      readonly reference: string;
      readonly amountMinor: string;
      readonly status: 'succeeded' | 'failed';
      readonly failureCode?: string;
    }
  | {
      readonly kind: 'void';
      readonly id: string;
      readonly authorizationId: string;
      readonly reference: string;
      readonly amountMinor: string;
    }
  | { readonly kind: 'webhook-ended'; readonly eventId: string; readonly delivered: boolean }
) & {
  /** The event to deliver because of this fact; absent while no webhook address is set. */
  readonly event?: WebhookEvent;
};

export type Payment = {
  readonly id: string;
  readonly reference: string;
  readonly currency: string;
  readonly token: string | null;
  readonly requestedMinor: bigint;
  status: AuthorizationStatus;
  declineCode: string | null;
  capturedMinor: bigint;
  refundedMinor: bigint;
  voidedMinor: bigint;
  voided: boolean;
};

/** The gateway's own view of every payment: the place where ceilings are enforced. */
export class Payments {
  readonly #byId = new Map<string, Payment>();
  readonly #undelivered = new Map<string, { subject: string; event: WebhookEvent }>();

  get(id: string): Payment | undefined {
    return this.#byId.get(id);
  }

  /** Payments in the order of their authorization, from a position on. */
  page(limit: number, from: number): { data: readonly Payment[]; nextCursor: string | null } {
    const all = [...this.#byId.values()];
    const data = all.slice(from, from + limit);
    const next = from + data.length;
    return { data, nextCursor: next < all.length ? String(next) : null };
  }

  undelivered(): readonly { subject: string; event: WebhookEvent }[] {
    return [...this.#undelivered.values()];
  }

  clear(): void {
    this.#byId.clear();
    this.#undelivered.clear();
  }

  apply(fact: GatewayFact): void {
    this.#applyToPayment(fact);
    if (fact.kind === 'webhook-ended') {
      this.#undelivered.delete(fact.eventId);
    }
    if (fact.event) {
      const subject = fact.kind === 'authorization' ? fact.id : subjectOf(fact);
      this.#undelivered.set(fact.event.id, { subject, event: fact.event });
    }
  }

  #applyToPayment(fact: GatewayFact): void {
    if (fact.kind === 'authorization') {
      this.#byId.set(fact.id, {
        id: fact.id,
        reference: fact.reference,
        currency: fact.currency,
        token: fact.token,
        requestedMinor: BigInt(fact.amountMinor),
        status: fact.status,
        declineCode: fact.declineCode ?? null,
        capturedMinor: 0n,
        refundedMinor: 0n,
        voidedMinor: 0n,
        voided: false,
      });
      return;
    }
    const payment = this.#byId.get(subjectOf(fact));
    if (!payment) {
      return;
    }
    if (fact.kind === 'challenge') {
      payment.status = fact.passed ? 'authorized' : 'declined';
      payment.declineCode = fact.passed ? null : 'challenge_failed';
    } else if (fact.kind === 'void') {
      payment.voided = true;
      payment.voidedMinor += BigInt(fact.amountMinor);
    } else if (fact.kind === 'capture' && fact.status === 'succeeded') {
      payment.capturedMinor += BigInt(fact.amountMinor);
    } else if (fact.kind === 'refund' && fact.status === 'succeeded') {
      payment.refundedMinor += BigInt(fact.amountMinor);
    }
  }
}

function subjectOf(fact: GatewayFact): string {
  return 'authorizationId' in fact ? fact.authorizationId : '';
}

function authorizedMinor(payment: Payment): bigint {
  return payment.status === 'authorized' ? payment.requestedMinor : 0n;
}

/** What may still be captured: authorized, less captured, less voided. */
export function capturableMinor(payment: Payment): bigint {
  return authorizedMinor(payment) - payment.capturedMinor - payment.voidedMinor;
}

export function refundableMinor(payment: Payment): bigint {
  return payment.capturedMinor - payment.refundedMinor;
}

export function paymentView(payment: Payment): object {
  return {
    id: payment.id,
    reference: payment.reference,
    currency: payment.currency,
    status: payment.status,
    ...(payment.declineCode === null ? {} : { declineCode: payment.declineCode }),
    authorizedMinor: authorizedMinor(payment).toString(),
    capturedMinor: payment.capturedMinor.toString(),
    refundedMinor: payment.refundedMinor.toString(),
    voidedMinor: payment.voidedMinor.toString(),
    voided: payment.voided,
  };
}
