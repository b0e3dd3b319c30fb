import type { RepairAction, RepairState } from '../../../rules/exception/repairs.ts';
import type { Json, Ledger } from '../connect.ts';

/** What an operator did about a process, and what became of it. */
export interface Repair {
  readonly processId: string;
  readonly repairId: string;
  readonly action: RepairAction;
  readonly step: string | null;
  readonly reason: string;
  /** Why it came to what the repair settles; null where nobody said. */
  readonly rootCause: string | null;
  readonly actor: string;
  readonly state: RepairState;
  readonly outcome: Record<string, Json>;
  /** The entries of the board that it settles. */
  readonly exceptionIds: string[];
  readonly requestedAt: string;
  readonly endedAt: string | null;
}

/** `applied` is false when the process has ended and nothing is on the board about it. */
export interface RepairAnswer {
  readonly applied: boolean;
  readonly replayed: boolean;
  readonly repair: Repair;
}

/**
 * Stores a repair. Retry and skip are done with it and the process is told to look; a reset is `pending` until
 * finishRepair says what the engine made of it: after five seconds the dispatcher sees to that. Idempotent by
 * repairId. Errors: NotFound, InvalidInput (step, rootCause), IdempotencyMismatch.
 */
export function requestRepair(
  ledger: Ledger,
  request: {
    processId: string;
    repairId: string;
    action: RepairAction;
    /** Needed for skip and reset; narrows a retry to what stands at it. */
    step?: string | undefined;
    reason: string;
    /** A reason code that the entries offer which it settles. */
    rootCause?: string | undefined;
    actor: string;
    occurredAt?: string | undefined;
    at?: string | undefined;
  },
): Promise<RepairAnswer> {
  return ledger.call('request_repair', request);
}

/** Says what became of a pending reset; the first word counts. Errors: NotFound. */
export function finishRepair(
  ledger: Ledger,
  request: {
    processId: string;
    repairId: string;
    state: 'done' | 'failed';
    outcome: Record<string, Json>;
    actor: string;
    at: string;
  },
): Promise<RepairAnswer> {
  return ledger.call('finish_repair', request);
}
