import { afterAll, beforeAll, expect, test } from 'vitest';
import { receiveStock } from '../../activities/ledger/intake/receive-stock.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { adjust, NOON, seedAdjustmentShop } from './adjustment-shop.ts';

let shop: TestLedger;

beforeAll(async () => {
  shop = await openLedger();
  await seedAdjustmentShop(shop.owner);
});
afterAll(() => shop.close());

async function receive(receiptId: string, quantity: number, unitCost: string): Promise<void> {
  const lines = [{ sku: 'TEA', quantity, unitCost }];
  await receiveStock(shop.ledger, {
    receiptId,
    node: 'main',
    occurredAt: NOON,
    lines,
    actor: 'warehouse',
  });
}

async function worth(): Promise<string | undefined> {
  const [layer] = await shop.owner<{ worth: string }[]>`
    select remaining_quantity || ' for ' || trim_scale(remaining_value) as worth
    from ledger.cost_layer where sku = 'TEA'`;
  return layer?.worth;
}

test('found units of an average that no number of places holds are rounded once', async () => {
  await receive('r1', 9, '2');
  await adjust(shop.ledger, { externalRef: 'w1', kind: 'write-off', quantity: 1, sku: 'TEA' });
  await receive('r2', 5, '0.3333');
  await adjust(shop.ledger, { externalRef: 'w2', kind: 'write-off', quantity: 1, sku: 'TEA' });
  expect(await worth()).toBe('12 for 16.3075384615');
  await adjust(shop.ledger, { externalRef: 'f1', kind: 'found', quantity: 6, sku: 'TEA' });
  // Half of what is there is 8.15376923075; six times a cost that was cut off is a little less.
  expect(await worth()).toBe('18 for 24.4613076923');
});
