import { createRoute, z } from '@hono/zod-openapi';
import { countAllLines } from '../../activities/ledger/intake/count-lines.ts';
import type { AcceptanceResult } from '../../activities/ledger/intake/accept-orders.ts';
import { cancelOrder } from '../../activities/ledger/intake/cancel-order.ts';
import { listOrders, readOrder, readTimeline } from '../../activities/ledger/read/order.ts';
import { elementFault } from '../access/found-route.ts';
import type { Api, ApiContext } from '../context.ts';
import { timesAhead } from '../fact-times.ts';
import { lineNoOf } from '../line-ids.ts';
import { withinIntake } from '../load.ts';
import { orderIntake } from '../order-intake.ts';
import {
  cancellationRequest,
  cancellationView,
  orderQuery,
  orderRequest,
  orderSummary,
  orderView,
  timelineEntry,
} from '../order-schemas.ts';
import { fieldErrors, problem, type FieldError } from '../problem.ts';
import { json, jsonBody, listRoute, PROBLEMS, readRoute } from '../responses.ts';
import { pageOf, pageQuery } from '../schemas.ts';
import { unstorable } from '../storable.ts';

const idParam = z.object({ id: z.string().max(200) });
const tags = ['Orders'];

const place = createRoute({
  method: 'post',
  path: '/v1/orders',
  tags,
  summary: 'Take in an order and reserve for it',
  description:
    'Natural key: channel and externalId. The same content again answers the first answer; other content is refused and shown on the exception board. An order that is `rejected` as short asks for no payment; one that came with an authorized or captured payment gives it back.',
  request: jsonBody(orderRequest),
  responses: {
    201: json(orderView, 'The order: what is allocated, backordered or short.'),
    ...PROBLEMS,
  },
});

const placeBatch = createRoute({
  method: 'post',
  path: '/v1/orders/batch',
  tags,
  summary: 'Take in up to 500 orders, one result each',
  // Elements are judged one by one in the handler, so that a bad one fails alone.
  request: jsonBody(
    z
      .array(z.unknown())
      .min(1)
      .max(500)
      .openapi({ type: 'array', items: { $ref: '#/components/schemas/OrderRequest' } }),
  ),
  responses: {
    207: json(z.array(z.looseObject({ status: z.number() })), 'One result each, in order.'),
    ...PROBLEMS,
  },
});

const read = readRoute({
  path: '/v1/orders/{id}',
  tags,
  summary: 'One order',
  params: idParam,
  view: orderView,
});

const list = listRoute({
  path: '/v1/orders',
  tags,
  summary: 'Orders, newest first',
  query: orderQuery,
  item: orderSummary,
});

const timeline = createRoute({
  method: 'get',
  path: '/v1/orders/{id}/timeline',
  tags,
  summary: 'Everything that happened to an order and why, oldest first',
  request: { params: idParam, query: pageQuery },
  responses: { 200: json(pageOf(timelineEntry), 'A page of the timeline.'), ...PROBLEMS },
});

const cancel = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/cancellations',
  tags,
  summary: 'Cancel what is not shipped',
  description:
    'Of a line that has fewer units open than asked, those are cancelled and `notOpen` says how many there were. Natural key: cancellationId, else the Idempotency-Key header.',
  request: { params: idParam, ...jsonBody(cancellationRequest) },
  responses: {
    200: json(cancellationView, 'What was cancelled and what had been shipped.'),
    ...PROBLEMS,
  },
});

export function registerOrderRoutes(app: Api, context: ApiContext): void {
  registerIntake(app, context);
  registerReads(app, context);
  registerCancellation(app, context);
}

function registerIntake(app: Api, { ledger, engine, now }: ApiContext): void {
  const takeIn = orderIntake(ledger);
  const begin = (result: AcceptanceResult): AcceptanceResult => {
    if ('order' in result && result.order.process !== null && !result.replayed) {
      const attributes = { Channel: result.order.channel, OrderStatus: result.order.state };
      engine.start({ processId: result.orderId, kind: 'order', attributes });
    }
    return result;
  };

  app.openapi(place, async (hono) => {
    const incoming = {
      order: hono.req.valid('json'),
      actor: hono.get('actor'),
      receivedAt: now(),
    };
    const weight = { orders: 1, lines: incoming.order.lines.length };
    const result = begin(await withinIntake(hono.get('load'), weight, () => takeIn(incoming)));
    if (result.outcome === 'invalid') {
      const [first] = result.errors;
      return problem(
        hono,
        422,
        'InvalidInput',
        `${first?.path}: ${first?.message}`,
        result.errors,
      ) as never;
    }
    if (result.outcome === 'mismatch') {
      const errors = [mismatchOf(result)];
      const detail = `externalId: ${errors[0]?.message}`;
      return problem(hono, 409, 'IdempotencyMismatch', detail, errors) as never;
    }
    if (result.replayed) hono.header('Idempotent-Replayed', 'true');
    return hono.json(result.order as never, 201);
  });

  app.openapi(placeBatch, async (hono) => {
    const actor = hono.get('actor');
    const receivedAt = now();
    const inTurn = turns();
    const elements = hono.req.valid('json');
    const refused = hono.get('refusedElements');
    const takeInElement = async (element: unknown, index: number) => {
      const refusal = refused?.get(index);
      if (refusal !== undefined) return { status: 403, errors: [elementFault(refusal)] };
      const broken = [...unstorable(element), ...timesAhead(element, receivedAt)];
      if (broken.length > 0) return { status: 422, errors: broken };
      const parsed = orderRequest.safeParse(element);
      if (parsed.success) {
        const { channel, externalId } = parsed.data;
        return inTurn(`${channel}/${externalId}`, async () =>
          elementResult(begin(await takeIn({ order: parsed.data, actor, receivedAt }))),
        );
      }
      return { status: 422, errors: fieldErrors(parsed.error.issues) };
    };
    const takeInAll = () => Promise.all(elements.map(takeInElement));
    const weight = { orders: elements.length, lines: countAllLines(elements) };
    const results = await withinIntake(hono.get('load'), weight, takeInAll);
    return hono.json(results, 207);
  });
}

/** Of the elements that name the same order, the first one stands: the others wait for their turn. */
function turns() {
  const last = new Map<string, Promise<unknown>>();
  return <Result>(key: string, work: () => Promise<Result>): Promise<Result> => {
    const before = last.get(key);
    const result = before === undefined ? work() : before.then(work, work);
    last.set(key, result);
    return result;
  };
}

function registerReads(app: Api, { ledger }: ApiContext): void {
  app.openapi(read, async (hono) => {
    const { id } = hono.req.valid('param');
    const order = await readOrder(ledger, id);
    if (order === null) return problem(hono, 404, 'NotFound', `There is no order ${id}.`) as never;
    return hono.json(order as never, 200);
  });

  app.openapi(list, async (hono) =>
    hono.json(
      (await listOrders(ledger, {
        ...hono.req.valid('query'),
        within: hono.get('within'),
      })) as never,
      200,
    ),
  );

  app.openapi(timeline, async (hono) => {
    const { id } = hono.req.valid('param');
    if ((await readOrder(ledger, id)) === null) {
      return problem(hono, 404, 'NotFound', `There is no order ${id}.`) as never;
    }
    return hono.json(
      (await readTimeline(ledger, { subjectId: id, ...hono.req.valid('query') })) as never,
      200,
    );
  });
}

function registerCancellation(app: Api, { ledger, engine, now }: ApiContext): void {
  app.openapi(cancel, async (hono) => {
    const { id } = hono.req.valid('param');
    const { lines, cancellationId, ...body } = hono.req.valid('json');
    const { replayed, ...result } = await cancelOrder(ledger, {
      orderId: id,
      cancellationId: cancellationId ?? hono.req.header('Idempotency-Key') ?? hono.get('requestId'),
      lines: lines?.map((line, index) => ({
        lineNo: lineNoOf(line.orderLineId, id, `lines[${index}].orderLineId`),
        quantity: line.quantity,
      })),
      ...body,
      at: now(),
      actor: hono.get('actor'),
    });
    engine.nudge();
    if (replayed === true) hono.header('Idempotent-Replayed', 'true');
    // An answer of an earlier version may be repeated, which named no such lines.
    return hono.json({ ...result, notOpen: result.notOpen ?? [] } as never, 200);
  });
}

function elementResult(result: AcceptanceResult): { status: number; [field: string]: unknown } {
  if (result.outcome === 'invalid') return { status: 422, errors: result.errors };
  if (result.outcome === 'mismatch')
    return { status: 409, orderId: result.orderId, errors: [mismatchOf(result)] };
  return { status: 201, replayed: result.replayed, order: result.order };
}

function mismatchOf({ orderId }: { orderId: string }): FieldError {
  const message = `is known as ${orderId} with other content; the first stands`;
  return { path: 'externalId', message };
}
