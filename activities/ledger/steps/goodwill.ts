import type { GoodwillState } from '../../../rules/goodwill/states.ts';
import type { Ledger } from '../connect.ts';
import type { DueRefund } from './return.ts';

/** What the process of goodwill has to do next, as the ledger sees it. */
export interface GoodwillPosition {
  readonly goodwillId: string;
  readonly state: GoodwillState;
  readonly alreadyFinished: boolean;
  readonly approvalId: string | null;
  /** Refunds that may be sent now. */
  readonly refunds: readonly DueRefund[];
  /** Failed refunds about which nothing is decided or carried out yet. */
  readonly refundTrouble: number;
}

/** Marks the process running and carries the goodwill on as far as it goes. Safe to repeat. Errors: NotFound. */
export function beginGoodwill(
  ledger: Ledger,
  request: { processId: string },
): Promise<GoodwillPosition> {
  return ledger.call('begin_goodwill', request);
}

/** Carries out what people decided about failed refunds, and the end. Safe to repeat. Errors: NotFound. */
export function advanceGoodwill(
  ledger: Ledger,
  request: { goodwillId: string },
): Promise<GoodwillPosition> {
  return ledger.call('advance_goodwill', request);
}

/**
 * What the provider answered; a refund of unknown outcome stays due, the last one closes the goodwill.
 * Idempotency key: `<refund id>:recorded:<occurrence>`. Errors: NotFound.
 */
export function recordGoodwillRefund(
  ledger: Ledger,
  request: {
    refundId: string;
    occurrence: string;
    outcome: 'succeeded' | 'failed' | 'unknown';
    providerId?: string | undefined;
    decision: { failure?: string | undefined };
  },
): Promise<GoodwillPosition> {
  return ledger.call('record_refund', request);
}
