import { Failure } from '../../failures.ts';
import type { Ledger } from '../connect.ts';
import type { OrderView } from '../read/order.ts';
import { acceptedOrder, type Placement } from './accepted-order.ts';
import type { OrderAcceptance } from './order-acceptance.ts';

/** What became of one element. */
export type AcceptanceResult =
  | { outcome: 'accepted' | 'rejected'; orderId: string; replayed: boolean; order: OrderView }
  | { outcome: 'mismatch'; orderId: string }
  | { outcome: 'invalid'; errors: { path: string; message: string }[] };

/** What the ledger answers for one element: what was placed comes without what its payload says. */
type LedgerResult =
  | (Placement & { orderId: string; replayed: boolean })
  | Exclude<AcceptanceResult, { order: OrderView }>;

/**
 * Takes orders in and reserves for them, many in one call, results in the order of the request.
 * Idempotency key: channel + external id; the same payload again answers the first result.
 */
export async function acceptOrders(
  ledger: Ledger,
  orders: readonly OrderAcceptance[],
): Promise<AcceptanceResult[]> {
  const results = await ledger.call<LedgerResult[]>('accept_orders', { orders });
  if (results.length !== orders.length) {
    throw new Failure('InvariantViolated', `${orders.length} orders got ${results.length} results`);
  }
  return orders.flatMap((order, index) => resultOf(order, results[index]));
}

function resultOf(order: OrderAcceptance, result: LedgerResult | undefined): AcceptanceResult[] {
  if (result === undefined) return [];
  if (result.outcome === 'invalid' || result.outcome === 'mismatch') return [result];
  const { outcome, orderId, replayed } = result;
  return [{ outcome, orderId, replayed, order: acceptedOrder(order, result) }];
}
