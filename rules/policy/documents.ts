import { z } from 'zod';
import { accountMappingPolicy } from './account-mapping.ts';
import { approvalMatrix, isTimeZone, minuteOfDay } from './approval-matrix.ts';
import { exceptionPolicy } from './exception-catalogue.ts';

const minor = z.string().regex(/^\d{1,15}$/, 'must be a whole number of minor units');
/** A year at most: what waits longer is forgotten. */
const hours = z.number().positive().max(8_760);
const days = z.number().int().positive().max(3_650);
const weight = z.number().int().nonnegative().max(1_000);
const role = z.string().min(1).max(64);

/** How orders are checked and sourced. Durations in hours of business time. */
export const sourcingPolicy = z.object({
  backorder: z.enum(['allow', 'refuse']),
  /** After this long without stock an exception asks a person. */
  backorderHours: hours,
  /** How long a released shipment may stand before an exception asks the warehouse. */
  dispatchHours: hours,
  /** Split over several nodes when no single node has everything. */
  split: z.boolean(),
  /** How much each of these counts when nodes are ranked for an order: their own priority, */
  priorityWeight: weight.default(1),
  /** standing in the country that it is sent to, */
  nearWeight: weight.default(0),
  /** and having much left of what it takes. */
  stockWeight: weight.default(0),
});

/** Until when an order leaves on the same day, from which its promised dispatch time follows. */
export const cutoffPolicy = z
  .object({
    /** IANA name, such as Europe/London. */
    timeZone: z.string().max(64).refine(isTimeZone, 'no time zone of that name'),
    /** What is placed before this local time of a working day is in time for it. */
    cutoff: minuteOfDay,
    /** By when it leaves on its day. */
    dispatchBy: minuteOfDay,
    /** How many working days later that is. */
    handlingDays: z.number().int().nonnegative().max(90),
    /** ISO weekdays, 1 Monday to 7 Sunday. */
    workingDays: z.array(z.number().int().min(1).max(7)).min(1).max(7),
    /** Local dates, yyyy-mm-dd. */
    holidays: z.array(z.iso.date()).max(1_000),
  })
  .refine(({ cutoff }) => cutoff > '00:00', { path: ['cutoff'], message: 'nobody can be in time' })
  .refine(({ cutoff, dispatchBy }) => cutoff <= dispatchBy, {
    path: ['dispatchBy'],
    message: 'lies before the cutoff',
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
  windowDays: days,
  approvalAboveMinor: minor,
  blind: z.enum(['review', 'refuse', 'accept']),
  receiveWithinDays: days,
  inspectWithinHours: hours,
  approvalHours: hours,
  approvalRole: role,
});

const NO_EARLIER =
  'must be receipt: a scan of the carrier says that a parcel travels, and a credit note is of goods that are here';

/** When the money of a return goes back: when its goods arrive, or once they are inspected. */
export const refundTimingPolicy = z.object({
  /** Refunds up to this amount go out early, others after the inspection; 0 is none. */
  earlyUpToMinor: minor,
  /** What early is: all that is expected of the return has arrived, or its time for that is over. */
  earlyAt: z.enum(['receipt'], { error: NO_EARLIER }).default('receipt'),
  /** Reasons for which the inspection is waited for whatever the amount. */
  inspectedReasons: z.array(z.string().min(1).max(64)).max(100),
});

/** Reorder points and the approval of purchase orders. */
export const replenishmentPolicy = z.object({
  demandDays: days,
  /** Service level as the standard normal quantile. */
  serviceZ: z.number().min(-8).max(8),
  reviewDays: days,
  coverDays: days,
  approvalAboveMinor: minor,
  approvalHours: hours,
  approvalRole: role,
  /** A supplier is late this long after the expected date. */
  lateAfterDays: z.number().int().nonnegative().max(3_650),
  acknowledgeHours: hours,
  /** How long after the last receipt the supplier's invoice may take before finance is told. */
  invoiceWithinDays: days,
  invoiceToleranceMinor: minor,
});

/** From which value a stock correction or finance entry needs a person. */
export const adjustmentPolicy = z.object({
  approvalAboveMinor: minor,
  approvalHours: hours,
  approvalRole: role,
});

/** Codes of one subject with what each of them means. */
const reasons = z
  .record(
    z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be small letters, digits and dashes'),
    z.string().min(1).max(200),
  )
  .refine((all) => Object.keys(all).length > 0, 'must offer a reason');

/** Which reasons may be given for a return and for a stock adjustment. */
export const reasonCodePolicy = z.object({ return: reasons, adjustment: reasons });

export type SourcingPolicy = z.infer<typeof sourcingPolicy>;
export type CutoffPolicy = z.infer<typeof cutoffPolicy>;
export type ScreeningPolicy = z.infer<typeof screeningPolicy>;
export type ReturnPolicy = z.infer<typeof returnPolicy>;
export type RefundTimingPolicy = z.infer<typeof refundTimingPolicy>;
export type ReplenishmentPolicy = z.infer<typeof replenishmentPolicy>;
export type ReasonCodePolicy = z.infer<typeof reasonCodePolicy>;
export type AdjustmentPolicy = z.infer<typeof adjustmentPolicy>;

/** Every policy by its name, with the schema that its documents must meet. */
export const POLICY_SCHEMAS = {
  sourcing: sourcingPolicy,
  cutoffs: cutoffPolicy,
  screening: screeningPolicy,
  return: returnPolicy,
  'refund-timing': refundTimingPolicy,
  replenishment: replenishmentPolicy,
  adjustment: adjustmentPolicy,
  'finance-entry': adjustmentPolicy,
  'reason-codes': reasonCodePolicy,
  'account-mapping': accountMappingPolicy,
  exceptions: exceptionPolicy,
  'approval-matrix': approvalMatrix,
} as const;

export type PolicyName = keyof typeof POLICY_SCHEMAS;

/** The document of a policy. */
export type PolicyDocument<Name extends PolicyName = PolicyName> = z.infer<
  (typeof POLICY_SCHEMAS)[Name]
>;

export const POLICY_NAMES = Object.keys(POLICY_SCHEMAS) as readonly PolicyName[];

/** Whether there is a policy of this name. */
export function isPolicyName(name: string): name is PolicyName {
  return Object.hasOwn(POLICY_SCHEMAS, name);
}
