import type { Ledger } from '../connect.ts';
import type { Page, PageRequest } from './page.ts';
import type { Within } from './within.ts';

/** Units of one SKU at one node; onHand stands on the shelf and includes reserved and picked units. */
export interface StockAtNode {
  sku: string;
  node: string;
  onHand: number;
  reserved: number;
  picked: number;
  available: number;
  inTransit: number;
  inbound: number;
  returned: number;
  quarantined: number;
  damaged: number;
  backordered: number;
  lots: { lot: string; bucket: string; quantity: number }[];
}

/** One SKU at every node that knows it. */
export interface StockView {
  sku: string;
  description: string;
  unitOfMeasure: string;
  nodes: StockAtNode[];
}

/** One SKU's stock, at the nodes within reach. Errors: NotFound. */
export function readStock(ledger: Ledger, sku: string, within?: Within) {
  return ledger.call<StockView>('read_stock', { sku, within });
}

/** Stock of many SKUs, ordered by SKU and node. */
export function listStock(
  ledger: Ledger,
  request: PageRequest & {
    sku?: string | undefined;
    node?: string | undefined;
    within?: Within | undefined;
  },
) {
  return ledger.call<Page<StockAtNode>>('list_stock', request);
}
