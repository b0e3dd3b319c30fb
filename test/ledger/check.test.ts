import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdStock } from '../../activities/ledger/intake/stock-hold.ts';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { readTrade } from '../../activities/ledger/read/trade.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { DAY, openSmallShop, stockIn, writeOrder } from './small-shop.ts';

const ORDER = 'order:web:k1';

/** A ledger with something in every projection, written by the ledger's own functions. */
async function openTradingShop(): Promise<TestLedger> {
  const test = await openLedger();
  const { owner } = test;
  await openSmallShop(test);
  await stockIn(owner, { sku: 'MUG', quantity: 10, unitCost: '3.333333', key: 'k-1' });
  await stockIn(owner, { sku: 'MUG', quantity: 10, unitCost: '4', key: 'k-2', lot: 'L2' });
  await holdStock(test.ledger, {
    occurredAt: DAY,
    holds: [{ holdId: 'k', expiresAt: DAY, plans: [[{ sku: 'MUG', node: 'north', quantity: 2 }]] }],
  });
  await writeOrder(owner, {
    orderId: ORDER,
    sku: 'MUG',
    quantity: 6,
    sourceRef: 'file:goods:1',
    belowMinor: '0.4',
  });
  await owner.unsafe(`do $do$
    declare v_cost record;
    begin
      perform ledger.lock_items(array['MUG'], array['north']);
      perform ledger.reserve(array[('${ORDER}', 1, 'MUG', 'north', 5, 'file:goods:1')::ledger.allocation], 'accepted', 'k-3', '${DAY}');
      perform ledger.move_stock(array[('MUG', 'north', '', 'reserved', 'customer', 3, '${ORDER}', 1, 'file:goods:1')::ledger.movement],
        'dispatched', 'k-4', '${DAY}');
      update ledger.reservation set quantity = quantity - 3 where owner_id = '${ORDER}' and lot = '';
      update ledger.order_line set reserved = 2, shipped = 3, cancelled = 1 where order_id = '${ORDER}';
      select * into v_cost from ledger.take_cost('MUG', 'north', 'stock', 3, 'dispatched', 'k-4', '${ORDER}', 1, null, '${DAY}');
      perform ledger.post('k-4', 'dispatched', 'cost-of-goods-sold', 'inventory', 'GBP', v_cost.amount_minor, '${ORDER}', '${DAY}', 1);
      perform ledger.post('k-4', 'dispatched', 'receivables', 'revenue', 'GBP', 500, '${ORDER}', '${DAY}', 1, 'file:goods:1');
      insert into ledger.payment (payment_id, order_id, provider, currency, state, requested_minor, authorized_minor,
        captured_minor, refunded_minor) values ('pay-k', '${ORDER}', 'simulated', 'GBP', 'authorized', 1000, 1000, 500, 200);
      insert into ledger.capture (capture_id, payment_id, order_id, amount_minor, state, occurred_at)
      values ('cap-k', 'pay-k', '${ORDER}', 500, 'captured', '${DAY}');
      perform ledger.post('k-5', 'captured', 'payment-clearing', 'receivables', 'GBP', 500, '${ORDER}', '${DAY}', p_payment_id => 'pay-k');
      insert into ledger.refund (refund_id, payment_id, subject_id, account, amount_minor, state, occurred_at)
      values ('ref-k', 'pay-k', '${ORDER}', 'refunds-payable', 200, 'refunded', '${DAY}');
      perform ledger.post('k-6', 'refunded', 'refunds-payable', 'payment-clearing', 'GBP', 200, '${ORDER}', '${DAY}', p_payment_id => 'pay-k');
      insert into ledger.customer_credit select min(customer_id), 'GBP', 70 from ledger.customer;
      perform ledger.post('k-7', 'credited', 'refunds-payable', 'customer-credit', 'GBP', 70, '${ORDER}', '${DAY}',
        p_customer_id => (select min(customer_id) from ledger.customer));
    end $do$`);
  return test;
}

describe('ledger check', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await openTradingShop();
  });
  afterAll(async () => test?.close());

  it('finds nothing in a ledger that nobody has touched, and shows equal sides', async () => {
    const check = await checkLedger(test.ledger);
    expect(check).toMatchObject({ ok: true, found: 0, drift: [] });
    expect(check.trialBalance).toHaveLength(1);
    expect(check.trialBalance[0]?.debitMinor).toBe(check.trialBalance[0]?.creditMinor);
  });

  /** What somebody with the administrator's rights might do to a projection, and what is named then. */
  const corruptions: [kind: string, id: string, statement: string, undo: string][] = [
    [
      'stock-balance',
      'MUG north on-hand',
      `update ledger.stock_balance set quantity = quantity + 1 where sku = 'MUG' and bucket = 'on-hand' and lot = ''`,
      `update ledger.stock_balance set quantity = quantity - 1 where sku = 'MUG' and bucket = 'on-hand' and lot = ''`,
    ],
    [
      'availability',
      'MUG north',
      `update ledger.stock_item set available = available - 1 where sku = 'MUG'`,
      `update ledger.stock_item set available = available + 1 where sku = 'MUG'`,
    ],
    [
      'reservation',
      'MUG north',
      `update ledger.reservation set quantity = quantity + 1 where owner_id = 'hold:k'`,
      `update ledger.reservation set quantity = quantity - 1 where owner_id = 'hold:k'`,
    ],
    [
      'reservation-owner',
      'hold:k 1 MUG north',
      `update ledger.stock_hold set state = 'expired' where hold_id = 'k'`,
      `update ledger.stock_hold set state = 'held' where hold_id = 'k'`,
    ],
    [
      'reservation-shipment',
      `${ORDER} 1 north`,
      `update ledger.reservation set on_shipment = 1 where owner_id = '${ORDER}' and quantity > 0`,
      `update ledger.reservation set on_shipment = 0 where owner_id = '${ORDER}'`,
    ],
    [
      'cost-layer',
      'layer 1',
      `update ledger.cost_layer set remaining_value = remaining_value + 0.0001 where layer_id = 1`,
      `update ledger.cost_layer set remaining_value = remaining_value - 0.0001 where layer_id = 1`,
    ],
    [
      'cost-layer-minor',
      'layer 1',
      `update ledger.cost_layer set remaining_value = remaining_value + 1 where layer_id = 1`,
      `update ledger.cost_layer set remaining_value = remaining_value - 1 where layer_id = 1`,
    ],
    [
      'cost-quantity',
      'MUG north stock',
      `update ledger.cost_layer set remaining_quantity = remaining_quantity + 1 where layer_id = 2`,
      `update ledger.cost_layer set remaining_quantity = remaining_quantity - 1 where layer_id = 2`,
    ],
    [
      'stock-account',
      'inventory',
      `select ledger.post('stray', 'x', 'inventory', 'opening-equity', 'GBP', 5, 'x', '${DAY}')`,
      `select ledger.post('stray', 'x', 'opening-equity', 'inventory', 'GBP', 5, 'x', '${DAY}')`,
    ],
    [
      'order-reserved',
      `${ORDER} line 1`,
      `update ledger.order_line set reserved = 1 where order_id = '${ORDER}'`,
      `update ledger.order_line set reserved = 2 where order_id = '${ORDER}'`,
    ],
    [
      'order-backordered',
      `${ORDER} line 1`,
      `update ledger.order_line set reserved = 1, backordered = 1 where order_id = '${ORDER}'`,
      `update ledger.order_line set reserved = 2, backordered = 0 where order_id = '${ORDER}'`,
    ],
    [
      'order-shipped',
      `${ORDER} line 1`,
      `update ledger.order_line set shipped = 2 where order_id = '${ORDER}'`,
      `update ledger.order_line set shipped = 3 where order_id = '${ORDER}'`,
    ],
    [
      'order-returned',
      `${ORDER} line 1`,
      `update ledger.order_line set returned = 1 where order_id = '${ORDER}'`,
      `update ledger.order_line set returned = 0 where order_id = '${ORDER}'`,
    ],
    [
      'order-line-missing',
      'order:web:none line 1',
      `insert into ledger.backorder (order_id, line_no, sku, node, quantity, queued_at)
       values ('order:web:none', 1, 'MUG', 'north', 1, '${DAY}')`,
      `delete from ledger.backorder where order_id = 'order:web:none'`,
    ],
    [
      'backorder-owner',
      'order:web:none line 1',
      `insert into ledger.backorder (order_id, line_no, sku, node, quantity, queued_at)
       values ('order:web:none', 1, 'MUG', 'north', 1, '${DAY}')`,
      `delete from ledger.backorder where order_id = 'order:web:none'`,
    ],
    [
      'payment-captured',
      'pay-k',
      `update ledger.payment set captured_minor = 600 where payment_id = 'pay-k'`,
      `update ledger.payment set captured_minor = 500 where payment_id = 'pay-k'`,
    ],
    [
      'payment-captured-posted',
      'pay-k',
      `update ledger.payment set captured_minor = 600 where payment_id = 'pay-k'`,
      `update ledger.payment set captured_minor = 500 where payment_id = 'pay-k'`,
    ],
    [
      'payment-refunded',
      'pay-k',
      `update ledger.payment set refunded_minor = 100 where payment_id = 'pay-k'`,
      `update ledger.payment set refunded_minor = 200 where payment_id = 'pay-k'`,
    ],
    [
      'payment-refunded-posted',
      'pay-k',
      `update ledger.payment set refunded_minor = 100 where payment_id = 'pay-k'`,
      `update ledger.payment set refunded_minor = 200 where payment_id = 'pay-k'`,
    ],
    [
      'payment-deposit',
      'pay-k',
      `update ledger.payment set deposit_minor = 1 where payment_id = 'pay-k'`,
      `update ledger.payment set deposit_minor = 0 where payment_id = 'pay-k'`,
    ],
    [
      'customer-credit',
      'web:c-1 GBP',
      `update ledger.customer_credit set balance_minor = 71`,
      `update ledger.customer_credit set balance_minor = 70`,
    ],
    [
      'customer-credit',
      'without customer GBP',
      `select ledger.post('stray', 'x', 'refunds-payable', 'customer-credit', 'GBP', 5, 'x', '${DAY}')`,
      `select ledger.post('stray', 'x', 'customer-credit', 'refunds-payable', 'GBP', 5, 'x', '${DAY}')`,
    ],
  ];

  it.each(corruptions)('names a drift of kind %s: %s', async (kind, id, statement, undo) => {
    await test.owner.unsafe(statement);
    const check = await checkLedger(test.ledger);
    await test.owner.unsafe(undo);
    expect(check.ok).toBe(false);
    expect(check.drift.map((drift) => `${drift.kind}: ${drift.id}`)).toContain(`${kind}: ${id}`);
    for (const drift of check.drift) expect(drift.actual).not.toBe(drift.expected);
    expect((await checkLedger(test.ledger)).drift).toEqual([]);
  });

  it('names the keys whose postings and cost entries differ', async () => {
    await test.owner`select ledger.post('wrong', 'x', 'inventory', 'opening-equity', 'GBP', 5, 'x', ${DAY})`;
    const { drift } = await checkLedger(test.ledger);
    expect(drift).toMatchObject([
      { kind: 'stock-account', id: 'inventory', detail: { keys: { wrong: '-5' } } },
    ]);
    await test.owner`select ledger.post('wrong', 'x', 'opening-equity', 'inventory', 'GBP', 5, 'x', ${DAY})`;
  });

  it('lets one side of a posting differ from the other in no way', async () => {
    const unbalanced = test.owner`
      insert into ledger.posting (key, event, debit, credit, currency, amount_minor, subject_id, posted_on, occurred_at)
      values ('x', 'x', 'revenue', null, 'GBP', 1, 'x', ${DAY}, ${DAY})`;
    await expect(unbalanced).rejects.toMatchObject({ code: '23502' });
  });
});

describe('trade report', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await openTradingShop();
  });
  afterAll(async () => test?.close());

  it('adds up a source by class, with what rounding left out and the units that crossed the border', async () => {
    const trade = await readTrade(test.ledger, ['file']);
    expect(trade).toMatchObject({
      grossSum: '5',
      byClassMinor: { goods: '500' },
      roundingMinor: '0.4',
      cogsMinor: '1000',
      capturedMinor: '500',
      refundedMinor: '200',
      creditedToAccountMinor: '70',
      receivablesMinor: '0',
      trialBalanceDifferenceMinor: '0',
      unitsReceived: 20,
      unitsShipped: 3,
      unitsCancelledBeforeShipment: 1,
      unitsLeft: 17,
      unitsCarriedIn: 0,
      orders: { accepted: 1, completed: 0, cancelled: 0, waiting: 1 },
    });
  });

  it('balances the units of a source with what other sources took', async () => {
    const trade = await readTrade(test.ledger, ['other']);
    expect(trade).toMatchObject({
      grossSum: '0',
      byClassMinor: {},
      unitsShipped: 0,
      unitsCarriedIn: -3,
      capturedMinor: '0',
    });
    const came =
      trade.unitsReceived + trade.unitsReturned + trade.unitsFound + trade.unitsCarriedIn;
    const went =
      trade.unitsShipped +
      trade.unitsWrittenOff +
      trade.unitsScrapped +
      trade.unitsReturnedToSupplier;
    expect(came).toBe(went + trade.unitsLeft);
  });

  it('counts charges, returns, entries and price differences by the side they stand on', async () => {
    const { owner } = test;
    const post = (ref: string, debit: string, credit: string, amount: number) =>
      owner`select ledger.post(${ref}, 'x', ${debit}, ${credit}, 'GBP', ${amount}, ${ref}, ${DAY}, 1, ${ref})`;
    await post('jan:charge:1', 'receivables', 'shipping-income', 300);
    await post('jan:returnFull:2', 'returns', 'refunds-payable', 120);
    await post('jan:returnFull:3', 'receivables', 'cancellation-price-differences', 20);
    await post('jan:fee:4', 'marketplace-fees', 'payables', 55);
    await post('jan:goods:5', 'cost-of-goods-sold', 'inventory', 99);
    await owner`
      insert into ledger.finance_entry (entry_id, external_ref, request_hash, kind, quantity, unit_price, currency,
        amount_minor, below_minor, state, source_ref, requested_by, occurred_at)
      values ('finance-entry:1', 'r', '', 'fee', -1, 0.555, 'GBP', -56, 0.5, 'posted', 'jan:fee:4', 'x', ${DAY})`;
    await owner`
      insert into ledger.order_line (order_id, line_no, external_line_id, kind, code, quantity, unit_price, amount_minor,
        below_minor, source_ref, placed_at)
      values (${ORDER}, 2, '2', 'discount', 'D', 1, 0.1025, 10, 0.25, 'jan:discount:6', ${DAY})`;
    const trade = await readTrade(test.ledger, ['jan']);
    expect(trade.byClassMinor).toEqual({ charge: '300', returnFull: '-100', fee: '-55' });
    expect(trade.grossSum).toBe('1.45');
    // The entry's half penny less the discount's quarter.
    expect(trade.roundingMinor).toBe('0.25');
    const both = await readTrade(test.ledger, ['jan', 'file']);
    expect(both.grossSum).toBe('6.45');
  });

  it('asks for a source', async () => {
    await expect(readTrade(test.ledger, [])).rejects.toMatchObject({
      type: 'InvalidInput',
      path: 'source',
    });
  });
});
