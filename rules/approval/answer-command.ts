import type { ApprovalMatrix } from '../policy/approval-matrix.ts';
import {
  mayDecide,
  type Authorities,
  type DecisionCase,
  type DecisionRule,
  type PriorAct,
  type Seat,
} from './may-decide.ts';
import {
  openSeats,
  sameSeat,
  type ApprovalRun,
  type LevelEnd,
  type LevelRun,
} from './run-approval.ts';

/**
 * What somebody wants to do with a request. `run` and `level` say what they were looking at, so that an
 * answer never counts for facts or a level that they did not see.
 */
export type ApprovalCommand =
  | (AtLevel & { readonly kind: 'decide'; readonly decision: 'approve' | 'reject' })
  | (AtLevel & { readonly kind: 'ask-information'; readonly askee: string })
  | (AtLevel & { readonly kind: 'give-information' | 'return-for-change' })
  | (AtLevel & { readonly kind: 'reassign'; readonly seat: Seat; readonly to: string })
  | { readonly kind: 'comment'; readonly by: string }
  | { readonly kind: 'withdraw'; readonly by: string };

interface AtLevel {
  readonly by: string;
  readonly run: number;
  readonly level: number;
}

export type CommandRule =
  | DecisionRule
  | 'only-requester-may-withdraw'
  | 'only-requester-may-resubmit'
  | 'not-returned'
  | 'only-askee-may-answer'
  | 'may-not-reassign'
  | 'cannot-be-reassigned-to'
  | 'asks-themself'
  | 'asks-nobody-known'
  | 'reassigns-to-nobody-known'
  | 'no-open-question'
  | 'level-not-open'
  | 'returned-for-change';

/** Fine as it is. The authority is given where one was needed: it goes into the event. */
interface Accepted {
  readonly status: 200;
  readonly seat: Seat | null;
  readonly onBehalfOf: string | null;
  readonly delegationId: string | null;
}

interface Refused {
  readonly status: 403;
  readonly rule: CommandRule;
  readonly text: string;
}

/**
 * Somebody was first, the facts have changed since, or the run is still to come. `by` is null where a deadline
 * decided, `atMs` where nothing has happened.
 */
interface Overtaken {
  readonly status: 409;
  readonly rule: 'already-decided' | 'already-asked' | 'restarted' | 'no-such-run';
  readonly text: string;
  readonly by: string | null;
  readonly onBehalfOf: string | null;
  readonly atMs: number | null;
}

interface Withdrawn {
  readonly status: 410;
  readonly text: string;
  readonly by: string | null;
  readonly atMs: number;
}

export type CommandAnswer = Accepted | Refused | Overtaken | Withdrawn;

/** What a command is judged by, besides the request itself. */
export interface CommandFacts {
  readonly matrix: Pick<ApprovalMatrix, 'separatedDuties' | 'reassignRoles'>;
  readonly authorities: Authorities;
  readonly priorActs: readonly PriorAct[];
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Whether a command may be carried out now, and if not, why: the one answer for API, process and ledger. */
export function answerCommand(
  run: ApprovalRun,
  command: ApprovalCommand,
  facts: CommandFacts,
): CommandAnswer {
  if (command.kind === 'comment') return ACCEPTED;
  const over = judgeClosed(run);
  if (over !== undefined) return over;
  if (command.kind === 'withdraw') {
    return isRequester(run, command.by)
      ? ACCEPTED
      : refuse('only-requester-may-withdraw', `${run.requestedBy} asked for this approval`);
  }
  const level = run.levels[command.level];
  const early = judgeLevel(run, level, command);
  if (early !== undefined || level === undefined) {
    return early ?? refuse('level-not-open', `there is no level ${command.level}`);
  }
  switch (command.kind) {
    case 'give-information':
      return answerQuestion(level, command.by);
    case 'reassign':
      return answerReassign(run, level, command, facts);
    case 'ask-information':
      return answerAsking(run, level, command, facts);
    case 'decide':
    case 'return-for-change':
      return authorityOf(run, level, command.by, facts);
  }
}

/** A request that was returned comes back by its requester alone, changed or not. */
export function answerResubmission(run: ApprovalRun, by: string): CommandAnswer {
  const over = judgeClosed(run);
  if (over !== undefined) return over;
  if (!isRequester(run, by)) {
    return refuse('only-requester-may-resubmit', `${run.requestedBy} asked for this approval`);
  }
  return run.returned === null ? refuse('not-returned', 'nobody has returned it') : ACCEPTED;
}

/** What `mayDecide` looks at, for one level of a request. */
export function caseOf(
  run: ApprovalRun,
  level: LevelRun,
  priorActs: readonly PriorAct[],
): DecisionCase {
  const { subject, amountMinor, currency } = run.facts;
  return {
    subject,
    amountMinor,
    currency,
    requestedBy: run.requestedBy,
    requestedFor: run.requestedFor,
    deciders: { roles: level.plan.roles, people: level.plan.people },
    escalatedTo: level.escalated === null ? null : level.plan.escalateTo,
    decided: run.levels.flatMap(({ plan, answers }) =>
      answers.map(({ by, onBehalfOf }) => ({ level: plan.name, by, onBehalfOf })),
    ),
    priorActs,
  };
}

const ACCEPTED: Accepted = { status: 200, seat: null, onBehalfOf: null, delegationId: null };

function judgeClosed({ closing, state }: ApprovalRun): Overtaken | Withdrawn | undefined {
  if (closing === null) return undefined;
  const { by, onBehalfOf, atMs, cause } = closing;
  if (cause === 'withdrawal') {
    return { status: 410, text: `${by ?? 'nobody'} has withdrawn the request`, by, atMs };
  }
  const who = by === null ? 'the deadline' : nameBoth(by, onBehalfOf);
  const text = cause === 'automatic' ? 'nobody needs to decide' : `${state} by ${who}`;
  return { status: 409, rule: 'already-decided', text, by, onBehalfOf, atMs };
}

function judgeLevel(
  run: ApprovalRun,
  level: LevelRun | undefined,
  command: AtLevel,
): Refused | Overtaken | undefined {
  const past = run.pastRuns.at(-1);
  if (command.run > run.run || (command.run < run.run && past === undefined)) {
    const text = `there is no run ${command.run}, this is run ${run.run}`;
    return { status: 409, rule: 'no-such-run', text, by: null, onBehalfOf: null, atMs: null };
  }
  if (command.run < run.run && past !== undefined) {
    const { endedBy: by, endedAtMs: atMs, reasons } = past;
    const text = `the approval has started again: ${reasons.join(', ')}`;
    return { status: 409, rule: 'restarted', text, by, onBehalfOf: null, atMs };
  }
  if (run.returned !== null) {
    return refuse('returned-for-change', `${run.returned.by} has returned it to be changed`);
  }
  if (level?.state === 'open') return undefined;
  if (level?.ended) return overtakenAt(level, level.ended);
  const name = level?.plan.name ?? String(command.level);
  return refuse('level-not-open', `${name} is not asked yet`);
}

function overtakenAt({ plan, state }: LevelRun, ended: LevelEnd): Overtaken {
  const { by, onBehalfOf, atMs } = ended;
  const who = by === null ? 'the deadline' : nameBoth(by, onBehalfOf);
  const text = `${plan.name} is ${state} by ${who}`;
  return { status: 409, rule: 'already-decided', text, by, onBehalfOf, atMs };
}

/** The authority to decide a level, and the seat that it would fill. */
function authorityOf(
  run: ApprovalRun,
  level: LevelRun,
  by: string,
  { matrix, authorities, priorActs, nowMs }: CommandFacts,
): Accepted | Refused | Overtaken {
  const judged = mayDecide(
    matrix.separatedDuties,
    caseOf(run, level, priorActs),
    by,
    authorities,
    nowMs,
  );
  if (!judged.allowed) return refuse(judged.rule, judged.text);
  const open = openSeats(level);
  const seat = judged.seats.find((one) => open.some((other) => sameSeat(one, other)));
  if (seat === undefined) return seatTaken(level, judged.seats);
  const { as } = judged;
  return as.kind === 'self'
    ? { ...ACCEPTED, seat }
    : { status: 200, seat, onBehalfOf: as.of, delegationId: as.delegationId };
}

/** Where each role has one say, a colleague has had it. */
function seatTaken(level: LevelRun, seats: readonly Seat[]): Overtaken | Refused {
  const answer = level.answers.find((one) => seats.some((seat) => sameSeat(seat, one.seat)));
  if (answer === undefined) {
    return refuse('not-a-decider', `nobody is asked as ${seats[0]?.name ?? 'such'} any more`);
  }
  const { by, onBehalfOf, atMs, seat } = answer;
  const text = `${nameBoth(by, onBehalfOf)} has decided for ${seat.name}`;
  return { status: 409, rule: 'already-decided', text, by, onBehalfOf, atMs };
}

function answerQuestion({ question }: LevelRun, by: string): Accepted | Refused {
  if (question === null) return refuse('no-open-question', 'nothing is asked at this level');
  const { asker, askee } = question;
  if (by === askee) return ACCEPTED;
  return refuse('only-askee-may-answer', `${asker} has asked ${askee}`);
}

/** Whoever may decide asks somebody who works here, or whoever asked for it: nobody else could answer. */
function answerAsking(
  run: ApprovalRun,
  level: LevelRun,
  { by, askee }: { readonly by: string; readonly askee: string },
  facts: CommandFacts,
): CommandAnswer {
  const authority = authorityOf(run, level, by, facts);
  const { question } = level;
  if (authority.status !== 200) return authority;
  if (askee === by) return refuse('asks-themself', `${by} cannot ask themself`);
  if (!isRequester(run, askee) && !facts.authorities.people.some(({ id }) => id === askee)) {
    return refuse('asks-nobody-known', `nobody knows ${askee}`);
  }
  if (question === null) return authority;
  const { asker, askedAtMs: atMs } = question;
  const text = `${asker} has asked ${question.askee} already`;
  return { status: 409, rule: 'already-asked', text, by: asker, onBehalfOf: null, atMs };
}

/**
 * A seat is passed on by whoever may decide the level by themself, or by a role that the policy names, and to
 * somebody who holds one of the level's roles; where it has none, only such a role may choose. Never to somebody
 * who could not decide.
 */
function answerReassign(
  run: ApprovalRun,
  level: LevelRun,
  { by, to, seat }: { readonly by: string; readonly to: string; readonly seat: Seat },
  facts: CommandFacts,
): CommandAnswer {
  const { matrix, authorities, priorActs, nowMs } = facts;
  const rolesOf = (id: string) => authorities.people.find((one) => one.id === id)?.roles ?? [];
  const oversees =
    !isRequester(run, by) && rolesOf(by).some((role) => matrix.reassignRoles.includes(role));
  const authority = authorityOf(run, level, by, facts);
  if (!oversees && authority.status !== 200) {
    return refuse('may-not-reassign', `${by} may neither decide this level nor reassign it`);
  }
  if (!oversees && authority.status === 200 && authority.onBehalfOf !== null) {
    const text = `${by} decides for ${authority.onBehalfOf} and cannot pass that on to ${to}`;
    return refuse('delegation-chain', text);
  }
  if (!openSeats(level).some((open) => sameSeat(open, seat))) {
    return refuse('cannot-be-reassigned-to', `nobody is asked as ${seat.name} any more`);
  }
  const { plan } = level;
  if (to === by) return refuse('cannot-be-reassigned-to', `${by} cannot choose themself`);
  if (!isRequester(run, to) && !authorities.people.some(({ id }) => id === to)) {
    return refuse('reassigns-to-nobody-known', `nobody knows ${to}`);
  }
  if ([...plan.people, ...(plan.escalateTo?.people ?? [])].includes(to)) {
    return refuse('cannot-be-reassigned-to', `${to} is asked already`);
  }
  const roles = [...plan.roles, ...(plan.escalateTo?.roles ?? [])];
  if (!rolesOf(to).some((role) => roles.includes(role)) && !(oversees && roles.length === 0)) {
    return refuse('cannot-be-reassigned-to', `${to} has none of the roles that decide this level`);
  }
  const named = { ...caseOf(run, level, priorActs), deciders: { roles: [], people: [to] } };
  const judged = mayDecide(matrix.separatedDuties, named, to, authorities, nowMs);
  return judged.allowed ? ACCEPTED : refuse(judged.rule, judged.text);
}

function isRequester({ requestedBy, requestedFor }: ApprovalRun, by: string): boolean {
  return by === requestedBy || by === requestedFor;
}

function nameBoth(by: string, onBehalfOf: string | null): string {
  return onBehalfOf === null ? by : `${by} for ${onBehalfOf}`;
}

function refuse(rule: CommandRule, text: string): Refused {
  return { status: 403, rule, text };
}
