import type { PlanEntry } from '../../../rules/order/source-order.ts';
import type { Ledger } from '../connect.ts';
import type { OrderView } from '../read/order.ts';

/** One order with everything that the rules have decided about it. */
export interface OrderAcceptance {
  channel: string;
  externalId: string;
  /** SHA-256 of the payload as the channel sent it, hex; tells a repeat from a changed order. */
  payloadHash: string;
  orderId: string;
  class: string;
  currency: string;
  placedAt: string;
  /** When it reached us. */
  at: string;
  /** Lower is served first when stock comes. */
  priority: number;
  customer: {
    externalId?: string | undefined;
    name?: string | undefined;
    email?: string | undefined;
  } | null;
  shipTo: { country: string; postalCode?: string | undefined };
  screening: string[];
  policyVersions: Record<string, number>;
  totalMinor: string;
  lines: {
    lineNo: number;
    externalLineId: string;
    kind: string;
    code: string;
    quantity: number;
    unitPrice: string;
    amountMinor: string;
    belowMinor: string;
    taxMinor: string;
    discountMinor: string;
    sourceRef: string | null;
  }[];
  plans: readonly (readonly PlanEntry[])[];
  backorderNodes: readonly string[];
  payment: {
    provider: string;
    token?: string | undefined;
    reference?: string | undefined;
    status: 'none' | 'authorized' | 'captured';
    requestedMinor: string;
  } | null;
  actor: string;
}

/** What became of one element. */
export type AcceptanceResult =
  | { outcome: 'accepted' | 'rejected'; orderId: string; replayed: boolean; order: OrderView }
  | { outcome: 'mismatch'; orderId: string }
  | { outcome: 'invalid'; errors: { path: string; message: string }[] };

const MANY_LINES = 1_000;

/**
 * Takes orders in and reserves for them, many in one call, results in the order of the request.
 * Idempotency key: channel + external id; the same payload again answers the first result.
 */
export function acceptOrders(
  ledger: Ledger,
  orders: readonly OrderAcceptance[],
): Promise<AcceptanceResult[]> {
  const lines = orders.reduce((sum, order) => sum + order.lines.length, 0);
  // An order of thousands of lines takes seconds on a busy machine: it gets the time of a report.
  return lines > MANY_LINES
    ? ledger.report('accept_orders', { orders })
    : ledger.call('accept_orders', { orders });
}
