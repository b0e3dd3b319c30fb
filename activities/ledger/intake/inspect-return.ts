import type { Disposition } from '../../../rules/return/states.ts';
import type { Ledger } from '../connect.ts';
import type { ReturnFactAnswer } from './receive-return.ts';

/**
 * Units were graded and disposed of; quantities are of received units not yet inspected.
 * Idempotency key: inspectionId. Errors: NotFound, InvalidInput, IdempotencyMismatch.
 */
export function inspectReturn(
  ledger: Ledger,
  request: {
    returnId: string;
    inspectionId: string;
    /** When it happened; else `at`, when we heard of it, which the idempotency hash leaves out. */
    occurredAt?: string | undefined;
    at: string;
    units: { lineNo: number; quantity: number; grade: string; disposition: Disposition }[];
    actor: string;
  },
): Promise<ReturnFactAnswer> {
  return ledger.call('inspect_return', request);
}
