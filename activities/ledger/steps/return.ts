import type { ReturnState } from '../../../rules/return/states.ts';
import type { Ledger } from '../connect.ts';

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
  readonly label: { readonly fromCountry: string; readonly toCountry: string } | null;
  /** Refunds that may be sent now. */
  readonly refunds: readonly {
    readonly refundId: string;
    readonly reference: string;
    readonly amountMinor: string;
    readonly currency: string;
    /** Names the try: "1", then the exception that a person resolved by trying again. */
    readonly occurrence: string;
  }[];
  /** Failed refunds about which nothing is decided or carried out yet. */
  readonly refundTrouble: number;
}

/** Marks the process running and says where it goes on. Safe to repeat. Errors: NotFound. */
export function beginReturn(
  ledger: Ledger,
  request: { processId: string },
): Promise<ReturnPosition> {
  return ledger.call('begin_return', request);
}

/** Where the return stands now. Errors: NotFound. */
export function readReturnPosition(
  ledger: Ledger,
  request: { returnId: string },
): Promise<ReturnPosition> {
  return ledger.call('read_return_position', request);
}

/** Idempotency key: `<return id>:label:1`. */
export function recordReturnLabel(
  ledger: Ledger,
  request: { returnId: string; labelId: string; trackingNumber: string },
): Promise<ReturnPosition> {
  return ledger.call('record_return_label', request);
}

/** No label could be bought; raises an exception. Idempotency key: `<return id>:label-skipped:1`. */
export function skipReturnLabel(
  ledger: Ledger,
  request: { returnId: string; decision: { message: string } },
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

/** Idempotency key: `<return id>:credit-note:1`. */
export function issueCreditNote(
  ledger: Ledger,
  request: { returnId: string },
): Promise<ReturnPosition> {
  return ledger.call('issue_credit_note', request);
}

/**
 * Shares the credit note over payments; the rest becomes credit. `waiting`: a capture of these sales is
 * under way, ask again. Idempotency key: `<return id>:refunds:1`.
 */
export function planRefunds(
  ledger: Ledger,
  request: { returnId: string; decision: { waitForCaptures: boolean } },
): Promise<ReturnPosition & { readonly waiting: boolean }> {
  return ledger.call('plan_refunds', request);
}

/**
 * What the provider answered; `occurrence` names the try. A refund of unknown outcome stays due.
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

/** Carries out what people decided about failed refunds, each once. Safe to repeat. */
export function resumeRefunds(
  ledger: Ledger,
  request: { returnId: string },
): Promise<ReturnPosition> {
  return ledger.call('resume_refunds', request);
}

/** Ends the process of a return with nothing left to do. Idempotency key: `<return id>:close:1`. */
export function closeReturn(
  ledger: Ledger,
  request: { returnId: string },
): Promise<ReturnPosition> {
  return ledger.call('close_return', request);
}

/** Undoes a return while nothing has come back; `applied` false when only a person can. Safe to repeat. */
export function abandonReturn(
  ledger: Ledger,
  request: { returnId: string },
): Promise<ReturnPosition> {
  return ledger.call('abandon_return', request);
}
