import { z } from 'zod';

const minor = z.string().regex(/^\d{1,15}$/);
const hours = z.number().positive();

/** How orders are checked and sourced. Durations in hours of business time. */
export const sourcingPolicy = z.object({
  backorder: z.enum(['allow', 'refuse']),
  /** After this long without stock an exception asks a person. */
  backorderHours: hours,
  /** How long a released shipment may stand before an exception asks the warehouse. */
  dispatchHours: hours,
  /** Split over several nodes when no single node has everything. */
  split: z.boolean(),
});

/** When an order is screened and what holds it. Amounts in minor units of the order's currency. */
export const screeningPolicy = z.object({
  addressFromMinor: minor,
  fraudFromMinor: minor,
  holdHours: hours,
  paymentHours: hours,
});

/** What may come back, until when, and from which amount a person decides. */
export const returnPolicy = z.object({
  windowDays: z.number().int().positive(),
  approvalAboveMinor: minor,
  blind: z.enum(['review', 'refuse', 'accept']),
  receiveWithinDays: z.number().int().positive(),
  inspectWithinHours: hours,
  approvalHours: hours,
  approvalRole: z.string(),
});

/** Reorder points and the approval of purchase orders. */
export const replenishmentPolicy = z.object({
  demandDays: z.number().int().positive(),
  /** Service level as the standard normal quantile. */
  serviceZ: z.number(),
  reviewDays: z.number().int().positive(),
  coverDays: z.number().int().positive(),
  approvalAboveMinor: minor,
  approvalHours: hours,
  approvalRole: z.string(),
  /** A supplier is late this long after the expected date. */
  lateAfterDays: z.number().int().nonnegative(),
  acknowledgeHours: hours,
  /** How long after the last receipt the supplier's invoice may take before finance is told. */
  invoiceWithinDays: z.number().int().positive(),
  invoiceToleranceMinor: minor,
});

/** From which value a stock correction or finance entry needs a person. */
export const adjustmentPolicy = z.object({
  approvalAboveMinor: minor,
  approvalHours: hours,
  approvalRole: z.string(),
});

/** The exception catalogue: who owns which trouble, how fast, and what may resolve it. */
export const exceptionPolicy = z.object({
  kinds: z.record(
    z.string(),
    z.object({
      owner: z.enum(['support', 'finance', 'warehouse', 'procurement', 'ops']),
      severity: z.enum(['low', 'normal', 'high']),
      slaHours: z.number().int().positive(),
      actions: z.array(z.string()).min(1),
    }),
  ),
});

export type SourcingPolicy = z.infer<typeof sourcingPolicy>;
export type ScreeningPolicy = z.infer<typeof screeningPolicy>;
export type ReturnPolicy = z.infer<typeof returnPolicy>;
export type ReplenishmentPolicy = z.infer<typeof replenishmentPolicy>;
export type AdjustmentPolicy = z.infer<typeof adjustmentPolicy>;
export type ExceptionPolicy = z.infer<typeof exceptionPolicy>;

/** Every policy by its name, with the schema that its documents must meet. */
export const POLICY_SCHEMAS = {
  sourcing: sourcingPolicy,
  screening: screeningPolicy,
  return: returnPolicy,
  replenishment: replenishmentPolicy,
  adjustment: adjustmentPolicy,
  'finance-entry': adjustmentPolicy,
  exceptions: exceptionPolicy,
} as const;

export type PolicyName = keyof typeof POLICY_SCHEMAS;
