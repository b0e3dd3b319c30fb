import { describe, expect, test } from 'vitest';
import type { ApiAnswer, HttpService } from '../../bench/replay/api-client.ts';
import { readReplayArguments } from '../../bench/replay/arguments.ts';
import { isOver, unrest, type Backlog } from '../../bench/replay/backlog.ts';
import { countryCode } from '../../bench/replay/countries.ts';
import { resolutionOf } from '../../bench/replay/people.ts';
import { postEvents } from '../../bench/replay/post-day.ts';
import { progressLine } from '../../bench/replay/progress.ts';
import { nodeNames, openingOrders } from '../../bench/replay/shop.ts';
import { classifyRows } from '../../bench/replay/source/classify.ts';
import { tradeDays } from '../../bench/replay/source/trade-day.ts';
import { sampleRow } from './sample-rows.ts';

describe('the command line', () => {
  test('files alone mean a stack of its own and the standard settings', () => {
    expect(readReplayArguments(['a.csv', 'b.csv.gz'])).toEqual({
      files: ['a.csv', 'b.csv.gz'],
      url: null,
      json: null,
      seed: 1,
      concurrency: 16,
      nodes: 1,
      stay: false,
    });
  });

  test.each([
    [[], /at least one file/],
    [['a.csv', '--seed', 'x'], /--seed must be a whole number/],
    [['a.csv', '--nodes', '0'], /--nodes must be a whole number from 1 to 20/],
    [['a.csv', '--url', 'here'], /--url must be an http or https URL/],
    [['a.csv', '--stay', '--url', 'http://127.0.0.1:1'], /--stay is for a stack of its own/],
    [['a.csv', '--what'], /--what/],
  ])('%j is refused with the argument at fault', (argv, message) => {
    expect(() => readReplayArguments(argv)).toThrow(message);
  });
});

const quiet: Backlog = {
  processesPending: {},
  processesRunning: {},
  outbox: {},
  returns: {},
  purchaseOrders: {},
  exceptions: {},
  ordersOpen: 0,
  ordersWaitingForStock: 0,
  backorderedUnits: 0,
  shipmentsReleased: 0,
  capturesDue: 0,
  refundsDue: 0,
  approvalsOpen: 0,
  shippingNoticesOpen: 0,
};

describe('when the house is quiet', () => {
  test('orders that wait for stock and suppliers that have the next word are at rest, but not over', () => {
    const backlog = {
      ...quiet,
      processesRunning: { order: 2, 'purchase-order': 3 },
      purchaseOrders: { acknowledged: 3 },
      ordersOpen: 2,
      ordersWaitingForStock: 2,
      shippingNoticesOpen: 1,
    };
    expect(unrest(backlog)).toEqual([]);
    expect(isOver(backlog)).toBe(false);
    expect(isOver(quiet)).toBe(true);
  });

  test.each([
    [{ processesPending: { order: 1 } }, '1 processes not started (order)'],
    [{ processesRunning: { return: 2 } }, '2 processes running (return)'],
    [{ processesRunning: { order: 1 } }, '1 orders that do not wait for stock'],
    [{ outbox: { signal: 4 } }, '4 messages not sent (signal)'],
    [{ returns: { refunding: 1 } }, '1 returns (refunding)'],
    [{ purchaseOrders: { 'in-review': 1 } }, '1 purchase orders (in-review)'],
    [{ exceptions: { payment: 1 } }, '1 exceptions (payment)'],
    [{ ordersOpen: 3, ordersWaitingForStock: 2 }, '1 orders that do not wait for stock'],
    [{ shipmentsReleased: 1 }, '1 shipments not dispatched'],
    [{ capturesDue: 1 }, '1 captures due'],
    [{ refundsDue: 1 }, '1 refunds due'],
    [{ approvalsOpen: 1 }, '1 approvals open'],
  ] as [Partial<Backlog>, string][])('%j is named', (part, name) => {
    expect(unrest({ ...quiet, ...part })).toEqual([name]);
  });
});

describe('people', () => {
  const exception = {
    id: 'exception:1',
    subjectId: 'order:web:1',
    evidence: {},
    raisedAt: '2010-12-01T09:00:00Z',
    reopened: 0,
  };

  test('an order waits for stock, a write-off does not', () => {
    const short = {
      ...exception,
      kind: 'stock-short',
      actions: ['wait', 'accept-short', 'cancel-order'],
    };
    expect(resolutionOf(short)).toBe('wait');
    expect(resolutionOf({ ...short, subjectId: 'stock-adjustment:7' })).toBe('accept-short');
  });

  test('what can be tried again is tried again, and nobody cancels or disputes', () => {
    expect(
      resolutionOf({ ...exception, kind: 'payment', actions: ['cancel-order', 'accept', 'retry'] }),
    ).toBe('retry');
    expect(
      resolutionOf({ ...exception, kind: 'invoice-mismatch', actions: ['dispute', 'accept'] }),
    ).toBe('accept');
    expect(resolutionOf({ ...exception, kind: 'new', actions: ['cancel-order'] })).toBeNull();
  });

  test('nobody waves a defect through', () => {
    for (const kind of ['workflow-failed', 'compensation-failed']) {
      expect(resolutionOf({ ...exception, kind, actions: ['retry', 'accept'] })).toBeNull();
    }
  });
});

describe('opening stock', () => {
  const rows = classifyRows([
    sampleRow({ ordinal: 1, sku: 'A', quantity: 7 }),
    sampleRow({ ordinal: 2, sku: 'B', quantity: 1 }),
    sampleRow({ ordinal: 3, invoiceNo: '9', sku: 'A', invoiceDate: '2010-12-20T08:00:00.000Z' }),
  ]);

  test('is ordered for the noon before the first day, and shared among the warehouses', () => {
    const orders = openingOrders(rows, nodeNames(2));
    const linesAt = (node: string) =>
      orders
        .flatMap((order) => (order.node === node ? order.lines : []))
        .toSorted((a, b) => (a.sku < b.sku ? -1 : 1));
    expect(linesAt('main')).toEqual([
      { sku: 'A', quantity: 4 },
      { sku: 'B', quantity: 1 },
    ]);
    expect(linesAt('main-2')).toEqual([{ sku: 'A', quantity: 3 }]);
    expect(new Set(orders.map((order) => order.deliverExactlyAt))).toEqual(
      new Set(['2010-11-30T12:00:00.000Z']),
    );
  });

  test('has the same references whenever it is ordered', () => {
    const references = openingOrders(rows, ['main']).map((order) => order.externalRef);
    expect(new Set(references).size).toBe(references.length);
    expect(openingOrders(rows, ['main']).map((order) => order.externalRef)).toEqual(references);
  });

  test('no purchase order has more lines than a supplier takes', () => {
    const many = Array.from({ length: 9_000 }, (_, index) =>
      sampleRow({ ordinal: index + 1, sku: `S${index}` }),
    );
    const orders = openingOrders(classifyRows(many), ['main']);
    expect(Math.max(...orders.map((order) => order.lines.length))).toBeLessThanOrEqual(500);
    expect(orders.reduce((sum, order) => sum + order.lines.length, 0)).toBe(9_000);
  });
});

describe('posting a day', () => {
  const answered: ApiAnswer = { status: 201, body: {}, milliseconds: 1, replayed: false };

  async function postings(concurrency: number) {
    const rows = [
      sampleRow({ ordinal: 1, invoiceNo: '1', customerId: 'a' }),
      sampleRow({ ordinal: 2, invoiceNo: '2', customerId: 'b' }),
      sampleRow({
        ordinal: 3,
        invoiceNo: 'C3',
        customerId: 'a',
        quantity: -1,
        invoiceDate: '2010-12-01T09:00:00.000Z',
      }),
      sampleRow({
        ordinal: 4,
        invoiceNo: '4',
        customerId: 'a',
        invoiceDate: '2010-12-01T10:00:00.000Z',
      }),
    ];
    const log: string[] = [];
    let under = 0;
    let most = 0;
    const api: HttpService = {
      url: '',
      list: () => Promise.reject(new Error('not asked for')),
      call: async (_method, _path, body) => {
        const { externalId, externalRef } = body as { externalId?: string; externalRef?: string };
        const name = externalId ?? externalRef ?? '';
        under += 1;
        most = Math.max(most, under);
        log.push(`begin ${name}`);
        // The first customer's first order takes longest.
        await new Promise((resolve) => setTimeout(resolve, name === '1' ? 30 : 5));
        log.push(`end ${name}`);
        under -= 1;
        return answered;
      },
    };
    const events = tradeDays(classifyRows(rows)).flatMap((day) => day.events);
    await postEvents(events, { api, concurrency, nodeOf: () => 'main', onAnswer: () => undefined });
    return { log, most };
  }

  test('a return comes after the sales before it and before those after it', async () => {
    const { log } = await postings(4);
    const ofCustomer = log.filter((line) => !line.endsWith(' 2'));
    expect(ofCustomer).toEqual(['begin 1', 'end 1', 'begin C3', 'end C3', 'begin 4', 'end 4']);
  });

  test('customers do not wait for each other, and no more is under way than allowed', async () => {
    expect((await postings(4)).most).toBe(2);
    expect((await postings(1)).most).toBe(1);
  });
});

test('every country of the files has a code of two letters', () => {
  expect(['United Kingdom', 'EIRE', 'Channel Islands', 'RSA'].map(countryCode)).toEqual([
    'GB',
    'IE',
    'GG',
    'ZA',
  ]);
  expect(countryCode('Unspecified')).toBe('XX');
});

test('the progress line says day, orders, speed and what waits', () => {
  const line = progressLine({
    date: '2010-12-03',
    day: 3,
    days: 23,
    orders: 50,
    allOrders: 100,
    seconds: 5,
    backlog: { ordersOpen: 7, ordersWaitingForStock: 4 },
  });
  expect(line).toBe(
    `${'█'.repeat(10)}${'░'.repeat(10)} 2010-12-03 (day 3 of 23), 50 of 100 orders, 10.0/s, 7 open, 4 wait for stock`,
  );
});
