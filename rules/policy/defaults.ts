import type {
  AdjustmentPolicy,
  ExceptionPolicy,
  PolicyName,
  ReplenishmentPolicy,
  ReturnPolicy,
  ScreeningPolicy,
  SourcingPolicy,
} from './documents.ts';

const sourcing: SourcingPolicy = {
  backorder: 'refuse',
  backorderHours: 240,
  dispatchHours: 72,
  split: true,
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

const exceptions: ExceptionPolicy = {
  kinds: {
    payment: {
      owner: 'finance',
      severity: 'high',
      slaHours: 8,
      actions: ['retry', 'cancel-order'],
    },
    'capture-failed': {
      owner: 'finance',
      severity: 'high',
      slaHours: 8,
      actions: ['retry', 'cancel-order', 'accept'],
    },
    fraud: {
      owner: 'support',
      severity: 'high',
      slaHours: 8,
      actions: ['release', 'cancel-order'],
    },
    address: {
      owner: 'support',
      severity: 'normal',
      slaHours: 24,
      actions: ['release', 'cancel-order'],
    },
    'stock-short': {
      owner: 'warehouse',
      severity: 'normal',
      slaHours: 48,
      actions: ['wait', 'accept-short', 'cancel-order'],
    },
    carrier: { owner: 'warehouse', severity: 'normal', slaHours: 24, actions: ['wait', 'accept'] },
    delivery: { owner: 'support', severity: 'normal', slaHours: 24, actions: ['accept'] },
    'return-receipt': { owner: 'warehouse', severity: 'normal', slaHours: 48, actions: ['accept'] },
    inspection: {
      owner: 'warehouse',
      severity: 'normal',
      slaHours: 48,
      actions: ['wait', 'accept'],
    },
    'refund-failed': {
      owner: 'finance',
      severity: 'high',
      slaHours: 8,
      actions: ['retry', 'credit-customer'],
    },
    'capture-overdue': {
      owner: 'finance',
      severity: 'normal',
      slaHours: 24,
      actions: ['wait', 'accept'],
    },
    'supplier-late': {
      owner: 'procurement',
      severity: 'normal',
      slaHours: 48,
      actions: ['wait', 'close-short'],
    },
    'supplier-refused': {
      owner: 'procurement',
      severity: 'high',
      slaHours: 24,
      actions: ['retry', 'close-short'],
    },
    'receipt-over': {
      owner: 'procurement',
      severity: 'normal',
      slaHours: 72,
      actions: ['accept', 'return-to-supplier'],
    },
    'invoice-missing': { owner: 'finance', severity: 'low', slaHours: 120, actions: ['wait'] },
    'receipt-short': {
      owner: 'procurement',
      severity: 'low',
      slaHours: 120,
      actions: ['accept-short'],
    },
    'invoice-mismatch': {
      owner: 'finance',
      severity: 'normal',
      slaHours: 72,
      actions: ['accept', 'dispute'],
    },
    'approval-overdue': { owner: 'ops', severity: 'normal', slaHours: 24, actions: ['wait'] },
    'intake-changed': { owner: 'support', severity: 'normal', slaHours: 24, actions: ['accept'] },
    'late-fact': { owner: 'support', severity: 'normal', slaHours: 24, actions: ['accept'] },
    'workflow-failed': {
      owner: 'ops',
      severity: 'high',
      slaHours: 4,
      actions: ['retry', 'accept'],
    },
    'compensation-failed': {
      owner: 'ops',
      severity: 'high',
      slaHours: 4,
      actions: ['retry', 'accept'],
    },
  },
};

/** Version 1 of every policy: what a new shop starts with. */
export const DEFAULT_POLICIES = {
  sourcing,
  screening,
  return: returns,
  replenishment,
  adjustment,
  'finance-entry': financeEntry,
  exceptions,
} as const satisfies Record<PolicyName, object>;
