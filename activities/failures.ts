/** Every failure that a caller may meet: what it means, whether to try again, how HTTP says it. */
export const FAILURES = {
  InvalidInput: {
    retryable: false,
    status: 422,
    remedy: 'correct the named field and send it again',
  },
  AccessDenied: {
    retryable: false,
    status: 403,
    remedy: 'ask somebody within whose reach it lies',
  },
  NotFound: { retryable: false, status: 404, remedy: 'check the id' },
  IdempotencyMismatch: { retryable: false, status: 409, remedy: 'use a new key for new content' },
  Conflict: { retryable: false, status: 409, remedy: 'read the current state, then decide again' },
  InvariantViolated: {
    retryable: false,
    status: 500,
    remedy: 'a defect: the statement was undone, ops is told',
  },
  ProviderRefused: {
    retryable: false,
    status: 502,
    remedy: 'the provider said no for good: see its reason',
  },
  ProviderUnavailable: {
    retryable: true,
    status: 503,
    remedy: 'try again later with the same key',
  },
  RateLimited: { retryable: true, status: 429, remedy: 'try again later with the same key' },
  SerializationConflict: { retryable: true, status: 503, remedy: 'try again with the same key' },
  LedgerUnavailable: { retryable: true, status: 503, remedy: 'try again later with the same key' },
  LedgerDiskFull: { retryable: true, status: 503, remedy: 'try again later with the same key' },
  LedgerConnectionsExhausted: {
    retryable: true,
    status: 503,
    remedy: 'try again later with the same key',
  },
  Overloaded: { retryable: true, status: 503, remedy: 'try again later with the same key' },
} as const;

export type FailureType = keyof typeof FAILURES;

/** A failure with its type; `path` names the field at fault (`lines[2].quantity`) or the key. */
export class Failure extends Error {
  readonly type: FailureType;
  readonly path: string | undefined;

  constructor(type: FailureType, message: string, path?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = type;
    this.type = type;
    this.path = path;
  }
}
