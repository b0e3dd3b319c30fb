import { randomUUID } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { listApprovals, reviewApproval } from '../../activities/ledger/read/approval.ts';
import { APPROVAL_SUBJECTS } from '../../rules/policy/approval-matrix.ts';
import {
  APPROVAL_STATE_NAMES,
  approvalReviewSchema,
  approvalSchema,
  factId,
  listedApprovalSchema,
  personId,
  wordBody,
} from '../approval-schemas.ts';
import { answerRefusal, refusalOf, sayWord, speakerOf } from '../approval-word.ts';
import type { Api, ApiContext } from '../context.ts';
import { json, jsonBody, listRoute, PROBLEMS, readRoute, refused } from '../responses.ts';
import { idPart, pageQuery } from '../schemas.ts';
import { registerApprovalBulkRoute } from './approval-bulk.ts';
import { registerApprovalWordRoutes } from './approval-words.ts';
import { registerDelegationRoutes } from './delegations.ts';
import { registerRiskRatingRoutes } from './risk-ratings.ts';

const tags = ['Approvals'];

const list = listRoute({
  path: '/v1/approvals',
  tags,
  summary: 'Approvals, newest first: of what the sender may see, and what they have a part in',
  query: pageQuery.extend({
    state: z.enum(APPROVAL_STATE_NAMES).optional(),
    subjectKind: z.string().max(64).optional(),
    subject: z.enum(APPROVAL_SUBJECTS).optional(),
    subjectId: idPart.optional(),
    mine: z.enum(['true', 'false']).optional().openapi({
      description:
        'Those that the sender may still have a say on: by name, by role, or in the place of whoever delegated to them',
    }),
    role: z.string().max(64).optional().openapi({ description: 'Those that ask this role now' }),
    myRoles: z.enum(['true', 'false']).optional().openapi({
      description: "Those that ask one of the sender's roles now, whoever of it decides",
    }),
    requestedBy: personId.optional(),
    overdue: z
      .enum(['true', 'false'])
      .optional()
      .openapi({ description: 'Those that were escalated, or should have been decided by now' }),
  }),
  item: listedApprovalSchema,
});

const read = readRoute({
  path: '/v1/approvals/{id}',
  tags,
  summary: 'One approval, with what whoever decides it has to know',
  params: z.object({ id: idPart }),
  view: approvalReviewSchema,
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
    ...jsonBody(z.strictObject({ ...wordBody, decision: z.enum(['approve', 'reject']) })),
  },
  responses: {
    200: json(approvalSchema, 'It counts; the approval may wait for others still.'),
    202: json(
      z.object({ state: z.literal('pending'), decisionId: z.string() }),
      'Stored; its process has not taken it yet.',
    ),
    403: refused('This person may not decide; `rule` says why.'),
    410: refused('The request was withdrawn.'),
    ...PROBLEMS,
  },
});

/** What waits for people, and what they say to it. */
export function registerApprovalRoutes(app: Api, context: ApiContext): void {
  const { ledger, now } = context;
  app.openapi(list, async (hono) => {
    const { mine, myRoles, overdue, ...query } = hono.req.valid('query');
    const page = await listApprovals(ledger, {
      ...query,
      ...(mine === 'true' ? { askedOf: speakerOf(hono) } : {}),
      ...(myRoles === 'true' ? { roleOf: speakerOf(hono) } : {}),
      overdue: overdue === 'true',
      at: now(),
      within: hono.get('within'),
      reader: hono.get('reader'),
    });
    return hono.json(page, 200);
  });
  app.openapi(read, async (hono) => {
    const review = await reviewApproval(ledger, { approvalId: hono.req.valid('param').id });
    return hono.json(review as never, 200);
  });
  app.openapi(decide, async (hono) => {
    const { decisionId: named, decision, ...said } = hono.req.valid('json');
    const decisionId = named ?? hono.req.valid('header')['idempotency-key'] ?? randomUUID();
    const submission = await sayWord(context, {
      ...said,
      approvalId: hono.req.valid('param').id,
      decisionId,
      word: { kind: 'decide', decision },
      actor: speakerOf(hono),
      at: now(),
    });
    if (submission === undefined) {
      hono.header('Retry-After', '1');
      return hono.json({ state: 'pending' as const, decisionId }, 202);
    }
    if (submission.replayed) hono.header('Idempotent-Replayed', 'true');
    const refusal = refusalOf(submission);
    return refusal === undefined
      ? hono.json(submission.approval, 200)
      : (answerRefusal(hono, refusal) as never);
  });
  registerApprovalBulkRoute(app, context);
  registerApprovalWordRoutes(app, context);
  registerDelegationRoutes(app, context);
  registerRiskRatingRoutes(app, context);
}
