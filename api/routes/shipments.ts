import { createRoute, z } from '@hono/zod-openapi';
import { dispatchShipment } from '../../activities/ledger/intake/dispatch-shipment.ts';
import { listShipments } from '../../activities/ledger/read/order.ts';
import type { Api, ApiContext } from '../context.ts';
import { lineNoOf } from '../line-ids.ts';
import { dispatchRequest, dispatchView, shipmentQuery, shipmentView } from '../order-schemas.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, PROBLEMS } from '../responses.ts';
import { pageOf } from '../schemas.ts';

const list = createRoute({
  method: 'get',
  path: '/v1/shipments',
  summary: 'Shipments, oldest first: the warehouse works the released ones in this order',
  request: { query: shipmentQuery },
  responses: { 200: json(pageOf(shipmentView), 'A page of shipments.'), ...PROBLEMS },
});

const dispatch = createRoute({
  method: 'post',
  path: '/v1/shipments/{id}/dispatches',
  summary: 'Confirm that goods have left; this invoices them',
  request: { params: z.object({ id: z.string().max(200) }), ...jsonBody(dispatchRequest) },
  responses: { 200: json(dispatchView, 'The invoice.'), ...PROBLEMS },
});

export function registerShipmentRoutes(app: Api, { ledger, engine, now }: ApiContext): void {
  app.openapi(list, async (hono) =>
    hono.json((await listShipments(ledger, hono.req.valid('query'))) as never, 200),
  );

  app.openapi(dispatch, async (hono) => {
    const { id } = hono.req.valid('param');
    const { lines, dispatchId, ...body } = hono.req.valid('json');
    if (!/^shipment:.+:\d+$/.test(id))
      return problem(hono, 404, 'NotFound', `There is no shipment ${id}.`) as never;
    // `shipment:<order's parts>:<n>` belongs to `order:<order's parts>`.
    const orderId = `order:${id.slice('shipment:'.length, id.lastIndexOf(':'))}`;
    const result = await dispatchShipment(ledger, {
      shipmentId: id,
      dispatchId: dispatchId ?? hono.req.header('Idempotency-Key') ?? hono.get('requestId'),
      lines: lines.map(({ orderLineId, ...line }, index) => ({
        lineNo: lineNoOf(orderLineId, orderId, `lines[${index}].orderLineId`),
        ...line,
      })),
      ...body,
      at: now(),
      actor: hono.get('actor'),
    });
    if (!result.applied)
      return problem(hono, 409, 'Conflict', `Nothing was dispatched: ${result.reason}.`) as never;
    engine.nudge();
    const { replayed, ...dispatched } = result;
    if (replayed === true) hono.header('Idempotent-Replayed', 'true');
    return hono.json(dispatched, 200);
  });
}
