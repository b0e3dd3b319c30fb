import { lookout } from './lookout.ts';
import { goodsOf, PRICE_MINOR, type Merchant } from './merchant.ts';

const SUPPLIED = { quantity: 24, unitPrice: '3.5' };

/** Whole lives of one business fact each, with everybody's hands around them; each answers its process. */
export interface Lives {
  /** A plain prepaid order of one line: placed, released, sent, captured, completed. */
  order(name: string, number: number): Promise<string>;
  /** A completed order comes back, within its policy: asked for, label, receipt, inspection, refunded, closed. */
  return(orderId: string, number: number): Promise<string>;
  /** A purchase order of one line: approved, acknowledged, shipped, received, invoiced, closed. */
  purchaseOrder(name: string, number: number): Promise<string>;
}

/** Who waits for Loopline looks at the ledger's tables, not through the API. */
export function livesOf({ call, authorize, owner }: Merchant): Lives {
  const released = lookout(async (ids) =>
    pairs(
      await owner<Row[]>`
      select order_id as id, shipment_id as seen from ledger.shipment where order_id = any(${[...ids]})`,
    ),
  );
  const labelled = lookout(async (ids) =>
    pairs(
      await owner<Row[]>`
      select return_id as id, label_id as seen from ledger.returns
      where return_id = any(${[...ids]}) and label_id is not null`,
    ),
  );
  const acknowledged = lookout(async (ids) =>
    pairs(
      await owner<Row[]>`
      select purchase_order_id as id, state as seen from ledger.purchase_order
      where purchase_order_id = any(${[...ids]}) and state = 'acknowledged'`,
    ),
  );
  const ended = lookout(async (ids) =>
    pairs(
      await owner<Row[]>`
      select process_id as id, state as seen from ledger.process
      where process_id = any(${[...ids]}) and state = 'ended'`,
    ),
  );
  return {
    order: async (name, number) => {
      const orderId = await placeOrder({ call, authorize }, name, number);
      await dispatch(call, orderId, await released(orderId));
      await ended(orderId);
      return orderId;
    },
    return: async (orderId, number) => {
      const returnId = await requestReturn(call, orderId, number);
      await labelled(returnId);
      await bringBack(call, returnId, number);
      await ended(returnId);
      return returnId;
    },
    purchaseOrder: async (name, number) => {
      const orderId = await orderGoods(call, name, number);
      await acknowledged(orderId);
      await deliver(call, orderId);
      await ended(orderId);
      return orderId;
    },
  };
}

interface Row {
  readonly id: string;
  readonly seen: string;
}

function pairs(rows: readonly Row[]): [string, string][] {
  return rows.map(({ id, seen }) => [id, seen]);
}

type Call = Merchant['call'];

async function placeOrder(
  { call, authorize }: Pick<Merchant, 'call' | 'authorize'>,
  name: string,
  number: number,
): Promise<string> {
  const order = await call('POST', '/v1/orders', {
    channel: 'web',
    externalId: name,
    currency: 'GBP',
    shipTo: { country: 'GB', postalCode: 'N1 1AA' },
    lines: [{ externalLineId: '1', ...goodsOf(number) }],
    payment: {
      provider: 'gateway',
      reference: await authorize(name),
      status: 'authorized',
      amountMinor: PRICE_MINOR,
    },
  });
  if (order['state'] === 'rejected') throw new Error(`${name} was rejected`);
  return String(order['id']);
}

async function dispatch(call: Call, orderId: string, shipmentId: string): Promise<void> {
  await call('POST', `/v1/shipments/${encodeURIComponent(shipmentId)}/dispatches`, {
    dispatchId: `${shipmentId}-d1`,
    lines: [{ orderLineId: `${orderId}#1`, quantity: 1 }],
    carrier: 'parcel',
    trackingNumber: `TRK-${shipmentId}`.slice(0, 64),
  });
}

async function requestReturn(call: Call, orderId: string, number: number): Promise<string> {
  const { sku, quantity } = goodsOf(number);
  const answer = await call('POST', '/v1/returns', {
    channel: 'web',
    externalRef: orderId.replaceAll(':', '-'),
    orderId,
    lines: [{ sku, quantity, orderLineId: `${orderId}#1` }],
  });
  if (answer['state'] !== 'awaiting-receipt')
    throw new Error(`the return of ${orderId} is ${String(answer['state'])}`);
  return String(answer['id']);
}

async function bringBack(call: Call, returnId: string, number: number): Promise<void> {
  const path = `/v1/returns/${encodeURIComponent(returnId)}`;
  const { sku, quantity } = goodsOf(number);
  const returnLineId = `${returnId}#1`;
  await call('POST', `${path}/receipts`, {
    receiptId: `${returnId}-r1`,
    complete: true,
    lines: [{ returnLineId, sku, quantity }],
  });
  await call('POST', `${path}/inspections`, {
    inspectionId: `${returnId}-i1`,
    units: [{ returnLineId, quantity, grade: 'A', disposition: 'restock' }],
  });
}

async function orderGoods(call: Call, name: string, number: number): Promise<string> {
  const order = await call('POST', '/v1/purchase-orders', {
    externalRef: name,
    supplier: 'acme',
    node: 'main',
    orderedAt: new Date().toISOString(),
    currency: 'GBP',
    lines: [{ sku: goodsOf(number).sku, ...SUPPLIED }],
  });
  return String(order['id']);
}

async function deliver(call: Call, orderId: string): Promise<void> {
  const path = `/v1/purchase-orders/${encodeURIComponent(orderId)}`;
  const occurredAt = new Date().toISOString();
  const { quantity, unitPrice } = SUPPLIED;
  const noticeId = `${orderId}-n1`;
  await call('POST', `${path}/shipping-notices`, {
    noticeId,
    shippedAt: occurredAt,
    expectedAt: occurredAt,
    final: true,
    lines: [{ lineNo: 1, quantity }],
  });
  await call('POST', `${path}/receipts`, {
    receiptId: `${noticeId}-r`,
    noticeId,
    occurredAt,
    lines: [{ lineNo: 1, quantity }],
  });
  await call('POST', `${path}/invoices`, {
    invoiceNumber: `${orderId}-v1`,
    occurredAt,
    lines: [{ lineNo: 1, quantity, unitPrice }],
  });
}
