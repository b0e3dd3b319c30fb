import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordFact } from '../../activities/ledger/intake/record-fact.ts';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { readOrder } from '../../activities/ledger/read/order.ts';
import * as steps from '../../activities/ledger/steps/order.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { balanceOf, goods, openShop, PLACED_AT, shopDesk, stockUp } from './order-shop.ts';

let shop: TestLedger;
let desk: ReturnType<typeof shopDesk>;

beforeAll(async () => {
  shop = await openLedger();
  await openShop(shop.ledger, ['NONE', 'ONE', 'THERE', 'NEVER']);
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

/** What a provider may say of a deposit's refund, and what that is. */
const REFUSED = { refund: { amountMinor: '510', outcome: 'failed' as const } };
const KEPT = [
  { name: 'refused', said: REFUSED, outcome: 'refused' },
  { name: 'not-asked-for', said: {}, outcome: 'refused' },
  {
    name: 'unanswered',
    said: { voided: false, outcome: 'unknown' as const, failure: 'no answer' },
    outcome: 'unknown',
  },
];

/** A refused order whose deposit was not refunded: it is on the board, and the order waits. */
async function keep({ said, outcome }: Omit<(typeof KEPT)[number], 'name'>, name: string) {
  const id = await refused(name, { ...captured, reference: name });
  const { giveBack } = await steps.beginOrder(shop.ledger, { orderId: id });
  const refundId = giveBack?.refundId ?? '';
  const paymentId = giveBack?.paymentId ?? '';
  const refund = 'refund' in said && { refund: { ...said.refund, refundId } };
  const given = { orderId: id, paymentId, voided: true, ...said, ...refund };
  const waits = await steps.recordGiveBack(shop.ledger, given as never);
  expect(waits).toMatchObject({ state: 'rejected', ended: false, giveBack: null });
  const [raised] = await shop.owner<{ id: string; kind: string; evidence: object }[]>`
    select exception_id as id, kind, evidence from ledger.exception where subject_id = ${id} and state = 'open'`;
  expect(raised).toMatchObject({ kind: 'compensation-failed', evidence: { paymentId, outcome } });
  const resolve = async (action: string) => {
    await resolveException(shop.ledger, {
      exceptionId: raised?.id ?? '',
      resolutionId: action,
      action,
      actor: 'ops',
      at: PLACED_AT,
    });
    return steps.advanceOrder(shop.ledger, { orderId: id, occurrence: action });
  };
  return { id, paymentId, refundId, resolve };
}

test.each(KEPT)(
  'a deposit whose refund was $name is asked for again, under another key only where the provider said no',
  async ({ name, ...kept }) => {
    const owed = await balanceOf(shop.owner, 'customer-deposits');
    const { id, paymentId, refundId, resolve } = await keep(kept, `again-${name}`);
    expect(await balanceOf(shop.owner, 'customer-deposits')).toBe(owed - 510n);
    const { giveBack } = await resolve('retry');
    expect(giveBack).toMatchObject({
      occurrence: '2',
      refundId: kept.outcome === 'refused' ? `${refundId}:2` : refundId,
      voidKey: kept.outcome === 'refused' ? `${paymentId}:void:2` : `${paymentId}:void`,
    });
    const refund = { refundId: giveBack?.refundId ?? '', amountMinor: '510' };
    const ended = await steps.recordGiveBack(shop.ledger, {
      orderId: id,
      paymentId,
      occurrence: '2',
      voided: true,
      refund: { ...refund, outcome: 'refunded' },
    });
    expect(ended).toMatchObject({ state: 'rejected', ended: true });
    expect(await balanceOf(shop.owner, 'customer-deposits')).toBe(owed);
    const open =
      await shop.owner`select kind from ledger.exception where subject_id = ${id} and state = 'open'`;
    expect(open).toEqual([]);
  },
);

test('a deposit that is refused twice is the same trouble again, and asked for under a third key', async () => {
  const { id, paymentId, resolve } = await keep(KEPT[0] as never, 'twice');
  const { giveBack } = await resolve('retry');
  const refund = { refundId: giveBack?.refundId ?? '', ...REFUSED.refund };
  const again = { orderId: id, paymentId, occurrence: '2', voided: true, refund };
  expect(await steps.recordGiveBack(shop.ledger, again)).toMatchObject({
    ended: false,
    giveBack: null,
  });
  const [raised, ...others] = await shop.owner<{ id: string; reopened: number }[]>`
    select exception_id as id, reopened from ledger.exception where subject_id = ${id}`;
  expect([raised?.reopened, others]).toEqual([1, []]);
  await resolveException(shop.ledger, {
    exceptionId: raised?.id ?? '',
    resolutionId: 'third',
    action: 'retry',
    actor: 'ops',
    at: PLACED_AT,
  });
  const third = await steps.advanceOrder(shop.ledger, { orderId: id, occurrence: 'third' });
  expect(third.giveBack).toMatchObject({
    occurrence: '3',
    refundId: `${paymentId}:deposit-refund:3`,
  });
});

test('a deposit that somebody lets be stays owed, and the order ends', async () => {
  const owed = await balanceOf(shop.owner, 'customer-deposits');
  const { id, resolve } = await keep(KEPT[0] as never, 'accepted');
  expect(await resolve('accept')).toMatchObject({ ended: true, giveBack: null });
  expect(await balanceOf(shop.owner, 'customer-deposits')).toBe(owed - 510n);
  expect(await readOrder(shop.ledger, id)).toMatchObject({
    process: 'ended',
    payments: [{ state: 'captured', refundedMinor: '0' }],
  });
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

test('a channel that took money for what is not there is on the board, once for each SKU', async () => {
  await refused('asked-first', { provider: 'gateway', status: 'none', token: 'tok_visa' });
  await stockUp(shop.owner, { sku: 'THERE', node: 'north', quantity: 1, unitCost: '1' });
  const lines = [goods('THERE', 1), goods('NEVER', 2)];
  for (const name of ['sold-1', 'sold-2', 'sold-3']) {
    const payment = { ...authorized, amountMinor: '765', reference: `auth_${name}` };
    expect(await desk.place({ externalId: name, lines, payment })).toMatchObject({
      outcome: 'rejected',
    });
  }
  const found = await shop.owner<{ subject_id: string; seen: number; evidence: object }[]>`
    select subject_id, seen, evidence, reach_channels, owner from ledger.exception
    where kind = 'oversold-channel' and evidence ->> 'sku' = 'NEVER'`;
  expect(found).toMatchObject([
    {
      subject_id: 'channel:web',
      owner: 'support',
      seen: 3,
      reach_channels: ['web'],
      evidence: { channel: 'web', orderId: 'order:web:sold-1', asked: 2, available: 0 },
    },
  ]);
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
