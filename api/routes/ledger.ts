import { createRoute, z } from '@hono/zod-openapi';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { listPayments } from '../../activities/ledger/read/payment.ts';
import { readTrade } from '../../activities/ledger/read/trade.ts';
import type { Api, ApiContext } from '../context.ts';
import { problemSchema } from '../problem.ts';
import { currency, instant, minorUnits, pageOf, pageQuery } from '../schemas.ts';

const minor = minorUnits;
const count = z.number().int();
const byState = z.record(z.string(), count);

const tradeReport = z
  .object({
    grossSum: z
      .string()
      .openapi({ description: 'Credits less debits of the rows, major units, exact' }),
    byClassMinor: z.record(z.string(), minor),
    roundingMinor: z
      .string()
      .openapi({ description: 'What rounding left out, minor units, exact' }),
    cogsMinor: minor,
    inventoryValueMinor: minor,
    capturedMinor: minor,
    refundedMinor: minor,
    creditedToAccountMinor: minor,
    receivablesMinor: minor,
    trialBalanceDifferenceMinor: minor,
    unitsReceived: count,
    unitsShipped: count,
    unitsCancelledBeforeShipment: count,
    unitsReturned: count,
    unitsFound: count,
    unitsWrittenOff: count,
    unitsWriteOffShort: count,
    unitsScrapped: count,
    unitsReturnedToSupplier: count,
    unitsLeft: count,
    unitsCarriedIn: count.openapi({
      description: 'What rows of other sources brought in, less what they took out',
    }),
    orders: z.object({ accepted: count, completed: count, cancelled: count, waiting: count }),
    returns: byState,
    purchaseOrders: byState,
    approvals: byState,
    exceptions: byState,
  })
  .openapi('TradeReport');

const refusal = (description: string) => {
  const content: Record<string, { schema: typeof problemSchema }> = {
    'application/problem+json': { schema: problemSchema },
  };
  return { description, content };
};

const source = z
  .string()
  .regex(/^[^:]{1,120}$/, 'must be the part of a source reference before its first colon');

const tradeRoute = createRoute({
  method: 'get',
  path: '/v1/ledger/trade',
  tags: ['Ledger'],
  summary: 'What the ledger says of the trade of one or several sources',
  description: [
    'Counts what carries a source reference `<source>:<class>:<ordinal>` of the sources asked for.',
    'Goods received, scrapped, sent back and left, inventory value, receivables and counts by state are',
    'those of the whole ledger. Always: received + returned + found + carried in = shipped + written off',
    '+ scrapped + returned to supplier + left.',
  ].join(' '),
  request: {
    query: z.object({
      source: z
        .union([source, z.array(source).min(1).max(50)])
        .openapi({ type: 'array', items: { type: 'string' }, description: 'May be repeated' }),
    }),
  },
  responses: {
    200: { description: 'The figures', content: { 'application/json': { schema: tradeReport } } },
    422: refusal('A source is missing or not valid'),
  },
});

const payment = z
  .object({
    paymentId: z.string(),
    orderId: z.string(),
    provider: z.string(),
    reference: z.string().nullable(),
    currency,
    authorizedMinor: minor,
    capturedMinor: minor,
    refundedMinor: minor,
    state: z.string(),
    recordedAt: instant,
  })
  .openapi('Payment');

const paymentsRoute = createRoute({
  method: 'get',
  path: '/v1/payments',
  tags: ['Ledger'],
  summary: 'Payments with what was authorized, captured and refunded, newest first',
  request: {
    query: pageQuery.extend({ orderId: z.string().optional(), state: z.string().optional() }),
  },
  responses: {
    200: { description: 'One page', content: { 'application/json': { schema: pageOf(payment) } } },
    422: refusal('A filter or the cursor is not valid'),
  },
});

const checkReport = z
  .object({
    ok: z.boolean(),
    found: count.openapi({ description: 'All differences' }),
    drift: z
      .array(
        z.object({
          kind: z.string(),
          id: z.string(),
          expected: z.string(),
          actual: z.string(),
          detail: z.any(),
        }),
      )
      .openapi({
        description: 'The first 1,000 differences: what the entries say, and what is kept',
      }),
    trialBalance: z.array(z.object({ currency, debitMinor: minor, creditMinor: minor })),
  })
  .openapi('LedgerCheck');

const checkRoute = createRoute({
  method: 'get',
  path: '/v1/ledger/check',
  tags: ['Ledger'],
  summary: 'Recompute every balance from the entries and name each difference',
  description: 'Reads every entry of the ledger, so it takes a while where there are many.',
  responses: {
    200: {
      description: 'The differences',
      content: { 'application/json': { schema: checkReport } },
    },
  },
});

/** The trade report by source, the check of the ledger, and payments. */
export function registerLedgerRoutes(app: Api, context: ApiContext): void {
  app.openapi(tradeRoute, async (hono) => {
    const asked = hono.req.valid('query').source;
    return hono.json(
      await readTrade(context.ledger, typeof asked === 'string' ? [asked] : asked),
      200,
    );
  });

  app.openapi(checkRoute, async (hono) => hono.json(await checkLedger(context.ledger), 200));

  app.openapi(paymentsRoute, async (hono) =>
    hono.json(
      await listPayments(context.ledger, {
        ...hono.req.valid('query'),
        within: hono.get('within'),
      }),
      200,
    ),
  );
}
