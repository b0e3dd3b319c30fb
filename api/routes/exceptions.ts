import { randomUUID } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { judgeDuties } from '../../activities/ledger/read/duties.ts';
import {
  listExceptions,
  readException,
  type BoardException,
} from '../../activities/ledger/read/exception.ts';
import { ageOf, type Age } from '../../rules/exception/ageing.ts';
import { EXCEPTION_OWNERS, EXCEPTION_SEVERITIES } from '../../rules/policy/exception-catalogue.ts';
import { actedAt, factId } from '../approval-schemas.ts';
import type { Api, ApiContext } from '../context.ts';
import {
  agedExceptionSchema,
  EXCEPTION_KIND_NAMES,
  EXCEPTION_STATE_NAMES,
  exceptionHistorySchema,
  exceptionSchema,
} from '../exception-schemas.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, listRoute, PROBLEMS, readRoute, refused } from '../responses.ts';
import { idPart, instant, pageQuery } from '../schemas.ts';

const tags = ['Exceptions'];
const named = z.string().max(120).optional();
/** A query has no booleans, only their names. */
const yesOrNo = z.enum(['true', 'false']).optional();
const isYes = (word: 'true' | 'false' | undefined) =>
  word === undefined ? undefined : word === 'true';

const list = listRoute({
  path: '/v1/exceptions',
  tags,
  summary: 'What is stuck: owner, age and due date, newest first',
  query: pageQuery.extend({
    state: z.enum(EXCEPTION_STATE_NAMES).optional(),
    kind: z.enum(EXCEPTION_KIND_NAMES).optional(),
    owner: z.enum(EXCEPTION_OWNERS).optional(),
    assignee: named,
    severity: z.enum(EXCEPTION_SEVERITIES).optional(),
    subjectId: idPart.optional(),
    dueBefore: instant.optional(),
    node: named,
    channel: named,
    region: named,
    snoozed: yesOrNo,
    merged: yesOrNo,
    overdue: yesOrNo,
  }),
  item: agedExceptionSchema,
});

const read = readRoute({
  path: '/v1/exceptions/{id}',
  tags,
  summary: 'One exception, and everything that happened to it',
  params: z.object({ id: idPart }),
  view: exceptionHistorySchema,
});

const resolve = createRoute({
  method: 'post',
  path: '/v1/exceptions/{id}/resolutions',
  tags,
  summary: 'Resolve by one of the offered actions',
  description:
    'The resolution is named by resolutionId, else by the Idempotency-Key header. What is merged into the entry is resolved with it.',
  request: {
    params: z.object({ id: idPart }),
    headers: z.object({ 'idempotency-key': factId.optional() }),
    ...jsonBody(
      z.strictObject({
        resolutionId: factId.optional(),
        action: z.string().min(1).max(64),
        rootCause: z
          .string()
          .max(64)
          .optional()
          .openapi({ description: 'One that the entry offers; not-investigated when left out' }),
        note: z.string().max(2_000).optional(),
        occurredAt: actedAt,
      }),
    ),
  },
  responses: {
    200: json(exceptionSchema, 'Resolved; its process goes on.'),
    ...PROBLEMS,
    403: refused('The policy separates this from what the sender did before; `rule` says so.'),
    409: refused('Resolved before, or merged into another one.'),
  },
});

/** The exception board: what is on it, and how it is closed. */
export function registerExceptionRoutes(app: Api, context: ApiContext): void {
  app.openapi(list, async (hono) => {
    const { snoozed, merged, overdue, ...query } = hono.req.valid('query');
    const at = context.now();
    const { data, nextCursor } = await listExceptions(context.ledger, {
      ...query,
      snoozed: isYes(snoozed),
      merged: isYes(merged),
      overdue: isYes(overdue),
      at,
      within: hono.get('within'),
    });
    return hono.json(
      { data: data.map((entry) => ({ ...entry, ...ageAt(entry, at) })), nextCursor },
      200,
    );
  });
  app.openapi(read, async (hono) => {
    const { id: exceptionId } = hono.req.valid('param');
    const exception = await readException(context.ledger, { exceptionId });
    return hono.json({ ...exception, ...ageAt(exception, context.now()) }, 200);
  });
  app.openapi(resolve, async (hono) => {
    const { resolutionId, ...body } = hono.req.valid('json');
    const { id: exceptionId } = hono.req.valid('param');
    const [actor, at] = [hono.get('actor'), context.now()];
    const { action, occurredAt = at } = body;
    const duty = { exceptionId, action, at: occurredAt };
    const [separated] = (await judgeDuties(context.ledger, actor, duty)).values();
    if (separated !== undefined) {
      const { rule, text } = separated;
      return problem(hono, 403, 'ResolutionRefused', `${text}.`, [], { rule });
    }
    const { resolved, replayed, exception } = await resolveException(context.ledger, {
      ...body,
      exceptionId,
      resolutionId: resolutionId ?? hono.req.valid('header')['idempotency-key'] ?? randomUUID(),
      actor,
      at,
    });
    if (!resolved) {
      const { id, mergedInto, state, resolution, resolvedBy, resolvedAt } = exception;
      const why =
        state === 'open'
          ? `${id} is merged into ${mergedInto}: resolve that one.`
          : `${id} was resolved (${resolution}) by ${resolvedBy} at ${resolvedAt}.`;
      return problem(hono, 409, 'Conflict', why);
    }
    if (replayed) hono.header('Idempotent-Replayed', 'true');
    else context.engine.nudge();
    return hono.json(exception, 200);
  });
}

function ageAt({ raisedAt, dueAt, resolvedAt }: BoardException, now: string): Age {
  const entry = {
    raisedAtMs: Date.parse(raisedAt),
    dueAtMs: Date.parse(dueAt),
    resolvedAtMs: resolvedAt === null ? null : Date.parse(resolvedAt),
  };
  return ageOf(entry, Date.parse(now));
}
