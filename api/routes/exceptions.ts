import { randomUUID } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { listExceptions, readException } from '../../activities/ledger/read/exception.ts';
import { EXCEPTION_STATES, type ExceptionState } from '../../rules/exception/states.ts';
import type { Api, ApiContext } from '../context.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, listRoute, PROBLEMS, readRoute, refused } from '../responses.ts';
import { idPart, instant, pageQuery } from '../schemas.ts';
import { actedAt, factId } from './approvals.ts';

const EXCEPTION_STATE_NAMES = Object.keys(EXCEPTION_STATES) as [
  ExceptionState,
  ...ExceptionState[],
];

const exceptionSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    subjectId: z.string(),
    processId: z.string().nullable(),
    owner: z.string(),
    severity: z.enum(['low', 'normal', 'high']),
    state: z.enum(EXCEPTION_STATE_NAMES),
    evidence: z.record(z.string(), z.any()),
    actions: z.array(z.string()).openapi({ description: 'What may resolve it' }),
    resolution: z.string().nullable(),
    resolvedBy: z.string().nullable(),
    note: z.string().nullable(),
    raisedAt: instant,
    dueAt: instant,
    resolvedAt: instant.nullable(),
    recordedAt: instant,
  })
  .openapi('Exception');

const tags = ['Exceptions'];

const list = listRoute({
  path: '/v1/exceptions',
  tags,
  summary: 'What is stuck: owner, age and due date, newest first',
  query: pageQuery.extend({
    state: z.enum(EXCEPTION_STATE_NAMES).optional(),
    kind: z.string().max(64).optional(),
    owner: z.string().max(64).optional(),
    subjectId: idPart.optional(),
  }),
  item: exceptionSchema,
});

const read = readRoute({
  path: '/v1/exceptions/{id}',
  tags,
  summary: 'One exception',
  params: z.object({ id: idPart }),
  view: exceptionSchema,
});

const resolve = createRoute({
  method: 'post',
  path: '/v1/exceptions/{id}/resolutions',
  tags,
  summary: 'Resolve by one of the offered actions',
  description: 'The resolution is named by resolutionId, else by the Idempotency-Key header.',
  request: {
    params: z.object({ id: idPart }),
    headers: z.object({ 'idempotency-key': factId.optional() }),
    ...jsonBody(
      z.strictObject({
        resolutionId: factId.optional(),
        action: z.string().min(1).max(64),
        note: z.string().max(2_000).optional(),
        occurredAt: actedAt,
      }),
    ),
  },
  responses: {
    200: json(exceptionSchema, 'Resolved; its process goes on.'),
    ...PROBLEMS,
    409: refused('Resolved before.'),
  },
});

/** The exception board. */
export function registerExceptionRoutes(app: Api, context: ApiContext): void {
  app.openapi(list, async (hono) =>
    hono.json(await listExceptions(context.ledger, hono.req.valid('query')), 200),
  );
  app.openapi(read, async (hono) =>
    hono.json(
      await readException(context.ledger, { exceptionId: hono.req.valid('param').id }),
      200,
    ),
  );
  app.openapi(resolve, async (hono) => {
    const { resolutionId, action, note, occurredAt } = hono.req.valid('json');
    const { resolved, replayed, exception } = await resolveException(context.ledger, {
      exceptionId: hono.req.valid('param').id,
      resolutionId: resolutionId ?? hono.req.valid('header')['idempotency-key'] ?? randomUUID(),
      action,
      note,
      actor: hono.get('actor'),
      occurredAt,
      at: context.now(),
    });
    if (!resolved) {
      const { id, resolution, resolvedBy, resolvedAt } = exception;
      return problem(
        hono,
        409,
        'Conflict',
        `${id} was resolved (${resolution}) by ${resolvedBy} at ${resolvedAt}.`,
      );
    }
    if (replayed) hono.header('Idempotent-Replayed', 'true');
    else context.engine.nudge();
    return hono.json(exception, 200);
  });
}
