import { reportFailure } from '../../activities/ledger/steps/failure.ts';
import {
  recordAcknowledgement,
  sendPurchaseOrder,
} from '../../activities/ledger/steps/purchase-order.ts';
import { BACK, driveOrder, placeOrder, sendOrder } from '../ledger/return-shop.ts';
import { fresh, type ApiShop } from './api-shop.ts';

/** A JSON object that is sent or answered. */
export type Body = Record<string, unknown>;

export const SOLD = '2010-12-01T10:00:00Z';
export const SENT = '2010-12-02T10:00:00Z';

/** A customer of whom nothing is under way; answers the id. */
export async function quietCustomer(shop: ApiShop): Promise<string> {
  const externalId = fresh('c');
  await shop.call('PUT', '/v1/customers', { body: [{ channel: 'web', externalId, name: 'Ada' }] });
  const { body } = await shop.call('GET', `/v1/customers?externalId=${externalId}`);
  const [customer] = body['data'] as { id: string }[];
  if (customer === undefined) throw new Error(`${externalId} was put and is not there`);
  return customer.id;
}

/** A part of a path. */
export const seg = encodeURIComponent;

/** An order with every field that the description knows. */
export const order = (): Body => ({
  channel: 'web',
  externalId: fresh('o'),
  placedAt: SOLD,
  currency: 'GBP',
  class: 'standard',
  customer: { externalId: 'c-1', email: 'ada@example.com', name: 'Ada' },
  shipTo: {
    country: 'GB',
    postalCode: 'N1 9GU',
    name: 'Ada',
    line1: '1 Way',
    line2: 'Flat 2',
    city: 'London',
  },
  lines: [
    {
      externalLineId: 'a',
      sku: 'MUG',
      quantity: 2,
      unitPrice: '5.25',
      taxMinor: '10',
      discountMinor: '5',
      sourceRef: 't:goods:1',
    },
  ],
  charges: [
    {
      externalLineId: 's',
      kind: 'shipping',
      code: 'POST',
      quantity: 1,
      unitPrice: '3',
      sourceRef: 't:charge:1',
    },
  ],
  payment: {
    provider: 'gateway',
    token: 'tok',
    reference: 'auth_1',
    status: 'authorized',
    amountMinor: '100000',
  },
});

/** An order at the warehouse; sent with its goods captured if asked for. */
export async function shopOrder(shop: ApiShop, sent: boolean): Promise<string> {
  const orderId = await placeOrder(shop, {
    id: fresh('s'),
    lines: [{ sku: 'MUG', quantity: 2, unitPrice: '5' }],
  });
  await driveOrder(shop.ledger, orderId);
  if (sent) await sendOrder(shop, orderId);
  return orderId;
}

/** A return that waits for its goods. */
export async function shopReturn(shop: ApiShop): Promise<{ id: string; line: string }> {
  const orderId = await shopOrder(shop, true);
  const lines = [
    { orderLineId: `${orderId}#1`, sku: 'MUG', quantity: 2, reasonCode: 'changed-mind' },
  ];
  const { body, status } = await shop.call('POST', '/v1/returns', {
    body: { orderId, externalRef: fresh('r'), lines },
  });
  if (status !== 201) throw new Error(`the return was answered ${status}`);
  return { id: String(body['id']), line: `${String(body['id'])}#1` };
}

/** A purchase order with every field. */
export const purchaseOrder = (): Body => ({
  externalRef: fresh('po'),
  supplier: 'acme',
  node: 'main',
  orderedAt: SOLD,
  currency: 'GBP',
  deliverExactlyAt: SENT,
  lines: [{ sku: 'MUG', quantity: 10, unitPrice: '1.25' }],
});

/** A purchase order that its supplier has acknowledged. */
export async function acknowledgedOrder(shop: ApiShop): Promise<string> {
  const { body } = await shop.call('POST', '/v1/purchase-orders', { body: purchaseOrder() });
  const processId = String(body['id']);
  await sendPurchaseOrder(shop.ledger, { processId });
  const lines = [{ lineNo: 1, quantity: 10, expectedAt: SENT }];
  await recordAcknowledgement(shop.ledger, { processId, acknowledgementId: 'a', lines });
  return processId;
}

/** A stock adjustment with every field. */
export const adjustment = (quantity = 1): Body => ({
  externalRef: fresh('adj'),
  kind: 'found',
  node: 'main',
  sku: 'MUG',
  quantity,
  lot: 'L1',
  reasonCode: 'counted',
  occurredAt: BACK,
  sourceRef: 't:stockFound:1',
});

/** A stock adjustment above the threshold, with its open approval. */
export async function openApproval(
  shop: ApiShop,
): Promise<{ processId: string; approvalId: string }> {
  const { body, status } = await shop.call('POST', '/v1/stock/adjustments', {
    body: adjustment(100),
  });
  if (status !== 202) throw new Error(`the adjustment was answered ${status}`);
  return { processId: String(body['id']), approvalId: String((body['approval'] as Body)['id']) };
}

/** A process that stands still because a step failed for good; there is an exception about it. */
export async function failedProcess(shop: ApiShop): Promise<string> {
  const { processId } = await openApproval(shop);
  await reportFailure(shop.ledger, {
    processId,
    step: 'endStockAdjustment',
    compensation: false,
    message: 'no',
  });
  return processId;
}

/** An open exception of a process that failed. */
export async function openException(shop: ApiShop): Promise<string> {
  const processId = await failedProcess(shop);
  const { body } = await shop.call('GET', `/v1/exceptions?subjectId=${seg(processId)}`);
  return String((body['data'] as Body[])[0]?.['id']);
}
