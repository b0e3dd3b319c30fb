import { createRoute } from '@hono/zod-openapi';
import { receiveStock } from '../../activities/ledger/intake/receive-stock.ts';
import type { Api, ApiContext } from '../context.ts';
import { stockReceiptRequest, stockReceiptView } from '../purchase-order-schemas.ts';
import { json, jsonBody, PROBLEMS } from '../responses.ts';

const receive = createRoute({
  method: 'post',
  path: '/v1/stock/receipts',
  tags: ['Stock'],
  summary: 'Opening stock: goods in without a purchase order',
  description: 'Natural key: receiptId. Enters at the given unit cost, against opening equity.',
  request: jsonBody(stockReceiptRequest),
  responses: { 201: json(stockReceiptView, 'What was received.'), ...PROBLEMS },
});

/** Goods in that no purchase order announced. */
export function registerStockReceiptRoutes(app: Api, { ledger, engine }: ApiContext): void {
  app.openapi(receive, async (hono) => {
    const { replayed, ...receipt } = await receiveStock(ledger, {
      ...hono.req.valid('json'),
      actor: hono.get('actor'),
    });
    if (replayed === true) hono.header('Idempotent-Replayed', 'true');
    else engine.nudge();
    return hono.json(receipt, 201);
  });
}
