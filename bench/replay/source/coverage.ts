import type { SourceRow } from './read-file.ts';

/** Whether earlier sales explain a `C` row: wholly, in part, not at all, or unknowable without a customer. */
export type CoverageOutcome = 'full' | 'partial' | 'none' | 'noCustomer';

/** What earlier sales cover of one `C` row. */
export interface RowCoverage {
  readonly outcome: CoverageOutcome;
  /** Units of the row that earlier sales cover, 0 up to the row's units. */
  readonly coveredUnits: number;
}

/** Number of `C` rows by outcome. */
export type CoverageCounts = Record<CoverageOutcome, number>;

/**
 * Decides for every `C` row how much of it earlier sales of the same customer and SKU cover,
 * less what earlier `C` rows have used up. Rows count by time, and in the order given where times are equal.
 * The result has one element per row; it is null where the row is not on a `C` invoice.
 */
export function coverRows(rows: readonly SourceRow[]): (RowCoverage | null)[] {
  const result: (RowCoverage | null)[] = rows.map(() => null);
  const uncancelledUnits = new Map<string, number>();
  for (const [index, row] of rowsByTime(rows)) {
    const isCancellation = row.invoiceNo.startsWith('C');
    if (row.customerId === null) {
      if (isCancellation) result[index] = { outcome: 'noCustomer', coveredUnits: 0 };
      continue;
    }
    const key = JSON.stringify([row.customerId, row.sku]);
    const left = uncancelledUnits.get(key) ?? 0;
    if (isCancellation) {
      const coveredUnits = Math.min(-row.quantity, left);
      uncancelledUnits.set(key, left - coveredUnits);
      result[index] = { outcome: outcomeOf(coveredUnits, -row.quantity), coveredUnits };
    } else if (row.quantity > 0 && !row.invoiceNo.startsWith('A')) {
      uncancelledUnits.set(key, left + row.quantity);
    }
  }
  return result;
}

/** Counts `C` rows by outcome; rows without coverage are passed over. */
export function countCoverage(
  rows: Iterable<{ readonly coverage: RowCoverage | null }>,
): CoverageCounts {
  const counts: CoverageCounts = { full: 0, partial: 0, none: 0, noCustomer: 0 };
  for (const { coverage } of rows) {
    if (coverage !== null) counts[coverage.outcome] += 1;
  }
  return counts;
}

function outcomeOf(coveredUnits: number, units: number): CoverageOutcome {
  if (coveredUnits === units) return 'full';
  return coveredUnits > 0 ? 'partial' : 'none';
}

/** Rows with their place in the list, by time; sorting is stable, so equal times keep the file's order. */
function rowsByTime(rows: readonly SourceRow[]): [number, SourceRow][] {
  return [...rows.entries()].toSorted(([, a], [, b]) =>
    a.invoiceDate < b.invoiceDate ? -1 : a.invoiceDate > b.invoiceDate ? 1 : 0,
  );
}
