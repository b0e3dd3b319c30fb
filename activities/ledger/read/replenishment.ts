import type { ReplenishmentPolicy } from '../../../rules/policy/documents.ts';
import type { ProposalTerms, SkuFacts } from '../../../rules/replenishment/propose-quantities.ts';
import type { Ledger } from '../connect.ts';
import type { PurchaseOrderSummary } from './purchase-order.ts';

/** What a cycle decides from; demand over the observed days before the cycle's date. */
export interface ReplenishmentFacts {
  readonly nodeKnown: boolean;
  readonly policy: { readonly version: string; readonly document: ReplenishmentPolicy };
  readonly demandDays: number;
  readonly skus: SkuFacts[];
}

export interface ReplenishmentCycle {
  readonly id: string;
  readonly node: string;
  readonly date: string;
  readonly state: 'planned' | 'done';
  readonly process: 'pending' | 'running' | 'ended' | null;
  readonly businessTime: string;
  readonly recordedAt: string;
  readonly proposals: {
    sku: string;
    supplier: string;
    quantity: number;
    purchaseOrderId: string | null;
    /** Why nothing was ordered after all. */
    dropped: string | null;
    terms: ProposalTerms;
  }[];
  readonly purchaseOrders: PurchaseOrderSummary[];
}

/** One snapshot of demand, stock, backorders, open orders and suppliers of a node; a long read. */
export function readReplenishmentFacts(
  ledger: Ledger,
  request: { node: string; date: string; businessTime: string },
): Promise<ReplenishmentFacts> {
  return ledger.report('read_replenishment_facts', request);
}

/** One cycle with every term of every proposal; null when there is none. */
export function readReplenishmentCycle(
  ledger: Ledger,
  request: { id: string },
): Promise<ReplenishmentCycle | null> {
  return ledger.report('read_replenishment_cycle', request);
}
