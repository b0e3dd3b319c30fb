import { createRoute, z } from '@hono/zod-openapi';
import { adjustStock } from '../../activities/ledger/intake/adjust-stock.ts';
import {
  listStockAdjustments,
  readAdjustmentSnapshot,
  readStockAdjustment,
} from '../../activities/ledger/read/adjustment.ts';
import { decideWithApproval } from '../../rules/stock/approve-adjustment.ts';
import type { Api, ApiContext } from '../context.ts';
import { jsonBody, listRoute, readRoute, reviewed } from '../responses.ts';
import { factTime, idPart, pageQuery, quantity } from '../schemas.ts';
import {
  ADJUSTMENT_STATE_NAMES,
  adjustmentKind,
  adjustmentSchema,
} from '../stock-adjustment-schemas.ts';
import { registerStockAdjustmentChangeRoute } from './stock-adjustment-changes.ts';

const adjustmentBody = z
  .strictObject({
    externalRef: idPart,
    kind: adjustmentKind,
    node: idPart,
    sku: idPart,
    quantity: z.number().int().openapi({ description: 'Positive; a correction is signed' }),
    lot: z.string().min(1).max(120).optional(),
    reasonCode: idPart,
    occurredAt: factTime,
    sourceRef: idPart.optional(),
  })
  .superRefine((body, refine) => {
    const units = body.kind === 'correction' ? Math.abs(body.quantity) : body.quantity;
    if (quantity.safeParse(units).success) return;
    const message =
      body.kind === 'correction'
        ? 'must be a whole number of units other than 0, at most 10 million'
        : 'must be a positive whole number of units, at most 10 million';
    refine.addIssue({ code: 'custom', path: ['quantity'], message });
  });

const tags = ['Stock'];

const adjust = createRoute({
  method: 'post',
  path: '/v1/stock/adjustments',
  tags,
  summary: 'Found, written off or corrected stock',
  description:
    'Natural key: externalRef. Above the value threshold nothing moves before it is approved.',
  request: jsonBody(adjustmentBody),
  responses: reviewed(adjustmentSchema, 'Applied.'),
});

const listAdjustments = listRoute({
  path: '/v1/stock/adjustments',
  tags,
  summary: 'Stock adjustments, newest first',
  query: pageQuery.extend({
    state: z.enum(ADJUSTMENT_STATE_NAMES).optional(),
    kind: adjustmentKind.optional(),
    sku: idPart.optional(),
    node: idPart.optional(),
  }),
  item: adjustmentSchema,
});

const readAdjustment = readRoute({
  path: '/v1/stock/adjustments/{id}',
  tags,
  summary: 'One stock adjustment',
  params: z.object({ id: idPart }),
  view: adjustmentSchema,
});

/** Counted, found and lost stock. Register before `/v1/stock/{sku}`. */
export function registerStockAdjustmentRoutes(app: Api, context: ApiContext): void {
  app.openapi(adjust, async (hono) => {
    const body = hono.req.valid('json');
    const { sku, node, reasonCode, occurredAt } = body;
    const snapshot = await readAdjustmentSnapshot(context.ledger, {
      sku,
      node,
      reasonCode,
      occurredAt,
    });
    const actor = hono.get('actor');
    const { adjustment, replayed } = await adjustStock(context.ledger, {
      ...body,
      actor,
      decision: decideWithApproval(snapshot, { ...body, atMs: Date.parse(occurredAt), actor }),
    });
    if (replayed) hono.header('Idempotent-Replayed', 'true');
    if (adjustment.state === 'in-review') {
      if (!replayed) context.engine.start({ processId: adjustment.id, kind: 'stock-adjustment' });
      return hono.json(adjustment, 202);
    }
    // Found goods may have woken orders.
    if (!replayed) context.engine.nudge();
    return hono.json(adjustment, 201);
  });
  app.openapi(listAdjustments, async (hono) =>
    hono.json(
      await listStockAdjustments(context.ledger, {
        ...hono.req.valid('query'),
        within: hono.get('within'),
      }),
      200,
    ),
  );
  app.openapi(readAdjustment, async (hono) =>
    hono.json(
      await readStockAdjustment(context.ledger, { adjustmentId: hono.req.valid('param').id }),
      200,
    ),
  );
  registerStockAdjustmentChangeRoute(app, context);
}
