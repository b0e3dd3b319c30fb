import type { OrderState } from '../../../rules/order/states.ts';
import type { Ledger } from '../connect.ts';

/** An order as the ledger shows it; money in minor units as strings, times RFC 3339 UTC. */
export interface OrderView {
  id: string;
  channel: string;
  externalId: string;
  class: string;
  state: OrderState;
  process: string | null;
  currency: string;
  totalMinor: string;
  placedAt: string;
  /** By when it is promised to have left; null where nothing is, as for goods that are waited for. */
  promisedDispatchAt: string | null;
  recordedAt: string;
  endedAt: string | null;
  customer: { externalId: string; name: string | null } | null;
  lines: OrderLineView[];
  holds: { hold: string; reason: string; raisedAt: string }[];
  payments: PaymentView[];
  shipments: { id: string; node: string; state: string }[];
  invoices: {
    invoiceNumber: string;
    amountMinor: string;
    taxMinor: string;
    trackingNumber: string | null;
    occurredAt: string;
  }[];
}

/** A line of an order: goods by SKU or a charge by its code; quantities in units. */
export interface OrderLineView {
  orderLineId: string;
  externalLineId: string;
  kind: string;
  code: string;
  quantity: number;
  unitPrice: string;
  amountMinor: string;
  taxMinor: string;
  allocated: number;
  backordered: number;
  short: number;
  shipped: number;
  cancelled: number;
  returning: number;
  invoicedMinor: string;
  allocations: { node: string; quantity: number }[];
  /** Where the backordered units wait for stock. */
  backorders: { node: string; quantity: number }[];
}

export interface PaymentView {
  paymentId: string;
  provider: string;
  state: string;
  reference: string | null;
  requestedMinor: string;
  authorizedMinor: string;
  capturedMinor: string;
  refundedMinor: string;
}

/** A page of a list. */
export interface Page<Item> {
  data: Item[];
  nextCursor: string | null;
}

/** What the rules need to decide a batch of orders. */
export interface OrderSnapshot {
  /** The SKUs of the request that exist. */
  skus: string[];
  /** All nodes by priority, best first. */
  nodes: { node: string; country: string }[];
  /** Triples of SKU, node and units available to promise; what is missing is 0. */
  available: [string, string, number][];
  channels: {
    channel: string;
    kind: string;
    backorder: 'allow' | 'refuse' | null;
    trusted: boolean;
    /** The nodes that send its orders; null: all. */
    nodes: string[] | null;
  }[];
  /** In force for each channel, whatever the region. */
  policies: Record<string, Record<string, { version: number; document: unknown }>>;
  /** In force where a region has policies of its own. */
  regionalPolicies: {
    channel: string;
    region: string;
    policy: string;
    version: number;
    document: unknown;
  }[];
  /** Which of the orders asked for are known. */
  knownOrders: string[];
}

export function readOrderSnapshot(
  ledger: Ledger,
  request: {
    skus: string[];
    channels: string[];
    regions: string[];
    at: string;
    orderIds?: string[];
  },
): Promise<OrderSnapshot> {
  return ledger.call('read_order_snapshot', request);
}

export function readOrder(ledger: Ledger, orderId: string): Promise<OrderView | null> {
  return ledger.call('read_order', { orderId });
}

export function listOrders(
  ledger: Ledger,
  request: Record<string, unknown>,
): Promise<Page<unknown>> {
  return ledger.call('list_orders', request);
}

export function listShipments(
  ledger: Ledger,
  request: Record<string, unknown>,
): Promise<Page<unknown>> {
  return ledger.call('list_shipments', request);
}

/** Everything that happened to a subject and why, oldest first. */
export function readTimeline(
  ledger: Ledger,
  request: { subjectId: string; limit: number; cursor?: string | undefined },
): Promise<Page<unknown>> {
  return ledger.call('read_timeline', request);
}
