import type { ApprovalFacts, ApprovalPlan } from './evaluate-matrix.ts';
import type { Seat } from './may-decide.ts';

/** What every event says; `by` is a person, or the process where a rule acted. Milliseconds since 1970. */
interface Happened {
  readonly atMs: number;
  readonly by: string;
}

/** Levels are counted from 0 in the order of the plan. */
interface AtLevel extends Happened {
  readonly level: number;
}

interface Requested extends Happened {
  readonly kind: 'requested';
  /** For whom somebody else asked. */
  readonly requestedFor: string | null;
  readonly plan: ApprovalPlan;
  readonly facts: ApprovalFacts;
}

interface Decided extends AtLevel {
  readonly kind: 'decided';
  readonly decision: 'approve' | 'reject';
  /** Whose authority it was, when not the decider's own; both names are shown. */
  readonly onBehalfOf: string | null;
  readonly delegationId: string | null;
  readonly seat: Seat;
}

interface InformationAsked extends AtLevel {
  readonly kind: 'information-asked';
  readonly askee: string;
}

interface PlainAtLevel extends AtLevel {
  readonly kind:
    | 'information-given'
    /** Nobody answered in time: the clock runs again. */
    | 'information-overdue'
    | 'returned-for-change'
    | 'reminded';
}

interface Escalated extends AtLevel {
  readonly kind: 'escalated';
  readonly cause: 'deadline' | 'absence';
}

interface Expired extends Happened {
  readonly kind: 'expired';
  /** Null: a request that was returned and did not come back. */
  readonly level: number | null;
}

interface Reassigned extends AtLevel {
  readonly kind: 'reassigned';
  readonly seat: Seat;
  readonly to: string;
}

interface Commented extends Happened {
  readonly kind: 'commented';
}

interface Withdrawn extends Happened {
  readonly kind: 'withdrawn';
}

interface Restarted extends Happened {
  readonly kind: 'restarted';
  readonly cause: 'material-change' | 'resubmitted';
  readonly reasons: readonly string[];
  readonly plan: ApprovalPlan;
  readonly facts: ApprovalFacts;
}

/** One entry of a request's history, which is only ever added to. Free text stays in the ledger. */
export type ApprovalEvent =
  | Requested
  | Decided
  | InformationAsked
  | PlainAtLevel
  | Escalated
  | Expired
  | Reassigned
  | Commented
  | Withdrawn
  | Restarted;

export type RequestedEvent = Requested;
export type RestartedEvent = Restarted;
export type DecidedEvent = Decided;
