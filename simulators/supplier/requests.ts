import { z } from 'zod';
import { baseFaults, baseSettings, currency, instant, share, text, unitPrice } from '../fields.ts';

export const orderBody = z.object({
  purchaseOrderId: text,
  number: text,
  supplier: text,
  node: text,
  orderedAt: instant,
  leadTimeDays: z.number().min(0).max(3_650),
  deliverExactlyAt: instant.nullish(),
  currency,
  lines: z
    .array(
      z.object({
        lineNo: z.int().min(1),
        sku: text,
        quantity: z.int().min(1),
        unitPrice,
      }),
    )
    .min(1)
    .max(50_000)
    .refine(
      (lines) => new Set(lines.map((line) => line.lineNo)).size === lines.length,
      'line numbers must differ',
    ),
});

export const supplierSettings = z.strictObject({
  ...baseSettings,
  auto: z.boolean(),
  intervalMs: z.int().min(10).max(60_000),
  leadTimeScale: z.number().positive().max(1),
  partialRate: share,
  shortRate: share,
  lateRate: share,
  priceDifferenceRate: share,
  jitterDays: z.int().min(0).max(30),
  concurrency: z.int().min(1).max(64),
  apiUrl: z.url(),
  apiKey: z.string().min(1),
  callDeadlineMs: z.int().min(10).max(60_000),
  advanceDeadlineMs: z.int().min(10).max(600_000),
  faults: z.strictObject(baseFaults),
});

export type SupplierSettings = z.infer<typeof supplierSettings>;
