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

function ordersOf(
  policy: ReplenishmentPolicy,
  supplier: string,
  proposals: readonly Proposal[],
): SupplierOrder[] {
  const orders: SupplierOrder[] = [];
  for (let start = 0; start < proposals.length; start += MAX_LINES) {
    const part = proposals.slice(start, start + MAX_LINES);
    const currency = part[0]?.currency ?? '';
    orders.push({ supplier, currency, decision: decidePurchaseOrder(policy, part) });
  }
  return orders;
}
