import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const folder = resolve(import.meta.dirname, '../../../shared/data/online_retail');

export const months = ['2010-12', '2011-01', '2011-02', '2011-03', '2011-04', '2011-05'] as const;

/** Whether the Online Retail files and what is expected of them are there. */
export const onlineRetailPresent = [
  'expected_totals.json',
  'expected_classes.json',
  ...months.map((month) => `online_retail_${month}.csv.gz`),
].every((name) => existsSync(join(folder, name)));

/** Added to a suite's name, so that a skipped suite says why. */
export const whySkipped = onlineRetailPresent
  ? ''
  : ' (skipped: the Online Retail files are not in ../shared/data/online_retail)';

export function monthFile(month: string): string {
  return join(folder, `online_retail_${month}.csv.gz`);
}

const totalsSchema = z.record(
  z.string(),
  z.looseObject({
    rows: z.number(),
    invoices: z.number(),
    cancel_invoices: z.number(),
    cancel_rows: z.number(),
    adjust_invoices_A: z.number(),
    units_sold_positive: z.number(),
    units_negative: z.number(),
    negative_qty_rows_without_C: z.number(),
    gross_sum: z.string(),
    non_cancel_sum: z.string(),
    cancel_sum: z.string(),
    zero_price_rows: z.number(),
    rows_without_customer: z.number(),
    customers: z.number(),
    stock_codes: z.number(),
    cancelled_units: z.number().optional(),
    cancelled_units_covered: z.number().optional(),
  }),
);

const coverageSchema = z.object({
  full: z.number(),
  partial: z.number(),
  none: z.number(),
  noCustomer: z.number(),
});

const classesSchema = z.record(
  z.string(),
  z.object({
    classes: z.record(
      z.string(),
      z.object({ rows: z.number(), units: z.number(), sum: z.string() }),
    ),
    coverage: coverageSchema,
    coverageGoodsOnly: coverageSchema,
    roundingMinor: z.string(),
    unitsShippedPlusCancelled: z.number(),
    unitsReturnedPlusCancelled: z.number(),
    unitsWriteOffAsked: z.number(),
    unitsFound: z.number(),
  }),
);

export function expectedTotals(): z.infer<typeof totalsSchema> {
  return totalsSchema.parse(readJson('expected_totals.json'));
}

export function expectedClasses(): z.infer<typeof classesSchema> {
  return classesSchema.parse(readJson('expected_classes.json'));
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}
