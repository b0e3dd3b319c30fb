import type { OrderState } from '../../../rules/order/states.ts';
import type { Ledger } from '../connect.ts';

/** What an order's process has to do next, as the ledger sees it. */
export interface OrderProgress {
  orderId: string;
  state: OrderState;
  ended: boolean;
  totalMinor: string;
  currency: string;
  holds: string[];
  /** The payment to authorize; null when it is authorized or there is none. */
  authorize: {
    paymentId: string;
    key: string;
    token: string | null;
    amountMinor: string;
    currency: string;
  } | null;
  /** Checks that are still to be made. */
  screening: string[];
  captures: {
    captureId: string;
    /** Which attempt it is; left out by histories that are older than second attempts. */
    occurrence?: string;
    reference: string;
    amountMinor: string;
    currency: string;
  }[];
  /** At the end: what of the payment was not needed; null while somebody has to decide on what failed of it. */
  giveBack: {
    paymentId: string;
    /** Which attempt it is; left out by histories that are older than second attempts. */
    occurrence?: string;
    reference: string | null;
    authorizeKey: string;
    currency: string;
    voidMinor: string;
    /** The idempotency key of the void; left out as `occurrence` is. */
    voidKey?: string;
    refundId: string | null;
    refundMinor: string;
  } | null;
  backorderedEach: number;
  openShipments: number;
  /** The next deadline and how long the process has until then, from business time. */
  dueId: string | null;
  waitSeconds: number | null;
}

/** Marks the process running and says where it stands. Idempotency key: `<order id>:begin`. */
export function beginOrder(ledger: Ledger, request: { orderId: string }): Promise<OrderProgress> {
  return ledger.call('begin_order', request);
}

/** Idempotency key: `<order id>:advance:<occurrence>`; the occurrence is the fact's id. */
export function advanceOrder(
  ledger: Ledger,
  request: { orderId: string; occurrence: string },
): Promise<OrderProgress> {
  return ledger.call('advance_order', request);
}

/** Idempotency key: the authorization's key at the provider. */
export function recordAuthorization(
  ledger: Ledger,
  request: {
    orderId: string;
    paymentId: string;
    key: string;
    outcome: 'authorized' | 'declined' | 'challenged';
    reference?: string | undefined;
    declineCode?: string | undefined;
  },
): Promise<OrderProgress> {
  return ledger.call('record_authorization', request);
}

/** Idempotency key: `<order id>:screen`. */
export function recordScreening(
  ledger: Ledger,
  request: { orderId: string; decision: { holds: { hold: string; reason: string }[] } },
): Promise<OrderProgress> {
  return ledger.call('record_screening', request);
}

/** The facts that screening judges, with the policy in force. */
export function readScreeningFacts(
  ledger: Ledger,
  request: { orderId: string },
): Promise<{
  totalMinor: string;
  checks: ('address' | 'fraud')[];
  country: string;
  postalCode: string | null;
  earlierOrders: number;
  policy: unknown;
}> {
  return ledger.call('read_screening_facts', request);
}

/** Idempotency key: `<capture id>:recorded`, from the second attempt on with `:<occurrence>`. */
export function recordCapture(
  ledger: Ledger,
  request: {
    orderId: string;
    captureId: string;
    occurrence?: string | undefined;
    outcome: 'captured' | 'failed';
    /** Of a failed one: nobody knows what became of it. */
    unknown?: boolean | undefined;
    providerId?: string | undefined;
    failure?: string | undefined;
  },
): Promise<OrderProgress> {
  return ledger.call('record_capture', request);
}

/** What became of giving back the unused part of a payment. */
export interface GiveBackOutcome {
  voided: boolean;
  refund?:
    | {
        refundId: string;
        amountMinor: string;
        outcome: 'refunded' | 'failed';
        providerId?: string | undefined;
      }
    | undefined;
  /** Of a failure: the provider said no, or nobody knows what became of it. */
  outcome?: 'refused' | 'unknown' | undefined;
  failure?: string | undefined;
}

/** Idempotency key: `<payment id>:given-back`, from the second attempt on with `:<occurrence>`. */
export function recordGiveBack(
  ledger: Ledger,
  request: {
    orderId: string;
    paymentId: string;
    occurrence?: string | undefined;
  } & GiveBackOutcome,
): Promise<OrderProgress> {
  return ledger.call('record_give_back', request);
}

/** The named next step of a wait whose time is up. Idempotency key: `<order id>:expire:<due id>`. */
export function expireOrderWait(
  ledger: Ledger,
  request: { orderId: string; dueId: string },
): Promise<OrderProgress> {
  return ledger.call('expire_order_wait', request);
}
