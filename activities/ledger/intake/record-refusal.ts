import type { By } from '../by.ts';
import type { Ledger } from '../connect.ts';

/**
 * Leaves an audit row of something that was refused to whoever asked for it: `route` is what they asked,
 * `about` what they named, `rule` says no. Not idempotent: a repeat after a lost connection is a second row.
 */
export function recordRefusal(
  ledger: Ledger,
  request: {
    by: By;
    route: string;
    about?: string | undefined;
    rule: string;
    at: string;
  },
) {
  return ledger.call<null>('record_refusal', request);
}
