import { beforeAll, describe, expect, test } from 'vitest';
import { classifyRows } from '../../bench/replay/source/classify.ts';
import type { ClassifiedRow } from '../../bench/replay/source/classify.ts';
import { coverRows } from '../../bench/replay/source/coverage.ts';
import { formatDecimal, toDecimal } from '../../bench/replay/source/decimal.ts';
import { openingStock, skus } from '../../bench/replay/source/master-data.ts';
import { plainCount } from '../../bench/replay/source/plain-count.ts';
import { readSourceFiles } from '../../bench/replay/source/read-file.ts';
import type { SourceRow } from '../../bench/replay/source/read-file.ts';
import { summarizeSource } from '../../bench/replay/source/summary.ts';
import type { SourceCounts, SourceSummary } from '../../bench/replay/source/summary.ts';
import { tradeDays } from '../../bench/replay/source/trade-day.ts';
import type { TradeEvent } from '../../bench/replay/source/trade-day.ts';
import {
  expectedClasses,
  expectedTotals,
  monthFile,
  months,
  onlineRetailPresent,
  whySkipped,
} from './online-retail.ts';

interface Call {
  readonly months: readonly string[];
  /** Its key in expected_classes.json. */
  readonly name: string;
}

const calls: readonly Call[] = [
  ...months.map((month) => ({ months: [month], name: `online_retail_${month}` })),
  { months: months.slice(0, 2), name: '2010-12 and 2011-01 in one call' },
  { months, name: 'all six in one call' },
];

/** The calls that expected_totals.json knows too; it has nothing for two months in one call. */
const callsWithTotals: readonly (Call & { readonly totals: string })[] = [
  ...months.map((month) => ({
    months: [month],
    name: `online_retail_${month}`,
    totals: `online_retail_${month}`,
  })),
  { months, name: 'all six in one call', totals: 'ALL_dev' },
];

function expectedSource(name: string): SourceCounts {
  const totals = expectedTotals()[name];
  if (totals === undefined) throw new Error(`expected_totals.json has no ${name}`);
  return {
    rows: totals.rows,
    invoices: totals.invoices,
    cancelInvoices: totals.cancel_invoices,
    cancelRows: totals.cancel_rows,
    adjustInvoicesA: totals.adjust_invoices_A,
    unitsSoldPositive: totals.units_sold_positive,
    unitsNegative: totals.units_negative,
    negativeQtyRowsWithoutC: totals.negative_qty_rows_without_C,
    grossSum: totals.gross_sum,
    nonCancelSum: totals.non_cancel_sum,
    cancelSum: totals.cancel_sum,
    zeroPriceRows: totals.zero_price_rows,
    rowsWithoutCustomer: totals.rows_without_customer,
    customers: totals.customers,
    stockCodes: totals.stock_codes,
  };
}

/** The rows that an event stands for, each with the event's file. */
function rowsOf(event: TradeEvent): string[] {
  return ordinalsOf(event).map((ordinal) => `${event.fileStem} ${ordinal}`);
}

function ordinalsOf(event: TradeEvent): number[] {
  if (event.type === 'order') return [...event.goods, ...event.charges].map((line) => line.ordinal);
  if (event.type === 'return') return event.lines.map((line) => line.ordinal);
  return [event.ordinal];
}

/** What an event adds to revenue and its like, in pence. */
function amountOf(event: TradeEvent): bigint {
  if (event.type === 'order') return event.totalMinor;
  if (event.type === 'return') return event.lines.reduce((sum, line) => sum - line.amountMinor, 0n);
  return event.type === 'financeEntry' ? event.amountMinor : 0n;
}

describe.skipIf(!onlineRetailPresent)(`the Online Retail files${whySkipped}`, () => {
  const rowsByMonth = new Map<string, SourceRow[]>();

  beforeAll(async () => {
    for (const month of months) rowsByMonth.set(month, await readSourceFiles([monthFile(month)]));
  });

  function rowsOfCall(call: Call): SourceRow[] {
    return call.months.flatMap((month) => rowsByMonth.get(month) ?? []);
  }

  test('read in one call give the rows of each, in the order given', async () => {
    const [december, january] = months;
    const rows = await readSourceFiles([january, december].map(monthFile));
    expect(rows).toEqual([
      ...(rowsByMonth.get(january) ?? []),
      ...(rowsByMonth.get(december) ?? []),
    ]);
  });

  test.each(callsWithTotals)(
    '$name: every count and sum is as expected, to the last digit',
    (call) => {
      const { source } = summarizeSource(classifyRows(rowsOfCall(call)));
      expect(source).toEqual(expectedSource(call.totals));
    },
  );

  test('over all months earlier sales cover 103,057 of the 123,666 units on C invoices', () => {
    const coverage = coverRows(rowsOfCall({ months, name: 'all' }));
    const covered = coverage.reduce((units, row) => units + (row?.coveredUnits ?? 0), 0);
    expect(covered).toBe(expectedTotals()['ALL_dev']?.cancelled_units_covered);
  });

  describe.each(calls)('$name', (call) => {
    let rows: ClassifiedRow[] = [];
    let summary: SourceSummary;

    beforeAll(() => {
      rows = classifyRows(rowsOfCall(call));
      summary = summarizeSource(rows);
    });

    test('the plain count of the text says the same as the rows', async () => {
      expect(await plainCount(call.months.map(monthFile))).toEqual(summary.source);
    });

    test('classes, coverage, rounding and unit sums are as expected', () => {
      const expected = expectedClasses()[call.name];
      const { source: _, classes, classSums, ...figures } = summary;
      expect(figures).toEqual({ ...expected, classes: undefined });
      const table = Object.entries(expected?.classes ?? {});
      expect(classes).toEqual(
        Object.fromEntries(table.map(([name, { sum: _sum, ...counts }]) => [name, counts])),
      );
      expect(classSums).toEqual(
        Object.fromEntries(
          table.map(([name, { sum }]) => [name, formatDecimal(toDecimal(sum), 2)]),
        ),
      );
    });

    test('every row is in exactly one event, and the events add up to the file', () => {
      const events = tradeDays(rows).flatMap((day) => [...day.events]);
      const inEvents = events.flatMap(rowsOf);
      expect(inEvents).toHaveLength(rows.length);
      expect(new Set(inEvents).size).toBe(rows.length);
      const sum = events.reduce((total, event) => total + amountOf(event), 0n);
      expect(sum * 1_000_000n + toDecimal(summary.roundingMinor)).toBe(
        toDecimal(summary.source.grossSum) * 100n,
      );
    });

    test('opening stock is of listed SKUs and only positive', () => {
      const listed = new Set(skus(rows).map((item) => item.sku));
      const lines = openingStock(rows)?.lines ?? [];
      expect(lines.length).toBeGreaterThan(1000);
      expect(lines.filter((line) => line.quantity <= 0 || !listed.has(line.sku))).toEqual([]);
    });
  });
});
