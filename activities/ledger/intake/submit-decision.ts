import type { CommandAnswer } from '../../../rules/approval/answer-command.ts';
import { levelFor } from '../../../rules/approval/command-events.ts';
import { runApproval, type ApprovalRun } from '../../../rules/approval/run-approval.ts';
import type { Ledger } from '../connect.ts';
import { readApproval, type Approval } from '../read/approval.ts';
import {
  commandOf,
  readApprovalCase,
  type ApprovalCase,
  type ApprovalWord,
} from '../read/approval-case.ts';
import type { KnownProcess } from '../steps/outbox.ts';
import { answerWord, factsFor, settleDecision } from '../steps/settle-approval.ts';

/**
 * What became of a word. `pending`: its process has to take it. `settled`: final; `applied` is false when it
 * came too late. `refused`: `rule` says why. `answer` is what the rule said, null while it is pending.
 */
export interface DecisionSubmission {
  readonly status: 'pending' | 'settled' | 'refused';
  readonly applied: boolean;
  readonly replayed: boolean;
  readonly rule: string | null;
  /** Whose decision it is; null when there is no such process any more. */
  readonly process: KnownProcess | null;
  readonly approval: Approval;
  readonly answer: CommandAnswer | null;
}

/** What somebody says about an approval. */
export interface WordRequest {
  readonly approvalId: string;
  readonly decisionId: string;
  readonly word: ApprovalWord;
  /** What they were looking at: a word about a run that is over counts for nothing. The present ones if left out. */
  readonly run?: number | undefined;
  readonly level?: number | undefined;
  readonly note?: string | undefined;
  /** The id of a person. */
  readonly actor: string;
  /** When the person acted, RFC 3339; no part of what a repeat has to match. */
  readonly occurredAt?: string | undefined;
  /** When the API heard of it: counts where occurredAt is missing, and for delegations always. */
  readonly at?: string | undefined;
}

/**
 * Stores what a person said about an approval, unless the rules refuse it, in which case nothing is stored. The
 * process then records it, or the ledger at once where there is no process any more, and for a comment, which
 * nobody waits for. Idempotent by decisionId. Errors: NotFound, IdempotencyMismatch.
 */
export async function submitWord(
  ledger: Ledger,
  request: WordRequest,
): Promise<DecisionSubmission> {
  const { approvalId, decisionId, word, actor, at, note, occurredAt } = request;
  const people = [
    ...(word.kind === 'ask-information' ? [word.askee] : []),
    ...(word.kind === 'reassign' ? [word.to] : []),
  ];
  const found = await readApprovalCase(ledger, { approvalId, decisionId, actor, at, people });
  const seen = seenBy(found, request);
  let onBehalfOf: string | null = null;
  if (found.word === null) {
    const answer = answerWord(found, seen.state, {
      ...word,
      by: actor,
      ...seen.place,
      ...seen.heard,
    });
    if (answer.status !== 200) return refusal(ledger, approvalId, answer);
    onBehalfOf = answer.onBehalfOf;
  }
  const { kind, decision, ...said } = { decision: undefined, ...word };
  const stored = await ledger.call<DecisionSubmission>('submit_decision', {
    approvalId,
    decisionId,
    kind,
    decision,
    note,
    actor,
    onBehalfOf,
    occurredAt,
    at,
    body: {
      ...said,
      ...seen.place,
    },
  });
  if (stored.status === 'settled' && stored.answer === null) {
    // Somebody was quicker than this word was stored: by what they left, the rule says who.
    const late = await readApprovalCase(ledger, { approvalId, decisionId, actor, at, people });
    const said = { ...word, by: actor, ...seen.place, ...seen.heard };
    const answer = answerWord(late, runApproval(late.events), said);
    if (answer.status === 200) return stored;
    return { ...(await refusal(ledger, approvalId, answer)), replayed: stored.replayed };
  }
  const hasProcess = stored.process !== null && stored.process.state !== 'ended';
  if (stored.status !== 'pending' || (hasProcess && kind !== 'comment')) return stored;
  return { ...(await settleWord(ledger, { approvalId, decisionId })), replayed: stored.replayed };
}

/** Says yes or no: `submitWord` for a decision. */
export function submitDecision(
  ledger: Ledger,
  { decision, ...request }: Omit<WordRequest, 'word'> & { readonly decision: 'approve' | 'reject' },
): Promise<DecisionSubmission> {
  return submitWord(ledger, { ...request, word: { kind: 'decide', decision } });
}

/**
 * Settles a stored word that its process did not take, if the rules refuse it meanwhile: for that no process
 * is needed. Undefined while it may still count. Errors: NotFound.
 */
export async function settleIfRefused(
  ledger: Ledger,
  request: { approvalId: string; decisionId: string },
): Promise<DecisionSubmission | undefined> {
  const found = await readApprovalCase(ledger, request);
  const { word, outcome } = found;
  if (outcome === null && word !== null) {
    const answer = answerWord(found, runApproval(found.events), word);
    if (answer.status === 200) return undefined;
  }
  return settleWord(ledger, request);
}

/**
 * The process has answered: nobody sends the decision again. Answers what became of it. Safe to repeat.
 * Errors: NotFound.
 */
export function acknowledgeDecision(
  ledger: Ledger,
  request: { decisionId: string },
): Promise<DecisionSubmission> {
  return ledger.call('acknowledge_decision', request);
}

async function settleWord(
  ledger: Ledger,
  request: { approvalId: string; decisionId: string },
): Promise<DecisionSubmission> {
  await settleDecision(ledger, request);
  return acknowledgeDecision(ledger, { decisionId: request.decisionId });
}

/** What the person was looking at, and by which clock they are judged. */
function seenBy(
  found: ApprovalCase,
  { word, actor, run, level, at }: WordRequest,
): {
  readonly state: ApprovalRun;
  readonly place: { readonly run: number; readonly level: number };
  readonly heard: { readonly heardAtMs: number | null };
} {
  const state = runApproval(found.events);
  const heardAtMs = at === undefined ? null : Date.parse(at);
  const place = { run: run ?? state.run, level: 0 };
  const commandAt = (one: number) => commandOf({ ...word, by: actor, ...place, level: one });
  const facts = factsFor(found, heardAtMs);
  const free = (one: number) => commandAt(one) ?? { kind: 'comment' as const, by: actor };
  return {
    state,
    place: { ...place, level: level ?? levelFor(state, free, facts) },
    heard: { heardAtMs },
  };
}

async function refusal(
  ledger: Ledger,
  approvalId: string,
  answer: Exclude<CommandAnswer, { status: 200 }>,
): Promise<DecisionSubmission> {
  return {
    status: answer.status === 403 ? 'refused' : 'settled',
    applied: false,
    replayed: false,
    rule: 'rule' in answer ? answer.rule : null,
    process: null,
    approval: await readApproval(ledger, { approvalId }),
    answer,
  };
}
