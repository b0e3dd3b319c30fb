import type { GoodwillOrder } from '../../../rules/goodwill/approve-goodwill.ts';
import type { GoodwillState } from '../../../rules/goodwill/states.ts';
import type { Ledger } from '../connect.ts';
import type { Approval } from './approval.ts';
import type { Page, PageRequest } from './page.ts';
import type { Within } from './within.ts';

interface Amount {
  readonly amountMinor: string;
  readonly currency: string;
}

/** Goodwill on an order: what was asked for, what was given of it, and what of that became credit. */
export interface Goodwill {
  readonly id: string;
  readonly externalRef: string;
  readonly orderId: string;
  readonly amount: Amount;
  readonly given: Amount;
  readonly credited: Amount;
  readonly resolution: 'refund' | 'credit';
  readonly reasonCode: string;
  readonly state: GoodwillState;
  readonly policyVersion: string;
  readonly requestedBy: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
  /** Of its process; null when it needed none. */
  readonly process: 'pending' | 'running' | 'ended' | null;
  readonly approval: Approval | null;
  readonly refunds: {
    readonly refundId: string;
    readonly paymentId: string;
    readonly amountMinor: string;
    readonly state: 'due' | 'refunded' | 'failed';
    readonly failure: string | null;
  }[];
}

/** Goodwill with everything that happened to it, oldest first. */
export interface GoodwillReview extends Goodwill {
  readonly timeline: {
    readonly event: string;
    readonly actor: string;
    readonly cause: string | null;
    readonly reason: string | null;
    readonly detail: Record<string, unknown>;
    readonly occurredAt: string;
    readonly recordedAt: string;
  }[];
}

/** The order and the matrix in force when goodwill is asked for. Errors: NotFound. */
export function readGoodwillSnapshot(
  ledger: Ledger,
  request: { orderId: string; askedAt: string },
): Promise<GoodwillOrder> {
  return ledger.call('read_goodwill_snapshot', request);
}

/** Goodwill newest first. Errors: InvalidInput (cursor). */
export function listGoodwill(
  ledger: Ledger,
  request: PageRequest & {
    state?: GoodwillState | undefined;
    orderId?: string | undefined;
    within?: Within | undefined;
  },
): Promise<Page<Goodwill>> {
  return ledger.call('list_goodwill', request);
}

/** Errors: NotFound. */
export function readGoodwill(
  ledger: Ledger,
  request: { goodwillId: string },
): Promise<GoodwillReview> {
  return ledger.call('read_goodwill', request);
}
