import type { ReturnState } from '../../../rules/return/states.ts';
import type { Ledger } from '../connect.ts';

/** A refund that may be sent to the gateway, of a return or of goodwill. */
export interface DueRefund {
  readonly refundId: string;
  readonly reference: string;
  readonly amountMinor: string;
  readonly currency: string;
  /** Names the try: "1", then the exception that a person resolved by trying again. */
  readonly occurrence: string;
}

/** What a return's process has to do next, as the ledger sees it. */
export interface ReturnPosition {
  readonly applied: boolean;
  readonly returnId: string;
  readonly state: ReturnState;
  readonly alreadyFinished: boolean;
  readonly approvalId: string | null;
  /** The deadline of the present wait and the business time until then. */
  readonly dueId: string | null;
  readonly waitSeconds: number | null;
  /** The label that the customer needs; null when none is wanted. */
  readonly label: {
    /** Which attempt it is; left out by histories that are older than second attempts. */
    readonly occurrence?: string;
    readonly fromCountry: string;
    readonly toCountry: string;
  } | null;
  /** Refunds that may be sent now. */
  readonly refunds: readonly DueRefund[];
  /** Failed refunds about which nothing is decided or carried out yet. */
  readonly refundTrouble: number;
}

/** Marks the process running and carries the return on as far as it goes. Safe to repeat. Errors: NotFound. */
export function beginReturn(
  ledger: Ledger,
  request: { processId: string },
): Promise<ReturnPosition> {
  return ledger.call('begin_return', request);
}

/**
 * Carries the return as far as the ledger alone can: credit note, refunds planned, people's decisions about
 * failed refunds, close. Safe to repeat. Errors: NotFound.
 */
export function advanceReturn(
  ledger: Ledger,
  request: { returnId: string },
): Promise<ReturnPosition> {
  return ledger.call('advance_return', request);
}

/** Idempotency key: `<return id>:label:1`. */
export function recordReturnLabel(
  ledger: Ledger,
  request: { returnId: string; labelId: string; trackingNumber: string },
): Promise<ReturnPosition> {
  return ledger.call('record_return_label', request);
}

/** No label could be bought; raises an exception. Idempotency key: `<return id>:label-skipped:<occurrence>`. */
export function skipReturnLabel(
  ledger: Ledger,
  request: {
    returnId: string;
    occurrence?: string | undefined;
    decision: { message: string };
  },
): Promise<ReturnPosition> {
  return ledger.call('skip_return_label', request);
}

/** The deadline for the goods passed. Idempotency key: `<return id>:receipt-deadline:<due id>`. */
export function closeReturnReceipt(
  ledger: Ledger,
  request: { returnId: string; dueId: string },
): Promise<ReturnPosition> {
  return ledger.call('close_return_receipt', request);
}

/** The deadline for the inspection passed. Idempotency key: `<return id>:inspection-deadline:<due id>`. */
export function remindInspection(
  ledger: Ledger,
  request: { returnId: string; dueId: string },
): Promise<ReturnPosition> {
  return ledger.call('remind_inspection', request);
}

/** The deadline for a capture of its sale passed. Idempotency key: `<return id>:capture-deadline:<due id>`. */
export function remindCapture(
  ledger: Ledger,
  request: { returnId: string; dueId: string },
): Promise<ReturnPosition> {
  return ledger.call('remind_capture', request);
}

/**
 * What the provider answered; `occurrence` names the try. A refund of unknown outcome stays due; the last
 * one closes the return.
 * Idempotency key: `<refund id>:recorded:<occurrence>`. Errors: NotFound.
 */
export function recordRefund(
  ledger: Ledger,
  request: {
    refundId: string;
    occurrence: string;
    outcome: 'succeeded' | 'failed' | 'unknown';
    providerId?: string | undefined;
    decision: { failure?: string | undefined };
  },
): Promise<ReturnPosition> {
  return ledger.call('record_refund', request);
}

/** Undoes a return while nothing has come back; `applied` false when only a person can. Safe to repeat. */
export function abandonReturn(
  ledger: Ledger,
  request: { returnId: string },
): Promise<ReturnPosition> {
  return ledger.call('abandon_return', request);
}
