import { randomUUID } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  assignException,
  claimException,
  commentException,
  mergeExceptions,
  snoozeException,
  type BoardAct,
} from '../../activities/ledger/intake/work-on-exception.ts';
import { readException } from '../../activities/ledger/read/exception.ts';
import { decideAccess } from '../../rules/access/decide-access.ts';
import { RESOLUTION_SCOPES } from '../../rules/exception/resolution-scopes.ts';
import { EXCEPTION_OWNERS } from '../../rules/policy/exception-catalogue.ts';
import { refuseAccess } from '../access/refuse-access.ts';
import { actedAt, factId } from '../approval-schemas.ts';
import type { Api, ApiContext, RequestVariables } from '../context.ts';
import { exceptionSchema } from '../exception-schemas.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, PROBLEMS, refused } from '../responses.ts';
import { idPart, instant } from '../schemas.ts';

const text = z.string().min(1).max(2_000);
const note = text.optional();

/** A `POST` below an entry of the board; `fact` names the field that its repeats are known by. */
function actRoute<Path extends string, Body extends z.ZodObject>(
  path: Path,
  fact: string,
  described: { summary: string; done: string; refusal: string; body: Body },
) {
  return createRoute({
    method: 'post',
    path,
    tags: ['Exceptions'],
    summary: described.summary,
    description: `It is named by ${fact}, else by the Idempotency-Key header.`,
    request: {
      params: z.object({ id: idPart }),
      headers: z.object({ 'idempotency-key': factId.optional() }),
      ...jsonBody(described.body),
    },
    responses: {
      200: json(exceptionSchema, described.done),
      ...PROBLEMS,
      409: refused(described.refusal),
    },
  });
}

const claim = actRoute('/v1/exceptions/{id}/claims', 'claimId', {
  summary: 'Take an exception on',
  done: 'It is the caller’s, who may resolve it.',
  refusal: 'Somebody else’s, or resolved.',
  body: z.strictObject({ claimId: factId.optional(), note, occurredAt: actedAt }),
});

const assign = actRoute('/v1/exceptions/{id}/assignments', 'assignmentId', {
  summary: 'Give an exception to a person, to another role, or back to its role',
  done: 'Given.',
  refusal: 'Resolved.',
  body: z.strictObject({
    assignmentId: factId.optional(),
    assignee: z.string().min(1).max(120).nullable().openapi({
      description: 'The id of a person who may resolve it; null gives it back to its role',
    }),
    owner: z.enum(EXCEPTION_OWNERS).optional(),
    note,
    occurredAt: actedAt,
  }),
});

const comment = actRoute('/v1/exceptions/{id}/comments', 'commentId', {
  summary: 'Say something about an exception',
  done: 'Said.',
  refusal: 'Known with another text.',
  body: z.strictObject({ commentId: factId.optional(), text, occurredAt: actedAt }),
});

const snooze = actRoute('/v1/exceptions/{id}/snoozes', 'snoozeId', {
  summary: 'Put an exception aside for a while',
  done: 'Put aside; its due date stays.',
  refusal: 'Resolved, or merged into another one.',
  body: z.strictObject({
    snoozeId: factId.optional(),
    wakeAt: instant.openapi({ description: 'When it comes back: ahead, and within its limits' }),
    reason: text,
    occurredAt: actedAt,
  }),
});

const merge = actRoute('/v1/exceptions/{id}/merges', 'mergeId', {
  summary: 'Say that another exception is the same trouble',
  done: 'Whatever resolves this one resolves the other.',
  refusal: 'One of them is resolved, or merged already.',
  body: z.strictObject({
    mergeId: factId.optional(),
    duplicateId: idPart.openapi({ description: 'Of the same kind, and with the same actions' }),
    note,
    occurredAt: actedAt,
  }),
});

/** What people do about entries of the board before they are closed. */
export function registerExceptionWorkRoutes(app: Api, context: ApiContext): void {
  const { ledger } = context;
  app.openapi(claim, async (hono) => {
    const { claimId = keyOf(hono.req.valid('header')), ...body } = hono.req.valid('json');
    const { id } = hono.req.valid('param');
    const beyond = await refuseOthers(hono, context, id);
    if (beyond !== undefined) return beyond;
    const request = { ...body, ...actOf(hono, context, id), claimId };
    const act = await claimException(ledger, request);
    return act.applied ? hono.json(shown(hono, act), 200) : refusal(hono, act);
  });
  app.openapi(assign, async (hono) => {
    const { assignmentId = keyOf(hono.req.valid('header')), ...body } = hono.req.valid('json');
    const { id } = hono.req.valid('param');
    const request = { ...body, ...actOf(hono, context, id), assignmentId };
    const act = await assignException(ledger, request);
    return act.applied ? hono.json(shown(hono, act), 200) : refusal(hono, act);
  });
  app.openapi(comment, async (hono) => {
    const { commentId = keyOf(hono.req.valid('header')), ...body } = hono.req.valid('json');
    const { id } = hono.req.valid('param');
    const request = { ...body, ...actOf(hono, context, id), commentId };
    const act = await commentException(ledger, request);
    return act.applied ? hono.json(shown(hono, act), 200) : refusal(hono, act);
  });
  app.openapi(snooze, async (hono) => {
    const { snoozeId = keyOf(hono.req.valid('header')), ...body } = hono.req.valid('json');
    const { id } = hono.req.valid('param');
    const request = { ...body, ...actOf(hono, context, id), snoozeId };
    const act = await snoozeException(ledger, request);
    return act.applied ? hono.json(shown(hono, act), 200) : refusal(hono, act);
  });
  app.openapi(merge, async (hono) => {
    const { mergeId = keyOf(hono.req.valid('header')), ...body } = hono.req.valid('json');
    const { id } = hono.req.valid('param');
    const request = { ...body, ...actOf(hono, context, id), mergeId };
    const act = await mergeExceptions(ledger, request);
    return act.applied ? hono.json(shown(hono, act), 200) : refusal(hono, act);
  });
}

/** Refuses whoever may not resolve an entry: it would be kept from those who can. Errors: NotFound. */
async function refuseOthers(
  hono: Context<RequestVariables>,
  { ledger }: ApiContext,
  exceptionId: string,
): Promise<Response | undefined> {
  const { kind } = await readException(ledger, { exceptionId });
  const scope = RESOLUTION_SCOPES[kind];
  if (scope === undefined)
    return refuseAccess(hono, 'case-unlisted', 'Nobody may resolve things of this kind.');
  const decision = decideAccess(hono.get('principal'), { scope, reach: [] }, 'rows');
  return decision.outcome === 'refused'
    ? refuseAccess(hono, decision.rule, decision.text)
    : undefined;
}

function keyOf(headers: { 'idempotency-key'?: string | undefined }): string {
  return headers['idempotency-key'] ?? randomUUID();
}

function actOf(hono: Context, { now }: ApiContext, exceptionId: string) {
  return { exceptionId, actor: String(hono.get('actor')), at: now() };
}

/** The entry as it stands; a repeat of what was done is marked. */
function shown(hono: Context, { replayed, exception }: BoardAct): BoardAct['exception'] {
  if (replayed) hono.header('Idempotent-Replayed', 'true');
  return exception;
}

function refusal(hono: Context, { exception }: BoardAct): Response {
  return problem(hono, 409, 'Conflict', whyNot(exception));
}

function whyNot(exception: BoardAct['exception']): string {
  const { id, state, mergedInto, assignee, resolution, resolvedBy, resolvedAt } = exception;
  if (state !== 'open')
    return `${id} was resolved (${resolution}) by ${resolvedBy} at ${resolvedAt}.`;
  if (mergedInto !== null) return `${id} is merged into ${mergedInto}.`;
  return assignee === null ? `${id} has changed meanwhile.` : `${id} is with ${assignee}.`;
}
