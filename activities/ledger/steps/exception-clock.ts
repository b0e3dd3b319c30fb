import type { Ledger } from '../connect.ts';

/**
 * Tells the board what time it is on the wall: what was put aside until then is back, what is overdue is
 * escalated. Entries of old trade have their whole time on this clock as well. Safe to repeat.
 */
export function escalateExceptions(
  ledger: Ledger,
  request: { until: string; limit: number },
): Promise<{ woken: number; escalated: number }> {
  return ledger.call('escalate_exceptions', request);
}
