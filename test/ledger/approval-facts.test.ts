import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rateRisk } from '../../activities/ledger/intake/rate-risk.ts';
import { recordFinanceEntry } from '../../activities/ledger/intake/record-finance-entry.ts';
import { reviewApproval } from '../../activities/ledger/read/approval.ts';
import { readFinanceEntrySnapshot } from '../../activities/ledger/read/finance.ts';
import { readGoodwillSnapshot } from '../../activities/ledger/read/goodwill.ts';
import { readPurchaseOrderFacts } from '../../activities/ledger/read/purchase-order.ts';
import { listRiskRatings } from '../../activities/ledger/read/risk-rating.ts';
import { lookAtApproval } from '../../activities/ledger/steps/decision.ts';
import { decideWithApproval } from '../../rules/finance/approve-entry.ts';
import { approveGoodwill } from '../../rules/goodwill/approve-goodwill.ts';
import type { ApprovalMatrix, ApprovalRow } from '../../rules/policy/approval-matrix.ts';
import { decideWithApproval as decideOrder } from '../../rules/purchase-order/approve-order.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { NOON, seedAdjustmentShop } from './adjustment-shop.ts';
import { levelOf } from './approval-shop.ts';
import { BACK, askReturn, placeOrder, seedReturnShop, sendOrder, stockIn } from './return-shop.ts';

const MATRIX = DEFAULT_POLICIES['approval-matrix'];

let shop: TestLedger;

beforeEach(async () => {
  shop = await openLedger();
});
afterEach(() => shop.close());

/** From now on this matrix holds, on one channel or everywhere. */
async function putMatrix(matrix: ApprovalMatrix, channel = '*'): Promise<void> {
  await shop.owner`
    insert into ledger.policy_version (policy, version, channel, effective_from, document)
    select 'approval-matrix', max(version) + 1, ${channel}, '2000-01-01'::timestamptz,
      ${shop.owner.json(matrix as never)}
    from ledger.policy_version where policy = 'approval-matrix'`;
}

function askingFor(
  subject: ApprovalRow['subject'],
  id: string,
  when: ApprovalRow['when'],
): ApprovalRow {
  const row = { order: 'sequence', needed: 'all', because: 'The test wants it' } as const;
  return { ...row, id, subject, when, levels: [levelOf('finance')] };
}

describe('a manual entry', () => {
  beforeEach(() => seedAdjustmentShop(shop.owner));

  async function record(quantity: number, currency: string, channel?: string) {
    const occurredAt = NOON;
    const snapshot = await readFinanceEntrySnapshot(shop.ledger, { occurredAt, channel });
    const wish = { kind: 'manual', quantity, unitPrice: '1', currency, channel } as const;
    const { entry } = await recordFinanceEntry(shop.ledger, {
      ...wish,
      externalRef: `${currency}-${quantity}`,
      occurredAt,
      sourceRef: 'memo:1',
      actor: 'person:rita',
      decision: decideWithApproval(snapshot, {
        ...wish,
        atMs: Date.parse(occurredAt),
        actor: 'person:rita',
      }),
    });
    return entry;
  }

  test('in another currency is held against limits in the base currency', async () => {
    const exchangeRates = { base: 'GBP', rates: { EUR: '0.9' } };
    const limit = askingFor('manual-journal', 'much', { amountAboveMinor: '9000' });
    await putMatrix({ ...MATRIX, exchangeRates, rows: [limit, ...MATRIX.rows] });
    expect(await record(100, 'EUR')).toMatchObject({ state: 'posted' });
    const entry = await record(101, 'EUR');
    expect(entry).toMatchObject({ state: 'in-review' });
    const approvalId = String(entry.approval?.id);
    expect(await reviewApproval(shop.ledger, { approvalId })).toMatchObject({
      row: 'much',
      amount: { amountMinor: '10100', currency: 'EUR' },
      baseAmountMinor: '9090',
      facts: {
        amountMinor: '9090',
        currency: 'GBP',
        stated: { amountMinor: '10100', currency: 'EUR', rate: '0.9' },
      },
    });
    // Nothing has changed, by whatever rate it is looked at again.
    expect(await lookAtApproval(shop.ledger, { approvalId })).toMatchObject({
      applied: false,
      run: 1,
    });
    await shop.owner`update ledger.finance_entry set amount_minor = 20200 where entry_id = ${entry.id}`;
    await lookAtApproval(shop.ledger, { approvalId });
    expect(await reviewApproval(shop.ledger, { approvalId })).toMatchObject({
      run: 2,
      amount: { amountMinor: '20200', currency: 'EUR' },
      baseAmountMinor: '18180',
    });
  });

  test('is asked for by the matrix of its channel', async () => {
    const limit = askingFor('manual-journal', 'web-only', {});
    await putMatrix({ ...MATRIX, rows: [limit, ...MATRIX.rows] }, 'web');
    expect(await record(1, 'GBP')).toMatchObject({ state: 'posted' });
    expect(await record(2, 'GBP', 'web')).toMatchObject({
      state: 'in-review',
      approval: { row: 'web-only' },
    });
  });
});

test('a customer at high risk is asked about, and begins another run of what waits already', async () => {
  await seedReturnShop(shop.owner);
  await stockIn(shop.owner, 'MUG', 20, '2', 'po-MUG');
  for (const id of ['1', '2', '3']) {
    const order = { id, lines: [{ sku: 'MUG', quantity: 1, unitPrice: id === '2' ? '150' : '5' }] };
    await sendOrder(shop, await placeOrder(shop, order));
  }
  const [customer] = await shop.owner<{ party: string }[]>`
    select 'customer:' || customer_id as party from ledger.customer`;
  const party = customer?.party ?? '';
  const ask = (orderId: string) =>
    askReturn(shop, { externalRef: orderId, orderId, lines: [{ sku: 'MUG', quantity: 1 }] });
  expect(await ask('order:web:1')).toMatchObject({ outcome: 'authorized' });
  const waiting = await ask('order:web:2');
  expect(waiting).toMatchObject({ outcome: 'in-review' });
  const rate = (risk: 'low' | 'high', reason: string) =>
    rateRisk(shop.ledger, { party, risk, reason, actor: 'person:fay', at: BACK });
  expect(await rate('high', 'sends back other goods')).toMatchObject({
    applied: true,
    rating: { risk: 'high', by: 'person:fay', version: 1 },
  });
  expect(await rate('high', 'sends back other goods')).toMatchObject({ applied: false });
  const approvalId = String(waiting.return.approvals[0]?.approvalId);
  await lookAtApproval(shop.ledger, { approvalId });
  expect(await reviewApproval(shop.ledger, { approvalId })).toMatchObject({
    run: 2,
    row: 'return-risky-customer',
    pastRuns: [{ reasons: ['the customer risk is high and was normal'] }],
  });
  expect(await ask('order:web:3')).toMatchObject({ outcome: 'in-review' });
  // Goodwill is judged by the same rating.
  const order = await readGoodwillSnapshot(shop.ledger, {
    orderId: 'order:web:1',
    askedAt: BACK,
  });
  const row = askingFor('goodwill', 'risky', { customerRisks: ['high'] });
  const document = { ...MATRIX, rows: [row, ...MATRIX.rows] };
  const approvalMatrix = { version: 'approval-matrix@2', document };
  const wish = {
    orderId: 'order:web:1',
    amountMinor: 1n,
    resolution: 'credit',
    reasonCode: 'poor-service',
    atMs: Date.parse(BACK),
    actor: 'person:rita',
  } as const;
  expect(approveGoodwill({ ...order, approvalMatrix }, wish)).toMatchObject({ rule: 'risky' });
  // A risk that falls asks nobody again.
  await rate('low', 'it was a mistake of ours');
  expect(await lookAtApproval(shop.ledger, { approvalId })).toMatchObject({ run: 2 });
  expect(await listRiskRatings(shop.ledger, { limit: 5, risk: 'low' })).toMatchObject({
    data: [{ party, version: 2 }],
  });
});

test('what is ordered from a supplier at high risk is asked about, however little it is', async () => {
  await seedReturnShop(shop.owner);
  const snapshot = async () =>
    readPurchaseOrderFacts(shop.ledger, {
      supplier: 'acme',
      node: 'main',
      orderedAt: BACK,
      skus: ['MUG'],
    });
  const wish = {
    supplier: 'acme',
    node: 'main',
    currency: 'GBP',
    atMs: Date.parse(BACK),
    lines: [{ sku: 'MUG', quantity: 1, unitPrice: '2.5' }],
    actor: 'person:pat',
  };
  const decide = async () => decideOrder({ ...(await snapshot()), classes: ['B'] }, wish).approval;
  expect(await decide()).toBeNull();
  const rating = { risk: 'high', reason: 'late', actor: 'person:fay', at: BACK } as const;
  await rateRisk(shop.ledger, { ...rating, party: 'supplier:acme' });
  expect(await decide()).toMatchObject({
    rule: 'purchase-order-risky-supplier',
    facts: { supplierRisk: 'high' },
  });
  await expect(
    rateRisk(shop.ledger, { ...rating, party: 'supplier:nobody' }),
  ).rejects.toMatchObject({ type: 'NotFound' });
});

test('a return is asked for by the classes of what comes back', async () => {
  await seedReturnShop(shop.owner);
  await shop.owner`update ledger.sku set class = 'battery' where sku = 'TEA'`;
  for (const sku of ['MUG', 'TEA']) await stockIn(shop.owner, sku, 10, '2', `po-${sku}`);
  const row = askingFor('return', 'dangerous', { skuClasses: ['battery'] });
  await putMatrix({ ...MATRIX, rows: [row, ...MATRIX.rows] });
  for (const sku of ['MUG', 'TEA']) {
    const order = { id: sku, lines: [{ sku, quantity: 1, unitPrice: '5' }] };
    await sendOrder(shop, await placeOrder(shop, order));
  }
  const ask = (sku: string) => askReturn(shop, { externalRef: sku, lines: [{ sku, quantity: 1 }] });
  expect(await ask('MUG')).toMatchObject({ outcome: 'authorized' });
  expect(await ask('TEA')).toMatchObject({ outcome: 'in-review' });
  const rows = await shop.owner`select plan ->> 'row' as row, reasons from ledger.approval`;
  expect(rows).toEqual([
    { row: 'dangerous', reasons: expect.stringContaining('the SKU class is battery') },
  ]);
});
