import type { ClassifiedRow, RowClass } from './classify.ts';
import { divideRounded, formatDecimal, toDecimal } from './decimal.ts';
import type { Millionths } from './decimal.ts';
import { addDays, calendarDate } from './trade-day.ts';

/** The stock that is there before the first day of trade. */
export interface OpeningStock {
  /** The calendar day before the first day of the first file. */
  readonly receivedOn: string;
  /** One line per SKU, by SKU. */
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

/** What the replay must know of a SKU before it can trade it. */
export interface SkuRecord {
  readonly sku: string;
  readonly description: string;
  /** Decimal string in GBP with four places. */
  readonly supplierPrice: string;
}

const openingDays = 7;
const smallestSupplierPrice = '0.01';

/**
 * The opening stock: per SKU the units of goods and free goods of the first seven calendar days of the first file.
 * Null when there are no rows.
 */
export function openingStock(rows: readonly ClassifiedRow[]): OpeningStock | null {
  const [first] = rows;
  if (first === undefined) return null;
  const ofFirstFile = rows.filter((row) => row.fileStem === first.fileStem);
  const firstDate = ofFirstFile
    .map((row) => calendarDate(row.invoiceDate))
    .reduce((a, b) => (a < b ? a : b));
  const endDate = addDays(firstDate, openingDays);
  const units = new Map<string, number>();
  for (const row of ofFirstFile) {
    if (row.rowClass !== 'goods' && row.rowClass !== 'freeGoods') continue;
    if (calendarDate(row.invoiceDate) >= endDate) continue;
    units.set(row.sku, (units.get(row.sku) ?? 0) + row.quantity);
  }
  const lines = [...units].map(([sku, quantity]) => ({ sku, quantity })).toSorted(bySku);
  return { receivedOn: addDays(firstDate, -1), lines };
}

/**
 * Every SKU that a row of goods, free goods, returned goods, or stock written off or found names, by SKU.
 * The description is the first that is not empty, first among rows of goods, because notes such as "damages"
 * stand in the description of adjustments; else the SKU itself.
 */
export function skus(rows: readonly ClassifiedRow[]): SkuRecord[] {
  const soldAs = new Map<string, string>();
  const notedAs = new Map<string, string>();
  const names = new Set<string>();
  for (const row of rows) {
    if (!stockClasses.has(row.rowClass)) continue;
    names.add(row.sku);
    const description = row.description.trim();
    const target = row.rowClass === 'goods' ? soldAs : notedAs;
    if (description !== '' && !target.has(row.sku)) target.set(row.sku, description);
  }
  const prices = supplierPrices(rows);
  const records = [...names].map((sku) => ({
    sku,
    description: soldAs.get(sku) ?? notedAs.get(sku) ?? sku,
    supplierPrice: prices.get(sku) ?? smallestSupplierPrice,
  }));
  return records.toSorted(bySku);
}

/** Half of each SKU's median price over its rows of goods in all files given, to four places half away from zero. */
function supplierPrices(rows: readonly ClassifiedRow[]): Map<string, string> {
  const pricesBySku = new Map<string, Millionths[]>();
  for (const row of rows) {
    if (row.rowClass !== 'goods') continue;
    const prices = pricesBySku.get(row.sku);
    const price = toDecimal(row.unitPrice);
    if (prices === undefined) pricesBySku.set(row.sku, [price]);
    else prices.push(price);
  }
  return new Map([...pricesBySku].map(([sku, prices]) => [sku, halfMedian(prices)]));
}

/** Half the median, four places. With an even number of prices the median lies midway between the middle two. */
function halfMedian(prices: readonly Millionths[]): string {
  const sorted = prices.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0n;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0n;
  // (lower + upper) / 2 is the median and half of it the price; 100 millionths are 0.0001.
  const price = divideRounded(lower + upper, 400n) * 100n;
  return price === 0n ? smallestSupplierPrice : formatDecimal(price, 4);
}

const stockClasses: ReadonlySet<RowClass> = new Set<RowClass>([
  'goods',
  'freeGoods',
  'returnFull',
  'returnPartial',
  'returnBlind',
  'stockWriteOff',
  'stockFound',
]);

function bySku(a: { readonly sku: string }, b: { readonly sku: string }): number {
  return a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : 0;
}
