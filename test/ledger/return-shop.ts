import type postgres from 'postgres';
import { expect } from 'vitest';
import { createOrderLedgerSteps } from '../../activities/order-activities.ts';
import { dispatchShipment } from '../../activities/ledger/intake/dispatch-shipment.ts';
import { inspectReturn } from '../../activities/ledger/intake/inspect-return.ts';
import { receiveReturn } from '../../activities/ledger/intake/receive-return.ts';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { listShipments } from '../../activities/ledger/read/order.ts';
import {
  readReturn,
  type RequestAnswer,
  type ReturnView,
} from '../../activities/ledger/read/return.ts';
import type { OrderProgress } from '../../activities/ledger/steps/order.ts';
import * as steps from '../../activities/ledger/steps/return.ts';
import { orderIntake } from '../../api/order-intake.ts';
import { orderRequest } from '../../api/order-schemas.ts';
import { takeReturn } from '../../api/return-intake.ts';
import { returnRequest } from '../../api/return-schemas.ts';
import type { Disposition } from '../../rules/return/states.ts';
import type { TestLedger } from '../support/ledger.ts';
import { seedPeople } from '../support/people.ts';

/** Business times of the tests: sold, sent, brought back. */
const SOLD = '2010-12-01T10:00:00Z';
const SENT = '2010-12-02T10:00:00Z';
export const BACK = '2010-12-05T10:00:00Z';

/** Two nodes, a channel that is judged, one that is trusted, and SKUs of each cost method. */
export async function seedReturnShop(owner: postgres.Sql): Promise<void> {
  await owner.unsafe(`
    insert into ledger.node (node, name, country, priority) values ('main', 'Main', 'GB', 1), ('south', 'South', 'FR', 2);
    insert into ledger.channel (channel, name, kind, backorder, trusted) values
      ('web', 'Web shop', 'web-shop', 'allow', false), ('file', 'Old trade', 'web-shop', 'allow', true);
    insert into ledger.supplier (supplier, name, currency, lead_time_days) values ('acme', 'Acme', 'GBP', 3);
    insert into ledger.sku (sku, cost_method, standard_cost, supplier) values
      ('MUG', 'fifo', null, 'acme'), ('TEA', 'average', null, 'acme'), ('PEN', 'standard', 2.5, 'acme'),
      ('CUP', 'fifo', null, 'acme');
    insert into ledger.supplier_sku (supplier, sku, unit_price)
      values ('acme', 'MUG', 2.5), ('acme', 'TEA', 2.5), ('acme', 'PEN', 2.5), ('acme', 'CUP', 1.11);`);
  await seedPeople(owner);
}

/** Goods in with their cost, as a receipt posts them; wakes backorders. */
export async function stockIn(
  owner: postgres.Sql,
  sku: string,
  quantity: number,
  unitCost: string,
  key: string,
  node = 'main',
) {
  await owner.unsafe(`do $do$ declare v_minor bigint; begin
    perform ledger.lock_items(array['${sku}'], array['${node}']);
    perform ledger.move_stock(array[('${sku}', '${node}', '', 'supplier', 'on-hand', ${quantity}, '${key}', 1, null)::ledger.movement],
      'goods-receipt', '${key}', '${SOLD}');
    select c.amount_minor into v_minor from ledger.add_cost('${sku}', '${node}', 'stock', ${quantity}, ${quantity} * ${unitCost},
      'goods-receipt', '${key}', '${key}', 1, null, '${SOLD}') c;
    perform ledger.post('${key}', 'goods-receipt', 'inventory', 'goods-received-not-invoiced', 'GBP', v_minor, '${key}', '${SOLD}');
    perform ledger.allocate_backorders(array['${sku}'], array['${node}'], '${key}', '${SOLD}');
  end $do$`);
}

interface OrderedLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: string;
}

interface OrderOptions {
  readonly id: string;
  readonly lines: readonly OrderedLine[];
  readonly charges?: readonly { kind: string; code: string; quantity: number; unitPrice: string }[];
  readonly customer?: string | null;
  readonly channel?: string;
  readonly placedAt?: string;
}

/** Places an order as the API does and drives its process until it waits; answers its id. */
export async function placeOrder({ ledger }: TestLedger, order: OrderOptions): Promise<string> {
  const { id, lines, charges = [], customer = 'c-1', channel = 'web', placedAt = SOLD } = order;
  const request = orderRequest.parse({
    channel,
    externalId: id,
    placedAt,
    currency: 'GBP',
    shipTo: { country: 'GB', postalCode: 'N1 9GU' },
    ...(customer === null ? {} : { customer: { externalId: customer } }),
    lines: lines.map((line, index) => ({
      externalLineId: String(index + 1),
      sourceRef: `t:goods:${id}-${index + 1}`,
      ...line,
    })),
    charges: charges.map((charge, index) => ({
      externalLineId: `c${index + 1}`,
      sourceRef: `t:charge:${id}-${index + 1}`,
      ...charge,
    })),
    payment: { provider: 'gateway', status: 'none' },
  });
  const result = await orderIntake(ledger)({
    order: request,
    actor: 'shop',
    receivedAt: BACK,
  });
  if (result.outcome !== 'accepted') throw new Error(JSON.stringify(result));
  await driveOrder(ledger, result.orderId);
  return result.orderId;
}

/** Does what the order's process would, with a gateway that always agrees. */
export async function driveOrder(
  ledger: TestLedger['ledger'],
  orderId: string,
): Promise<OrderProgress> {
  const order = createOrderLedgerSteps({ ledger });
  let progress = await order.beginOrder({ orderId });
  for (let step = 0; step < 20 && !progress.ended; step += 1) {
    const { authorize, screening, captures, giveBack } = progress;
    if (authorize !== null) {
      const { paymentId, key } = authorize;
      progress = await order.recordAuthorization({
        orderId,
        paymentId,
        key,
        outcome: 'authorized',
        reference: `auth-${paymentId}`,
      });
    } else if (screening.length > 0) {
      progress = await order.screenOrder({ orderId });
    } else if (captures.length > 0) {
      for (const { captureId } of captures) {
        progress = await order.recordCapture({
          orderId,
          captureId,
          outcome: 'captured',
          providerId: `cap-${captureId}`,
        });
      }
    } else if (giveBack !== null) {
      progress = await order.recordGiveBack({
        orderId,
        paymentId: giveBack.paymentId,
        voided: true,
      });
    } else {
      return progress;
    }
  }
  return progress;
}

/** Sends everything of an order that stands at the warehouse, and captures it. */
export async function sendOrder(
  shop: TestLedger,
  orderId: string,
  occurredAt = SENT,
): Promise<void> {
  await dispatchOrder(shop, orderId, occurredAt);
  await driveOrder(shop.ledger, orderId);
}

/** Sends everything of an order that stands at the warehouse; its capture is under way from then on. */
export async function dispatchOrder(
  { ledger }: TestLedger,
  orderId: string,
  occurredAt = SENT,
): Promise<void> {
  const { data } = await listShipments(ledger, { orderId, state: 'released', limit: 200 });
  const shipments = data as {
    id: string;
    lines: { orderLineId: string; quantity: number; dispatchedQuantity: number }[];
  }[];
  for (const { id, lines } of shipments) {
    const open = lines.map(({ orderLineId, quantity, dispatchedQuantity }) => ({
      lineNo: Number(orderLineId.split('#')[1]),
      quantity: quantity - dispatchedQuantity,
    }));
    const sent = await dispatchShipment(ledger, {
      shipmentId: id,
      dispatchId: `${id}-d`,
      occurredAt,
      lines: open,
      actor: 'warehouse',
    });
    if (!sent.applied) throw new Error(sent.reason);
  }
}

/** Asks for a return as the API does. */
export async function askReturn({ ledger }: TestLedger, body: object): Promise<RequestAnswer> {
  const request = returnRequest.parse({
    channel: 'web',
    customer: { externalId: 'c-1' },
    occurredAt: BACK,
    ...body,
  });
  const answer = await takeReturn(ledger, {
    request,
    reference: undefined,
    now: BACK,
    actor: 'shop',
  });
  if (answer.outcome === 'invalid')
    throw new Error(`${answer.error.path}: ${answer.error.message}`);
  if (answer.outcome === 'stale') throw new Error('stale');
  return answer;
}

/** Everything of the return arrives and is disposed of in one way. */
export async function bringBack(
  { ledger }: TestLedger,
  view: ReturnView,
  disposition: Disposition = 'restock',
) {
  const goods = view.lines.filter(({ kind }) => kind === 'goods');
  const lines = goods.map(({ returnLineId, code, quantity }) => ({
    lineNo: lineNo(returnLineId),
    sku: code,
    quantity,
  }));
  await receiveReturn(ledger, {
    returnId: view.id,
    receiptId: `${view.id}-r1`,
    occurredAt: BACK,
    at: BACK,
    complete: true,
    lines,
    actor: 'warehouse',
  });
  await inspectReturn(ledger, {
    returnId: view.id,
    inspectionId: `${view.id}-i1`,
    occurredAt: BACK,
    at: BACK,
    units: lines.map((line) => ({
      lineNo: line.lineNo,
      quantity: line.quantity,
      grade: 'A',
      disposition,
    })),
    actor: 'warehouse',
  });
}

/** Does what the return's process would once everything is inspected, with a gateway that always agrees. */
export async function settleReturn({ ledger }: TestLedger, returnId: string): Promise<ReturnView> {
  await steps.beginReturn(ledger, { processId: returnId });
  const { refunds } = await steps.advanceReturn(ledger, { returnId });
  for (const { refundId, occurrence } of refunds) {
    await steps.recordRefund(ledger, {
      refundId,
      occurrence,
      outcome: 'succeeded',
      providerId: `ref-${refundId}`,
      decision: {},
    });
  }
  return readReturn(ledger, returnId);
}

function lineNo(returnLineId: string): number {
  return Number(returnLineId.split('#')[1]);
}

/** Credit less debit of one account, minor units. */
export async function balanceOf(owner: postgres.Sql, account: string): Promise<number> {
  const [row] = await owner<{ minor: number }[]>`
    select coalesce(sum(case when credit = ${account} then amount_minor else -amount_minor end), 0)::int as minor
    from ledger.posting where ${account} in (debit, credit)`;
  return row?.minor ?? 0;
}

/** Units of a SKU by bucket, empty buckets left out. */
export async function bucketsOf(owner: postgres.Sql, sku: string): Promise<Record<string, number>> {
  const rows = await owner<{ bucket: string; quantity: number }[]>`
    select bucket, sum(quantity)::int as quantity from ledger.stock_balance where sku = ${sku} group by 1
    having sum(quantity) > 0`;
  return Object.fromEntries(rows.map(({ bucket, quantity }) => [bucket, quantity]));
}

/** Every projection is what its entries say. */
export async function expectSound({ ledger }: TestLedger): Promise<void> {
  expect(await checkLedger(ledger)).toMatchObject({ ok: true, drift: [] });
}

/** An order of mugs at 5.00 that was sent, and its return. */
export async function returnOfMugs(shop: TestLedger, quantity: number): Promise<ReturnView> {
  const orderId = await placeOrder(shop, {
    id: '1',
    lines: [{ sku: 'MUG', quantity, unitPrice: '5' }],
  });
  await sendOrder(shop, orderId);
  const lines = [{ sku: 'MUG', quantity, sourceRef: 't:returnFull:1' }];
  return (await askReturn(shop, { externalRef: 'r1', lines })).return;
}
