import { expireHolds } from '../activities/ledger/intake/stock-hold.ts';
import type { Ledger } from '../activities/ledger/connect.ts';
import { PROCESSES } from '../activities/ledger/process-actors.ts';
import { escalateExceptions } from '../activities/ledger/steps/exception-clock.ts';
import { runLoop } from './run-loop.ts';

const EVERY_MS = 30_000;
const PAGE = 100;

export interface WallClock {
  /** Tells no time any more and waits for the telling under way. */
  stop(): Promise<void>;
}

/**
 * Tells the ledger every 30 s what time it is: entries of the exception board that were put aside come back,
 * overdue ones are escalated, and stock holds that nobody turned into an order in time are let go. What is due
 * stands in the ledger, so nothing is missed while no clock runs; and it needs no Temporal, whose absence is
 * when the board is wanted most. Any number may run.
 */
export function startWallClock(options: {
  readonly ledger: Ledger;
  readonly reportError: (error: unknown) => void;
  /** Between two tellings; 30 s when left out. */
  readonly everyMs?: number;
}): WallClock {
  const { reportError, everyMs = EVERY_MS } = options;
  const ledger = options.ledger.as(PROCESSES.watcher);
  const tell = async () => {
    const until = new Date().toISOString();
    // What goes wrong with the one must not keep the other from its time.
    await escalateExceptions(ledger, { until, limit: PAGE }).catch(reportError);
    await expireHolds(ledger, { until, limit: PAGE }).catch(reportError);
    return 0;
  };
  return runLoop(tell, { idleMs: everyMs, sleepsFirst: true, reportError });
}
