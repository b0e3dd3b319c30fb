import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdStock } from '../../activities/ledger/intake/stock-hold.ts';
import { listStock, readStock } from '../../activities/ledger/read/stock.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { DAY, openSmallShop, stockIn, writeBackorder, writeOrder } from './small-shop.ts';

describe('stock reads', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await openLedger();
    await openSmallShop(test);
    await stockIn(test.owner, { sku: 'MUG', quantity: 10, unitCost: '4', key: 's-1', lot: 'L1' });
    await stockIn(test.owner, { sku: 'MUG', quantity: 5, unitCost: '4', key: 's-2' });
    await stockIn(test.owner, {
      sku: 'MUG',
      node: 'south',
      quantity: 1,
      unitCost: '4',
      key: 's-3',
    });
  });
  afterAll(async () => test?.close());

  it('counts reserved units as standing on the shelf, but not as available', async () => {
    await holdStock(test.ledger, {
      occurredAt: DAY,
      holds: [
        { holdId: 'basket', expiresAt: DAY, plans: [[{ sku: 'MUG', node: 'north', quantity: 4 }]] },
      ],
    });
    const { nodes } = await readStock(test.ledger, 'MUG');
    expect(nodes[0]).toMatchObject({
      node: 'north',
      onHand: 15,
      reserved: 4,
      available: 11,
      backordered: 0,
    });
    expect(nodes[0]?.lots.reduce((sum, lot) => sum + lot.quantity, 0)).toBe(10);
    expect(nodes[1]).toMatchObject({ node: 'south', onHand: 1, available: 1 });
  });

  it('names what orders wait for', async () => {
    await writeOrder(test.owner, { orderId: 'order:web:s1', sku: 'JAR', quantity: 3 });
    await test.owner`select ledger.lock_items(array['JAR'], array['north'])`;
    await writeBackorder(test.owner, { orderId: 'order:web:s1', sku: 'JAR', quantity: 3 });
    expect((await readStock(test.ledger, 'JAR')).nodes).toMatchObject([
      { onHand: 0, available: 0, backordered: 3 },
    ]);
  });

  it('does not know a SKU that nobody has named', async () => {
    await expect(readStock(test.ledger, 'NOPE')).rejects.toMatchObject({ type: 'NotFound' });
  });

  it('lists by SKU and node, page by page', async () => {
    const first = await listStock(test.ledger, { limit: 2 });
    const rest = await listStock(test.ledger, { limit: 2, cursor: first.nextCursor ?? undefined });
    expect([...first.data, ...rest.data].map(({ sku, node }) => `${sku} ${node}`)).toEqual([
      'JAR north',
      'MUG north',
      'MUG south',
    ]);
    expect(rest.nextCursor).toBeNull();
    expect((await listStock(test.ledger, { limit: 5, node: 'south' })).data).toHaveLength(1);
  });
});
