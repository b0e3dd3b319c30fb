import { createRoute, z } from '@hono/zod-openapi';
import { holdStock, releaseHold } from '../../activities/ledger/intake/stock-hold.ts';
import { listStock, readStock } from '../../activities/ledger/read/stock.ts';
import { elementFault } from '../access/found-route.ts';
import type { Api, ApiContext } from '../context.ts';
import { problemSchema } from '../problem.ts';
import { factTime, idPart, instant, pageOf, pageQuery, quantity } from '../schemas.ts';

const units = z.number().int();
const stockAtNode = z
  .object({
    sku: z.string(),
    node: z.string(),
    onHand: units.openapi({ description: 'On the shelf, reserved and picked units included' }),
    reserved: units,
    picked: units,
    available: units.openapi({ description: 'Can still be promised' }),
    inTransit: units.openapi({ description: 'Announced by shipping notices' }),
    inbound: units.openapi({
      description: 'Still to come on open purchase orders, units in transit included',
    }),
    returned: units,
    quarantined: units,
    damaged: units,
    backordered: units,
    lots: z.array(z.object({ lot: z.string(), bucket: z.string(), quantity: units })),
  })
  .openapi('StockAtNode');

const holdUnits = z.strictObject({ sku: z.string().min(1).max(120), node: idPart, quantity });
const holdRequest = z.strictObject({
  holdId: z
    .string()
    .regex(
      /^[A-Za-z0-9._-]{1,120}$/,
      'must be 1 to 120 letters, digits, dots, underscores or dashes',
    ),
  expiresAt: instant,
  plans: z.array(z.array(holdUnits).min(1).max(200)).min(1).max(20),
});
const holdResult = z.object({
  holdId: z.string(),
  applied: z.boolean(),
  state: z.enum(['held', 'short', 'refused']),
  plan: z.number().int().optional(),
  expiresAt: instant.optional(),
  short: z.array(holdUnits).optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  replayed: z.boolean().optional(),
});

const refusal = (description: string) => {
  const content: Record<string, { schema: typeof problemSchema }> = {
    'application/problem+json': { schema: problemSchema },
  };
  return { description, content };
};

const readRoute = createRoute({
  method: 'get',
  path: '/v1/stock/{sku}',
  tags: ['Stock'],
  summary: 'One SKU at every node',
  request: { params: z.object({ sku: z.string().min(1).max(120) }) },
  responses: {
    200: {
      description: 'The stock',
      content: {
        'application/json': {
          schema: z.object({
            sku: z.string(),
            description: z.string(),
            unitOfMeasure: z.string(),
            nodes: z.array(stockAtNode),
          }),
        },
      },
    },
    404: refusal('The SKU is not known'),
  },
});

const listRoute = createRoute({
  method: 'get',
  path: '/v1/stock',
  tags: ['Stock'],
  summary: 'Stock by SKU and node',
  request: { query: pageQuery.extend({ sku: z.string().optional(), node: z.string().optional() }) },
  responses: {
    200: {
      description: 'One page',
      content: { 'application/json': { schema: pageOf(stockAtNode) } },
    },
    422: refusal('A filter or the cursor is not valid'),
  },
});

const holdRoute = createRoute({
  method: 'post',
  path: '/v1/stock/holds',
  tags: ['Stock'],
  summary: 'Keep stock that belongs to no order yet; it is freed at its time',
  description:
    'Each hold names ranked plans; the first that is available as a whole is kept. The hold id is its idempotency key.',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            holds: z.array(holdRequest).min(1).max(200),
            occurredAt: factTime.optional(),
          }),
        },
      },
    },
  },
  responses: {
    207: {
      description: 'One result each, in the order given',
      content: { 'application/json': { schema: z.object({ results: z.array(holdResult) }) } },
    },
    422: refusal('A field is not valid'),
  },
});

const releaseRoute = createRoute({
  method: 'delete',
  path: '/v1/stock/holds/{holdId}',
  tags: ['Stock'],
  summary: 'Give a hold back',
  request: { params: z.object({ holdId: idPart }) },
  responses: {
    200: {
      description: 'What the hold is now; applied is false when it was not held any more',
      content: {
        'application/json': {
          schema: z.object({ holdId: z.string(), applied: z.boolean(), state: z.string() }),
        },
      },
    },
    404: refusal('The hold is not known'),
  },
});

/** Stock per SKU and node, and holds that belong to no order. */
export function registerStockRoutes(app: Api, context: ApiContext): void {
  const { ledger } = context;
  app.openapi(listRoute, async (hono) =>
    hono.json(
      await listStock(ledger, { ...hono.req.valid('query'), within: hono.get('within') }),
      200,
    ),
  );

  app.openapi(holdRoute, async (hono) => {
    const { holds, occurredAt } = hono.req.valid('json');
    const refused = hono.get('refusedElements');
    const within = holds.filter((_hold, index) => refused?.has(index) !== true);
    const request = { holds: within, occurredAt: occurredAt ?? context.now() };
    const { results } = within.length === 0 ? { results: [] } : await holdStock(ledger, request);
    let next = 0;
    const answers = holds.map(({ holdId }, index) => {
      const refusal = refused?.get(index);
      if (refusal === undefined) return results[next++];
      const errors = [elementFault(refusal)];
      return { holdId, applied: false, state: 'refused', errors };
    });
    return hono.json({ results: answers } as never, 207);
  });

  app.openapi(releaseRoute, async (hono) => {
    const { holdId } = hono.req.valid('param');
    const answer = await releaseHold(ledger, {
      holdId,
      occurredAt: context.now(),
      actor: hono.get('actor'),
    });
    if (answer.applied) context.engine.nudge();
    return hono.json(answer, 200);
  });

  app.openapi(readRoute, async (hono) =>
    hono.json(await readStock(ledger, hono.req.valid('param').sku, hono.get('within')), 200),
  );
}
