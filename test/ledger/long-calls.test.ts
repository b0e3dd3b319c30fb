import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectLedger, type Ledger } from '../../activities/ledger/connect.ts';
import { receiveStock } from '../../activities/ledger/intake/receive-stock.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { openShop, PLACED_AT } from './order-shop.ts';

let shop: TestLedger;
let ledger: Ledger;

beforeAll(async () => {
  shop = await openLedger();
  ledger = connectLedger(shop.appUrl, { connections: 1 });
  await openShop(shop.ledger, ['A']);
});
afterAll(async () => {
  await ledger.close();
  await shop.close();
});

/** One unit of SKU `A` a line. */
const receive = (receiptId: string, lines: number) =>
  receiveStock(ledger, {
    receiptId,
    node: 'north',
    occurredAt: PLACED_AT,
    lines: Array.from({ length: lines }, () => ({ sku: 'A', quantity: 1, unitCost: '4' })),
    actor: 'test',
  });

test('a call of many lines is not given up while it waits for the stock as long as a short one is', async () => {
  await receive('first', 1);
  let long: Promise<unknown> | undefined;
  await shop.owner.begin(async (sql) => {
    // Nobody else moves the SKU meanwhile.
    await sql`select 1 from ledger.stock_item where sku = 'A' for update`;
    long = receive('long', 201);
    await expect(receive('short', 200)).rejects.toMatchObject({ type: 'LedgerUnavailable' });
  });
  await long;
  const [row] = await shop.owner<{ units: number }[]>`
    select sum(quantity)::int as units from ledger.stock_balance
    where sku = 'A' and node = 'north' and bucket = 'on-hand'`;
  expect(row?.units).toBe(202);
  await receive('short', 200);
});
