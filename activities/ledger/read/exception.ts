import type { BoardEvent } from '../../../rules/exception/board-events.ts';
import type { ExceptionState } from '../../../rules/exception/states.ts';
import type {
  ExceptionOwner,
  ExceptionSeverity,
} from '../../../rules/policy/exception-catalogue.ts';
import type { Json, Ledger } from '../connect.ts';
import type { Within } from './within.ts';

/** Trouble on the exception board; `actions` are what may resolve it. */
export interface BoardException {
  readonly id: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly processId: string | null;
  /** The role that has to see to it. */
  readonly owner: string;
  /** The person who does. */
  readonly assignee: string | null;
  readonly severity: ExceptionSeverity;
  readonly state: ExceptionState;
  /** Of the order that it is about. */
  readonly orderClass: string | null;
  readonly evidence: Record<string, Json>;
  readonly actions: string[];
  /** What whoever closes it may name as its cause. */
  readonly rootCauses: string[];
  readonly resolution: string | null;
  readonly rootCause: string | null;
  readonly resolvedBy: string | null;
  readonly note: string | null;
  readonly snoozedUntil: string | null;
  readonly snoozeReason: string | null;
  readonly snoozes: number;
  /** How often it may be snoozed, and how many hours ahead at once. */
  readonly snoozeLimit: number;
  readonly snoozeHours: number;
  /** The entry that it is the same as. */
  readonly mergedInto: string | null;
  /** Entries that are the same as this one. */
  readonly duplicates: string[];
  readonly escalations: number;
  readonly escalatedTo: string | null;
  /** How often its trouble was raised, and how often that opened it again after it had been closed. */
  readonly seen: number;
  readonly reopened: number;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  /** The last time that it was opened. */
  readonly raisedAt: string;
  readonly dueAt: string;
  readonly resolvedAt: string | null;
  readonly recordedAt: string;
}

/** Something that happened to an entry; `reason` is what the person said. */
export interface BoardEventView {
  readonly event: BoardEvent;
  readonly actor: string;
  readonly reason: string | null;
  readonly detail: Record<string, Json>;
  readonly occurredAt: string;
  readonly recordedAt: string;
}

/** One exception with the last 500 things that happened to it, oldest first. Errors: NotFound. */
export function readException(
  ledger: Ledger,
  request: { exceptionId: string },
): Promise<BoardException & { events: BoardEventView[] }> {
  return ledger.call('read_exception', request);
}

/** Exceptions newest first. Errors: InvalidInput (cursor). */
export function listExceptions(
  ledger: Ledger,
  request: {
    limit: number;
    cursor?: string | undefined;
    state?: ExceptionState | undefined;
    kind?: string | undefined;
    owner?: string | undefined;
    assignee?: string | undefined;
    severity?: ExceptionSeverity | undefined;
    subjectId?: string | undefined;
    /** Due by then, RFC 3339. */
    dueBefore?: string | undefined;
    node?: string | undefined;
    channel?: string | undefined;
    region?: string | undefined;
    /** Put aside, or not. */
    snoozed?: boolean | undefined;
    /** The same as another entry, or not. */
    merged?: boolean | undefined;
    /** Open and past its date, or not; by `at`, which is now (RFC 3339). */
    overdue?: boolean | undefined;
    at?: string | undefined;
    within?: Within | undefined;
  },
): Promise<{ data: BoardException[]; nextCursor: string | null }> {
  return ledger.call('list_exceptions', request);
}

/** What a role has before it. */
export interface OwnerCount {
  readonly owner: ExceptionOwner;
  readonly open: number;
  readonly overdue: number;
  readonly unassigned: number;
  readonly snoozed: number;
  readonly escalated: number;
  readonly oldestRaisedAt: string;
  /** Null where everything is overdue. */
  readonly nextDueAt: string | null;
}

/** The board at a glance. A bucket is its number, from 0; those without an entry are left out. */
export interface ExceptionSummary {
  readonly open: number;
  readonly overdue: number;
  readonly unassigned: number;
  readonly snoozed: number;
  readonly escalated: number;
  readonly merged: number;
  readonly ageing: { readonly bucket: number; readonly open: number }[];
  readonly owners: OwnerCount[];
  readonly assignees: {
    readonly assignee: string;
    readonly open: number;
    readonly overdue: number;
  }[];
  readonly closed: {
    readonly kind: string;
    readonly closed: number;
    readonly inTime: number;
    readonly healed: number;
  }[];
  readonly rootCauses: { readonly rootCause: string; readonly closed: number }[];
}

/**
 * Counts what is open at `at`, by age, role and person, and what was closed between `since` and `at`, by kind
 * and cause. `bounds` are the hours at which one age bucket ends and the next begins, ascending.
 */
export function readExceptionSummary(
  ledger: Ledger,
  request: {
    at: string;
    since: string;
    bounds: readonly number[];
    owner?: string | undefined;
    kind?: string | undefined;
    within?: Within | undefined;
  },
): Promise<ExceptionSummary> {
  return ledger.call('read_exception_summary', request);
}
