import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DelegationInput } from '../../activities/ledger/intake/delegation.ts';
import { listApprovals } from '../../activities/ledger/read/approval.ts';
import { ApprovalShop, levelOf, matrixOf } from './approval-shop.ts';

let desk: ApprovalShop;
let fresh: string;
let half: string;
let late: string;
let done: string;
let returned: string;

beforeAll(async () => {
  desk = await ApprovalShop.open();
  await desk.putMatrix(matrixOf([levelOf('approver'), levelOf('finance')]));
  fresh = await desk.ask();
  half = await desk.ask();
  await desk.decide(half, 'person:ann');
  late = await desk.ask();
  await desk.reachDeadline(late);
  await desk.reachDeadline(late);
  done = await desk.ask(100, 'person:ivan');
  await desk.decide(done, 'person:bob', 'reject');
  returned = await desk.ask(100, 'person:ivan');
  await desk.say(returned, 'person:ann', { kind: 'return-for-change' });
});
afterAll(() => desk.close());

type Filter = Omit<Parameters<typeof listApprovals>[1], 'limit'>;

/** The clock is shortly after they were asked. */
const AT = '2010-12-01T13:00:00Z';

async function ids(filter: Filter): Promise<string[]> {
  const { data } = await listApprovals(desk.shop.ledger, { limit: 50, at: AT, ...filter });
  return data.map(({ id }) => id).toSorted();
}

test('an approver sees what asks approvers, and not what they had a say on or asked for', async () => {
  expect(await ids({ askedOf: 'person:bob' })).toEqual([fresh, late].toSorted());
  expect(await ids({ askedOf: 'person:ann' })).toEqual([fresh, late].toSorted());
  expect(await ids({ askedOf: 'person:fay' })).toEqual([half]);
});

test('whoever it was escalated to sees it, and whoever it was returned to', async () => {
  expect(await ids({ askedOf: 'person:olga' })).toEqual([late]);
  expect(await ids({ askedOf: 'person:ivan' })).toEqual([fresh, half, late, returned].toSorted());
});

test('whoever asked sees none of their own to decide', async () => {
  expect(await ids({ askedOf: 'person:rita' })).toEqual([]);
  expect(await ids({ requestedBy: 'person:ivan' })).toEqual([done, returned].toSorted());
});

test('a delegate sees what waits for whoever delegated to them, while it is in force', async () => {
  await desk.delegate('person:fay', { to: 'person:otto' });
  expect(await ids({ askedOf: 'person:otto' })).toEqual([half]);
  expect(await ids({ askedOf: 'person:otto', at: '2011-02-01T00:00:00Z' })).toEqual([]);
});

test('a delegate sees only what the delegation covers, and nothing of whoever asked or had a say', async () => {
  const terms = { validFrom: '2010-12-01T00:00:00Z', validUntil: '2010-12-02T00:00:00Z' };
  const sees = async (from: string, to: string, scope: Partial<DelegationInput>) => {
    const delegationId = await desk.delegate(from, { ...terms, ...scope, to });
    const seen = await ids({ askedOf: to });
    await desk.delegate(from, { ...terms, ...scope, to, delegationId, revoked: true });
    return seen;
  };
  expect(await sees('person:bob', 'person:pat', {})).toEqual([fresh, late].toSorted());
  expect(await sees('person:bob', 'person:pat', { subjects: ['refund'] })).toEqual([]);
  expect(await sees('person:bob', 'person:pat', { limitMinor: '24999' })).toEqual([]);
  expect(await sees('person:bob', 'person:pat', { limitMinor: '25000' })).toHaveLength(2);
  // Ann has had a say on one of what finance is asked, and Rita asked for all of it.
  expect(await sees('person:fay', 'person:ann', {})).toEqual([fresh, late].toSorted());
  expect(await sees('person:fay', 'person:rita', {})).toEqual([]);
  // Nobody passes on what was delegated to them.
  await desk.delegate('person:fay', { ...terms, to: 'person:pat' });
  expect(await sees('person:pat', 'person:adam', {})).toEqual([]);
});

test('whose authority ends below the amount is not asked', async () => {
  const { owner } = desk.shop;
  await owner`update ledger.person set amount_limit_minor = 24999 where person_id = 'person:bob'`;
  expect(await ids({ askedOf: 'person:bob' })).toEqual([]);
  await owner`update ledger.person set amount_limit_minor = 25000 where person_id = 'person:bob'`;
  expect(await ids({ askedOf: 'person:bob' })).toEqual([fresh, late].toSorted());
});

test('a role has what asks it now, and everybody what asks a role of theirs', async () => {
  expect(await ids({ roleOf: 'person:ann' })).toEqual([fresh, late].toSorted());
  expect(await ids({ roleOf: 'person:otto' })).toEqual([]);
  const { data } = await listApprovals(desk.shop.ledger, { limit: 1 });
  expect(data[0]?.effects.approve).toBe('Stock and its value are corrected at once.');
});

test('a role has what asks it now', async () => {
  expect(await ids({ role: 'approver' })).toEqual([fresh, late].toSorted());
  expect(await ids({ role: 'finance' })).toEqual([half]);
  expect(await ids({ role: 'procurement' })).toEqual([]);
});

test('overdue is what was escalated, or should have been decided by now', async () => {
  expect(await ids({ overdue: true })).toEqual([late]);
  expect(await ids({ overdue: true, at: '2010-12-20T00:00:00Z' })).toEqual(
    [fresh, half, late, returned].toSorted(),
  );
});

test('they are found by subject, state and what they are about', async () => {
  const { subjectId } = await desk.review(half);
  expect(await ids({ subjectId })).toEqual([half]);
  expect(await ids({ state: 'rejected' })).toEqual([done]);
  expect(await ids({ subject: 'stock-correction', state: 'open' })).toHaveLength(4);
  expect(await ids({ subject: 'refund' })).toEqual([]);
});

test('only what lies within reach is shown', async () => {
  expect(await ids({ within: { nodes: ['main'] } })).toHaveLength(5);
  expect(await ids({ within: { nodes: ['elsewhere'] } })).toEqual([]);
  expect(await ids({ within: { regions: ['GB'], channels: [] } })).toHaveLength(5);
  expect(await ids({ within: { regions: ['FR'] } })).toEqual([]);
});

test('the review has what whoever decides has to know', async () => {
  expect(await desk.review(half)).toMatchObject({
    amount: { amountMinor: '25000', currency: 'GBP' },
    baseAmountMinor: '25000',
    row: 'asked',
    because: 'The test wants it',
    reasons: 'An approval is needed by row asked: no row before it applies. The test wants it.',
    appliedRow: { row: 'asked', applies: 'yes' },
    facts: {
      subject: 'stock-correction',
      skuClasses: ['B'],
      details: { sku: 'MUG', node: 'main' },
    },
    evidence: { sku: 'MUG', node: 'main', quantity: 100, state: 'in-review' },
    history: {
      with: { sku: 'MUG', node: 'main', adjustments: 4 },
      requester: { asked: 2, approved: 0, rejected: 0 },
    },
    effects: { approve: 'Stock and its value are corrected at once.' },
    levelRuns: [
      { name: 'approver', state: 'approved', decisions: [{ by: 'person:ann', as: 'approver' }] },
      { name: 'finance', state: 'open' },
    ],
  });
});
