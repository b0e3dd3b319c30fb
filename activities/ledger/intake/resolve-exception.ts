import type { Ledger } from '../connect.ts';
import type { BoardException } from '../read/exception.ts';

/** `resolved` is false when the exception had been closed before, or is merged into another one. */
export interface Resolution {
  readonly resolved: boolean;
  readonly replayed: boolean;
  readonly exception: BoardException;
}

/**
 * Closes an exception by one of the actions that it offers, with everything that was merged into it, and tells
 * its process to look. Idempotent by resolutionId.
 * Errors: NotFound, InvalidInput (action, rootCause), IdempotencyMismatch.
 */
export function resolveException(
  ledger: Ledger,
  request: {
    exceptionId: string;
    resolutionId: string;
    action: string;
    /** A reason code that the entry offers; `not-investigated` when left out. */
    rootCause?: string | undefined;
    note?: string | undefined;
    actor: string;
    /** When the person acted, RFC 3339; no part of what a repeat has to match. */
    occurredAt?: string | undefined;
    /** When the API heard of it: counts where occurredAt is missing. */
    at?: string | undefined;
  },
): Promise<Resolution> {
  return ledger.call('resolve_exception', request);
}
