import type { ApprovalMatrix } from '../policy/approval-matrix.ts';
import {
  answerCommand,
  type ApprovalCommand,
  type CommandAnswer,
  type CommandFacts,
} from './answer-command.ts';
import type { ApprovalEvent } from './approval-events.ts';
import { findDeciders } from './find-deciders.ts';
import type { ApprovalDeadline } from './next-deadline.ts';
import { runApproval, type ApprovalRun } from './run-approval.ts';

type Accepted = Extract<CommandAnswer, { status: 200 }>;

/** The name under which a rule acts. */
const SYSTEM = 'loopline';

/** What an accepted command adds to the history. */
export function eventOfCommand(
  command: ApprovalCommand,
  { seat, onBehalfOf, delegationId }: Accepted,
  atMs: number,
): ApprovalEvent {
  const { by } = command;
  switch (command.kind) {
    case 'decide': {
      if (seat === null) throw new Error('A decision fills a seat');
      const { level, decision } = command;
      return { kind: 'decided', by, atMs, level, decision, onBehalfOf, delegationId, seat };
    }
    case 'ask-information':
      return { kind: 'information-asked', by, atMs, level: command.level, askee: command.askee };
    case 'give-information':
      return { kind: 'information-given', by, atMs, level: command.level };
    case 'return-for-change':
      return { kind: 'returned-for-change', by, atMs, level: command.level };
    case 'reassign': {
      const { level, seat: passed, to } = command;
      return { kind: 'reassigned', by, atMs, level, seat: passed, to };
    }
    case 'comment':
      return { kind: 'commented', by, atMs };
    case 'withdraw':
      return { kind: 'withdrawn', by, atMs };
  }
}

/** What a deadline that has passed adds to the history. */
export function eventOfDeadline({ what, level }: ApprovalDeadline, atMs: number): ApprovalEvent {
  const by = SYSTEM;
  if (level === null) return { kind: 'expired', by, atMs, level };
  switch (what) {
    case 'remind':
      return { kind: 'reminded', by, atMs, level };
    case 'escalate':
      return { kind: 'escalated', by, atMs, level, cause: 'deadline' };
    case 'expire':
      return { kind: 'expired', by, atMs, level };
    case 'resume':
      return { kind: 'information-overdue', by, atMs, level };
  }
}

/**
 * The escalations that are due because nobody who is there can decide a level. `nowMs` is the time by which
 * delegations and absences are judged, `atMs` the time that the events get.
 */
export function eventsOfAbsence(
  duties: ApprovalMatrix['separatedDuties'],
  run: ApprovalRun,
  { authorities, priorActs, nowMs }: Pick<CommandFacts, 'authorities' | 'priorActs' | 'nowMs'>,
  atMs: number,
): ApprovalEvent[] {
  return findDeciders(duties, run, authorities, priorActs, nowMs).flatMap(
    ({ level, shortText }): ApprovalEvent[] => {
      const short = run.levels[level];
      if (shortText === null || short === undefined || short.escalated !== null) return [];
      if (short.plan.escalateTo === null) return [];
      return [{ kind: 'escalated', by: SYSTEM, atMs, level, cause: 'absence' }];
    },
  );
}

/** The level that somebody speaks about who names none: the first open one that accepts it, else the first open. */
export function levelFor(
  run: ApprovalRun,
  command: (level: number) => ApprovalCommand,
  facts: CommandFacts,
): number {
  const open = run.levels.filter(({ state }) => state === 'open').map(({ level }) => level);
  const accepted = open.find((level) => answerCommand(run, command(level), facts).status === 200);
  return accepted ?? open[0] ?? 0;
}

/** The history with what is added to it, and where the request stands then. */
export function addEvents(
  history: readonly ApprovalEvent[],
  added: readonly ApprovalEvent[],
): { readonly history: readonly ApprovalEvent[]; readonly run: ApprovalRun } {
  const all = [...history, ...added];
  return { history: all, run: runApproval(all) };
}
