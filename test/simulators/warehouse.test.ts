import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunningSimulators } from '../../simulators/start-simulators.ts';
import { MerchantApi } from './merchant-api.ts';
import { eventually, newDataDir, send, startForTest } from './running.ts';

const RELEASED_AT = '2010-12-01T10:00:00Z';

let merchant: MerchantApi;
let running: RunningSimulators;

beforeEach(async () => {
  merchant = await new MerchantApi().start();
});
afterEach(async () => {
  await running.stop();
  await merchant.stop();
});

/** Started without the automatic loop unless asked for, so that each pass is the test's own. */
async function start(settings: object = { auto: false }): Promise<void> {
  const dataDir = newDataDir();
  // As if PUT before a restart: the first pass already goes by them.
  writeFileSync(join(dataDir, 'warehouse.settings.json'), JSON.stringify(settings));
  running = await startForTest({ apiUrl: merchant.url, dataDir });
}

function advance(until = '2010-12-02T00:00:00Z') {
  return send('POST', `${running.urls.warehouse}/_sim/advance`, { until }).then(({ body }) => body);
}

function addShipments(count: number, recordedAt = '2020-01-01T00:00:00Z'): void {
  for (let n = 1; n <= count; n += 1) {
    const id = `shipment:order:web:${n}`;
    merchant.shipments.set(id, {
      id,
      orderId: `order:web:${n}`,
      node: 'main',
      state: 'released',
      releasedAt: RELEASED_AT,
      recordedAt,
      lines: [
        { orderLineId: `${n}-1`, sku: 'A', quantity: 3, dispatchedQuantity: 0 },
        { orderLineId: `${n}-2`, sku: 'B', quantity: 2, dispatchedQuantity: 2 },
      ],
    });
  }
}

function addNotice(noticeId: string, expectedAt: string): void {
  merchant.notices.set(noticeId, {
    noticeId,
    purchaseOrderId: 'purchase-order:PO-1',
    node: 'main',
    state: 'open',
    shippedAt: RELEASED_AT,
    expectedAt,
    lines: [{ lineNo: 1, sku: 'A', quantity: 12 }],
  });
}

function addReturn(id: string, quantity: number): void {
  merchant.returns.set(id, {
    id,
    state: 'awaiting-receipt',
    requestedAt: '2010-12-01T11:00:00Z',
    authorizedAt: '2010-12-01T11:05:00Z',
    receivedAt: null,
    lines: [
      {
        returnLineId: `${id}:1`,
        kind: 'goods',
        code: 'A',
        quantity,
        receivedQuantity: 0,
        inspectedQuantity: 0,
      },
      { returnLineId: `${id}:2`, kind: 'shipping', code: 'POST', quantity: 1 },
    ],
  });
}

type Unit = { returnLineId: string; quantity: number; grade: string; disposition: string };

function inspections(): Unit[] {
  return merchant.effects
    .filter((effect) => effect.path.endsWith('/inspections'))
    .flatMap((effect) => effect.body['units'] as Unit[]);
}

function inspectedUnitsOf(returnLineId: string): number {
  return inspections()
    .filter((unit) => unit.returnLineId === returnLineId)
    .reduce((sum, unit) => sum + unit.quantity, 0);
}

describe('dispatching', () => {
  test('sends the open quantities at the time of release, under a stable id', async () => {
    addShipments(1);
    await start();
    expect(await advance()).toMatchObject({ dispatched: 1, left: 0 });
    expect(merchant.effects).toMatchObject([
      {
        path: '/v1/shipments/shipment%3Aorder%3Aweb%3A1/dispatches',
        body: {
          dispatchId: 'shipment:order:web:1-d3',
          occurredAt: RELEASED_AT,
          lines: [{ orderLineId: '1-1', quantity: 3 }],
        },
      },
    ]);
    expect(merchant.effects[0]?.body['trackingNumber']).toMatch(/^TRK-[0-9A-F]{12}$/);
  });

  test('works through more than one page, each shipment once', async () => {
    addShipments(450);
    await start();
    expect(await advance()).toMatchObject({ dispatched: 450, left: 0 });
    expect(merchant.arrivals).toHaveLength(450);
    expect((await send('GET', `${running.urls.warehouse}/_sim/idle`)).body).toEqual({
      idle: true,
      pending: 0,
    });
  });

  test('leaves a shipment alone until its handling time is over', async () => {
    addShipments(1, new Date().toISOString());
    await start({ auto: false, handlingMs: 60_000 });
    expect(await advance()).toMatchObject({ dispatched: 0, left: 0 });
    await send('PUT', `${running.urls.warehouse}/_sim/settings`, { handlingMs: 0 });
    expect(await advance()).toMatchObject({ dispatched: 1 });
  });

  test('an answer lost after the effect leads to no second dispatch', async () => {
    addShipments(20);
    merchant.trouble = (_post, arrival) => (arrival === 1 ? 'fail-after-effect' : 'ok');
    await start();
    await advance();
    expect(merchant.effects).toHaveLength(20);
    expect(new Set(merchant.effects.map((effect) => effect.id)).size).toBe(20);
  });

  test('a failed dispatch is tried again with the same content', async () => {
    addShipments(5);
    merchant.trouble = (_post, arrival) => (arrival <= 2 ? 'fail' : 'ok');
    await start();
    expect(await advance()).toMatchObject({ dispatched: 5, left: 0 });
    const contents = new Set(merchant.arrivals.map((post) => JSON.stringify(post.body)));
    expect(contents.size).toBe(5);
  });

  test('a refusal is booked and does not hold up the rest', async () => {
    addShipments(3);
    merchant.trouble = (post) => (post.id.includes('web:2') ? 'conflict' : 'ok');
    await start();
    expect(await advance()).toMatchObject({ dispatched: 2, refused: 1 });
    const book = (await send('GET', `${running.urls.warehouse}/_sim/book`)).body['data'];
    expect(JSON.stringify(book)).toContain('"status":409');
  });

  test('takes the tracking number from the carrier where there is one', async () => {
    addShipments(2);
    await start();
    const carrierUrl = running.urls.carrier;
    await send('PUT', `${running.urls.warehouse}/_sim/settings`, { carrierUrl });
    expect(await advance()).toMatchObject({ dispatched: 2 });
    for (const { body } of merchant.effects) {
      const tracking = await send(
        'GET',
        `${carrierUrl}/v1/tracking/${String(body['trackingNumber'])}`,
      );
      expect(tracking.body['reference']).toBe(body['dispatchId']);
    }
  });

  test('goes by itself, and goes on when the merchant comes back', async () => {
    merchant.trouble = () => 'fail';
    addShipments(2);
    await start({ auto: true, pollMs: 20 });
    await eventually(() => merchant.arrivals.length >= 2);
    merchant.trouble = () => 'ok';
    await eventually(() => merchant.effects.length === 2);
    expect(new Set(merchant.effects.map((effect) => effect.id)).size).toBe(2);
  });
});

describe('receiving and inspecting', () => {
  test('goods arrive when the business clock reaches their day, not before', async () => {
    addNotice('n1', '2010-12-02T09:00:00Z');
    await start();
    expect(await advance('2010-12-02T08:59:59Z')).toMatchObject({ received: 0 });
    expect(await advance('2010-12-02T09:00:00Z')).toMatchObject({ received: 1 });
    expect(merchant.effects).toMatchObject([
      {
        path: '/v1/purchase-orders/purchase-order%3APO-1/receipts',
        body: {
          receiptId: 'n1-r',
          noticeId: 'n1',
          occurredAt: '2010-12-02T09:00:00Z',
          lines: [{ lineNo: 1, quantity: 12 }],
        },
      },
    ]);
  });

  test('of a notice that is partly received, only the rest arrives', async () => {
    addNotice('n1', '2010-12-02T09:00:00Z');
    const notice = merchant.notices.get('n1');
    Object.assign(notice ?? {}, {
      lines: [
        { lineNo: 1, sku: 'A', quantity: 12, receivedQuantity: 5 },
        { lineNo: 2, sku: 'B', quantity: 3, receivedQuantity: 3 },
        { lineNo: 3, sku: 'C', quantity: 2, receivedQuantity: 4 },
      ],
    });
    await start();
    expect(await advance('2010-12-02T09:00:00Z')).toMatchObject({ received: 1, left: 0 });
    expect(merchant.effects.map(({ body }) => body)).toEqual([
      {
        receiptId: 'n1-r13',
        noticeId: 'n1',
        occurredAt: '2010-12-02T09:00:00Z',
        lines: [{ lineNo: 1, quantity: 7 }],
      },
    ]);
  });

  test('of a notice whose goods have all arrived, nothing arrives again', async () => {
    addNotice('n1', '2010-12-02T09:00:00Z');
    Object.assign(merchant.notices.get('n1') ?? {}, {
      lines: [{ lineNo: 1, sku: 'A', quantity: 12, receivedQuantity: 12 }],
    });
    await start();
    expect(await advance('2010-12-02T09:00:00Z')).toMatchObject({ received: 0, left: 0 });
    expect(merchant.arrivals).toEqual([]);
  });

  test('a return is received whole and inspected to the last unit', async () => {
    addReturn('return:R-1', 7);
    addReturn('return:R-2', 74_215);
    await start();
    expect(await advance()).toMatchObject({ returnsReceived: 2, inspected: 2, left: 0 });
    const receipt = merchant.effects.find((effect) => effect.path.includes('R-1/receipts'));
    expect(receipt?.body).toMatchObject({
      complete: true,
      occurredAt: '2010-12-01T11:05:00Z',
      lines: [{ returnLineId: 'return:R-1:1', sku: 'A', quantity: 7 }],
    });
    expect(inspectedUnitsOf('return:R-1:1')).toBe(7);
    expect(inspectedUnitsOf('return:R-2:1')).toBe(74_215);
  });

  test('dispositions follow their shares and the seed', async () => {
    for (let n = 1; n <= 150; n += 1) {
      addReturn(`return:R-${n}`, 10);
    }
    await start();
    await advance();
    const units = inspections();
    const restocked = units
      .filter((unit) => unit.disposition === 'restock')
      .reduce((sum, unit) => sum + unit.quantity, 0);
    expect(restocked / 1500).toBeGreaterThan(0.82);
    expect(restocked / 1500).toBeLessThan(0.9);
    expect(new Set(units.map((unit) => unit.disposition)).size).toBe(6);
    await running.stop();
    merchant.effects.length = 0;
    for (let n = 1; n <= 150; n += 1) {
      addReturn(`return:R-${n}`, 10);
    }
    await start();
    await advance();
    expect(new Set(inspections().map((unit) => JSON.stringify(unit)))).toEqual(
      new Set(units.map((unit) => JSON.stringify(unit))),
    );
  });

  test('a return may come short, with another item, or not at all', async () => {
    addReturn('return:R-1', 9);
    await start({ auto: false, returnShortRate: 1, returnWrongItemRate: 1 });
    await advance();
    expect(merchant.effects[0]?.body['lines']).toEqual([
      { returnLineId: 'return:R-1:1', sku: 'WRONG-ITEM', quantity: 4 },
    ]);
    await send('PUT', `${running.urls.warehouse}/_sim/settings`, { returnMissingRate: 1 });
    addReturn('return:R-2', 9);
    expect(await advance()).toMatchObject({ returnsReceived: 0, left: 0 });
  });

  test('shares that do not add up are refused and change nothing', async () => {
    await start();
    const url = `${running.urls.warehouse}/_sim/settings`;
    const answer = await send('PUT', url, { dispositions: { scrap: 0.5 } });
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toMatchObject([{ path: 'dispositions' }]);
    expect((await send('GET', url)).body['dispositions']).toMatchObject({ scrap: 0.03 });
  });

  test('the key of the merchant is never shown', async () => {
    await start();
    const settings = await send('GET', `${running.urls.warehouse}/_sim/settings`);
    const book = await send('GET', `${running.urls.warehouse}/_sim/book`);
    expect(JSON.stringify([settings.body, book.body])).not.toContain('key-for-tests');
  });
});

test('an element that cannot be read is booked and the rest goes on', async () => {
  addShipments(2);
  merchant.shipments.set('odd', { state: 'released' });
  await start();
  expect(await advance()).toMatchObject({ dispatched: 2 });
  const book = (await send('GET', `${running.urls.warehouse}/_sim/book`)).body['data'];
  expect(JSON.stringify(book)).toContain('"kind":"unreadable"');
});
