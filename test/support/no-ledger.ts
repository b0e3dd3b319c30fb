import type { Ledger } from '../../activities/ledger/connect.ts';

/** A ledger that is not there: whatever is asked of it, by whomever, fails as `fail` does. */
export function noLedger(fail: () => Promise<never>): Ledger {
  const ledger: Ledger = {
    call: fail,
    report: fail,
    as: () => ledger,
    close: async () => undefined,
  };
  return ledger;
}
