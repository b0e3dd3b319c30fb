import type { MatrixVersion } from '../../../rules/approval/ask-approval.ts';
import type { Risk } from '../../../rules/policy/approval-matrix.ts';
import type { ReplenishmentPolicy } from '../../../rules/policy/documents.ts';
import type { PurchaseOrderFacts } from '../../../rules/purchase-order/decide-purchase-order.ts';
import type { PurchaseOrderState } from '../../../rules/purchase-order/states.ts';
import type { Ledger } from '../connect.ts';
import type { Within } from './within.ts';

/** A purchase order without its lines; times RFC 3339 UTC. */
export interface PurchaseOrderSummary {
  readonly id: string;
  readonly number: string;
  readonly externalRef: string | null;
  /** The replenishment cycle that proposed it. */
  readonly cycleId: string | null;
  readonly supplier: string;
  readonly node: string;
  readonly state: PurchaseOrderState;
  readonly process: 'pending' | 'running' | 'ended' | null;
  readonly total: { readonly amountMinor: string; readonly currency: string };
  readonly final: boolean;
  readonly orderedAt: string;
  readonly expectedAt: string | null;
  readonly deliverExactlyAt: string | null;
  readonly endedAt: string | null;
  readonly recordedAt: string;
}

/** What is on its way; units. */
export interface ShippingNotice {
  readonly noticeId: string;
  readonly purchaseOrderId: string;
  readonly node: string;
  readonly state: 'open' | 'received';
  readonly final: boolean;
  readonly shippedAt: string;
  readonly expectedAt: string;
  readonly lines: { lineNo: number; sku: string; quantity: number; receivedQuantity: number }[];
}

export interface PurchaseOrder extends PurchaseOrderSummary {
  readonly approvals: { id: string; state: string; role: string }[];
  readonly lines: {
    lineNo: number;
    sku: string;
    quantity: number;
    unitPrice: string;
    acknowledged: number | null;
    noticed: number;
    received: number;
    short: number;
    invoiced: number;
    openQuantity: number;
    receivedMinor: string;
    matchedMinor: string;
  }[];
  readonly shippingNotices: ShippingNotice[];
  readonly invoices: {
    invoiceNumber: string;
    state: 'waiting' | 'matched' | 'mismatch' | 'disputed';
    amountMinor: string;
    differenceMinor: string;
    occurredAt: string;
  }[];
}

interface Page<Item> {
  data: Item[];
  nextCursor: string | null;
}

/** What pricing and judging an order needs; `policy` is the one in force when it was ordered. */
export type PurchaseOrderSnapshot = PurchaseOrderFacts & {
  readonly policy: { readonly version: string; readonly document: ReplenishmentPolicy };
  /** Country of the node; null for an unknown one. */
  readonly region: string | null;
  /** Of the suppliers that are rated otherwise than normal. */
  readonly supplierRisks: Readonly<Record<string, Risk>>;
  readonly approvalMatrix: MatrixVersion;
};

/** Supplier, node, prices and policy for a new purchase order. */
export function readPurchaseOrderFacts(
  ledger: Ledger,
  request: { supplier: string; node: string; orderedAt: string; skus: string[] },
): Promise<PurchaseOrderSnapshot> {
  return ledger.call('read_purchase_order_facts', request);
}

/** One purchase order with its lines, notices and invoices; null when there is none. */
export function readPurchaseOrder(
  ledger: Ledger,
  request: { id: string },
): Promise<PurchaseOrder | null> {
  return ledger.call('read_purchase_order', request);
}

/** Purchase orders newest first. Errors: InvalidInput (cursor). */
export function listPurchaseOrders(
  ledger: Ledger,
  request: {
    limit: number;
    cursor?: string | undefined;
    state?: PurchaseOrderState | undefined;
    node?: string | undefined;
    supplier?: string | undefined;
    sku?: string | undefined;
    within?: Within | undefined;
  },
): Promise<Page<PurchaseOrderSummary>> {
  return ledger.call('list_purchase_orders', request);
}

/** Shipping notices, the earliest expected first. Errors: InvalidInput (cursor). */
export function listShippingNotices(
  ledger: Ledger,
  request: {
    limit: number;
    cursor?: string | undefined;
    state?: 'open' | 'received' | undefined;
    node?: string | undefined;
    purchaseOrderId?: string | undefined;
    within?: Within | undefined;
  },
): Promise<Page<ShippingNotice>> {
  return ledger.call('list_shipping_notices', request);
}
