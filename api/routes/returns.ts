import { createRoute, z } from '@hono/zod-openapi';
import { inspectReturn } from '../../activities/ledger/intake/inspect-return.ts';
import {
  receiveReturn,
  type ReturnFactAnswer,
} from '../../activities/ledger/intake/receive-return.ts';
import { readTimeline } from '../../activities/ledger/read/order.ts';
import { listReturns, readReturn } from '../../activities/ledger/read/return.ts';
import type { Api, ApiContext } from '../context.ts';
import { lineNoOf } from '../line-ids.ts';
import { timelineEntry } from '../order-schemas.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, listRoute, PROBLEMS, readRoute } from '../responses.ts';
import { takeReturn } from '../return-intake.ts';
import {
  inspectionRequest,
  returnQuery,
  returnReceiptRequest,
  returnRequest,
  returnView,
} from '../return-schemas.ts';
import { pageOf, pageQuery } from '../schemas.ts';

const idParam = z.object({ id: z.string().max(200) });
const tags = ['Returns'];

const request = createRoute({
  method: 'post',
  path: '/v1/returns',
  tags,
  summary: 'Ask for a return: authorized, in review or refused, with the rule that said so',
  request: jsonBody(returnRequest),
  responses: {
    201: json(returnView, 'The return. What had not been sent is cancelled.'),
    ...PROBLEMS,
  },
});

const list = listRoute({
  path: '/v1/returns',
  tags,
  summary: 'Returns, newest first',
  query: returnQuery,
  item: returnView,
});

const read = readRoute({
  path: '/v1/returns/{id}',
  tags,
  summary: 'One return with its lines, money and approvals',
  params: idParam,
  view: returnView,
});

const timeline = createRoute({
  method: 'get',
  path: '/v1/returns/{id}/timeline',
  tags,
  summary: 'Everything that happened to a return and why, oldest first',
  request: { params: idParam, query: pageQuery },
  responses: { 200: json(pageOf(timelineEntry), 'A page of the timeline.'), ...PROBLEMS },
});

const receive = createRoute({
  method: 'post',
  path: '/v1/returns/{id}/receipts',
  tags,
  summary: 'Goods of a return arrived',
  request: { params: idParam, ...jsonBody(returnReceiptRequest) },
  responses: { 200: json(returnView, 'The return.'), ...PROBLEMS },
});

const inspect = createRoute({
  method: 'post',
  path: '/v1/returns/{id}/inspections',
  tags,
  summary: 'Units of a return were graded and disposed of',
  request: { params: idParam, ...jsonBody(inspectionRequest) },
  responses: { 200: json(returnView, 'The return.'), ...PROBLEMS },
});

export function registerReturnRoutes(app: Api, context: ApiContext): void {
  registerIntake(app, context);
  registerReads(app, context);
  registerWarehouseFacts(app, context);
}

function registerIntake(app: Api, { ledger, engine, now }: ApiContext): void {
  app.openapi(request, async (hono) => {
    const answer = await takeReturn(ledger, {
      request: hono.req.valid('json'),
      reference: hono.req.header('Idempotency-Key'),
      now: now(),
      actor: hono.get('actor'),
    });
    if (answer.outcome === 'invalid') {
      const { path, message } = answer.error;
      return problem(hono, 422, 'InvalidInput', `${path}: ${message}`, [answer.error]) as never;
    }
    if (answer.outcome === 'stale') {
      return problem(
        hono,
        503,
        'SerializationConflict',
        'The sales of this return keep changing: try again.',
      ) as never;
    }
    if (answer.replayed) hono.header('Idempotent-Replayed', 'true');
    else if (answer.processId !== null)
      engine.start({
        processId: answer.processId,
        kind: 'return',
        attributes: { Channel: hono.req.valid('json').channel },
      });
    engine.nudge();
    return hono.json(answer.return, 201);
  });
}

function registerReads(app: Api, { ledger }: ApiContext): void {
  app.openapi(list, async (hono) =>
    hono.json(
      await listReturns(ledger, { ...hono.req.valid('query'), within: hono.get('within') }),
      200,
    ),
  );

  app.openapi(read, async (hono) =>
    hono.json(await readReturn(ledger, hono.req.valid('param').id), 200),
  );

  app.openapi(timeline, async (hono) => {
    const { id } = hono.req.valid('param');
    await readReturn(ledger, id);
    return hono.json(
      (await readTimeline(ledger, { subjectId: id, ...hono.req.valid('query') })) as never,
      200,
    );
  });
}

function registerWarehouseFacts(app: Api, { ledger, engine, now }: ApiContext): void {
  app.openapi(receive, async (hono) => {
    const { id } = hono.req.valid('param');
    const { lines, ...body } = hono.req.valid('json');
    const answer = await receiveReturn(ledger, {
      returnId: id,
      ...body,
      lines: lines.map(({ returnLineId, ...line }, index) => ({
        ...(returnLineId === undefined
          ? {}
          : { lineNo: lineNoOf(returnLineId, id, `lines[${index}].returnLineId`) }),
        ...line,
      })),
      at: now(),
      actor: hono.get('actor'),
    });
    return answerFact(hono, answer) as never;
  });

  app.openapi(inspect, async (hono) => {
    const { id } = hono.req.valid('param');
    const { units, ...body } = hono.req.valid('json');
    const answer = await inspectReturn(ledger, {
      returnId: id,
      ...body,
      units: units.map(({ returnLineId, ...unit }, index) => ({
        lineNo: lineNoOf(returnLineId, id, `units[${index}].returnLineId`),
        ...unit,
      })),
      at: now(),
      actor: hono.get('actor'),
    });
    return answerFact(hono, answer) as never;
  });

  function answerFact(hono: Parameters<typeof problem>[0], answer: ReturnFactAnswer): Response {
    if (!answer.applied)
      return problem(hono, 409, 'Conflict', `${answer.return.id} is ${answer.return.state}.`);
    if (answer.replayed) hono.header('Idempotent-Replayed', 'true');
    else engine.nudge();
    return hono.json(answer.return, 200);
  }
}
