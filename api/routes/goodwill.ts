import { createRoute, z } from '@hono/zod-openapi';
import { giveGoodwill } from '../../activities/ledger/intake/give-goodwill.ts';
import {
  listGoodwill,
  readGoodwill,
  readGoodwillSnapshot,
} from '../../activities/ledger/read/goodwill.ts';
import type { Principal } from '../../rules/access/decide-access.ts';
import { approveGoodwill } from '../../rules/goodwill/approve-goodwill.ts';
import { GOODWILL_STATES, type GoodwillState } from '../../rules/goodwill/states.ts';
import { approvalSchema, money } from '../approval-schemas.ts';
import type { Api, ApiContext } from '../context.ts';
import { refuseSaidAhead } from '../fact-times.ts';
import { timelineEntry } from '../order-schemas.ts';
import { jsonBody, listRoute, readRoute, reviewed } from '../responses.ts';
import { currency, factTime, idPart, instant, minorUnits, pageQuery } from '../schemas.ts';

const GOODWILL_STATE_NAMES = Object.keys(GOODWILL_STATES) as [GoodwillState, ...GoodwillState[]];
const resolution = z.enum(['refund', 'credit']);

const goodwillSchema = z
  .object({
    id: z.string(),
    externalRef: z.string(),
    orderId: z.string(),
    amount: money.openapi({ description: 'What was asked for' }),
    given: money.openapi({ description: 'What was given of it' }),
    credited: money.openapi({ description: "What of that became the customer's credit" }),
    resolution,
    reasonCode: z.string(),
    state: z.enum(GOODWILL_STATE_NAMES),
    policyVersion: z.string(),
    requestedBy: z.string(),
    occurredAt: instant,
    recordedAt: instant,
    process: z.enum(['pending', 'running', 'ended']).nullable(),
    approval: approvalSchema.nullable(),
    refunds: z.array(
      z.object({
        refundId: z.string(),
        paymentId: z.string(),
        amountMinor: minorUnits,
        state: z.enum(['due', 'refunded', 'failed']),
        failure: z.string().nullable(),
      }),
    ),
  })
  .openapi('Goodwill');

const goodwillReview = goodwillSchema
  .extend({ timeline: z.array(timelineEntry) })
  .openapi('GoodwillReview');

const goodwillBody = z.strictObject({
  externalRef: idPart,
  amount: z.strictObject({
    amountMinor: z
      .string()
      .regex(/^[1-9]\d{0,14}$/, 'must be a positive integer string in minor units'),
    currency,
  }),
  resolution: resolution
    .default('refund')
    .openapi({ description: 'Back to the payments of the order, or kept as credit' }),
  reasonCode: idPart,
  occurredAt: factTime,
});

const tags = ['Goodwill'];

const give = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/goodwill',
  tags,
  summary: 'Give a customer money for an order of which nothing comes back',
  description:
    'Natural key: externalRef. At most what was paid and is neither given back nor about to be, and not before the order was placed; where the approval matrix asks somebody, nothing is given before they agree. The matrix is the one in force now, or at `occurredAt` where it comes with the key of the installation.',
  request: { params: z.object({ id: idPart }), ...jsonBody(goodwillBody) },
  responses: reviewed(goodwillSchema, 'Given; its refunds are being paid.'),
});

const list = listRoute({
  path: '/v1/goodwill',
  tags,
  summary: 'Goodwill, newest first',
  query: pageQuery.extend({
    state: z.enum(GOODWILL_STATE_NAMES).optional(),
    orderId: z.string().max(200).optional(),
  }),
  item: goodwillSchema,
});

const read = readRoute({
  path: '/v1/goodwill/{id}',
  tags,
  summary: 'Goodwill with everything that happened to it',
  params: z.object({ id: idPart }),
  view: goodwillReview,
});

/**
 * When goodwill is asked for: the installation's own programs bring what happened before; whoever else asks does so
 * now, and is judged by the matrix of now, whatever date the money gets. Errors: InvalidInput (occurredAt).
 */
function askedAtOf({ kind }: Principal, occurredAt: string, now: string): string {
  if (kind === 'process') return occurredAt;
  refuseSaidAhead(occurredAt, now);
  return Date.parse(occurredAt) > Date.parse(now) ? occurredAt : now;
}

/** Money for customers who return nothing. */
export function registerGoodwillRoutes(app: Api, { ledger, engine, now }: ApiContext): void {
  app.openapi(give, async (hono) => {
    const orderId = hono.req.valid('param').id;
    const { amount, occurredAt, ...wish } = hono.req.valid('json');
    const actor = hono.get('actor');
    const askedAt = askedAtOf(hono.get('principal'), occurredAt, now());
    const order = await readGoodwillSnapshot(ledger, { orderId, askedAt });
    const asked = { ...wish, orderId, atMs: Date.parse(askedAt), actor };
    const { goodwill, replayed } = await giveGoodwill(ledger, {
      ...wish,
      ...amount,
      orderId,
      occurredAt,
      askedAt,
      actor,
      policyVersion: order.approvalMatrix.version,
      approval: approveGoodwill(order, { ...asked, amountMinor: BigInt(amount.amountMinor) }),
    });
    if (replayed) hono.header('Idempotent-Replayed', 'true');
    else if (goodwill.process !== null) engine.start({ processId: goodwill.id, kind: 'goodwill' });
    return hono.json(goodwill, goodwill.state === 'in-review' ? 202 : 201);
  });
  app.openapi(list, async (hono) =>
    hono.json(
      await listGoodwill(ledger, { ...hono.req.valid('query'), within: hono.get('within') }),
      200,
    ),
  );
  app.openapi(read, async (hono) =>
    hono.json(await readGoodwill(ledger, { goodwillId: hono.req.valid('param').id }), 200),
  );
}
