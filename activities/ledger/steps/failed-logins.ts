import type { Ledger } from '../connect.ts';

/** How often an address has failed to show who it is, within the window that is open for it. */
export interface FailedLogins {
  readonly failures: number;
  /** When the window began, RFC 3339. */
  readonly since: string;
}

/**
 * Counts failed logins and keys of a source address, over all processes: what follows from the count is the
 * caller's. A window ends 15 minutes after it began. Each of its first ten failures leaves an audit row, then the
 * hundredth, the thousandth …, so that neither an attack nor its length is lost and no attack fills the trail. Not idempotent: a
 * repeat after a lost connection counts twice, which slows down somebody who fails and nobody else.
 */
export function recordFailedLogins(
  ledger: Ledger,
  request: {
    sourceAddress: string;
    /** How many, so that a process may gather them. */
    failures: number;
    /** `login`, `key`, `token` or `session`: what failed last. */
    credential: string;
    at: string;
    requestId?: string | undefined;
  },
) {
  return ledger.call<FailedLogins>('record_failed_logins', request);
}
