import type { ApprovalEvent } from '../../../rules/approval/approval-events.ts';
import { effectsOf } from '../../../rules/approval/effects.ts';
import type { ApprovalPlan, RowReason } from '../../../rules/approval/evaluate-matrix.ts';
import { nextDeadline } from '../../../rules/approval/next-deadline.ts';
import { runApproval, type LevelRun } from '../../../rules/approval/run-approval.ts';
import type { ApprovalState } from '../../../rules/approval/states.ts';
import type { BusinessCalendar } from '../../../rules/policy/approval-matrix.ts';
import { readEvent, writeFacts, type EventJson, type FactsJson } from '../approval-json.ts';
import type { Ledger } from '../connect.ts';
import type { ApprovalReader } from './approval-sight.ts';
import type { Page } from './page.ts';
import type { Within } from './within.ts';

/** An approval as lists show it; times RFC 3339, business time but `recordedAt`. */
export interface Approval {
  readonly id: string;
  readonly processId: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  /** What it is about, in the words of the approval matrix. */
  readonly subject: string;
  readonly amount: { readonly amountMinor: string; readonly currency: string };
  readonly baseAmountMinor: string;
  /** The first of the roles that are asked. */
  readonly role: string;
  /** Whose turn it is. */
  readonly askedRoles: string[];
  readonly askedPeople: string[];
  readonly requestedBy: string;
  readonly requestedFor: string | null;
  readonly rule: string;
  readonly row: string;
  /** Which row of the matrix applies and why, in words. */
  readonly reasons: string;
  readonly policyVersion: string;
  readonly run: number;
  readonly levels: number;
  readonly openLevels: number[];
  readonly state: ApprovalState;
  readonly phase: 'deciding' | 'information-asked' | 'returned';
  readonly escalated: boolean;
  readonly dueAt: string;
  readonly requestedAt: string;
  readonly decidedBy: string | null;
  /** For whom they decided. */
  readonly decidedFor: string | null;
  readonly decidedAt: string | null;
  readonly closedBy: 'decision' | 'expiry' | 'withdrawal' | 'automatic' | null;
  readonly note: string | null;
  readonly recordedAt: string;
}

/** One level, as whoever decides sees it. */
export interface LevelView {
  readonly level: number;
  readonly name: string;
  readonly state: LevelRun['state'];
  readonly roles: string[];
  readonly people: string[];
  readonly quorum: 'all' | 'any' | { readonly count: number };
  readonly escalated: 'deadline' | 'absence' | null;
  readonly question: {
    readonly asker: string;
    readonly askee: string;
    readonly askedAt: string;
  } | null;
  readonly decisions: {
    readonly decision: 'approve' | 'reject';
    readonly by: string;
    readonly onBehalfOf: string | null;
    readonly as: string;
    readonly at: string;
  }[];
}

/** One event of the history; `detail` has what is particular to its kind. */
export interface EventView {
  readonly sequence: number;
  readonly kind: ApprovalEvent['kind'];
  readonly at: string;
  readonly by: string;
  readonly note: string | null;
  readonly detail: Record<string, unknown>;
}

/** An approval with all that whoever decides it has to know. */
export interface ApprovalReview extends Approval {
  readonly because: string;
  readonly facts: FactsJson;
  /** The row that applies, and every row before it, each with its conditions. */
  readonly appliedRow: RowReason;
  readonly passedOver: RowReason[];
  readonly order: 'sequence' | 'parallel';
  readonly levelRuns: LevelView[];
  /** What happens next if nobody does anything. */
  readonly next: {
    readonly what: 'remind' | 'escalate' | 'expire' | 'resume';
    readonly at: string;
  } | null;
  readonly pastRuns: {
    readonly run: number;
    readonly cause: 'material-change' | 'resubmitted';
    readonly reasons: string[];
    readonly endedAt: string;
    readonly endedBy: string;
    readonly levelRuns: LevelView[];
  }[];
  readonly events: EventView[];
  readonly evidence: Record<string, unknown>;
  readonly history: Record<string, unknown>;
  readonly effects: { readonly approve: string; readonly reject: string };
}

interface ReviewJson extends Approval {
  readonly plan: ApprovalPlan;
  readonly facts: FactsJson;
  readonly applied: RowReason;
  readonly passedOver: RowReason[];
  readonly events: readonly EventJson[];
  readonly said: readonly { readonly sequence: number; readonly note: string | null }[];
  readonly calendars: Readonly<Record<string, BusinessCalendar>>;
  readonly evidence: Record<string, unknown>;
  readonly history: Record<string, unknown>;
}

/** One approval. Errors: NotFound. */
export function readApproval(ledger: Ledger, request: { approvalId: string }): Promise<Approval> {
  return ledger.call('read_approval', request);
}

/** One approval with what is needed to decide it. Errors: NotFound. */
export async function reviewApproval(
  ledger: Ledger,
  request: { approvalId: string },
): Promise<ApprovalReview> {
  const {
    plan,
    applied,
    events: stored,
    said,
    calendars,
    facts,
    ...approval
  } = await ledger.call<ReviewJson>('review_approval', request);
  const events = stored.map(readEvent);
  const run = runApproval(events);
  const next = nextDeadline(run, calendars);
  return {
    ...approval,
    because: plan.because,
    facts,
    appliedRow: applied,
    order: plan.order,
    levelRuns: run.levels.map(levelView),
    next: next && { what: next.what, at: instantOf(next.atMs) },
    pastRuns: run.pastRuns.map(({ levels, reasons, endedAtMs, endedBy, cause, run: number }) => ({
      run: number,
      cause,
      reasons: [...reasons],
      endedAt: instantOf(endedAtMs),
      endedBy,
      levelRuns: levels.map(levelView),
    })),
    events: events.map((event, at) => eventView(event, said[at])),
    effects: effectsOf(approval.subjectKind),
  };
}

/** An approval in a list, with what follows from either decision. */
export interface ListedApproval extends Approval {
  readonly effects: { readonly approve: string; readonly reject: string };
}

/**
 * Approvals newest first. `askedOf` is a person who may still have a say, `roleOf` one whose roles are asked.
 * Errors: InvalidInput (cursor).
 */
export async function listApprovals(
  ledger: Ledger,
  request: {
    limit: number;
    cursor?: string | undefined;
    state?: ApprovalState | undefined;
    subjectKind?: string | undefined;
    subject?: string | undefined;
    subjectId?: string | undefined;
    role?: string | undefined;
    askedOf?: string | undefined;
    roleOf?: string | undefined;
    requestedBy?: string | undefined;
    overdue?: boolean | undefined;
    at?: string | undefined;
    within?: Within | undefined;
    /** Left out for whoever sees everything. */
    reader?: ApprovalReader | undefined;
  },
): Promise<Page<ListedApproval>> {
  const page = await ledger.call<Page<Approval>>('list_approvals', request);
  const data = page.data.map((one) => ({ ...one, effects: effectsOf(one.subjectKind) }));
  return { ...page, data };
}

function levelView({ level, plan, state, answers, question, escalated }: LevelRun): LevelView {
  return {
    level,
    name: plan.name,
    state,
    roles: [...plan.roles],
    people: [...plan.people],
    quorum: plan.quorum,
    escalated: escalated?.cause ?? null,
    question: question && {
      asker: question.asker,
      askee: question.askee,
      askedAt: instantOf(question.askedAtMs),
    },
    decisions: answers.map(({ decision, by, onBehalfOf, seat, atMs }) => ({
      decision,
      by,
      onBehalfOf,
      as: seat.name,
      at: instantOf(atMs),
    })),
  };
}

function eventView(
  event: ApprovalEvent,
  said: { readonly sequence: number; readonly note: string | null } | undefined,
): EventView {
  const { kind, by, atMs, ...rest } = event;
  // Plan and facts of each run stand with the run.
  const detail = Object.fromEntries(
    Object.entries(rest).filter(([name]) => name !== 'plan' && name !== 'facts'),
  );
  const facts = 'facts' in event ? { facts: writeFacts(event.facts) } : {};
  return {
    sequence: said?.sequence ?? 0,
    kind,
    at: instantOf(atMs),
    by,
    note: said?.note ?? null,
    detail: { ...detail, ...facts },
  };
}

function instantOf(ms: number): string {
  return new Date(ms).toISOString();
}
