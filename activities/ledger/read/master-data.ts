import type { Ledger } from '../connect.ts';
import type { Page, PageRequest } from './page.ts';
import type { Within } from './within.ts';

/** A SKU with its own supplier's price; prices are decimal strings. */
export interface SkuView {
  sku: string;
  description: string;
  unitOfMeasure: string;
  barcode: string | null;
  class: string;
  costMethod: string;
  standardCost: string | null;
  supplier: string | null;
  supplierPrice: string | null;
  minimumQuantity: number | null;
  multipleQuantity: number | null;
  leadTimeDays: number | null;
  recordedAt: string;
}

/** A supplier as stored. */
export interface SupplierView {
  supplier: string;
  name: string;
  currency: string;
  leadTimeDays: number;
  email: string | null;
  recordedAt: string;
}

/** A warehouse as stored. */
export interface NodeView {
  node: string;
  name: string;
  country: string;
  priority: number;
  recordedAt: string;
}

/** A channel as stored. */
export interface ChannelView {
  channel: string;
  name: string;
  kind: string;
  backorder: string | null;
  trustsFile: boolean;
  nodes: string[] | null;
  recordedAt: string;
}

/** A customer as stored. */
export interface CustomerView {
  /** `customer:<number>`. */
  id: string;
  channel: string;
  externalId: string;
  name: string | null;
  email: string | null;
  recordedAt: string;
}

/** SKUs, newest first. */
export function listSkus(
  ledger: Ledger,
  request: PageRequest & {
    sku?: string | undefined;
    supplier?: string | undefined;
    class?: string | undefined;
  },
) {
  return ledger.call<Page<SkuView>>('list_skus', request);
}

/** Suppliers, newest first. */
export function listSuppliers(ledger: Ledger, request: PageRequest) {
  return ledger.call<Page<SupplierView>>('list_suppliers', request);
}

/** Nodes, newest first. */
export function listNodes(ledger: Ledger, request: PageRequest) {
  return ledger.call<Page<NodeView>>('list_nodes', request);
}

/** Channels, newest first. */
export function listChannels(ledger: Ledger, request: PageRequest) {
  return ledger.call<Page<ChannelView>>('list_channels', request);
}

/** Customers, newest first. */
export function listCustomers(
  ledger: Ledger,
  request: PageRequest & {
    channel?: string | undefined;
    externalId?: string | undefined;
    within?: Within | undefined;
  },
) {
  return ledger.call<Page<CustomerView>>('list_customers', request);
}
