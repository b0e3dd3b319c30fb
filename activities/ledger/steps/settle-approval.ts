import {
  answerCommand,
  answerResubmission,
  type CommandAnswer,
} from '../../../rules/approval/answer-command.ts';
import type { ApprovalEvent } from '../../../rules/approval/approval-events.ts';
import { decideMatrix } from '../../../rules/approval/ask-approval.ts';
import {
  addEvents,
  eventOfCommand,
  eventOfDeadline,
  eventsOfAbsence,
} from '../../../rules/approval/command-events.ts';
import { judgeChange } from '../../../rules/approval/material-change.ts';
import { nextDeadline } from '../../../rules/approval/next-deadline.ts';
import { projectRun } from '../../../rules/approval/project-run.ts';
import { runApproval, type ApprovalRun } from '../../../rules/approval/run-approval.ts';
import { Failure } from '../../failures.ts';
import { writeEvent, writeFacts, type EventJson } from '../approval-json.ts';
import type { Ledger } from '../connect.ts';
import {
  commandOf,
  readApprovalCase,
  type ApprovalCase,
  type ApprovalStanding,
  type SettledWord,
  type StoredWord,
} from '../read/approval-case.ts';

/** As many can act on one approval at once before somebody is told to try again. */
const MAX_ATTEMPTS = 20;

/** The run that a change begins, with why the row that it is asked by was taken. */
interface Restart {
  readonly applied: object;
  readonly passedOver: readonly object[];
  readonly text: string;
  readonly rule: string;
  readonly policyVersion: string;
}

/** What is to be added to a case. */
interface Addition {
  readonly events: readonly ApprovalEvent[];
  readonly restart?: Restart | undefined;
  readonly word?: { readonly decisionId: string; readonly note: string | null } | undefined;
  readonly answer?: CommandAnswer | undefined;
  /** The deadline that has been reached. */
  readonly dueId?: string | undefined;
}

type Appended =
  | { readonly outcome: 'conflict' }
  | (SettledWord & { readonly outcome: 'known' })
  | (SettledWord & { readonly outcome: 'stored'; readonly standing: ApprovalStanding });

/**
 * Settles a stored word: judges it by the history as it is, and adds what follows with its effect on the
 * subject, in one piece. Whoever comes second is judged again. Idempotent by decisionId. Errors: NotFound.
 */
export async function settleDecision(
  ledger: Ledger,
  { approvalId, decisionId }: { approvalId: string; decisionId: string },
): Promise<SettledWord> {
  return untilItHolds(approvalId, async () => {
    const found = await readApprovalCase(ledger, { approvalId, decisionId });
    if (found.outcome !== null) return found.outcome;
    const { word } = found;
    if (word === null) throw new Failure('NotFound', `Decision ${decisionId} does not exist`);
    // Whoever spoke has not seen what changed meanwhile: that begins another run before they are judged.
    if (hasChanged(found)) {
      await attendApproval(ledger, { approvalId });
      return undefined;
    }
    const { answer, events, restart } = await takeWord(ledger, found, word);
    const said = { decisionId, note: word.note };
    const added = withAbsence(found, events, answer);
    const appended = await append(ledger, found, { events: added, restart, answer, word: said });
    return appended.outcome === 'conflict' ? undefined : appended;
  });
}

/**
 * Where an approval stands. What is due without anybody's word is added first: it starts again when the
 * subject has changed materially, and is escalated where nobody is there to decide. Errors: NotFound.
 */
export async function attendApproval(
  ledger: Ledger,
  { approvalId }: { approvalId: string },
): Promise<ApprovalStanding> {
  return untilItHolds(approvalId, async () => {
    const found = await readApprovalCase(ledger, { approvalId });
    if (found.approval.state !== 'open') return found.standing;
    const { events, restart } = await changeOf(ledger, found);
    const added = withAbsence(found, events);
    if (added.length === 0 && !hasMoved(found)) return found.standing;
    return standingOf(await append(ledger, found, { events: added, restart }));
  });
}

/**
 * A deadline has been reached: reminds, escalates, expires or lets the clock run again, as the policy says; a new
 * one is waited for where the calendar has moved it meanwhile. Nothing when it is not the one that is waited for
 * any more. Idempotent by dueId. Errors: NotFound.
 */
export async function reachDeadline(
  ledger: Ledger,
  { approvalId, dueId }: { approvalId: string; dueId: string },
): Promise<ApprovalStanding> {
  return untilItHolds(approvalId, async () => {
    const found = await readApprovalCase(ledger, { approvalId, dueId });
    if (found.approval.state !== 'open' || found.dueId !== dueId) return found.standing;
    // What nobody has seen is not expired or approved by a clock either.
    if (hasChanged(found)) return attendApproval(ledger, { approvalId });
    const events = withAbsence(found, eventsDue(found));
    return standingOf(await append(ledger, found, { events, dueId }));
  });
}

/** What a word is answered by the case as it is, whether it is stored or not. */
export function answerWord(
  found: ApprovalCase,
  run: ApprovalRun,
  word: Pick<StoredWord, 'by' | 'run' | 'level' | 'heardAtMs'> & Parameters<typeof commandOf>[0],
): CommandAnswer {
  const command = commandOf(word);
  return command === undefined
    ? answerResubmission(run, word.by)
    : answerCommand(run, command, factsFor(found, word.heardAtMs));
}

/** The facts by which commands are judged; delegations count at the clock of whoever heard it. */
export function factsFor(found: ApprovalCase, heardAtMs: number | null) {
  const { authorities, priorActs, matrix, approval } = found;
  return {
    matrix: matrix.document,
    authorities,
    priorActs,
    nowMs: heardAtMs ?? approval.businessMs,
  };
}

async function takeWord(
  ledger: Ledger,
  found: ApprovalCase,
  word: StoredWord,
): Promise<Omit<Addition, 'answer'> & { readonly answer: CommandAnswer }> {
  const run = runApproval(found.events);
  const answer = answerWord(found, run, word);
  if (answer.status !== 200) return { answer, events: [] };
  const atMs = Math.max(lastMs(found), found.approval.businessMs, word.occurredAtMs);
  const command = commandOf(word);
  if (command !== undefined) return { answer, events: [eventOfCommand(command, answer, atMs)] };
  const begun = await restartOf(ledger, found, 'resubmitted', word.by, atMs);
  return { answer, events: begun.events, restart: begun.restart };
}

/** What the deadline that has been reached brings: nothing where it was only to look, or is another one by now. */
function eventsDue(found: ApprovalCase): readonly ApprovalEvent[] {
  const { events, matrix, dueAtMs, dueStep } = found;
  const deadline = nextDeadline(runApproval(events), matrix.document.calendars);
  if (deadline === null || dueAtMs === null || deadline.atMs > dueAtMs) return [];
  if (dueStep !== `${deadline.what}Approval`) return [];
  return [eventOfDeadline(deadline, Math.max(dueAtMs, lastMs(found)))];
}

/** Whether what is waited for is not what the calendars and absences of today ask for. */
function hasMoved(found: ApprovalCase): boolean {
  const { deadline } = projectionOf(found, runApproval(found.events));
  if (deadline === null) return false;
  return deadline.atMs !== found.dueAtMs || `${deadline.what}Approval` !== found.dueStep;
}

function projectionOf({ matrix, nextAbsenceMs }: ApprovalCase, run: ApprovalRun) {
  return projectRun(run, matrix.document.calendars, nextAbsenceMs);
}

/** Whether the subject of an open approval has changed materially since it was asked about. */
function hasChanged({ approval, events, matrix, factsToday }: ApprovalCase): boolean {
  const run = runApproval(events);
  // Whoever changes what was returned brings it back themself.
  if (approval.state !== 'open' || run.returned !== null) return false;
  return judgeChange(matrix.document.materialChange, run.facts, factsToday).material;
}

/** The restart that a material change of the subject asks for, if there is one. */
async function changeOf(ledger: Ledger, found: ApprovalCase): Promise<Addition> {
  if (!hasChanged(found)) return { events: [] };
  const atMs = Math.max(lastMs(found), found.approval.businessMs);
  return restartOf(ledger, found, 'material-change', 'loopline', atMs);
}

/** Begins another run by the matrix and the facts of today. */
async function restartOf(
  ledger: Ledger,
  { approval, events, factsToday: facts }: ApprovalCase,
  cause: 'material-change' | 'resubmitted',
  by: string,
  atMs: number,
): Promise<Addition> {
  const { matrix } = await readApprovalCase(ledger, { approvalId: approval.id, rows: true });
  const document = { ...matrix.document, rows: matrix.document.rows ?? [] };
  const { plan, applied, passedOver, text } = decideMatrix(document, facts, approval.wantedBy);
  const changed = judgeChange(document.materialChange, runApproval(events).facts, facts).reasons;
  const reasons = changed.length === 0 ? ['nothing was changed'] : changed;
  const rule = approval.wantedBy ?? plan.row;
  return {
    events: [{ kind: 'restarted', by, atMs, cause, reasons, plan, facts }],
    restart: { applied, passedOver, text, rule, policyVersion: matrix.version },
  };
}

/** Levels that these events open, and those that are open, go on at once where nobody is there for them. */
function withAbsence(
  found: ApprovalCase,
  events: readonly ApprovalEvent[],
  answer?: CommandAnswer,
): readonly ApprovalEvent[] {
  if (answer !== undefined && answer.status !== 200) return events;
  const { history, run } = addEvents(found.events, events);
  const atMs = Math.max(...history.map((event) => event.atMs), found.approval.businessMs);
  const facts = factsFor(found, found.word?.heardAtMs ?? null);
  return [...events, ...eventsOfAbsence(facts.matrix.separatedDuties, run, facts, atMs)];
}

async function append(
  ledger: Ledger,
  found: ApprovalCase,
  { events, restart, word, answer, dueId }: Addition,
): Promise<Appended> {
  const { run } = addEvents(found.events, events);
  const moves = events.length === 0 && word === undefined;
  return ledger.call<Appended>('append_approval_events', {
    approvalId: found.approval.id,
    expectedSequence: found.sequence,
    seenFacts: writeFacts(found.factsToday),
    events: events.map((event) => noted(writeEvent(event), word?.note)),
    projection: projectionOf(found, run),
    ...(dueId === undefined ? {} : { dueId }),
    ...(moves ? { movedAtMs: found.approval.businessMs } : {}),
    ...(restart === undefined ? {} : { restart }),
    ...(word === undefined ? {} : { decisionId: word.decisionId }),
    ...(answer === undefined ? {} : { answer }),
  });
}

function noted(event: EventJson, note: string | null | undefined): object {
  return note === null || note === undefined ? event : { ...event, note };
}

function standingOf(appended: Appended): ApprovalStanding | undefined {
  return appended.outcome === 'stored' ? appended.standing : undefined;
}

/** The time of the last event. */
function lastMs({ events }: ApprovalCase): number {
  return Math.max(...events.map(({ atMs }) => atMs));
}

/** Judges again while somebody else was quicker. */
async function untilItHolds<Result>(
  approvalId: string,
  attempt: () => Promise<Result | undefined>,
): Promise<Result> {
  for (let round = 0; round < MAX_ATTEMPTS; round += 1) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new Failure('SerializationConflict', `too many act on ${approvalId} at once`);
}
