import { randomUUID } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  acknowledgeDecision,
  submitDecision,
  type DecisionSubmission,
} from '../../activities/ledger/intake/submit-decision.ts';
import {
  listApprovals,
  readApproval,
  type Approval,
} from '../../activities/ledger/read/approval.ts';
import {
  APPROVAL_STATES,
  DECISION_RULES,
  type ApprovalState,
} from '../../rules/approval/states.ts';
import type { Api, ApiContext } from '../context.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, listRoute, PROBLEMS, readRoute, refused } from '../responses.ts';
import { currency, idPart, instant, minorUnits, pageQuery } from '../schemas.ts';

const APPROVAL_STATE_NAMES = Object.keys(APPROVAL_STATES) as [ApprovalState, ...ApprovalState[]];

/** Names a decision or a resolution, so that it can be repeated. */
export const factId = z
  .string()
  .regex(/^[\w.:-]{1,120}$/, 'must be 1 to 120 letters, digits, dots, colons or dashes');

/** When a person acted. */
export const actedAt = instant
  .optional()
  .openapi({ description: 'When the person acted; now, unless the trade itself is of old' });

/** An amount on the wire. */
export const money = z.object({ amountMinor: minorUnits, currency });

/** An approval as every route shows it. */
export const approvalSchema = z
  .object({
    id: z.string(),
    processId: z.string(),
    subjectKind: z.string(),
    subjectId: z.string(),
    amount: money,
    role: z.string(),
    requestedBy: z.string(),
    rule: z.string(),
    state: z.enum(APPROVAL_STATE_NAMES),
    dueAt: instant,
    requestedAt: instant,
    decidedBy: z.string().nullable(),
    decidedAt: instant.nullable(),
    note: z.string().nullable(),
    recordedAt: instant,
  })
  .openapi('Approval');

const tags = ['Approvals'];

const list = listRoute({
  path: '/v1/approvals',
  tags,
  summary: 'Approvals, newest first',
  query: pageQuery.extend({
    state: z.enum(APPROVAL_STATE_NAMES).optional(),
    subjectKind: z.string().max(64).optional(),
  }),
  item: approvalSchema,
});

const read = readRoute({
  path: '/v1/approvals/{id}',
  tags,
  summary: 'One approval',
  params: z.object({ id: idPart }),
  view: approvalSchema,
});

const decide = createRoute({
  method: 'post',
  path: '/v1/approvals/{id}/decisions',
  tags,
  summary: 'Approve or reject',
  description:
    'The decision is named by decisionId, else by the Idempotency-Key header. A 202 may still count: repeat it with the same id to learn what became of it.',
  request: {
    params: z.object({ id: idPart }),
    headers: z.object({ 'idempotency-key': factId.optional() }),
    ...jsonBody(
      z.strictObject({
        decisionId: factId.optional(),
        decision: z.enum(['approve', 'reject']),
        note: z.string().max(2_000).optional(),
        occurredAt: actedAt,
      }),
    ),
  },
  responses: {
    200: json(approvalSchema, 'Decided.'),
    202: json(
      z.object({ state: z.literal('pending'), decisionId: z.string() }),
      'Stored; its process has not taken it yet.',
    ),
    403: refused('This person may not decide.'),
    ...PROBLEMS,
  },
});

/** The inbox of approvers. */
export function registerApprovalRoutes(app: Api, context: ApiContext): void {
  app.openapi(list, async (hono) =>
    hono.json(await listApprovals(context.ledger, hono.req.valid('query')), 200),
  );
  app.openapi(read, async (hono) =>
    hono.json(await readApproval(context.ledger, { approvalId: hono.req.valid('param').id }), 200),
  );
  app.openapi(decide, async (hono) => {
    const { decisionId: named, decision, note, occurredAt } = hono.req.valid('json');
    const decisionId = named ?? hono.req.valid('header')['idempotency-key'] ?? randomUUID();
    const submission = await submitDecision(context.ledger, {
      approvalId: hono.req.valid('param').id,
      decisionId,
      decision,
      note,
      actor: hono.get('actor'),
      occurredAt,
      at: context.now(),
    });
    if (submission.replayed) hono.header('Idempotent-Replayed', 'true');
    const settled = await settle(context, submission, decisionId);
    if (settled === undefined) {
      hono.header('Retry-After', '1');
      return hono.json({ state: 'pending' as const, decisionId }, 202);
    }
    return settled.applied ? hono.json(settled.approval, 200) : refusal(hono, settled);
  });
}

/** Lets the process take a decision that is pending; undefined when it does not answer in time. */
async function settle(
  context: ApiContext,
  submission: DecisionSubmission,
  decisionId: string,
): Promise<DecisionSubmission | undefined> {
  const { status, process, approval } = submission;
  if (status !== 'pending' || process === null) return submission;
  const outcome = await context.engine.decide(process, { decisionId, approvalId: approval.id });
  if (outcome === undefined) {
    context.engine.nudge();
    return undefined;
  }
  return acknowledgeDecision(context.ledger, { decisionId });
}

function refusal(hono: Context, { status, rule, approval }: DecisionSubmission): Response {
  if (status === 'refused') {
    return problem(
      hono,
      403,
      'DecisionRefused',
      `${DECISION_RULES[rule ?? ''] ?? 'Not allowed.'} (${rule})`,
    );
  }
  return problem(hono, 409, 'Conflict', decidedBefore(approval));
}

function decidedBefore({ id, state, decidedBy, decidedAt }: Approval): string {
  const by = decidedBy === null ? '' : ` by ${decidedBy} at ${decidedAt}`;
  return `${id} was ${APPROVAL_STATES[state].label}${by}.`;
}
