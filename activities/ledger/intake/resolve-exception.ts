import type { Ledger } from '../connect.ts';
import type { BoardException } from '../read/exception.ts';

/** `resolved` is false when the exception had been closed before. */
export interface Resolution {
  readonly resolved: boolean;
  readonly replayed: boolean;
  readonly exception: BoardException;
}

/**
 * Closes an exception by one of the actions that it offers and tells its process to look.
 * Idempotent by resolutionId. Errors: NotFound, InvalidInput (action), IdempotencyMismatch.
 */
export function resolveException(
  ledger: Ledger,
  request: {
    exceptionId: string;
    resolutionId: string;
    action: string;
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
