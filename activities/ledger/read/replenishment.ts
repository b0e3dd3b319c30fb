import type { MatrixVersion } from '../../../rules/approval/ask-approval.ts';
import type { Risk } from '../../../rules/policy/approval-matrix.ts';
import type { ReplenishmentPolicy } from '../../../rules/policy/documents.ts';
import type { SkuFacts } from '../../../rules/replenishment/propose-quantities.ts';
import type { Ledger } from '../connect.ts';

/** What a cycle decides from; demand over the observed days before the cycle's date. */
export interface ReplenishmentFacts {
  readonly policy: { readonly version: string; readonly document: ReplenishmentPolicy };
  /** Country of the node. */
  readonly region: string;
  /** Of the suppliers that are rated otherwise than normal. */
  readonly supplierRisks: Readonly<Record<string, Risk>>;
  readonly approvalMatrix: MatrixVersion;
  readonly demandDays: number;
  /** By supplier and SKU; those that nobody supplies come last. */
  readonly pages: AsyncIterable<readonly SkuFacts[]>;
}

/**
 * One cycle. Its proposals by SKU and its purchase orders by id come page by page, each page as the text
 * of a JSON array without its brackets; a page is not empty.
 */
export interface ReplenishmentCycle {
  readonly head: ReplenishmentHead;
  readonly proposals: AsyncIterable<string>;
  readonly purchaseOrders: AsyncIterable<string>;
}

export interface ReplenishmentHead {
  readonly id: string;
  readonly node: string;
  readonly date: string;
  readonly state: 'planned' | 'done';
  readonly process: 'pending' | 'running' | 'ended' | null;
  readonly businessTime: string;
  readonly recordedAt: string;
}

/** About a megabyte of JSON. */
const PAGE = 1_000;

/**
 * One snapshot of demand, stock, backorders, open orders and suppliers of a node, kept in the ledger
 * under the plan's id until its cycle is recorded; undefined for an unknown node. Pages that a crash
 * has lost throw SerializationConflict.
 */
export async function gatherReplenishmentFacts(
  ledger: Ledger,
  request: { planId: string; node: string; date: string; businessTime: string },
): Promise<ReplenishmentFacts | undefined> {
  const gathered = await ledger.report<
    { nodeKnown: false } | ({ nodeKnown: true; pages: number } & Omit<ReplenishmentFacts, 'pages'>)
  >('gather_replenishment_facts', request);
  if (!gathered.nodeKnown) return undefined;
  const { policy, region, supplierRisks, approvalMatrix, demandDays, pages } = gathered;
  const read = readFacts(ledger, request.planId, pages);
  return { policy, region, supplierRisks, approvalMatrix, demandDays, pages: read };
}

async function* readFacts(
  ledger: Ledger,
  planId: string,
  pages: number,
): AsyncGenerator<readonly SkuFacts[]> {
  for (let page = 0; page < pages; page += 1) {
    yield rowsOf(await ledger.call<FactColumns>('read_replenishment_facts', { planId, page }));
  }
}

/** A page as the ledger keeps it: by column, one value per SKU. */
type FactColumns = { readonly [Name in keyof SkuFacts]: readonly SkuFacts[Name][] };

function rowsOf(columns: FactColumns): SkuFacts[] {
  return columns.sku.map((sku, row) => ({
    sku,
    supplier: columns.supplier[row] ?? null,
    currency: columns.currency[row] ?? null,
    unitPrice: columns.unitPrice[row] ?? null,
    minimumQuantity: columns.minimumQuantity[row] ?? null,
    multipleQuantity: columns.multipleQuantity[row] ?? null,
    leadTimeDays: columns.leadTimeDays[row] ?? null,
    leadTimeDeviationDays: columns.leadTimeDeviationDays[row] ?? 0,
    available: columns.available[row] ?? 0,
    reserved: columns.reserved[row] ?? 0,
    onOrder: columns.onOrder[row] ?? 0,
    backordered: columns.backordered[row] ?? 0,
    demandUnits: columns.demandUnits[row] ?? 0,
    demandSquares: columns.demandSquares[row] ?? 0,
  }));
}

/** One cycle; null when there is none. */
export async function readReplenishmentCycle(
  ledger: Ledger,
  { id }: { id: string },
): Promise<ReplenishmentCycle | null> {
  const head = await ledger.call<ReplenishmentHead | null>('read_replenishment_cycle', { id });
  if (head === null) return null;
  return {
    head,
    proposals: readPages(ledger, 'list_replenishment_proposals', id),
    purchaseOrders: readPages(ledger, 'list_replenishment_orders', id),
  };
}

/** Each page after the last one's end, until one is not full. */
async function* readPages(ledger: Ledger, name: string, id: string): AsyncGenerator<string> {
  for (let after = ''; ;) {
    const { count, last, text } = await ledger.call<{
      count: number;
      last: string | null;
      text: string;
    }>(name, { id, after, limit: PAGE });
    if (count > 0) yield text;
    if (last === null || count < PAGE) return;
    after = last;
  }
}
