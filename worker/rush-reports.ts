import type { Ledger } from '../activities/ledger/connect.ts';
import { reportRush } from '../activities/ledger/steps/outbox.ts';
import { runLoop } from './run-loop.ts';

/** A report counts for a second: one that comes late leaves no gap. */
const EVERY_MS = 250;

export interface RushReports {
  /** Reports no more and waits for the report under way. */
  stop(): Promise<void>;
}

/**
 * Tells the dispatchers of all processes, through the ledger, as long as orders queue for an answer in this
 * one, so that none of them starts many workflows meanwhile.
 */
export function startRushReports(options: {
  readonly ledger: Ledger;
  readonly isIntakeBusy: () => boolean;
  readonly reportError: (error: unknown) => void;
}): RushReports {
  const { ledger, isIntakeBusy, reportError } = options;
  const report = async () => {
    if (isIntakeBusy()) await reportRush(ledger).catch(reportError);
    return 0;
  };
  return runLoop(report, { idleMs: EVERY_MS, reportError });
}
