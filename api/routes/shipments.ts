import { createRoute, z } from '@hono/zod-openapi';
import { dispatchShipment } from '../../activities/ledger/intake/dispatch-shipment.ts';
import { listShipments } from '../../activities/ledger/read/order.ts';
import type { Api, ApiContext } from '../context.ts';
import { lineNoOf } from '../line-ids.ts';
import { dispatchRequest, dispatchView, shipmentQuery, shipmentView } from '../order-schemas.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, listRoute, PROBLEMS } from '../responses.ts';

const tags = ['Shipments'];

const list = listRoute({
  path: '/v1/shipments',
  tags,
  summary: 'Shipments, oldest first: the warehouse works the released ones in this order',
  query: shipmentQuery,
  item: shipmentView,
});

const dispatch = createRoute({
  method: 'post',
  path: '/v1/shipments/{id}/dispatches',
  tags,
  summary: 'Confirm that goods have left; this invoices them',
  request: { params: z.object({ id: z.string().max(200) }), ...jsonBody(dispatchRequest) },
  responses: { 200: json(dispatchView, 'The invoice.'), ...PROBLEMS },
});

export function registerShipmentRoutes(app: Api, { ledger, engine, now }: ApiContext): void {
  app.openapi(list, async (hono) =>
    hono.json(
      (await listShipments(ledger, {
        ...hono.req.valid('query'),
        within: hono.get('within'),
      })) as never,
      200,
    ),
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
    if (!result.applied) {
      const { state, reason } = result;
      const errors = state === 'released' ? [{ path: 'lines', message: reason }] : [];
      const detail = `Nothing was dispatched: ${reason}.`;
      return problem(hono, 409, 'Conflict', detail, errors) as never;
    }
    engine.nudge();
    const { replayed, ...dispatched } = result;
    if (replayed === true) hono.header('Idempotent-Replayed', 'true');
    return hono.json(dispatched, 200);
  });
}
