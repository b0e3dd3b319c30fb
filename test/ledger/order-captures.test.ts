import { afterAll, beforeAll, expect, test } from 'vitest';
import { dispatchShipment } from '../../activities/ledger/intake/dispatch-shipment.ts';
import { recordFact } from '../../activities/ledger/intake/record-fact.ts';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import * as steps from '../../activities/ledger/steps/order.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { goods, openShop, PLACED_AT, shopDesk, stockUp } from './order-shop.ts';

let shop: TestLedger;
let desk: ReturnType<typeof shopDesk>;

beforeAll(async () => {
  shop = await openLedger();
  await openShop(shop.ledger, ['SKU-1']);
  await stockUp(shop.owner, { sku: 'SKU-1', node: 'north', quantity: 9, unitCost: '1' });
  desk = shopDesk(shop.ledger);
});
afterAll(() => shop.close());

/** An order of one unit that was sent, with its capture due. */
async function sent(externalId: string): Promise<{ id: string; due: steps.OrderProgress }> {
  const { id } = await desk.accepted({
    externalId,
    lines: [goods('SKU-1', 1)],
    payment: {
      provider: 'gateway',
      status: 'authorized',
      reference: `auth-${externalId}`,
      amountMinor: '255',
    },
  });
  await steps.beginOrder(shop.ledger, { orderId: id });
  await dispatchShipment(shop.ledger, {
    shipmentId: `${id.replace('order:', 'shipment:')}:1`,
    dispatchId: 'd1',
    occurredAt: PLACED_AT,
    lines: [{ lineNo: 1, quantity: 1 }],
    actor: 'test',
  });
  return { id, due: await steps.advanceOrder(shop.ledger, { orderId: id, occurrence: 'd1' }) };
}

test('a capture of which nobody knows what became of it is only ever asked for again under its own key', async () => {
  const { id, due } = await sent('unknown');
  const { captureId, occurrence } = due.captures[0] ?? { captureId: '', occurrence: '' };
  expect(occurrence).toBe('1');
  // The gateway has taken it, says so by itself, and its answer was lost.
  await recordFact(shop.ledger, 'gateway', {
    id: 'evt-unknown',
    type: 'capture.succeeded',
    occurredAt: PLACED_AT,
    data: { authorizationId: 'auth-unknown', reference: captureId, amountMinor: '255' },
  });
  const unknown = { outcome: 'failed' as const, unknown: true, failure: 'no answer' };
  await steps.recordCapture(shop.ledger, { orderId: id, captureId, occurrence, ...unknown });
  const board = () => shop.owner<{ id: string; kind: string; state: string }[]>`
    select exception_id as id, kind, state from ledger.exception where subject_id = ${id} order by kind`;
  const raised = await board();
  expect(raised).toMatchObject([
    { kind: 'capture-failed', state: 'open' },
    { kind: 'settlement-mismatch', state: 'open' },
  ]);
  await resolveException(shop.ledger, {
    exceptionId: raised[0]?.id ?? '',
    resolutionId: 'r1',
    action: 'retry',
    actor: 'finance',
    at: PLACED_AT,
  });
  const again = await steps.advanceOrder(shop.ledger, { orderId: id, occurrence: 'resolved' });
  expect(again.captures).toMatchObject([{ captureId, occurrence: raised[0]?.id }]);
  const ended = await steps.recordCapture(shop.ledger, {
    orderId: id,
    captureId,
    occurrence: again.captures[0]?.occurrence,
    outcome: 'captured',
  });
  expect(ended).toMatchObject({ state: 'completed' });
  expect(await board()).toMatchObject([{ state: 'resolved' }, { state: 'resolved' }]);
});
