import { array, assert, constantFrom, double, integer, property, record } from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunningSimulators } from '../../simulators/start-simulators.ts';
import { planDeliveries } from '../../simulators/supplier/delivery-plan.ts';
import type { SupplierHabits } from '../../simulators/supplier/delivery-plan.ts';
import { MerchantApi } from './merchant-api.ts';
import { purchaseOrder } from './purchase-order.ts';
import { eventually, newDataDir, send, startForTest } from './running.ts';

const LATER = '2011-06-01T00:00:00Z';

let merchant: MerchantApi;
let running: RunningSimulators;
let dataDir: string;

beforeEach(async () => {
  merchant = await new MerchantApi().start();
  dataDir = newDataDir();
  await restart();
});
afterEach(async () => {
  await running.stop();
  await merchant.stop();
});

async function restart(mode: 'live' | 'replay' = 'replay'): Promise<void> {
  running = await startForTest({ dataDir, apiUrl: merchant.url, mode });
}

function place(body: object) {
  return send('POST', `${running.urls.supplier}/v1/orders`, body, 'po-key');
}

function advance(until: string) {
  return send('POST', `${running.urls.supplier}/_sim/advance`, { until }).then(({ body }) => body);
}

function habits(change: object) {
  return send('PUT', `${running.urls.supplier}/_sim/settings`, change);
}

function posted(what: string) {
  return merchant.effects.filter((effect) => effect.path.endsWith(`/${what}`));
}

/** Units by line over all posts of a kind. */
function unitsByLine(what: string): Record<number, number> {
  const units: Record<number, number> = {};
  for (const { body } of posted(what)) {
    for (const line of body['lines'] as { lineNo: number; quantity: number }[]) {
      units[line.lineNo] = (units[line.lineNo] ?? 0) + line.quantity;
    }
  }
  return units;
}

function plan(someQuantities: readonly number[], some: SupplierHabits) {
  return planDeliveries({ ...purchaseOrder('PO-1', someQuantities), deliverExactlyAt: null }, some);
}

describe('plans', () => {
  const someHabits = record({
    seed: integer(),
    partialRate: double({ min: 0, max: 1, noNaN: true }),
    shortRate: double({ min: 0, max: 1, noNaN: true }),
    lateRate: double({ min: 0, max: 1, noNaN: true }),
    priceDifferenceRate: double({ min: 0, max: 1, noNaN: true }),
    jitterDays: integer({ min: 0, max: 3 }),
    leadTimeScale: constantFrom(1, 20 / 86_400),
  });
  const quantities = array(integer({ min: 1, max: 80_000 }), { minLength: 1, maxLength: 8 });

  test('ship something of each line and never more than was ordered; only the last is final', () => {
    assert(
      property(quantities, someHabits, (ordered, some) => {
        const deliveries = plan(ordered, some);
        expect(deliveries.map((delivery) => delivery.final)).toEqual(
          deliveries.map((_, index) => index === deliveries.length - 1),
        );
        for (const [index, quantity] of ordered.entries()) {
          const shipped = deliveries
            .flatMap((delivery) => delivery.lines)
            .filter((line) => line.lineNo === index + 1)
            .reduce((sum, line) => sum + line.quantity, 0);
          expect(shipped).toBeGreaterThanOrEqual(1);
          expect(shipped).toBeLessThanOrEqual(quantity);
        }
        for (const { shippedAt, expectedAt, lines } of deliveries) {
          expect(Date.parse(shippedAt)).toBeLessThanOrEqual(Date.parse(expectedAt));
          expect(lines.every((line) => line.quantity > 0)).toBe(true);
        }
      }),
    );
  });

  test('without shortage the deliveries add up to the order, to the unit', () => {
    assert(
      property(quantities, someHabits, (ordered, some) => {
        const units = plan(ordered, { ...some, shortRate: 0 })
          .flatMap((delivery) => delivery.lines)
          .reduce((sum, line) => sum + line.quantity, 0);
        expect(units).toBe(ordered.reduce((sum, quantity) => sum + quantity, 0));
      }),
    );
  });

  test('follow from seed, purchase order and line alone', () => {
    assert(
      property(quantities, someHabits, (ordered, some) => {
        expect(plan(ordered, some)).toEqual(plan(ordered, some));
        // What else is on the order does not change what a line ships.
        const lineOne = (all: ReturnType<typeof plan>) =>
          all.flatMap((delivery) => delivery.lines.filter((line) => line.lineNo === 1));
        expect(lineOne(plan([...ordered, 5], some))).toEqual(lineOne(plan(ordered, some)));
      }),
    );
  });

  test('raise an invoiced price by whole percents without losing a digit', () => {
    const some = {
      seed: 1,
      partialRate: 0,
      shortRate: 0,
      lateRate: 0,
      priceDifferenceRate: 1,
      jitterDays: 0,
      leadTimeScale: 1,
    };
    const price = plan([10], some)[0]?.lines[0]?.unitPrice ?? '';
    const possible = Array.from({ length: 10 }, (_, n) => String((1275 * (101 + n)) / 100_000));
    expect(possible).toContain(price);
  });
});

describe('the supplier', () => {
  test('acknowledges once and plans once, even under another key', async () => {
    const body = purchaseOrder('PO-1', [10]);
    const first = await place(body);
    expect(first.body).toMatchObject({
      state: 'accepted',
      lines: [{ lineNo: 1, quantity: 10, expectedAt: '2010-12-08T09:00:00.000Z' }],
    });
    const again = await send('POST', `${running.urls.supplier}/v1/orders`, body, 'another');
    expect(again.body).toEqual(first.body);
    const changed = purchaseOrder('PO-1', [11]);
    expect((await send('POST', `${running.urls.supplier}/v1/orders`, changed, 'k3')).status).toBe(
      409,
    );
  });

  test('names the line of a wrong order', async () => {
    const wrong = purchaseOrder('PO-1', [10, 0]);
    const { status, body } = await place(wrong);
    expect(status).toBe(422);
    expect(body['errors']).toMatchObject([{ path: 'lines[1].quantity' }]);
  });

  test('ships in parts and short, and invoices exactly what it shipped', async () => {
    await habits({ partialRate: 1, shortRate: 0.5, lateRate: 1 });
    const ordered = [10, 20, 30, 40, 50, 60];
    await place(purchaseOrder('PO-2', ordered));
    const result = await advance(LATER);
    expect(result).toMatchObject({ shipped: 2, invoiced: 2, openOrders: 0, nextPlannedAt: null });
    const shipped = unitsByLine('shipping-notices');
    expect(unitsByLine('invoices')).toEqual(shipped);
    const short = ordered.filter((quantity, index) => (shipped[index + 1] ?? 0) < quantity);
    expect(short.length).toBeGreaterThan(0);
    expect(short.length).toBeLessThan(ordered.length);
    expect(posted('shipping-notices').map((post) => post.body['final'])).toEqual([false, true]);
  });

  test('ships nothing before its time and tells when that is', async () => {
    await habits({ partialRate: 0, shortRate: 0, lateRate: 0, jitterDays: 0 });
    await place(purchaseOrder('PO-3', [10]));
    const early = await advance('2010-12-06T00:00:00Z');
    expect(early).toMatchObject({
      shipped: 0,
      openOrders: 1,
      nextPlannedAt: '2010-12-07T09:00:00.000Z',
    });
    expect(merchant.effects).toEqual([]);
    expect(await advance('2010-12-07T09:00:00Z')).toMatchObject({ shipped: 1, invoiced: 1 });
  });

  test('delivers opening stock whole at the agreed time whatever its habits', async () => {
    await habits({ partialRate: 1, shortRate: 1, lateRate: 1, priceDifferenceRate: 1 });
    const deliverExactlyAt = '2010-11-30T12:00:00Z';
    await place(
      purchaseOrder('PO-4', [10, 7], { orderedAt: '2010-11-29T12:00:00Z', deliverExactlyAt }),
    );
    expect(await advance(deliverExactlyAt)).toMatchObject({ shipped: 1, openOrders: 0 });
    expect(unitsByLine('shipping-notices')).toEqual({ 1: 10, 2: 7 });
    expect(posted('shipping-notices')[0]?.body).toMatchObject({
      expectedAt: deliverExactlyAt,
      final: true,
    });
    expect(posted('invoices')[0]?.body['lines']).toMatchObject([
      { unitPrice: '1.275' },
      { unitPrice: '1.275' },
    ]);
  });

  test('tries again what failed, and posts it once with the same id and content', async () => {
    merchant.trouble = (_post, arrival) => (arrival === 1 ? 'fail-after-effect' : 'ok');
    await place(purchaseOrder('PO-5', [10]));
    expect(await advance(LATER)).toMatchObject({ openOrders: 0, left: 0, refused: 0 });
    const distinct = new Set(merchant.effects.map((effect) => effect.id));
    expect(merchant.effects).toHaveLength(distinct.size);
    expect(merchant.arrivals).toHaveLength(2 * distinct.size);
  });

  test('reports what is left while the merchant is away, and does it later', async () => {
    merchant.trouble = () => 'fail';
    await place(purchaseOrder('PO-6', [10]));
    const away = await advance(LATER);
    expect(away).toMatchObject({ shipped: 0, openOrders: 1 });
    expect(Number(away['left'])).toBeGreaterThan(0);
    merchant.trouble = () => 'ok';
    expect(await advance(LATER)).toMatchObject({ left: 0, openOrders: 0 });
  });

  test('takes a conflict for no last word', async () => {
    merchant.trouble = (_post, arrival) => (arrival <= 2 ? 'conflict' : 'ok');
    await place(purchaseOrder('PO-7', [10]));
    expect(await advance(LATER)).toMatchObject({ left: 0, openOrders: 0, refused: 0 });
  });

  test('goes on after a restart with the plan it had, though its habits changed', async () => {
    await habits({ partialRate: 1, shortRate: 0 });
    await place(purchaseOrder('PO-8', [10, 10]));
    const url = `${running.urls.supplier}/v1/orders/${encodeURIComponent('purchase-order:PO-8')}`;
    const planned = (await send('GET', url)).body['deliveries'] as { shippedAt: string }[];
    await advance(planned[0]?.shippedAt ?? '');
    await running.stop();
    await restart();
    await habits({ partialRate: 0, shortRate: 1 });
    await advance(LATER);
    expect(unitsByLine('shipping-notices')).toEqual({ 1: 10, 2: 10 });
    expect(merchant.arrivals).toHaveLength(4);
  });

  test('delivers on its own where a person watches', async () => {
    await running.stop();
    await restart('live');
    const orderedAt = new Date().toISOString();
    await place(purchaseOrder('PO-9', [3], { orderedAt, leadTimeDays: 0 }));
    await eventually(() => posted('invoices').length === 1);
    expect(unitsByLine('invoices')).toEqual({ 1: 3 });
  });
});
