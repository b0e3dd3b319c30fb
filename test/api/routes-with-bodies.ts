import { BACK } from '../ledger/return-shop.ts';
import { ACCESS_ROUTES } from './access-samples.ts';
import { fresh, KEYS } from './api-shop.ts';
import { APPROVAL_ROUTES, WHAT_WAS_SEEN } from './approval-samples.ts';
import { GOODWILL_ROUTES } from './goodwill-samples.ts';
import { NOTICE_ROUTES } from './notice-samples.ts';
import { EXCEPTION_ROUTES } from './exception-samples.ts';
import { POLICY_ROUTES } from './policy-samples.ts';
import type { RouteWithBody, ValidCall } from './route-with-body.ts';
import {
  acknowledgedOrder,
  adjustment,
  openApproval,
  order,
  purchaseOrder,
  quietCustomer,
  seg,
  SENT,
  shopOrder,
  shopReturn,
  SOLD,
  type Body,
} from './samples.ts';

const unknownAt = (path: string) => (call: ValidCall) => ({ ...call, path });

let cycleDay = 0;

const masterData = (noun: string, body: () => Body): [string, RouteWithBody] => [
  `PUT /v1/${noun}`,
  {
    status: 207,
    repeat: 'by-content',
    elements: 'body',
    prepare: () => ({ path: `/v1/${noun}`, body: body() }),
  },
];

/** Every route with a JSON body; a route that is missing here fails the build. Webhooks are signed and tested apart. */
export const ROUTES_WITH_BODIES: Readonly<Record<string, RouteWithBody>> = {
  'POST /v1/orders': {
    status: 201,
    repeat: 'marked',
    change: { class: 'express' },
    prepare: () => ({ path: '/v1/orders', body: order() }),
  },
  'POST /v1/orders/batch': {
    status: 207,
    repeat: 'by-element',
    elements: 'body',
    prepare: () => ({ path: '/v1/orders/batch', body: order() }),
  },
  'POST /v1/orders/{id}/cancellations': {
    status: 200,
    repeat: 'marked',
    change: { reason: 'another' },
    prepare: async (shop) => {
      const id = await shopOrder(shop, false);
      const lines = [{ orderLineId: `${id}#1`, quantity: 1 }];
      const body = { cancellationId: fresh('c'), lines, reason: 'asked', occurredAt: SENT };
      return { path: `/v1/orders/${seg(id)}/cancellations`, body };
    },
    unknown: ({ body }) => ({
      path: `/v1/orders/${seg('order:web:none')}/cancellations`,
      body: { ...body, lines: [{ orderLineId: 'order:web:none#1' }] },
    }),
  },
  'POST /v1/shipments/{id}/dispatches': {
    status: 200,
    repeat: 'marked',
    change: { carrier: 'another' },
    prepare: async (shop) => {
      const orderId = await shopOrder(shop, false);
      const { body } = await shop.call('GET', `/v1/shipments?orderId=${seg(orderId)}`);
      const id = String((body['data'] as Body[])[0]?.['id']);
      const lines = [{ orderLineId: `${orderId}#1`, quantity: 2, lot: '' }];
      const facts = {
        dispatchId: fresh('d'),
        occurredAt: SENT,
        lines,
        carrier: 'post',
        trackingNumber: 'T1',
      };
      return { path: `/v1/shipments/${seg(id)}/dispatches`, body: facts };
    },
    unknown: ({ body }) => ({
      path: `/v1/shipments/${seg('shipment:web:none:1')}/dispatches`,
      body: { ...body, lines: [{ orderLineId: 'order:web:none#1', quantity: 1 }] },
    }),
  },
  'POST /v1/returns': {
    status: 201,
    repeat: 'marked',
    change: { resolution: 'credit' },
    prepare: async (shop) => {
      const orderId = await shopOrder(shop, true);
      const line = {
        externalLineId: 'a',
        kind: 'goods',
        sku: 'MUG',
        quantity: 1,
        unitPrice: '5',
        orderLineId: `${orderId}#1`,
        reasonCode: 'changed-mind',
        comment: 'too red',
        sourceRef: 't:returnFull:1',
      };
      const body = {
        channel: 'web',
        externalRef: fresh('r'),
        orderId,
        customer: { externalId: 'c-1' },
        currency: 'GBP',
        occurredAt: BACK,
        trusted: false,
        resolution: 'refund',
        lines: [line],
      };
      return { path: '/v1/returns', body };
    },
  },
  'POST /v1/returns/{id}/receipts': {
    status: 200,
    repeat: 'marked',
    change: { complete: false },
    prepare: async (shop) => {
      const { id, line } = await shopReturn(shop);
      const lines = [{ returnLineId: line, sku: 'MUG', quantity: 2, node: 'main' }];
      return {
        path: `/v1/returns/${seg(id)}/receipts`,
        body: { receiptId: fresh('rr'), occurredAt: BACK, complete: true, lines },
      };
    },
    unknown: ({ body }) => ({
      path: `/v1/returns/${seg('return:R-999999')}/receipts`,
      body: { ...body, lines: [{ sku: 'MUG', quantity: 1 }] },
    }),
  },
  'POST /v1/returns/{id}/inspections': {
    status: 200,
    repeat: 'marked',
    change: { occurredAt: SENT },
    prepare: async (shop) => {
      const { id, line } = await shopReturn(shop);
      const path = `/v1/returns/${seg(id)}`;
      await shop.call('POST', `${path}/receipts`, {
        body: { receiptId: fresh('rr'), occurredAt: BACK, lines: [{ sku: 'MUG', quantity: 2 }] },
      });
      const units = [{ returnLineId: line, quantity: 2, grade: 'A', disposition: 'restock' }];
      return {
        path: `${path}/inspections`,
        body: { inspectionId: fresh('i'), occurredAt: BACK, units },
      };
    },
    unknown: ({ body }) => ({
      path: `/v1/returns/${seg('return:R-999999')}/inspections`,
      body: {
        ...body,
        units: [
          { returnLineId: 'return:R-999999#1', quantity: 1, grade: 'A', disposition: 'restock' },
        ],
      },
    }),
  },
  'POST /v1/stock/receipts': {
    status: 201,
    repeat: 'marked',
    change: { node: 'south' },
    prepare: () => ({
      path: '/v1/stock/receipts',
      body: {
        receiptId: fresh('open'),
        node: 'main',
        occurredAt: SOLD,
        lines: [{ sku: 'TEA', quantity: 4, unitCost: '1.5', lot: 'L1' }],
      },
    }),
  },
  'POST /v1/stock/adjustments': {
    status: 201,
    repeat: 'marked',
    change: { quantity: 2 },
    prepare: () => ({ path: '/v1/stock/adjustments', body: adjustment() }),
  },
  'POST /v1/stock/adjustments/{id}/changes': {
    status: 200,
    repeat: 'marked',
    change: { quantity: 91 },
    prepare: async (shop) => {
      const { processId } = await openApproval(shop);
      return {
        path: `/v1/stock/adjustments/${seg(processId)}/changes`,
        body: { changeId: fresh('change'), quantity: 90, note: 'counted again' },
      };
    },
    unknown: (call) => ({ ...call, path: '/v1/stock/adjustments/none/changes' }),
  },
  'POST /v1/stock/holds': {
    status: 207,
    repeat: 'by-element',
    prepare: () => ({
      path: '/v1/stock/holds',
      body: {
        occurredAt: BACK,
        holds: [
          {
            holdId: fresh('h'),
            expiresAt: BACK,
            plans: [[{ sku: 'TEA', node: 'main', quantity: 1 }]],
          },
        ],
      },
    }),
  },
  'POST /v1/customers/{id}/exports': {
    status: 200,
    repeat: 'marked',
    change: { reason: 'ticket-2' },
    prepare: async (shop) => ({
      path: `/v1/customers/${seg(await quietCustomer(shop))}/exports`,
      body: { exportId: fresh('x'), reason: 'ticket-1' },
    }),
    unknown: unknownAt('/v1/customers/customer:999999/exports'),
  },
  'POST /v1/customers/{id}/erasures': {
    status: 200,
    repeat: 'marked',
    change: { reason: 'ticket-2' },
    prepare: async (shop) => ({
      path: `/v1/customers/${seg(await quietCustomer(shop))}/erasures`,
      body: { erasureId: fresh('e'), reason: 'ticket-1' },
    }),
    unknown: unknownAt('/v1/customers/customer:999999/erasures'),
  },
  'POST /v1/purchase-orders': {
    status: 201,
    repeat: 'marked',
    change: { node: 'south' },
    prepare: () => ({ path: '/v1/purchase-orders', body: purchaseOrder() }),
  },
  'POST /v1/purchase-orders/{id}/shipping-notices': {
    status: 201,
    repeat: 'marked',
    change: { final: false },
    prepare: async (shop) => ({
      path: `/v1/purchase-orders/${seg(await acknowledgedOrder(shop))}/shipping-notices`,
      body: {
        noticeId: fresh('n'),
        shippedAt: SOLD,
        expectedAt: SENT,
        final: true,
        lines: [{ lineNo: 1, quantity: 10 }],
      },
    }),
    unknown: unknownAt('/v1/purchase-orders/none/shipping-notices'),
  },
  'POST /v1/purchase-orders/{id}/receipts': {
    status: 200,
    repeat: 'marked',
    change: { occurredAt: SENT },
    prepare: async (shop) => {
      const path = `/v1/purchase-orders/${seg(await acknowledgedOrder(shop))}`;
      const noticeId = fresh('n');
      const lines = [{ lineNo: 1, quantity: 10 }];
      await shop.call('POST', `${path}/shipping-notices`, {
        body: { noticeId, shippedAt: SOLD, expectedAt: SENT, final: true, lines },
      });
      return {
        path: `${path}/receipts`,
        body: {
          receiptId: fresh('g'),
          noticeId,
          occurredAt: BACK,
          lines: [{ ...lines[0], lot: 'L1' }],
        },
      };
    },
    unknown: unknownAt('/v1/purchase-orders/none/receipts'),
  },
  'POST /v1/purchase-orders/{id}/invoices': {
    status: 201,
    repeat: 'marked',
    change: { occurredAt: SENT },
    prepare: async (shop) => ({
      path: `/v1/purchase-orders/${seg(await acknowledgedOrder(shop))}/invoices`,
      body: {
        invoiceNumber: fresh('inv'),
        occurredAt: BACK,
        lines: [{ lineNo: 1, quantity: 10, unitPrice: '1.25' }],
      },
    }),
    unknown: unknownAt('/v1/purchase-orders/none/invoices'),
  },
  'POST /v1/replenishment/cycles': {
    status: 201,
    repeat: 'marked',
    prepare: () => {
      cycleDay += 1;
      const date = new Date(Date.UTC(2010, 11, -cycleDay)).toISOString().slice(0, 10);
      return {
        path: '/v1/replenishment/cycles',
        body: { node: 'main', date, businessTime: `${date}T06:00:00Z` },
      };
    },
  },
  'POST /v1/approvals/{id}/decisions': {
    status: 200,
    repeat: 'marked',
    change: { decision: 'reject' },
    prepare: async (shop) => ({
      path: `/v1/approvals/${seg((await openApproval(shop)).approvalId)}/decisions`,
      body: {
        decisionId: fresh('d'),
        ...WHAT_WAS_SEEN,
        decision: 'approve',
        note: 'fine',
        occurredAt: BACK,
      },
      options: { key: KEYS.boss },
    }),
    unknown: unknownAt('/v1/approvals/none/decisions'),
  },
  ...APPROVAL_ROUTES,
  ...EXCEPTION_ROUTES,
  'POST /v1/finance/entries': {
    status: 201,
    repeat: 'marked',
    change: { quantity: -2 },
    prepare: async (shop) => {
      const { body } = await shop.call('GET', `/v1/orders/${seg(await shopOrder(shop, true))}`);
      const [invoice] = body['invoices'] as Body[];
      const entry = {
        externalRef: fresh('f'),
        kind: 'manual',
        quantity: -1,
        unitPrice: '4.5',
        currency: 'GBP',
        channel: 'web',
        customer: { externalId: 'c-1' },
        invoice: invoice?.['invoiceNumber'],
        sourceRef: 't:manual:1',
        occurredAt: BACK,
      };
      return { path: '/v1/finance/entries', body: entry };
    },
  },
  ...ACCESS_ROUTES,
  ...NOTICE_ROUTES,
  ...POLICY_ROUTES,
  ...GOODWILL_ROUTES,
  'POST /v1/dues/run': {
    status: 200,
    repeat: 'by-content',
    prepare: () => ({
      path: '/v1/dues/run',
      body: { until: SOLD, subjectId: 'order:web:nobody' },
    }),
  },
  ...Object.fromEntries([
    masterData('skus', () => ({
      sku: fresh('SKU'),
      description: 'A thing',
      unitOfMeasure: 'each',
      barcode: '501',
      class: 'A',
      costMethod: 'standard',
      standardCost: '2.5',
      supplier: 'acme',
      supplierPrice: '2',
      minimumQuantity: 1,
      multipleQuantity: 1,
      leadTimeDays: 3,
    })),
    masterData('suppliers', () => ({
      supplier: fresh('S'),
      name: 'S',
      currency: 'GBP',
      leadTimeDays: 3,
      email: 's@example.com',
    })),
    masterData('nodes', () => ({ node: fresh('N'), name: 'N', country: 'GB', priority: 1 })),
    masterData('channels', () => ({
      channel: fresh('ch'),
      name: 'C',
      kind: 'web-shop',
      backorder: 'allow',
      trustsFile: false,
      nodes: ['main'],
    })),
    masterData('customers', () => ({
      channel: 'web',
      externalId: fresh('c'),
      name: 'C',
      email: 'c@example.com',
    })),
  ]),
};
