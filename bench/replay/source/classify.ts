import { coverRows } from './coverage.ts';
import type { CoverageOutcome, RowCoverage } from './coverage.ts';
import { toDecimal } from './decimal.ts';
import type { SourceRow } from './read-file.ts';

/** The classes of rows; each row has exactly one. docs/replay.md tells what each means. */
export const rowClasses = [
  'goods',
  'freeGoods',
  'charge',
  'discount',
  'manual',
  'fee',
  'badDebt',
  'giftVoucher',
  'sample',
  'stockWriteOff',
  'stockFound',
  'returnFull',
  'returnPartial',
  'returnBlind',
  'cNonGoods',
] as const;
export type RowClass = (typeof rowClasses)[number];

/** What a stock code that is not goods stands for. */
export type CodeKind =
  | 'shipping'
  | 'discount'
  | 'manual'
  | 'fee'
  | 'bank-charge'
  | 'donation'
  | 'sample'
  | 'voucher';

/** A row with its class and, on a `C` invoice, what earlier sales cover of it. */
export interface ClassifiedRow extends SourceRow {
  readonly rowClass: RowClass;
  readonly coverage: RowCoverage | null;
}

/** What the code stands for when it is not goods; null for goods. The code is trimmed and in upper case. */
export function chargeKind(sku: string): CodeKind | null {
  const kind = kindByCode.get(sku);
  if (kind !== undefined) return kind;
  if (sku.startsWith('ADJUST')) return 'manual';
  return sku.startsWith('GIFT_') ? 'voucher' : null;
}

/**
 * Gives every row of one call exactly one class, from the rows alone.
 * Rows keep their order. Coverage sees all rows given, so a return may change class when earlier files are added.
 */
export function classifyRows(rows: readonly SourceRow[]): ClassifiedRow[] {
  const coverage = coverRows(rows);
  const pricedInvoices = new Set<string>();
  for (const row of rows) {
    if (toDecimal(row.unitPrice) > 0n) pricedInvoices.add(invoiceKey(row));
  }
  return rows.map((row, index) => {
    const covered = coverage[index] ?? null;
    return {
      ...row,
      rowClass: classOf(row, covered, pricedInvoices.has(invoiceKey(row))),
      coverage: covered,
    };
  });
}

const kindByCode: ReadonlyMap<string, CodeKind> = new Map<string, CodeKind>([
  ['POST', 'shipping'],
  ['DOT', 'shipping'],
  ['C2', 'shipping'],
  ['C3', 'shipping'],
  ['D', 'discount'],
  ['M', 'manual'],
  ['AMAZONFEE', 'fee'],
  ['BANK CHARGES', 'bank-charge'],
  ['CRUK', 'donation'],
  ['S', 'sample'],
]);

const classByKind: Readonly<Record<CodeKind, RowClass>> = {
  shipping: 'charge',
  discount: 'discount',
  manual: 'manual',
  fee: 'fee',
  'bank-charge': 'fee',
  donation: 'fee',
  sample: 'sample',
  voucher: 'giftVoucher',
};

function invoiceKey(row: SourceRow): string {
  return JSON.stringify([row.fileStem, row.invoiceNo]);
}

/** A zero-priced row is never priced itself, so a priced invoice has another row with a price. */
function classOf(row: SourceRow, coverage: RowCoverage | null, invoiceIsPriced: boolean): RowClass {
  if (row.invoiceNo.startsWith('A')) return 'badDebt';
  const kind = chargeKind(row.sku);
  if (coverage !== null)
    return kind === null ? returnClassByOutcome[coverage.outcome] : 'cNonGoods';
  if (kind !== null) return classByKind[kind];
  if (toDecimal(row.unitPrice) > 0n) return 'goods';
  if (row.quantity < 0) return 'stockWriteOff';
  return row.customerId !== null || invoiceIsPriced ? 'freeGoods' : 'stockFound';
}

const returnClassByOutcome: Readonly<Record<CoverageOutcome, RowClass>> = {
  full: 'returnFull',
  partial: 'returnPartial',
  none: 'returnBlind',
  noCustomer: 'returnBlind',
};
