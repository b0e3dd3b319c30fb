import { afterAll, beforeAll, expect, test } from 'vitest';
import { putChannels } from '../../activities/ledger/intake/master-data.ts';
import { readOrder } from '../../activities/ledger/read/order.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { goods, openShop, shopDesk, stockUp } from './order-shop.ts';

let shop: TestLedger;
let desk: ReturnType<typeof shopDesk>;

beforeAll(async () => {
  shop = await openLedger({ connections: 8 });
  await openShop(shop.ledger, ['PLENTY', 'LOTS', 'SCARCE', 'NONE']);
  await putChannels(shop.ledger, [
    { channel: 'patient', name: 'B2B', kind: 'b2b-portal', backorder: 'allow' },
  ]);
  const stock = { node: 'north', unitCost: '1.5' };
  await stockUp(shop.owner, { ...stock, sku: 'PLENTY', quantity: 10_000 });
  for (const lot of ['A', 'B']) {
    await stockUp(shop.owner, { ...stock, sku: 'LOTS', quantity: 3, lot });
  }
  await stockUp(shop.owner, { ...stock, sku: 'SCARCE', quantity: 3 });
  await stockUp(shop.owner, { ...stock, sku: 'SCARCE', node: 'south', quantity: 2 });
  desk = shopDesk(shop.ledger);
});

afterAll(() => shop.close());

const charge = { externalLineId: 'c', kind: 'shipping', code: 'POST', quantity: 1 };
const payment = { provider: 'gateway', reference: 'auth_1', amountMinor: '100000' };

/** Orders of every outcome, as a channel may send them. */
const ORDERS: Record<string, Record<string, unknown>> = {
  plain: { lines: [goods('PLENTY', 2)] },
  'with a price of many places': { lines: [goods('PLENTY', 3, '0.123400')] },
  'with a whole price': { lines: [goods('PLENTY', 1, '7')] },
  'with a known customer': {
    lines: [goods('PLENTY', 1)],
    customer: { externalId: 'c-1', name: 'Ada', email: 'ada@example.com' },
  },
  'with an address alone': { lines: [goods('PLENTY', 1)], customer: { email: 'b@example.com' } },
  'with a name alone': { lines: [goods('PLENTY', 1)], customer: { name: 'Nobody' } },
  'from two lots': { lines: [goods('LOTS', 5)] },
  'split over two nodes': { lines: [goods('SCARCE', 4)] },
  'that waits for a part': { channel: 'patient', lines: [goods('SCARCE', 4), goods('NONE', 2)] },
  'refused as short': { lines: [goods('NONE', 2)], charges: [{ ...charge, unitPrice: '3.5' }] },
  'refused as short that was to be paid': {
    lines: [goods('NONE', 1)],
    payment: { provider: 'gateway', status: 'none' },
  },
  'refused as short that was authorized': {
    lines: [goods('NONE', 1)],
    payment: { ...payment, status: 'authorized' },
  },
  'refused as short that was paid beforehand': {
    lines: [goods('NONE', 1)],
    charges: [{ ...charge, unitPrice: '3.5' }],
    payment: { ...payment, status: 'captured' },
  },
  'of charges alone': { charges: [{ ...charge, unitPrice: '3.5' }] },
  'with a discount and tax': {
    lines: [{ ...goods('PLENTY', 4), taxMinor: '17', discountMinor: '20' }],
    charges: [{ ...charge, kind: 'discount', unitPrice: '0.5' }],
  },
  'to be paid': { lines: [goods('PLENTY', 1)], payment: { provider: 'gateway', status: 'none' } },
  authorized: { lines: [goods('PLENTY', 1)], payment: { ...payment, status: 'authorized' } },
  'paid beforehand': { lines: [goods('PLENTY', 1)], payment: { ...payment, status: 'captured' } },
};

test.each(Object.keys(ORDERS))(
  'the first answer for an order %s is the order as it is read right after, and a repeat answers the same',
  async (name) => {
    const order = { externalId: name.replaceAll(' ', '-'), ...ORDERS[name] };
    const first = await desk.place(order);
    if (first.outcome !== 'accepted' && first.outcome !== 'rejected')
      throw new Error(JSON.stringify(first));
    expect(first.outcome).toBe(name.startsWith('refused as short') ? 'rejected' : 'accepted');
    expect(first.order).toEqual(await readOrder(shop.ledger, first.orderId));
    expect(await desk.place(order)).toEqual({ ...first, replayed: true });
  },
);
