import type { Context } from 'hono';
import type { ActReach } from '../activities/ledger/by.ts';
import { readAccessFacts } from '../activities/ledger/read/access-facts.ts';
import { readApproval, type Approval } from '../activities/ledger/read/approval.ts';
import {
  acknowledgeDecision,
  settleIfRefused,
  submitWord,
  type DecisionSubmission,
  type WordRequest,
} from '../activities/ledger/intake/submit-decision.ts';
import { decideAccess } from '../rules/access/decide-access.ts';
import { APPROVAL_STATES, DECISION_RULES } from '../rules/approval/states.ts';
import { ROUTE_ACCESS, requirementOf } from './access/route-access.ts';
import { actReach } from './access/rows-within.ts';
import type { ApiContext, RequestVariables } from './context.ts';
import { refuseSaidAhead } from './fact-times.ts';
import { problem } from './problem.ts';

type Hono = Context<RequestVariables>;

/** Why a word is not taken, as a problem says it. */
export interface WordRefusal {
  readonly status: 403 | 409 | 410;
  readonly title: string;
  readonly detail: string;
  readonly rule: string | undefined;
}

/** The person who speaks: the one place at which approvals learn who sends a request. */
export function speakerOf(hono: Hono): string {
  return hono.get('actor');
}

/**
 * Stores what somebody says and lets the process take it. Undefined when it does not answer in time: then it
 * may still count. Errors: NotFound, InvalidInput (occurredAt), IdempotencyMismatch.
 */
export async function sayWord(
  { ledger, engine }: ApiContext,
  request: WordRequest & { readonly at: string },
): Promise<DecisionSubmission | undefined> {
  refuseSaidAhead(request.occurredAt, request.at);
  const submission = await submitWord(ledger, request);
  const { status, process, approval } = submission;
  if (status !== 'pending' || process === null) return submission;
  const { decisionId, actor: by } = request;
  const message = { decisionId, approvalId: approval.id, kind: request.word.kind, by };
  const run = request.run ?? approval.run;
  const outcome = await engine.decide(process, { ...message, run });
  if (outcome !== undefined)
    return replayedAs(submission, await acknowledgeDecision(ledger, message));
  // A process that refuses a word does not settle it; what the rules refuse needs no process.
  const settled = await settleIfRefused(ledger, message);
  if (settled === undefined) engine.nudge();
  return settled && replayedAs(submission, settled);
}

/** Why what was said changed nothing; undefined when it did. */
export function refusalOf({
  applied,
  answer,
  rule,
  approval,
}: DecisionSubmission): WordRefusal | undefined {
  if (applied) return undefined;
  if (answer?.status === 403 || (answer === null && rule !== null)) {
    const said = answer?.status === 403 ? `${answer.text}.` : (DECISION_RULES[rule ?? ''] ?? 'No.');
    const detail = `${said} (${rule})`;
    return { status: 403, title: 'DecisionRefused', detail, rule: rule ?? undefined };
  }
  const detail =
    answer !== null && answer.status !== 200 ? overText(approval, answer) : closedText(approval);
  if (answer?.status === 410 || approval.state === 'withdrawn') {
    return { status: 410, title: 'Withdrawn', detail, rule: 'withdrawn' };
  }
  return { status: 409, title: 'Conflict', detail, rule: rule ?? undefined };
}

/** The rules that find fault with a field and not with whoever speaks, and which field that is. */
const FIELDS_AT_FAULT: Readonly<Record<string, string>> = {
  'asks-nobody-known': 'askee',
  'reassigns-to-nobody-known': 'to',
};

/** The refusal as an answer; of somebody whom nobody knows it names the field. */
export function answerRefusal(hono: Hono, { status, title, detail, rule }: WordRefusal): Response {
  const named = rule === undefined ? {} : { rule };
  const path = FIELDS_AT_FAULT[rule ?? ''];
  return path === undefined
    ? problem(hono, status, title, detail, [], named)
    : problem(hono, 422, 'InvalidInput', detail, [{ path, message: detail }], named);
}

/** Why somebody may not decide on an approval; else what the ledger asks once more when it is done. */
interface ScopeAnswer {
  readonly refusal?: WordRefusal;
  readonly within?: ActReach | undefined;
}

/**
 * Whether the sender's scopes and reach let them decide on things of this kind, where the route could not tell
 * by itself. Errors: NotFound.
 */
export async function judgeScope(
  hono: Hono,
  { ledger }: ApiContext,
  approvalId: string,
): Promise<ScopeAnswer> {
  const approval = await readApproval(ledger, { approvalId });
  const access = ROUTE_ACCESS['POST /v1/approvals/{id}/decisions'];
  const requirement =
    access?.guard === 'scope' ? requirementOf(access, approval.subjectKind) : undefined;
  const title = 'AccessDenied';
  if (requirement === undefined) {
    const detail = 'Nobody may decide on things of this kind.';
    return { refusal: { status: 403, title, detail, rule: 'case-unlisted' } };
  }
  const subject = (await readAccessFacts(ledger, { kind: 'approval', id: approvalId })) ?? {};
  const principal = hono.get('principal');
  const decision = decideAccess(principal, requirement, subject);
  if (decision.outcome === 'refused')
    return { refusal: { status: 403, title, detail: decision.text, rule: decision.rule } };
  const named = { kind: 'approval', id: approvalId, by: 'path' } as const;
  return { within: actReach(principal, requirement, [named]) };
}

function replayedAs(
  { replayed }: DecisionSubmission,
  settled: DecisionSubmission,
): DecisionSubmission {
  return { ...settled, replayed };
}

type Overtaken = { readonly text: string } & (
  | { readonly status: 409; readonly by: string | null; readonly atMs: number | null }
  | { readonly status: 410; readonly by: string | null; readonly atMs: number }
  | { readonly status: 403 }
);

/** By whom and when, as the rule has it. */
function overText({ id }: Approval, answer: Overtaken): string {
  const atMs = answer.status === 403 ? null : answer.atMs;
  const at = atMs === null ? '' : ` at ${new Date(atMs).toISOString()}`;
  return `${id}: ${answer.text}${at}.`;
}

function closedText({ id, state, decidedBy, decidedAt }: Approval): string {
  const by = decidedBy === null ? '' : ` by ${decidedBy} at ${decidedAt}`;
  return `${id} was ${APPROVAL_STATES[state].label}${by}.`;
}
