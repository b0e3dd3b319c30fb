import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordFact } from '../../activities/ledger/intake/record-fact.ts';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { readOrder } from '../../activities/ledger/read/order.ts';
import * as steps from '../../activities/ledger/steps/order.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { goods, openShop, PLACED_AT, shopDesk, stockUp } from './order-shop.ts';

let shop: TestLedger;
let desk: ReturnType<typeof shopDesk>;

beforeAll(async () => {
  shop = await openLedger();
  await openShop(shop.ledger, ['SKU-13', 'SKU-14', 'SKU-15', 'SKU-16']);
  desk = shopDesk(shop.ledger);
});
afterAll(() => shop.close());

test('what stays short can be given up: the waiting units are cancelled, the others are sent', async () => {
  await stockUp(shop.owner, { sku: 'SKU-13', node: 'north', quantity: 1, unitCost: '1' });
  const { id } = await desk.accepted({
    channel: 'b2b',
    externalId: '3008',
    lines: [goods('SKU-13', 3)],
    payment: {
      provider: 'gateway',
      status: 'authorized',
      reference: 'auth_1',
      amountMinor: '765',
    },
  });
  const begun = await steps.beginOrder(shop.ledger, { orderId: id });
  expect(begun).toMatchObject({ backorderedEach: 2, openShipments: 1 });
  await steps.expireOrderWait(shop.ledger, { orderId: id, dueId: `${id}:stock:begin` });
  const [short] =
    await shop.owner`select * from ledger.exception where subject_id = ${id} and state = 'open'`;
  expect(short).toMatchObject({ kind: 'stock-short', owner: 'warehouse' });
  await resolveException(shop.ledger, {
    exceptionId: short?.['exception_id'],
    resolutionId: 'r1',
    action: 'accept-short',
    actor: 'warehouse',
    at: PLACED_AT,
  });
  const resolved = await steps.advanceOrder(shop.ledger, { orderId: id, occurrence: 'r1' });
  expect(resolved).toMatchObject({ backorderedEach: 0, openShipments: 1, ended: false });
  expect(await readOrder(shop.ledger, id)).toMatchObject({
    lines: [{ cancelled: 2, allocated: 1, backordered: 0 }],
  });
});

test.each([
  ['authorization.succeeded', { state: 'released', holds: [] }],
  ['authorization.failed', { state: 'accepted', holds: ['payment'] }],
])('%s that overtakes the word of its challenge counts', async (type, outcome) => {
  const sku = type === 'authorization.succeeded' ? 'SKU-14' : 'SKU-15';
  await stockUp(shop.owner, { sku, node: 'north', quantity: 1, unitCost: '1' });
  const { id } = await desk.accepted({
    externalId: `overtaken-${type}`,
    lines: [goods(sku, 1)],
    payment: { provider: 'gateway', status: 'none' },
  });
  const { authorize } = await steps.beginOrder(shop.ledger, { orderId: id });
  const paymentId = authorize?.paymentId ?? '';
  await recordFact(shop.ledger, 'gateway', {
    id: `evt-${type}`,
    type,
    occurredAt: PLACED_AT,
    data: { authorizationId: `auth-${type}`, reference: paymentId },
  });
  const recorded = await steps.recordAuthorization(shop.ledger, {
    orderId: id,
    paymentId,
    key: authorize?.key ?? '',
    outcome: 'challenged',
    reference: `auth-${type}`,
  });
  expect(recorded).toMatchObject(outcome);
});

test('an unanswered challenge is voided with its order, so that nobody is held for nothing', async () => {
  await stockUp(shop.owner, { sku: 'SKU-16', node: 'north', quantity: 1, unitCost: '1' });
  const { id } = await desk.accepted({
    externalId: 'unanswered',
    lines: [goods('SKU-16', 1)],
    payment: { provider: 'gateway', status: 'none' },
  });
  const { authorize } = await steps.beginOrder(shop.ledger, { orderId: id });
  const challenged = await steps.recordAuthorization(shop.ledger, {
    orderId: id,
    paymentId: authorize?.paymentId ?? '',
    key: authorize?.key ?? '',
    outcome: 'challenged',
    reference: 'auth-unanswered',
  });
  const ended = await steps.expireOrderWait(shop.ledger, {
    orderId: id,
    dueId: challenged.dueId ?? '',
  });
  expect(ended.giveBack).toMatchObject({ voidMinor: '255', reference: 'auth-unanswered' });
});

test('a retry while the buyer has yet to answer gives the whole time again, and keeps the one authorization', async () => {
  await stockUp(shop.owner, { sku: 'SKU-16', node: 'north', quantity: 1, unitCost: '1' });
  const { id } = await desk.accepted({
    externalId: 'asked-again',
    lines: [goods('SKU-16', 1)],
    payment: { provider: 'gateway', status: 'none' },
  });
  const { authorize } = await steps.beginOrder(shop.ledger, { orderId: id });
  await steps.recordAuthorization(shop.ledger, {
    orderId: id,
    paymentId: authorize?.paymentId ?? '',
    key: authorize?.key ?? '',
    outcome: 'challenged',
    reference: 'auth-again',
  });
  const [raised] =
    await shop.owner`select exception_id from ledger.exception where subject_id = ${id}`;
  const exceptionId = String(raised?.['exception_id']);
  await resolveException(shop.ledger, {
    exceptionId,
    resolutionId: 'r1',
    action: 'retry',
    actor: 'finance',
    occurredAt: '2026-03-02T20:00:00Z',
  });
  const again = await steps.advanceOrder(shop.ledger, { orderId: id, occurrence: 'r1' });
  expect(again).toMatchObject({
    authorize: null,
    holds: ['payment'],
    dueId: `${id}:payment:${exceptionId}`,
    waitSeconds: 86_400,
  });
  const [payment] =
    await shop.owner`select state, reference from ledger.payment where order_id = ${id}`;
  expect(payment).toEqual({ state: 'challenged', reference: 'auth-again' });

  await recordFact(shop.ledger, 'gateway', {
    id: 'evt-failed-again',
    type: 'authorization.failed',
    occurredAt: '2026-03-02T20:05:00Z',
    data: { authorizationId: 'auth-again', declineCode: 'challenge_failed' },
  });
  const board = await shop.owner`select state, reopened, evidence from ledger.exception
    where subject_id = ${id} and kind = 'payment' order by recorded_at`;
  expect(board, 'it let the buyer try on; now somebody has to decide again').toMatchObject([
    {
      state: 'open',
      reopened: 1,
      evidence: { outcome: 'declined', declineCode: 'challenge_failed' },
    },
  ]);
});
