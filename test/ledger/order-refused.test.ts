import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordFact } from '../../activities/ledger/intake/record-fact.ts';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { readOrder } from '../../activities/ledger/read/order.ts';
import * as steps from '../../activities/ledger/steps/order.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { balanceOf, goods, openShop, PLACED_AT, shopDesk, stockUp } from './order-shop.ts';

let shop: TestLedger;
let desk: ReturnType<typeof shopDesk>;

beforeAll(async () => {
  shop = await openLedger();
  await openShop(shop.ledger, ['NONE', 'ONE']);
  await stockUp(shop.owner, { sku: 'ONE', node: 'north', quantity: 1, unitCost: '1' });
  desk = shopDesk(shop.ledger);
});
afterAll(() => shop.close());

const authorized = { provider: 'gateway', status: 'authorized', amountMinor: '510' };
const captured = { ...authorized, status: 'captured' };

async function refused(externalId: string, payment?: object): Promise<string> {
  const lines = [goods('NONE', 2)];
  const result = await desk.place({ externalId, lines, ...(payment && { payment }) });
  if (result.outcome !== 'rejected') throw new Error(`the order was ${JSON.stringify(result)}`);
  return result.orderId;
}

test('a refused order that was authorized gives it back and stays refused', async () => {
  const id = await refused('authorized', { ...authorized, reference: 'auth_1' });
  const begun = await steps.beginOrder(shop.ledger, { orderId: id });
  expect(begun).toMatchObject({
    state: 'rejected',
    ended: false,
    authorize: null,
    screening: [],
    captures: [],
    giveBack: { reference: 'auth_1', voidMinor: '510', refundId: null, refundMinor: '0' },
    // It is looked at again, whatever becomes of the provider.
    dueId: `${id}:attention:begin`,
  });
  const given = { orderId: id, paymentId: begun.giveBack?.paymentId ?? '', voided: true };
  const ended = await steps.recordGiveBack(shop.ledger, given);
  expect(ended).toMatchObject({ state: 'rejected', ended: true, giveBack: null, dueId: null });
  expect(await steps.recordGiveBack(shop.ledger, given)).toEqual(ended);
  expect(await steps.beginOrder(shop.ledger, { orderId: id })).toEqual(ended);
  expect(await readOrder(shop.ledger, id)).toMatchObject({
    state: 'rejected',
    process: 'ended',
    endedAt: null,
    payments: [{ state: 'voided', capturedMinor: '0', refundedMinor: '0' }],
  });
  expect(await balanceOf(shop.owner, 'payment-clearing')).toBe(0n);
});

test('a refused order that was paid beforehand owes a deposit until it is refunded', async () => {
  const id = await refused('captured', { ...captured, reference: 'auth_2' });
  expect(await balanceOf(shop.owner, 'customer-deposits')).toBe(-510n);
  expect(await balanceOf(shop.owner, 'payment-clearing')).toBe(510n);
  const { giveBack } = await steps.beginOrder(shop.ledger, { orderId: id });
  expect(giveBack).toMatchObject({ reference: 'auth_2', voidMinor: '0', refundMinor: '510' });
  const ended = await steps.recordGiveBack(shop.ledger, {
    orderId: id,
    paymentId: giveBack?.paymentId ?? '',
    voided: true,
    refund: { refundId: giveBack?.refundId ?? '', amountMinor: '510', outcome: 'refunded' },
  });
  expect(ended).toMatchObject({ state: 'rejected', ended: true });
  expect(await balanceOf(shop.owner, 'customer-deposits')).toBe(0n);
  expect(await balanceOf(shop.owner, 'payment-clearing')).toBe(0n);
  expect(await balanceOf(shop.owner, 'revenue')).toBe(0n);
});

test.each([
  ['the provider refused', 'failed' as const],
  ['could not be asked for', undefined],
])('a deposit whose refund %s is on the board, and stays owed', async (name, outcome) => {
  const id = await refused(`kept-${name.replaceAll(' ', '-')}`, { ...captured, reference: name });
  const owed = await balanceOf(shop.owner, 'customer-deposits');
  const { giveBack } = await steps.beginOrder(shop.ledger, { orderId: id });
  const refundId = giveBack?.refundId ?? '';
  const ended = await steps.recordGiveBack(shop.ledger, {
    orderId: id,
    paymentId: giveBack?.paymentId ?? '',
    voided: true,
    ...(outcome && { refund: { refundId, amountMinor: '510', outcome } }),
  });
  expect(ended).toMatchObject({ state: 'rejected', ended: true });
  expect(await balanceOf(shop.owner, 'customer-deposits')).toBe(owed);
  const open = await shop.owner<{ kind: string; owner: string }[]>`
    select kind, owner from ledger.exception where subject_id = ${id} and state = 'open'`;
  expect(open).toEqual([{ kind: 'compensation-failed', owner: 'ops' }]);
});

test.each([
  ['without a payment', undefined],
  ['to be paid', { provider: 'gateway', status: 'none', token: 'tok_visa' }],
])('a refused order %s keeps no payment and has no process', async (name, payment) => {
  const id = await refused(name.replaceAll(' ', '-'), payment);
  expect(await readOrder(shop.ledger, id)).toMatchObject({ process: null, payments: [] });
  expect(await steps.beginOrder(shop.ledger, { orderId: id })).toMatchObject({
    state: 'rejected',
    ended: true,
    giveBack: null,
    dueId: null,
  });
});

test('of orders taken in at once, each refused one gives its own payment back and no accepted one does', async () => {
  const placed = await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) =>
      desk.place({
        externalId: `rush-${name}`,
        lines: [goods('ONE', 1)],
        payment: { ...authorized, amountMinor: '255', reference: `auth_rush_${name}` },
      }),
    ),
  );
  const outcomes = placed.map(({ outcome }) => outcome);
  expect(outcomes.toSorted()).toEqual(['accepted', 'rejected', 'rejected', 'rejected']);
  const given = await Promise.all(
    placed.map(async (result) => {
      const orderId = 'orderId' in result ? result.orderId : '';
      const { giveBack } = await steps.beginOrder(shop.ledger, { orderId });
      return giveBack?.reference ?? null;
    }),
  );
  const own = ['a', 'b', 'c', 'd'].map((name) => `auth_rush_${name}`);
  expect(given).toEqual(own.map((mine, n) => (outcomes[n] === 'accepted' ? null : mine)));
});

test("the provider's late word of an authorization that was given back troubles nobody", async () => {
  const id = await refused('late-word', { ...authorized, reference: 'auth_late' });
  const { giveBack } = await steps.beginOrder(shop.ledger, { orderId: id });
  const paymentId = giveBack?.paymentId ?? '';
  await steps.recordGiveBack(shop.ledger, { orderId: id, paymentId, voided: true });
  const event = {
    id: 'evt_late',
    type: 'authorization.succeeded',
    occurredAt: PLACED_AT,
    data: { authorizationId: 'auth_late', amountMinor: '510', currency: 'GBP' },
  };
  expect(await recordFact(shop.ledger, 'gateway', event)).toMatchObject({ state: 'voided' });
  const open = await shop.owner`select kind from ledger.exception where subject_id = ${id}`;
  expect(open).toEqual([]);
});

test('after all of this the ledger agrees with its entries', async () => {
  expect(await checkLedger(shop.ledger)).toMatchObject({ ok: true, drift: [] });
});
