import type { Delivery, SupplierOrder } from './delivery-plan.ts';

export type SupplierFact =
  | {
      readonly kind: 'order';
      readonly order: SupplierOrder;
      readonly deliveries: readonly Delivery[];
    }
  | { readonly kind: 'notice-posted' | 'invoice-posted'; readonly noticeId: string }
  | {
      readonly kind: 'post-refused';
      readonly what: 'notice' | 'invoice';
      readonly noticeId: string;
      readonly status: number;
      readonly detail: string;
      /** True when the supplier will not try again. */
      readonly givenUp: boolean;
    };

export type OpenDelivery = {
  readonly purchaseOrderId: string;
  readonly delivery: Delivery;
  noticePosted: boolean;
  invoicePosted: boolean;
  givenUp: boolean;
  /** Conflicts so far in this process. */
  conflicts: number;
  firstConflictAt: number | null;
  /** Wall clock; only the automatic passes wait for it. */
  tryAgainAt: number;
};

export type OrderState = { readonly order: SupplierOrder; readonly deliveries: OpenDelivery[] };

/** What the supplier has accepted and what of it is still to be shipped or invoiced. */
export class Deliveries {
  readonly #orders = new Map<string, OrderState>();
  readonly #byNotice = new Map<string, OpenDelivery>();
  readonly #open = new Set<OpenDelivery>();

  order(purchaseOrderId: string): OrderState | undefined {
    return this.#orders.get(purchaseOrderId);
  }

  /** Due deliveries, grouped by order so that each order's come one after the other. */
  dueByOrder(until: number, now: number | null): readonly (readonly OpenDelivery[])[] {
    const due = [...this.#open]
      .filter(({ delivery, tryAgainAt }) => {
        return Date.parse(delivery.shippedAt) <= until && (now === null || tryAgainAt <= now);
      })
      .toSorted((a, b) => Date.parse(a.delivery.shippedAt) - Date.parse(b.delivery.shippedAt));
    const byOrder = new Map<string, OpenDelivery[]>();
    for (const open of due) {
      const sameOrder = byOrder.get(open.purchaseOrderId) ?? [];
      byOrder.set(open.purchaseOrderId, [...sameOrder, open]);
    }
    return [...byOrder.values()];
  }

  /** How many are open, and when the next of them is planned. */
  outlook(): { readonly openOrders: number; readonly nextPlannedAt: string | null } {
    const orders = new Set<string>();
    let next: string | null = null;
    for (const { purchaseOrderId, delivery } of this.#open) {
      orders.add(purchaseOrderId);
      if (next === null || Date.parse(delivery.shippedAt) < Date.parse(next)) {
        next = delivery.shippedAt;
      }
    }
    return { openOrders: orders.size, nextPlannedAt: next };
  }

  clear(): void {
    this.#orders.clear();
    this.#byNotice.clear();
    this.#open.clear();
  }

  apply(fact: SupplierFact): void {
    if (fact.kind === 'order') {
      this.#accept(fact.order, fact.deliveries);
      return;
    }
    const open = this.#byNotice.get(fact.noticeId);
    if (!open) {
      return;
    }
    open.noticePosted ||= fact.kind === 'notice-posted';
    open.invoicePosted ||= fact.kind === 'invoice-posted';
    open.givenUp ||= fact.kind === 'post-refused' && fact.givenUp;
    if (open.invoicePosted || open.givenUp) {
      this.#open.delete(open);
    }
  }

  #accept(order: SupplierOrder, deliveries: readonly Delivery[]): void {
    const state: OrderState = { order, deliveries: [] };
    for (const delivery of deliveries) {
      const open = {
        purchaseOrderId: order.purchaseOrderId,
        delivery,
        noticePosted: false,
        invoicePosted: false,
        givenUp: false,
        conflicts: 0,
        firstConflictAt: null,
        tryAgainAt: 0,
      };
      state.deliveries.push(open);
      this.#byNotice.set(delivery.noticeId, open);
      this.#open.add(open);
    }
    this.#orders.set(order.purchaseOrderId, state);
  }
}
