import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { createPurchaseOrder } from '../../activities/ledger/intake/create-purchase-order.ts';
import { receiveGoods } from '../../activities/ledger/intake/receive-goods.ts';
import { recordShippingNotice } from '../../activities/ledger/intake/record-shipping-notice.ts';
import { recordSupplierInvoice } from '../../activities/ledger/intake/record-supplier-invoice.ts';
import { readTimeline } from '../../activities/ledger/read/order.ts';
import {
  listPurchaseOrders,
  listShippingNotices,
  readPurchaseOrder,
  readPurchaseOrderFacts,
} from '../../activities/ledger/read/purchase-order.ts';
import { classesOf, decideWithApproval } from '../../rules/purchase-order/approve-order.ts';
import { completeLines } from '../../rules/purchase-order/decide-purchase-order.ts';
import type { Api, ApiContext } from '../context.ts';
import { timelineEntry } from '../order-schemas.ts';
import { problem } from '../problem.ts';
import {
  goodsReceiptRequest,
  goodsReceiptResult,
  purchaseOrderQuery,
  purchaseOrderRequest,
  purchaseOrderSummary,
  purchaseOrderView,
  shippingNoticeQuery,
  shippingNoticeRequest,
  shippingNoticeResult,
  shippingNoticeView,
  supplierInvoiceRequest,
  supplierInvoiceResult,
} from '../purchase-order-schemas.ts';
import { json, jsonBody, listRoute, PROBLEMS, readRoute } from '../responses.ts';
import { idPart, pageOf, pageQuery } from '../schemas.ts';

const params = z.object({ id: idPart });
const tags = ['Purchase orders'];

const createOrder = createRoute({
  method: 'post',
  path: '/v1/purchase-orders',
  tags,
  summary: 'Order from a supplier',
  description:
    'Natural key: externalRef. Above the threshold the order is in review until approved.',
  request: jsonBody(purchaseOrderRequest),
  responses: { 201: json(purchaseOrderView, 'The order: approved or in review.'), ...PROBLEMS },
});

const listOrders = listRoute({
  path: '/v1/purchase-orders',
  tags,
  summary: 'Purchase orders, newest first',
  query: purchaseOrderQuery,
  item: purchaseOrderSummary,
});

const readOrder = readRoute({
  path: '/v1/purchase-orders/{id}',
  tags,
  summary: 'One purchase order with its lines, notices and invoices',
  params,
  view: purchaseOrderView,
});

const orderTimeline = createRoute({
  method: 'get',
  path: '/v1/purchase-orders/{id}/timeline',
  tags,
  summary: 'Everything that happened to a purchase order and why, oldest first',
  request: { params, query: pageQuery },
  responses: { 200: json(pageOf(timelineEntry), 'A page of the timeline.'), ...PROBLEMS },
});

const postNotice = createRoute({
  method: 'post',
  path: '/v1/purchase-orders/{id}/shipping-notices',
  tags,
  summary: 'The supplier has shipped',
  description: 'Natural key: noticeId. Answered 409 before the order was sent to the supplier.',
  request: { params, ...jsonBody(shippingNoticeRequest) },
  responses: { 201: json(shippingNoticeResult, 'The goods are inbound.'), ...PROBLEMS },
});

const postReceipt = createRoute({
  method: 'post',
  path: '/v1/purchase-orders/{id}/receipts',
  tags,
  summary: 'Goods have arrived',
  description: 'Natural key: receiptId. Orders that wait for the goods get them in the same call.',
  request: { params, ...jsonBody(goodsReceiptRequest) },
  responses: { 200: json(goodsReceiptResult, 'What was received.'), ...PROBLEMS },
});

const postInvoice = createRoute({
  method: 'post',
  path: '/v1/purchase-orders/{id}/invoices',
  tags,
  summary: "The supplier's invoice, to be matched against what arrives",
  description: 'Natural key: invoiceNumber.',
  request: { params, ...jsonBody(supplierInvoiceRequest) },
  responses: { 201: json(supplierInvoiceResult, 'The invoice waits for its goods.'), ...PROBLEMS },
});

const listNotices = listRoute({
  path: '/v1/shipping-notices',
  tags,
  summary: 'What is on its way, the earliest expected first',
  query: shippingNoticeQuery,
  item: shippingNoticeView,
});

/** Ordering from suppliers, and what suppliers and the receiving dock report. */
export function registerPurchaseOrderRoutes(app: Api, context: ApiContext): void {
  registerOrders(app, context);
  registerFacts(app, context);
}

function registerOrders(app: Api, { ledger, engine }: ApiContext): void {
  app.openapi(createOrder, async (hono) => {
    const body = hono.req.valid('json');
    const { supplier, node, orderedAt } = body;
    const skus = [...new Set(body.lines.map(({ sku }) => sku))];
    const { policy, region, supplierRisks, approvalMatrix, ...facts } =
      await readPurchaseOrderFacts(ledger, { supplier, node, orderedAt, skus });
    const { lines, errors } = completeLines(facts, body);
    if (errors[0] !== undefined) {
      const detail = `${errors[0].path}: ${errors[0].message}`;
      return problem(hono, 422, 'InvalidInput', detail, errors) as never;
    }
    const actor = hono.get('actor');
    const { purchaseOrderId, replayed } = await createPurchaseOrder(ledger, {
      ...body,
      actor,
      decision: decideWithApproval(
        { policy, region, supplierRisks, approvalMatrix, classes: classesOf(facts.skus, lines) },
        {
          supplier,
          node,
          currency: body.currency,
          atMs: Date.parse(orderedAt),
          lines,
          actor,
        },
      ),
    });
    if (replayed) hono.header('Idempotent-Replayed', 'true');
    else engine.start({ processId: purchaseOrderId, kind: 'purchase-order' });
    return hono.json((await readPurchaseOrder(ledger, { id: purchaseOrderId })) as never, 201);
  });
  app.openapi(listOrders, async (hono) =>
    hono.json(
      await listPurchaseOrders(ledger, { ...hono.req.valid('query'), within: hono.get('within') }),
      200,
    ),
  );
  app.openapi(readOrder, async (hono) => {
    const { id } = hono.req.valid('param');
    const order = await readPurchaseOrder(ledger, { id });
    if (order === null)
      return problem(hono, 404, 'NotFound', `There is no purchase order ${id}.`) as never;
    return hono.json(order, 200);
  });
  app.openapi(orderTimeline, async (hono) => {
    const { id } = hono.req.valid('param');
    if ((await readPurchaseOrder(ledger, { id })) === null) {
      return problem(hono, 404, 'NotFound', `There is no purchase order ${id}.`) as never;
    }
    const page = await readTimeline(ledger, { subjectId: id, ...hono.req.valid('query') });
    return hono.json(page as never, 200);
  });
  app.openapi(listNotices, async (hono) =>
    hono.json(
      await listShippingNotices(ledger, { ...hono.req.valid('query'), within: hono.get('within') }),
      200,
    ),
  );
}

function registerFacts(app: Api, { ledger, engine }: ApiContext): void {
  app.openapi(postNotice, async (hono) => {
    const purchaseOrderId = hono.req.valid('param').id;
    const { replayed, ...result } = await recordShippingNotice(ledger, {
      purchaseOrderId,
      ...hono.req.valid('json'),
      actor: hono.get('actor'),
    });
    if (!result.applied) return notInThisState(hono, purchaseOrderId, result.state) as never;
    if (replayed === true) hono.header('Idempotent-Replayed', 'true');
    return hono.json(result, 201);
  });
  app.openapi(postReceipt, async (hono) => {
    const purchaseOrderId = hono.req.valid('param').id;
    const { replayed, ...result } = await receiveGoods(ledger, {
      purchaseOrderId,
      ...hono.req.valid('json'),
      actor: hono.get('actor'),
    });
    if (!result.applied) return notInThisState(hono, purchaseOrderId, result.state) as never;
    if (replayed === true) hono.header('Idempotent-Replayed', 'true');
    else engine.nudge();
    return hono.json(result, 200);
  });
  app.openapi(postInvoice, async (hono) => {
    const purchaseOrderId = hono.req.valid('param').id;
    const { replayed, ...result } = await recordSupplierInvoice(ledger, {
      purchaseOrderId,
      ...hono.req.valid('json'),
      actor: hono.get('actor'),
    });
    if (!result.applied) return notInThisState(hono, purchaseOrderId, result.state) as never;
    if (replayed === true) hono.header('Idempotent-Replayed', 'true');
    else engine.nudge();
    return hono.json(result, 201);
  });
}

/** A supplier may be quicker than its acknowledgement: the same fact is welcome a little later. */
function notInThisState(hono: Context, purchaseOrderId: string, state: string): Response {
  return problem(
    hono,
    409,
    'Conflict',
    `${purchaseOrderId} is ${state}: its supplier does not know of it.`,
  );
}
