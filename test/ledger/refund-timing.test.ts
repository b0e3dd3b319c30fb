/** When the money goes back is decided with the request, by the policy in force then, and the process keeps to it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inspectReturn } from '../../activities/ledger/intake/inspect-return.ts';
import { receiveReturn } from '../../activities/ledger/intake/receive-return.ts';
import { readReturn, type ReturnView } from '../../activities/ledger/read/return.ts';
import * as steps from '../../activities/ledger/steps/return.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import {
  askReturn,
  BACK,
  balanceOf,
  bucketsOf,
  expectSound,
  placeOrder,
  returnOfMugs,
  seedReturnShop,
  sendOrder,
  settleReturn,
  stockIn,
} from './return-shop.ts';

let shop: TestLedger;

beforeEach(async () => {
  shop = await openLedger();
  await seedReturnShop(shop.owner);
  await stockIn(shop.owner, 'MUG', 9, '2', 'po-1');
});
afterEach(() => shop.close());

/** Refunds up to 50.00 go out with the receipt, for orders that were sent to this region. */
async function refundEarly(region = '*'): Promise<void> {
  const document = { ...DEFAULT_POLICIES['refund-timing'], earlyUpToMinor: '5000' };
  await shop.owner`
    insert into ledger.policy_version (policy, version, channel, region, effective_from, document)
    select 'refund-timing', max(version) + 1, '*', ${region}, '2000-01-01', ${shop.owner.json(document)}
    from ledger.policy_version where policy = 'refund-timing'`;
}

const receive = (view: ReturnView, quantity: number) =>
  receiveReturn(shop.ledger, {
    returnId: view.id,
    receiptId: `${view.id}-r1`,
    occurredAt: BACK,
    at: BACK,
    complete: true,
    lines: [{ lineNo: 1, sku: 'MUG', quantity }],
    actor: 'warehouse',
  });

const inspect = (view: ReturnView, quantity: number) =>
  inspectReturn(shop.ledger, {
    returnId: view.id,
    inspectionId: `${view.id}-i1`,
    occurredAt: BACK,
    at: BACK,
    units: [{ lineNo: 1, quantity, grade: 'A', disposition: 'restock' }],
    actor: 'warehouse',
  });

const advance = async (returnId: string) => {
  await steps.advanceReturn(shop.ledger, { returnId });
  return readReturn(shop.ledger, returnId);
};

test('a refund that may go out with the receipt does, and the return is closed by the inspection', async () => {
  await refundEarly();
  const view = await returnOfMugs(shop, 5);
  expect(view.refundTiming).toEqual({
    release: 'receipt',
    rule: 'early',
    policyVersion: 'refund-timing@2',
  });
  expect((await receive(view, 5)).return.state).toBe('refunding');
  const paid = await settleReturn(shop, view.id);
  expect(paid).toMatchObject({
    state: 'awaiting-inspection',
    refunds: [{ amountMinor: '2500', state: 'refunded' }],
    lines: [{ creditedQuantity: 5, inspectedQuantity: 0 }],
  });
  expect(await bucketsOf(shop.owner, 'MUG')).toMatchObject({ returned: 5 });
  await inspect(view, 5);
  expect(await advance(view.id)).toMatchObject({ state: 'closed', refunds: paid.refunds });
  expect(await bucketsOf(shop.owner, 'MUG')).toMatchObject({ 'on-hand': 9 });
  expect(await balanceOf(shop.owner, 'refunds-payable')).toBe(0);
  await expectSound(shop);
});

test('a return that names no order is judged as one of the country that its sale was sent to', async () => {
  await refundEarly('GB');
  expect((await returnOfMugs(shop, 1)).refundTiming).toMatchObject({ release: 'receipt' });
});

test('it is of what arrived', async () => {
  await refundEarly();
  const view = await returnOfMugs(shop, 5);
  await receive(view, 3);
  expect(await settleReturn(shop, view.id)).toMatchObject({
    creditNotes: [{ amountMinor: '1500' }],
    refunds: [{ amountMinor: '1500' }],
  });
  await inspect(view, 3);
  expect(await advance(view.id)).toMatchObject({ state: 'closed' });
  await expectSound(shop);
});

test('goods that are inspected before the money is out are not waited for again', async () => {
  await refundEarly();
  const view = await returnOfMugs(shop, 5);
  await receive(view, 5);
  await advance(view.id);
  expect(await inspect(view, 5)).toMatchObject({ applied: true, return: { state: 'refunding' } });
  expect(await settleReturn(shop, view.id)).toMatchObject({ state: 'closed' });
  await expectSound(shop);
});

test('the warehouse is reminded of goods that were refunded and never inspected', async () => {
  await refundEarly();
  const view = await returnOfMugs(shop, 5);
  await receive(view, 5);
  await settleReturn(shop, view.id);
  const { dueId, waitSeconds } = await steps.advanceReturn(shop.ledger, { returnId: view.id });
  expect(waitSeconds).toBe(72 * 3_600);
  if (dueId === null) throw new Error('nothing is due');
  expect(await steps.remindInspection(shop.ledger, { returnId: view.id, dueId })).toMatchObject({
    applied: true,
  });
  expect(await shop.owner`select kind from ledger.exception where subject_id = ${view.id}`).toEqual(
    [{ kind: 'inspection' }],
  );
});

test('what was asked for before the policy changed, or lies in another region, waits for the inspection', async () => {
  const before = await returnOfMugs(shop, 5);
  await refundEarly('FR');
  const orderId = await placeOrder(shop, {
    id: '2',
    lines: [{ sku: 'MUG', quantity: 1, unitPrice: '5' }],
  });
  await sendOrder(shop, orderId);
  const elsewhere = await askReturn(shop, {
    externalRef: 'r2',
    orderId,
    lines: [{ sku: 'MUG', quantity: 1 }],
  });
  expect(elsewhere.return.refundTiming).toMatchObject({
    release: 'inspection',
    policyVersion: 'refund-timing@1',
  });
  await refundEarly();
  expect((await receive(before, 5)).return).toMatchObject({
    state: 'awaiting-inspection',
    refundTiming: { release: 'inspection' },
  });
});
