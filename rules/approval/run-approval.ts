import type { Deciders, Quorum } from '../policy/approval-matrix.ts';
import type {
  ApprovalEvent,
  DecidedEvent,
  RequestedEvent,
  RestartedEvent,
} from './approval-events.ts';
import type { ApprovalFacts, ApprovalPlan, PlannedLevel } from './evaluate-matrix.ts';
import type { Seat } from './may-decide.ts';

/** A time in which a clock ran; still running while `untilMs` is null. */
export interface Stretch {
  readonly fromMs: number;
  readonly untilMs: number | null;
}

/** How a level ended. `by` is null where its deadline ended it. */
export interface LevelEnd {
  readonly by: string | null;
  readonly onBehalfOf: string | null;
  readonly atMs: number;
}

/** One level of a run, with all that was said at it. */
export interface LevelRun {
  readonly level: number;
  /** With the seats that were passed on. */
  readonly plan: PlannedLevel;
  readonly state: 'waiting' | 'open' | 'approved' | 'rejected' | 'not-needed';
  readonly answers: readonly DecidedEvent[];
  readonly question: {
    readonly asker: string;
    readonly askee: string;
    readonly askedAtMs: number;
  } | null;
  readonly reminded: boolean;
  readonly escalated: { readonly atMs: number; readonly cause: 'deadline' | 'absence' } | null;
  /** Of the present deadline: an escalation begins a new one. */
  readonly clock: readonly Stretch[];
  /** Null while it is open or waits, and where the others decided without it. */
  readonly ended: LevelEnd | null;
}

/** How a request ended. `by` and `onBehalfOf` are null where no person ended it. */
export interface Closing {
  readonly cause: 'decision' | 'expiry' | 'withdrawal' | 'automatic';
  readonly level: number | null;
  readonly by: string | null;
  readonly onBehalfOf: string | null;
  readonly atMs: number;
}

/** What stood when facts changed: kept for ever. */
export interface PastRun {
  readonly run: number;
  readonly plan: ApprovalPlan;
  readonly facts: ApprovalFacts;
  readonly levels: readonly LevelRun[];
  readonly endedAtMs: number;
  readonly endedBy: string;
  readonly cause: RestartedEvent['cause'];
  readonly reasons: readonly string[];
}

/** Where a request stands after its events. */
export interface ApprovalRun {
  readonly state: 'open' | 'information-asked' | 'returned' | 'approved' | 'rejected' | 'withdrawn';
  /** 1 for the first. */
  readonly run: number;
  readonly requestedBy: string;
  readonly requestedFor: string | null;
  readonly plan: ApprovalPlan;
  readonly facts: ApprovalFacts;
  readonly levels: readonly LevelRun[];
  readonly returned: { readonly by: string; readonly level: number; readonly atMs: number } | null;
  readonly closing: Closing | null;
  readonly pastRuns: readonly PastRun[];
  /** Events that found nothing to act on, such as a reminder that a decision overtook. */
  readonly ignored: readonly ApprovalEvent[];
}

/** Folds the history of a request into where it stands. Throws when it does not begin with the request. */
export function runApproval(events: readonly ApprovalEvent[]): ApprovalRun {
  const [first, ...rest] = events;
  if (first?.kind !== 'requested') throw new Error('An approval begins with its request');
  return rest.reduce(applyApprovalEvent, begin(first));
}

function applyApprovalEvent(run: ApprovalRun, event: ApprovalEvent): ApprovalRun {
  return take(run, event) ?? { ...run, ignored: [...run.ignored, event] };
}

/** The seats of a level that nobody has filled yet; all of them are to be filled only where all are needed. */
export function openSeats({ plan, answers, escalated }: LevelRun): Seat[] {
  const asked = seats(plan, false);
  const filled = (seat: Seat) => answers.some((answer) => sameSeat(answer.seat, seat));
  const ordinary = plan.quorum === 'all' ? asked.filter((seat) => !filled(seat)) : asked;
  if (escalated === null || plan.escalateTo === null) return ordinary;
  return [...seats(plan.escalateTo, true), ...ordinary];
}

/** How many more have to approve before an open level is through; 0 for any other. */
export function stillNeeded(level: LevelRun): number {
  if (level.state !== 'open') return 0;
  const { quorum } = level.plan;
  if (quorum === 'all') return openSeats(level).filter(({ escalation }) => !escalation).length;
  return needed(quorum, 1) - approvals(level.answers);
}

export function sameSeat(one: Seat, other: Seat): boolean {
  return one.kind === other.kind && one.name === other.name && one.escalation === other.escalation;
}

function begin({ by, requestedFor, plan, facts, atMs }: RequestedEvent): ApprovalRun {
  const run: ApprovalRun = {
    state: 'open',
    run: 1,
    requestedBy: by,
    requestedFor,
    plan,
    facts,
    levels: plan.levels.map(waiting),
    returned: null,
    closing: null,
    pastRuns: [],
    ignored: [],
  };
  return advance(run, null, atMs);
}

function waiting(plan: PlannedLevel, level: number): LevelRun {
  return {
    level,
    plan,
    state: 'waiting',
    answers: [],
    question: null,
    reminded: false,
    escalated: null,
    clock: [],
    ended: null,
  };
}

/** Undefined where the event finds nothing to act on. */
function take(run: ApprovalRun, event: ApprovalEvent): ApprovalRun | undefined {
  if (event.kind === 'commented') return run;
  if (run.closing !== null || event.kind === 'requested') return undefined;
  if (event.kind === 'withdrawn') {
    return close(run, 'withdrawn', { ...CAUSELESS, cause: 'withdrawal', ...actorOf(event) });
  }
  if (event.kind === 'restarted') return restart(run, event);
  if (run.returned !== null) {
    if (event.kind !== 'expired' || event.level !== null) return undefined;
    return close(run, 'rejected', { ...CAUSELESS, cause: 'expiry', atMs: event.atMs });
  }
  if (event.level === null) return undefined;
  const level = run.levels[event.level];
  if (level?.state !== 'open') return undefined;
  return atLevel(run, level, event);
}

type LevelEvent = Exclude<
  ApprovalEvent,
  { kind: 'requested' | 'commented' | 'withdrawn' | 'restarted' }
>;

function atLevel(run: ApprovalRun, level: LevelRun, event: LevelEvent): ApprovalRun | undefined {
  switch (event.kind) {
    case 'decided':
      return decide(run, level, event);
    case 'information-asked':
      if (level.question !== null) return undefined;
      return put(run, {
        ...stopClock(level, event.atMs),
        question: { asker: event.by, askee: event.askee, askedAtMs: event.atMs },
      });
    case 'information-given':
    case 'information-overdue':
      if (level.question === null) return undefined;
      return put(run, startClock({ ...level, question: null }, event.atMs));
    case 'returned-for-change':
      return {
        ...run,
        state: 'returned',
        returned: { by: event.by, level: level.level, atMs: event.atMs },
        levels: run.levels.map((one) => ({ ...stopClock(one, event.atMs), question: null })),
      };
    case 'reminded':
      return put(run, { ...level, reminded: true });
    case 'escalated': {
      if (level.plan.escalateTo === null || level.escalated !== null) return undefined;
      const escalated = { atMs: event.atMs, cause: event.cause };
      const begun = { ...level, escalated, clock: [] };
      return put(run, level.question === null ? startClock(begun, event.atMs) : begun);
    }
    case 'expired':
      return expire(run, level, event.atMs);
    case 'reassigned':
      return put(run, { ...level, plan: reassign(level.plan, event.seat, event.to) });
  }
}

function decide(run: ApprovalRun, level: LevelRun, event: DecidedEvent): ApprovalRun {
  const answers = [...level.answers, event];
  const state = outcome(level.plan, answers);
  if (state === 'open') return put(run, { ...level, answers });
  const { by, onBehalfOf, atMs } = event;
  const ended = { by, onBehalfOf, atMs };
  const decided = { ...stopClock(level, atMs), answers, state, question: null, ended };
  return advance(put(run, decided), { level: level.level, event }, event.atMs);
}

/** A deadline that passes without the quorum does what the policy says, never nothing. */
function expire(run: ApprovalRun, level: LevelRun, atMs: number): ApprovalRun | undefined {
  const { onExpiry, escalateTo } = level.plan;
  const effect = level.escalated === null ? onExpiry : escalateTo?.onExpiry;
  if (effect === undefined || effect === 'escalate') return undefined;
  const state = effect === 'approve' ? 'approved' : 'rejected';
  const ended = { by: null, onBehalfOf: null, atMs };
  const expired = { ...stopClock(level, atMs), state, question: null, ended } as const;
  return advance(put(run, expired), { level: level.level, event: null }, atMs);
}

/**
 * What the answers of a level amount to. Whoever it was escalated to has the last word. Where one of
 * several is enough, the first answer counts, yes or no. Where a number of named people is asked, a no is a
 * vote; where a role is asked, nobody knows how many there are, and one no is enough.
 */
function outcome(
  plan: PlannedLevel,
  answers: readonly DecidedEvent[],
): 'open' | 'approved' | 'rejected' {
  const last = answers.find(({ seat }) => seat.escalation);
  if (last !== undefined) return last.decision === 'approve' ? 'approved' : 'rejected';
  const refused = answers.length - approvals(answers);
  const all = plan.roles.length + plan.people.length;
  const enough = needed(plan.quorum, all);
  const isVote = typeof plan.quorum === 'object' && plan.roles.length === 0;
  if (refused > (isVote ? all - enough : 0)) return 'rejected';
  return approvals(answers) >= enough ? 'approved' : 'open';
}

/** Opens what comes next, or closes the request when its levels have decided it. */
function advance(
  run: ApprovalRun,
  last: { readonly level: number; readonly event: DecidedEvent | null } | null,
  atMs: number,
): ApprovalRun {
  const { plan, levels } = run;
  const enough = needed(plan.needed, levels.length);
  const approved = levels.filter(({ state }) => state === 'approved').length;
  const rejected = levels.filter(({ state }) => state === 'rejected').length;
  const closing: Closing = {
    cause: last === null ? 'automatic' : last.event === null ? 'expiry' : 'decision',
    level: last?.level ?? null,
    by: last?.event?.by ?? null,
    onBehalfOf: last?.event?.onBehalfOf ?? null,
    atMs,
  };
  if (rejected > levels.length - enough) return close(run, 'rejected', closing);
  if (approved >= enough) return close(run, 'approved', closing);
  const next = levels.findIndex(({ state }) => state === 'waiting');
  const opens = (at: number) => plan.order === 'parallel' || at === next;
  const opened = levels.map((level, at) =>
    level.state === 'waiting' && opens(at) ? startClock({ ...level, state: 'open' }, atMs) : level,
  );
  return withState({ ...run, levels: opened });
}

function restart(run: ApprovalRun, event: RestartedEvent): ApprovalRun {
  const { plan, facts, cause, reasons, atMs, by } = event;
  const levels = run.levels.map((level) => stopClock(level, atMs));
  const past = { run: run.run, plan: run.plan, facts: run.facts, levels, cause, reasons };
  const begun: ApprovalRun = {
    ...run,
    state: 'open',
    run: run.run + 1,
    plan,
    facts,
    levels: plan.levels.map(waiting),
    returned: null,
    pastRuns: [...run.pastRuns, { ...past, endedAtMs: atMs, endedBy: by }],
  };
  return advance(begun, null, atMs);
}

function close(
  run: ApprovalRun,
  state: 'approved' | 'rejected' | 'withdrawn',
  closing: Closing,
): ApprovalRun {
  const levels = run.levels.map((level) =>
    level.state === 'open' || level.state === 'waiting'
      ? { ...stopClock(level, closing.atMs), state: 'not-needed' as const, question: null }
      : level,
  );
  return { ...run, state, levels, returned: null, closing };
}

const CAUSELESS = { level: null, by: null, onBehalfOf: null } as const;

function actorOf({ by, atMs }: ApprovalEvent): { by: string; atMs: number } {
  return { by, atMs };
}

function put(run: ApprovalRun, level: LevelRun): ApprovalRun {
  return withState({
    ...run,
    levels: run.levels.map((one, at) => (at === level.level ? level : one)),
  });
}

function withState(run: ApprovalRun): ApprovalRun {
  const asked = run.levels.some(({ question }) => question !== null);
  return { ...run, state: asked ? 'information-asked' : 'open' };
}

function stopClock(level: LevelRun, atMs: number): LevelRun {
  const clock = level.clock.map((one) => (one.untilMs === null ? { ...one, untilMs: atMs } : one));
  return { ...level, clock };
}

function startClock(level: LevelRun, atMs: number): LevelRun {
  return { ...level, clock: [...level.clock, { fromMs: atMs, untilMs: null }] };
}

function reassign(plan: PlannedLevel, seat: Seat, to: string): PlannedLevel {
  if (!seat.escalation) return { ...plan, ...passOn(plan, seat, to) };
  const { escalateTo } = plan;
  if (escalateTo === null) return plan;
  return { ...plan, escalateTo: { ...escalateTo, ...passOn(escalateTo, seat, to) } };
}

function passOn({ roles, people }: Deciders, { kind, name }: Seat, to: string): Deciders {
  const others = kind === 'person' ? people.filter((one) => one !== name) : people;
  return {
    roles: kind === 'role' ? roles.filter((one) => one !== name) : roles,
    people: others.includes(to) ? others : [...others, to],
  };
}

function seats({ roles, people }: Deciders, escalation: boolean): Seat[] {
  return [
    ...people.map((name) => ({ kind: 'person', name, escalation }) as const),
    ...roles.map((name) => ({ kind: 'role', name, escalation }) as const),
  ];
}

function approvals(answers: readonly DecidedEvent[]): number {
  return answers.filter(({ decision }) => decision === 'approve').length;
}

function needed(quorum: Quorum, all: number): number {
  if (quorum === 'all') return all;
  return quorum === 'any' ? Math.min(1, all) : quorum.count;
}
