/** What each part of the shop is judged by where a channel or a region has a policy of its own. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listShipments, readOrder } from '../../activities/ledger/read/order.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import type { PolicyName } from '../../rules/policy/documents.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { driveOrder, placeOrder, seedReturnShop, stockIn } from './return-shop.ts';

let shop: TestLedger;

beforeAll(async () => {
  shop = await openLedger();
  await seedReturnShop(shop.owner);
  await stockIn(shop.owner, 'MUG', 100, '2', 'po-1');
});
afterAll(() => shop?.close());

/** Puts a version into force, as an approved draft does. */
async function putVersion(
  policy: PolicyName,
  fields: object,
  scope: { channel?: string; region?: string; from?: string } = {},
): Promise<number> {
  const { channel = '*', region = '*', from = '2000-01-01' } = scope;
  const [row] = await shop.owner<{ version: number }[]>`
    insert into ledger.policy_version (policy, version, channel, region, effective_from, document)
    select ${policy}, max(version) + 1, ${channel}, ${region}, ${from},
      ${shop.owner.json({ ...DEFAULT_POLICIES[policy], ...fields })}
    from ledger.policy_version where policy = ${policy} returning version`;
  if (row === undefined) throw new Error('there is no such policy');
  return row.version;
}

const call = async (statement: string) => {
  const [row] = await shop.owner.unsafe<{ value: unknown }[]>(`select ${statement} as value`);
  return row?.value;
};

const lines = [{ sku: 'MUG', quantity: 1, unitPrice: '5' }];

test('an order is sourced and kept by the policy of the country that it is sent to', async () => {
  const version = await putVersion(
    'sourcing',
    { backorder: 'refuse', dispatchHours: 5 },
    { region: 'GB' },
  );
  const orderId = await placeOrder(shop, { id: 'gb', lines });
  const kept = `(select policy_versions -> 'sourcing' from ledger.orders where order_id = '${orderId}')`;
  expect(await call(kept)).toBe(version);
  const [due] = await shop.owner<{ hours: number }[]>`
    select (extract(epoch from d.due_at - s.released_at) / 3600)::float as hours
    from ledger.due d join ledger.shipment s on s.order_id = d.subject_id
    where d.subject_id = ${orderId} and d.kind = 'dispatch'`;
  expect(due).toEqual({ hours: 5 });
});

test('an order keeps the policy of its placing, whatever comes into force after it', async () => {
  const orderId = await placeOrder(shop, { id: 'kept', lines });
  const before = await call(`ledger.order_policy('${orderId}', 'screening')`);
  await putVersion('screening', { holdHours: 1 }, { channel: 'web', region: 'GB' });
  await driveOrder(shop.ledger, orderId);
  expect(await call(`ledger.order_policy('${orderId}', 'screening')`)).toEqual(before);
  expect((await readOrder(shop.ledger, orderId))?.id).toBe(orderId);
});

test('an order is served by the warehouse that the weights of its country rank first', async () => {
  await stockIn(shop.owner, 'TEA', 100, '2', 'po-2');
  await stockIn(shop.owner, 'TEA', 1_000, '2', 'po-3', 'south');
  const tea = [{ sku: 'TEA', quantity: 5, unitPrice: '5' }];
  const servedBy = async (id: string) => {
    const order = await readOrder(shop.ledger, await placeOrder(shop, { id, lines: tea }));
    return order?.lines[0]?.allocations;
  };
  expect(await servedBy('by-priority')).toEqual([{ node: 'main', quantity: 5 }]);
  await putVersion('sourcing', { nearWeight: 1 }, { region: 'GB', from: '2000-01-02' });
  expect(await servedBy('nearest')).toEqual([{ node: 'main', quantity: 5 }]);
  const weights = { priorityWeight: 0, stockWeight: 1 };
  await putVersion('sourcing', weights, { region: 'GB', from: '2000-01-03' });
  expect(await servedBy('most-left')).toEqual([{ node: 'south', quantity: 5 }]);
});

test('an order is promised to leave by the cutoffs in force where it is sent, and keeps its promise', async () => {
  const promiseOf = async (orderId: string) =>
    (await readOrder(shop.ledger, orderId))?.promisedDispatchAt;
  const first = await placeOrder(shop, { id: 'in-time', lines });
  expect(await promiseOf(first)).toBe('2010-12-01T18:00:00.000Z');
  const version = await putVersion('cutoffs', { cutoff: '09:00' }, { region: 'GB' });
  const second = await placeOrder(shop, { id: 'too-late', lines });
  expect(await promiseOf(second)).toBe('2010-12-02T18:00:00.000Z');
  expect(await promiseOf(first)).toBe('2010-12-01T18:00:00.000Z');
  expect(
    await call(
      `(select policy_versions -> 'cutoffs' from ledger.orders where order_id = '${second}')`,
    ),
  ).toBe(version);
  const { data } = await listShipments(shop.ledger, { orderId: second, limit: 10 });
  expect(data).toMatchObject([{ promisedDispatchAt: '2010-12-02T18:00:00.000Z' }]);
});

test('goods that are waited for are promised for no time', async () => {
  const waiting = await placeOrder(shop, {
    id: 'waits',
    channel: 'file',
    lines: [{ sku: 'CUP', quantity: 1, unitPrice: '5' }],
  });
  expect((await readOrder(shop.ledger, waiting))?.promisedDispatchAt).toBeNull();
});

test('purchase orders and adjustments are judged where their node stands', async () => {
  const purchasing = await putVersion('replenishment', { lateAfterDays: 9 }, { region: 'FR' });
  const adjusting = await putVersion('adjustment', { approvalAboveMinor: '1' }, { region: 'FR' });
  expect(await call(`ledger.purchasing_policy(now(), 'south') ->> 'version'`)).toBe(
    `replenishment/${purchasing}`,
  );
  expect(await call(`ledger.purchasing_policy(now(), 'main') ->> 'version'`)).toBe(
    'replenishment/1',
  );
  const snapshot = (node: string) => {
    const request = { sku: 'MUG', node, reasonCode: 'counted', occurredAt: '2010-12-01T00:00:00Z' };
    return shop.ledger.call<{ policyVersion: string }>('read_adjustment_snapshot', request);
  };
  expect((await snapshot('south')).policyVersion).toBe(`adjustment@${adjusting}`);
  expect((await snapshot('main')).policyVersion).toBe('adjustment@1');
});

test('a version of the future holds for nobody yet', async () => {
  const before = await call(`ledger.policy_at('exceptions', now()) ->> 'version'`);
  await putVersion('exceptions', {}, { from: '2999-01-01' });
  expect(await call(`ledger.policy_at('exceptions', now()) ->> 'version'`)).toBe(before);
});

test('policies may count half hours', async () => {
  expect(await call(`ledger.policy_hours('{"x": 0.5}', 'x')::text`)).toBe('00:30:00');
});
