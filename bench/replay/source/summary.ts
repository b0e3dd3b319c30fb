import { countCoverage } from './coverage.ts';
import type { CoverageCounts } from './coverage.ts';
import { rowClasses } from './classify.ts';
import type { ClassifiedRow, RowClass } from './classify.ts';
import { belowMinor, formatDecimal, lineAmount, toDecimal } from './decimal.ts';
import type { Millionths } from './decimal.ts';
import type { SourceRow } from './read-file.ts';

/** The `source` block of the report. Sums are exact decimals in GBP with at least two places. */
export interface SourceCounts {
  readonly rows: number;
  readonly invoices: number;
  readonly cancelInvoices: number;
  readonly cancelRows: number;
  readonly adjustInvoicesA: number;
  readonly unitsSoldPositive: number;
  readonly unitsNegative: number;
  readonly negativeQtyRowsWithoutC: number;
  readonly grossSum: string;
  readonly nonCancelSum: string;
  readonly cancelSum: string;
  readonly zeroPriceRows: number;
  readonly rowsWithoutCustomer: number;
  readonly customers: number;
  /** Different stock codes as written, so codes that differ by case count each. */
  readonly stockCodes: number;
}

/** Rows and units of one class. */
export interface ClassCounts {
  readonly rows: number;
  readonly units: number;
}

/** Everything the report says about the files alone. */
export interface SourceSummary {
  readonly source: SourceCounts;
  /** Only classes that have rows. */
  readonly classes: Partial<Record<RowClass, ClassCounts>>;
  /** Exact sum of quantity times unit price per class, in GBP; the classes' sums add up to grossSum. */
  readonly classSums: Partial<Record<RowClass, string>>;
  readonly coverage: CoverageCounts;
  /** Coverage of the `C` rows of goods only. */
  readonly coverageGoodsOnly: CoverageCounts;
  /** What rounding each row to the penny left out, in pence, exact. */
  readonly roundingMinor: string;
  /** Units of goods and free goods: each is shipped, or cancelled before shipment. */
  readonly unitsShippedPlusCancelled: number;
  /** Units of the return classes: each is returned, or cancelled before shipment. */
  readonly unitsReturnedPlusCancelled: number;
  readonly unitsWriteOffAsked: number;
  readonly unitsFound: number;
}

/** Counts and sums the classified rows of one call. */
export function summarizeSource(rows: readonly ClassifiedRow[]): SourceSummary {
  const classes: Partial<Record<RowClass, ClassCounts>> = {};
  const classSums: Partial<Record<RowClass, string>> = {};
  for (const rowClass of rowClasses) {
    const members = rows.filter((row) => row.rowClass === rowClass);
    if (members.length === 0) continue;
    classes[rowClass] = { rows: members.length, units: sumUnits(members) };
    classSums[rowClass] = formatDecimal(sumAmounts(members), 2);
  }
  let rounding = 0n;
  for (const row of rows) rounding += belowMinor(lineAmount(row.quantity, row.unitPrice));
  const unitsOf = (...names: RowClass[]): number =>
    names.reduce((units, name) => units + (classes[name]?.units ?? 0), 0);
  return {
    source: countSource(rows),
    classes,
    classSums,
    coverage: countCoverage(rows),
    coverageGoodsOnly: countCoverage(rows.filter((row) => row.rowClass !== 'cNonGoods')),
    roundingMinor: formatDecimal(rounding),
    unitsShippedPlusCancelled: unitsOf('goods', 'freeGoods'),
    unitsReturnedPlusCancelled: 0 - unitsOf('returnFull', 'returnPartial', 'returnBlind'),
    unitsWriteOffAsked: 0 - unitsOf('stockWriteOff'),
    unitsFound: unitsOf('stockFound'),
  };
}

function countSource(rows: readonly SourceRow[]): SourceCounts {
  const cancelRows = rows.filter((row) => row.invoiceNo.startsWith('C'));
  const otherRows = rows.filter((row) => !row.invoiceNo.startsWith('C'));
  return {
    rows: rows.length,
    invoices: countDistinct(rows.map((row) => row.invoiceNo)),
    cancelInvoices: countDistinct(cancelRows.map((row) => row.invoiceNo)),
    cancelRows: cancelRows.length,
    adjustInvoicesA: countDistinct(
      rows.map((row) => row.invoiceNo).filter((number) => number.startsWith('A')),
    ),
    unitsSoldPositive: sumUnits(rows.filter((row) => row.quantity > 0)),
    unitsNegative: sumUnits(rows.filter((row) => row.quantity < 0)),
    negativeQtyRowsWithoutC: otherRows.filter((row) => row.quantity < 0).length,
    grossSum: formatDecimal(sumAmounts(rows), 2),
    nonCancelSum: formatDecimal(sumAmounts(otherRows), 2),
    cancelSum: formatDecimal(sumAmounts(cancelRows), 2),
    zeroPriceRows: rows.filter((row) => toDecimal(row.unitPrice) === 0n).length,
    rowsWithoutCustomer: rows.filter((row) => row.customerId === null).length,
    customers: countDistinct(rows.map((row) => row.customerId).filter((id) => id !== null)),
    stockCodes: countDistinct(rows.map((row) => row.stockCodeAsWritten)),
  };
}

function sumUnits(rows: readonly SourceRow[]): number {
  return rows.reduce((units, row) => units + row.quantity, 0);
}

function sumAmounts(rows: readonly SourceRow[]): Millionths {
  return rows.reduce((sum, row) => sum + lineAmount(row.quantity, row.unitPrice), 0n);
}

function countDistinct(values: readonly unknown[]): number {
  return new Set(values).size;
}
