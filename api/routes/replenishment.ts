import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  decideReplenishment,
  recordReplenishment,
} from '../../activities/ledger/intake/plan-replenishment.ts';
import {
  readReplenishmentCycle,
  type ReplenishmentCycle,
} from '../../activities/ledger/read/replenishment.ts';
import { Failure } from '../../activities/failures.ts';
import type { Api, ApiContext } from '../context.ts';
import { problem } from '../problem.ts';
import { purchaseOrderSummary } from '../purchase-order-schemas.ts';
import { json, jsonBody, PROBLEMS } from '../responses.ts';
import { decimal, factTime, idPart, instant } from '../schemas.ts';

const tags = ['Replenishment'];
const units = z.number().int();
const measure = z.number();

const cycleRequest = z
  .strictObject({
    node: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be a node'),
    date: z.iso.date().openapi({ description: 'Demand is observed before this day' }),
    businessTime: factTime,
  })
  .openapi('ReplenishmentCycleRequest');

const terms = z
  .object({
    reason: z.enum(['below-reorder-point', 'backorders']),
    demandDays: units,
    demandUnits: measure,
    meanPerDay: measure,
    deviationPerDay: measure,
    leadTimeDays: units,
    leadTimeDeviationDays: measure,
    reviewDays: units,
    serviceZ: measure,
    meanDemand: measure.openapi({ description: 'Over lead time and review period' }),
    safetyStock: measure,
    reorderPoint: measure,
    available: units,
    reserved: units,
    onOrder: units,
    backordered: units,
    position: units.openapi({ description: 'available + onOrder - backordered' }),
    coverDays: units,
    target: measure,
    needed: units,
    minimumQuantity: units,
    multipleQuantity: units,
    unitPrice: decimal,
  })
  .openapi('ReplenishmentTerms');

const cycleView = z
  .object({
    id: z.string(),
    node: z.string(),
    date: z.string(),
    state: z.enum(['planned', 'done']),
    process: z.enum(['pending', 'running', 'ended']).nullable(),
    businessTime: instant,
    recordedAt: instant,
    proposals: z.array(
      z.object({
        sku: z.string(),
        supplier: z.string(),
        quantity: units,
        purchaseOrderId: z.string().nullable(),
        dropped: z
          .string()
          .nullable()
          .openapi({ description: 'Why nothing was ordered after all' }),
        terms,
      }),
    ),
    purchaseOrders: z.array(purchaseOrderSummary),
  })
  .openapi('ReplenishmentCycle');

const plan = createRoute({
  method: 'post',
  path: '/v1/replenishment/cycles',
  tags,
  summary: 'Plan and order what a warehouse needs',
  description: 'Natural key: node and date. A repeat answers the first cycle.',
  request: jsonBody(cycleRequest),
  responses: {
    201: json(cycleView, 'Every proposal with its terms, and the orders.'),
    ...PROBLEMS,
  },
});

const read = createRoute({
  method: 'get',
  path: '/v1/replenishment/cycles/{id}',
  tags,
  summary: 'One cycle with every term',
  request: { params: z.object({ id: idPart }) },
  responses: { 200: json(cycleView, 'The cycle.'), ...PROBLEMS },
});

/** Replenishment cycles: one per node and date. */
export function registerReplenishmentRoutes(app: Api, { ledger, engine }: ApiContext): void {
  app.openapi(plan, async (hono) => {
    const body = hono.req.valid('json');
    const id = `replenishment:${body.node}:${body.date}`;
    const known = await readReplenishmentCycle(ledger, { id });
    if (known !== null) {
      hono.header('Idempotent-Replayed', 'true');
      return cycleBody(hono, 201, known) as never;
    }
    const { replayed } = await recordReplenishment(ledger, {
      ...(await decideReplenishment(ledger, body)),
      actor: hono.get('actor'),
    });
    if (replayed) hono.header('Idempotent-Replayed', 'true');
    else engine.start({ processId: id, kind: 'replenishment' });
    const cycle = await readReplenishmentCycle(ledger, { id });
    if (cycle === null) throw new Failure('InvariantViolated', `${id} was recorded and is gone`);
    return cycleBody(hono, 201, cycle) as never;
  });
  app.openapi(read, async (hono) => {
    const { id } = hono.req.valid('param');
    const cycle = await readReplenishmentCycle(ledger, { id });
    if (cycle === null) {
      return problem(hono, 404, 'NotFound', `There is no replenishment cycle ${id}.`) as never;
    }
    return cycleBody(hono, 200, cycle) as never;
  });
}

/** The view of a cycle, written page by page: a large one has tens of thousands of proposals. */
function cycleBody(hono: Context, status: 200 | 201, cycle: ReplenishmentCycle): Response {
  const texts = viewTexts(cycle);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await texts.next();
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
    cancel: async () => {
      await texts.return(undefined);
    },
  });
  return hono.body(body, status, { 'Content-Type': 'application/json' });
}

async function* viewTexts(cycle: ReplenishmentCycle): AsyncGenerator<string, undefined> {
  yield `${JSON.stringify(cycle.head).slice(0, -1)},"proposals":[`;
  yield* itemTexts(cycle.proposals);
  yield '],"purchaseOrders":[';
  yield* itemTexts(cycle.purchaseOrders);
  yield ']}';
  return undefined;
}

async function* itemTexts(pages: AsyncIterable<string>): AsyncGenerator<string> {
  let separator = '';
  for await (const page of pages) {
    yield `${separator}${page}`;
    separator = ',';
  }
}
