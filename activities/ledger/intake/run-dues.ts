import type { Ledger } from '../connect.ts';

/**
 * Tells the business clock: open waits that end by `until` are reached and their processes signalled,
 * with `subjectId` those of this subject alone. `more` says that the limit was met: call again. Safe to repeat.
 */
export function runDues(
  ledger: Ledger,
  request: { until: string; limit: number; subjectId?: string | undefined },
) {
  return ledger.call<{ reached: number; more: boolean }>('run_dues', request);
}
