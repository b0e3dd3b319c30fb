import { DEFAULT_ACCOUNT_MAPPING } from './account-mapping.ts';
import { DEFAULT_APPROVAL_MATRIX } from './default-approval-matrix.ts';
import { DEFAULT_EXCEPTION_CATALOGUE } from './default-exception-catalogue.ts';
import type {
  AdjustmentPolicy,
  CutoffPolicy,
  PolicyName,
  ReasonCodePolicy,
  RefundTimingPolicy,
  ReplenishmentPolicy,
  ReturnPolicy,
  ScreeningPolicy,
  SourcingPolicy,
} from './documents.ts';
import { REASON_CODES } from './reason-codes.ts';

const sourcing: SourcingPolicy = {
  backorder: 'refuse',
  backorderHours: 240,
  dispatchHours: 72,
  split: true,
  priorityWeight: 1,
  nearWeight: 0,
  stockWeight: 0,
};

const cutoffs: CutoffPolicy = {
  timeZone: 'UTC',
  cutoff: '14:00',
  dispatchBy: '18:00',
  handlingDays: 0,
  workingDays: [1, 2, 3, 4, 5],
  holidays: [],
};

const screening: ScreeningPolicy = {
  addressFromMinor: '0',
  fraudFromMinor: '50000',
  holdHours: 48,
  paymentHours: 24,
};

const returns: ReturnPolicy = {
  windowDays: 60,
  approvalAboveMinor: '10000',
  blind: 'review',
  receiveWithinDays: 30,
  inspectWithinHours: 72,
  approvalHours: 48,
  approvalRole: 'approver',
};

const refundTiming: RefundTimingPolicy = {
  earlyUpToMinor: '0',
  earlyAt: 'receipt',
  inspectedReasons: ['damaged', 'defective', 'wrong-item'],
};

/** Source of serviceZ: the standard normal quantile of 95 %. */
const replenishment: ReplenishmentPolicy = {
  demandDays: 28,
  serviceZ: 1.645,
  reviewDays: 1,
  coverDays: 7,
  approvalAboveMinor: '500000',
  approvalHours: 48,
  approvalRole: 'procurement',
  lateAfterDays: 3,
  acknowledgeHours: 48,
  invoiceWithinDays: 30,
  invoiceToleranceMinor: '100',
};

const adjustment: AdjustmentPolicy = {
  approvalAboveMinor: '10000',
  approvalHours: 48,
  approvalRole: 'approver',
};

const financeEntry: AdjustmentPolicy = {
  approvalAboveMinor: '100000',
  approvalHours: 48,
  approvalRole: 'finance',
};

const reasonCodes: ReasonCodePolicy = {
  return: reasonsFor('return'),
  adjustment: reasonsFor('adjustment'),
};

function reasonsFor(subject: keyof ReasonCodePolicy): Record<string, string> {
  const codes = REASON_CODES.filter((reason) => reason.subject === subject);
  return Object.fromEntries(codes.map((reason) => [reason.reason_code, reason.description]));
}

/** Version 1 of every policy: what a new shop starts with. */
export const DEFAULT_POLICIES = {
  sourcing,
  cutoffs,
  screening,
  return: returns,
  'refund-timing': refundTiming,
  replenishment,
  adjustment,
  'finance-entry': financeEntry,
  'reason-codes': reasonCodes,
  'account-mapping': DEFAULT_ACCOUNT_MAPPING,
  exceptions: DEFAULT_EXCEPTION_CATALOGUE,
  'approval-matrix': DEFAULT_APPROVAL_MATRIX,
} as const satisfies Record<PolicyName, object>;
