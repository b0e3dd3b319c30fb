import type { ReplenishmentPolicy } from '../policy/documents.ts';
import {
  decidePurchaseOrder,
  MAX_LINES,
  type PurchaseOrderDecision,
} from '../purchase-order/decide-purchase-order.ts';
import type { Proposal } from './propose-quantities.ts';

export interface SupplierOrder {
  readonly supplier: string;
  readonly currency: string;
  readonly decision: PurchaseOrderDecision;
  /** What its lines come from, one each, in their order. */
  readonly proposals: readonly Proposal[];
}

/** One purchase order per supplier, by name, split where it would have too many lines. */
export function groupOrders(
  policy: ReplenishmentPolicy,
  proposals: readonly Proposal[],
): SupplierOrder[] {
  const bySupplier = new Map<string, Proposal[]>();
  for (const proposal of proposals) {
    const same = bySupplier.get(proposal.supplier);
    if (same === undefined) bySupplier.set(proposal.supplier, [proposal]);
    else same.push(proposal);
  }
  return [...bySupplier.entries()]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([supplier, lines]) => ordersOf(policy, supplier, lines));
}

/**
 * Of proposals that come by supplier: those whose orders are complete, and those of the last supplier
 * that are not yet a full order, because more of his may follow.
 */
export function splitComplete(proposals: readonly Proposal[]): {
  readonly complete: readonly Proposal[];
  readonly open: readonly Proposal[];
} {
  const last = proposals.at(-1)?.supplier;
  const first = proposals.findIndex(({ supplier }) => supplier === last);
  const open = first === -1 ? 0 : (proposals.length - first) % MAX_LINES;
  const end = proposals.length - open;
  return { complete: proposals.slice(0, end), open: proposals.slice(end) };
}

function ordersOf(
  policy: ReplenishmentPolicy,
  supplier: string,
  proposals: readonly Proposal[],
): SupplierOrder[] {
  const orders: SupplierOrder[] = [];
  for (let start = 0; start < proposals.length; start += MAX_LINES) {
    const part = proposals.slice(start, start + MAX_LINES);
    const currency = part[0]?.currency ?? '';
    const decision = decidePurchaseOrder(policy, part);
    orders.push({ supplier, currency, decision, proposals: part });
  }
  return orders;
}
