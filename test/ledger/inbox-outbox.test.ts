import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordFact, type MachineEvent } from '../../activities/ledger/intake/record-fact.ts';
import { runDues } from '../../activities/ledger/intake/run-dues.ts';
import { listDues, readBacklog, readProcesses } from '../../activities/ledger/read/operations.ts';
import {
  claimOutbox,
  claimProcesses,
  finishOutbox,
  markStarted,
  releaseOutbox,
} from '../../activities/ledger/steps/outbox.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { DAY, openSmallShop, writeOrder } from './small-shop.ts';

let test: TestLedger;
beforeAll(async () => {
  test = await openLedger();
  await openSmallShop(test);
});
afterAll(async () => test?.close());

const write = (kind: string, subject: string, count = 1) => test.owner`
  insert into ledger.outbox (kind, subject_id, payload)
  select ${kind}, ${subject}, jsonb_build_object('n', n) from generate_series(1, ${count}::int) n order by n`;

describe('outbox', () => {
  beforeEach(() => test.owner`update ledger.outbox set done_at = now() where done_at is null`);

  const claimed = async (
    request: { limit?: number; leaseSeconds?: number; kinds?: ('mail' | 'signal')[] } = {},
  ) => (await claimOutbox(test.ledger, { limit: 100, leaseSeconds: 30, ...request })).messages;

  it('never hands the same message to two dispatchers', async () => {
    await test.owner`
      insert into ledger.outbox (kind, subject_id, payload) select 'mail', 'm:' || n, '{}' from generate_series(1, 300) n`;
    const ids: string[] = [];
    const dispatch = async () => {
      for (;;) {
        const messages = await claimed({ limit: 7 });
        if (messages.length === 0) return;
        ids.push(...messages.map((message) => message.outboxId));
      }
    };
    await Promise.all([dispatch(), dispatch(), dispatch(), dispatch()]);
    expect(new Set(ids).size).toBe(300);
    expect(ids).toHaveLength(300);
  });

  it('hands a message out again when its lease has run out', async () => {
    await write('mail', 'late');
    expect((await claimed({ leaseSeconds: 0.05 })).map((message) => message.attempts)).toEqual([1]);
    expect(await claimed()).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect((await claimed()).map((message) => message.attempts)).toEqual([2]);
  });

  it('keeps the order of each subject: the next is offered when the one before is done', async () => {
    await write('mail', 'one', 3);
    await write('signal', 'one');
    const first = await claimed();
    expect(first.map(({ kind, payload }) => [kind, payload['n']])).toEqual([
      ['mail', 1],
      ['signal', 1],
    ]);
    expect(await claimed()).toEqual([]);
    await finishOutbox(
      test.ledger,
      first.map((message) => message.outboxId),
    );
    expect((await claimed()).map(({ payload }) => payload['n'])).toEqual([2]);
  });

  it('hands out all signals of a subject together, and none of them to another dispatcher', async () => {
    await write('signal', 'one', 3);
    await write('signal', 'other', 2);
    const [first, second] = await Promise.all([claimed({ limit: 1 }), claimed({ limit: 1 })]);
    const numbersOf = (messages: typeof first) => messages.map(({ payload }) => payload['n']);
    expect([numbersOf(first), numbersOf(second)]).toContainEqual([1, 2, 3]);
    expect([numbersOf(first), numbersOf(second)]).toContainEqual([1, 2]);
    await write('signal', 'one');
    expect(await claimed()).toEqual([]);
    await releaseOutbox(test.ledger, {
      ids: [...first, ...second].map(({ outboxId }) => outboxId),
      delaySeconds: 0,
    });
    expect((await claimed()).filter(({ subjectId }) => subjectId === 'one')).toHaveLength(4);
  });

  it('keeps back what could not be delivered, and all that follows it, until its time', async () => {
    await write('mail', 'busy', 2);
    const [message] = await claimed();
    await releaseOutbox(test.ledger, { ids: [message?.outboxId ?? ''], delaySeconds: 60 });
    expect(await claimed()).toEqual([]);
    await releaseOutbox(test.ledger, { ids: [message?.outboxId ?? ''], delaySeconds: 0 });
    expect((await claimed()).map(({ payload, attempts }) => [payload['n'], attempts])).toEqual([
      [1, 2],
    ]);
  });

  it('takes only the kinds asked for, and says which process a signal is for', async () => {
    await writeOrder(test.owner, { orderId: 'order:web:o1', sku: 'MUG', quantity: 1 });
    await write('mail', 'order:web:o1');
    await write('signal', 'order:web:o1');
    expect(await claimed({ kinds: ['signal'] })).toMatchObject([
      {
        kind: 'signal',
        subjectId: 'order:web:o1',
        process: { processId: 'order:web:o1', kind: 'order', state: 'running', attributes: {} },
      },
    ]);
  });
});

describe('processes', () => {
  it('are claimed oldest first, each by one dispatcher, and again when the lease has run out', async () => {
    for (const n of [1, 2, 3]) {
      await test.owner`insert into ledger.process (process_id, kind, state) values (${`return:P-${n}`}, 'return', 'pending')`;
    }
    expect(
      (await claimProcesses(test.ledger, { limit: 10, leaseSeconds: 30, minAgeSeconds: 60 }))
        .processes,
    ).toEqual([]);
    const first = await claimProcesses(test.ledger, { limit: 2, leaseSeconds: 0.05 });
    expect(first.processes.map((each) => each.processId)).toEqual(['return:P-1', 'return:P-2']);
    const second = await claimProcesses(test.ledger, { limit: 2, leaseSeconds: 30 });
    expect(second.processes).toMatchObject([
      { processId: 'return:P-3', kind: 'return', attempts: 1 },
    ]);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(
      (await claimProcesses(test.ledger, { limit: 9, leaseSeconds: 30 })).processes,
    ).toHaveLength(2);
    expect(await markStarted(test.ledger, ['return:P-1', 'return:P-2', 'return:P-3'])).toEqual({
      started: 3,
    });
    expect(await markStarted(test.ledger, ['return:P-1'])).toEqual({ started: 0 });
    const { data } = await readProcesses(test.ledger, {
      limit: 10,
      kind: 'return',
      state: 'running',
    });
    expect(data.map((each) => each.processId)).toEqual(['return:P-3', 'return:P-2', 'return:P-1']);
  });
});

describe('due dates', () => {
  it('are reached by the business clock, once, and tell their process', async () => {
    await writeOrder(test.owner, { orderId: 'order:web:d1', sku: 'MUG', quantity: 1 });
    const at = (hours: number) => new Date(Date.parse(DAY) + hours * 3_600_000).toISOString();
    for (const [kind, hours] of [
      ['stock', 1],
      ['payment', 2],
      ['dispatch', 3],
    ] as const) {
      await test.owner`select ledger.set_due('order:web:d1', 'order:web:d1', ${kind}, 'escalate', ${at(hours)}, 'x')`;
    }
    expect(
      (await listDues(test.ledger, { limit: 10, before: at(2) })).data.map((due) => due.kind),
    ).toEqual(['stock', 'payment']);
    expect(await runDues(test.ledger, { until: at(2), limit: 1 })).toEqual({
      reached: 1,
      more: true,
    });
    expect(await runDues(test.ledger, { until: at(2), limit: 9 })).toEqual({
      reached: 1,
      more: false,
    });
    expect(await runDues(test.ledger, { until: at(2), limit: 9 })).toEqual({
      reached: 0,
      more: false,
    });
    const signals = await test.owner`
      select payload ->> 'factId' as fact from ledger.outbox where subject_id = 'order:web:d1' order by outbox_id`;
    expect(signals.map((row) => row['fact'])).toEqual([
      'due:order:web:d1:stock:x',
      'due:order:web:d1:payment:x',
    ]);
    const notes = await test.owner`
      select reason from ledger.timeline where subject_id = 'order:web:d1' and event = 'due-reached' order by timeline_id`;
    expect(notes.map((row) => row['reason'])).toEqual(['stock', 'payment']);
    expect((await readBacklog(test.ledger)).duesOpen).toBe(1);
  });

  it('of one subject are reached without those of others', async () => {
    for (const orderId of ['order:web:one', 'order:web:other']) {
      await writeOrder(test.owner, { orderId, sku: 'MUG', quantity: 1 });
      await test.owner`select ledger.set_due(${orderId}, ${orderId}, 'stock', 'escalate', ${DAY}, 'x')`;
    }
    const one = { until: DAY, limit: 9, subjectId: 'order:web:one' };
    expect(await runDues(test.ledger, one)).toEqual({ reached: 1, more: false });
    expect(await runDues(test.ledger, one)).toEqual({ reached: 0, more: false });
    const { data } = await listDues(test.ledger, { limit: 10, before: DAY });
    expect(data.map(({ subjectId }) => subjectId)).toEqual(['order:web:other']);
  });
});

describe('facts from machines', () => {
  const order = 'order:web:f1';
  const event = (id: string, type: string, data: Record<string, string>): MachineEvent => ({
    id,
    type,
    occurredAt: DAY,
    data,
  });
  beforeAll(async () => {
    await writeOrder(test.owner, { orderId: order, sku: 'MUG', quantity: 1 });
    await test.owner`
      insert into ledger.payment (payment_id, order_id, provider, reference, currency, state, requested_minor)
      values ('pay-1', ${order}, 'simulated', 'auth_1', 'GBP', 'challenged', 1000)`;
    await test.owner`
      insert into ledger.order_hold (order_id, hold, reason, raised_at) values (${order}, 'payment', 'challenged', ${DAY})`;
  });

  it('settle a challenged payment once, whatever comes again or late', async () => {
    const passed = event('evt_1', 'authorization.succeeded', {
      authorizationId: 'auth_1',
      reference: 'pay-1',
    });
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => recordFact(test.ledger, 'gateway', passed)),
    );
    expect(answers.filter((answer) => answer.replayed)).toHaveLength(3);
    expect(answers.every((answer) => answer.applied && answer.state === 'authorized')).toBe(true);
    const late = event('evt_2', 'authorization.failed', {
      authorizationId: 'auth_1',
      reference: 'pay-1',
    });
    expect(await recordFact(test.ledger, 'gateway', late)).toMatchObject({
      applied: false,
      state: 'authorized',
    });
    const [payment] =
      await test.owner`select state, authorized_minor from ledger.payment where payment_id = 'pay-1'`;
    expect(payment).toEqual({ state: 'authorized', authorized_minor: '1000' });
    const [hold] =
      await test.owner`select cleared_at from ledger.order_hold where order_id = ${order}`;
    expect(hold?.['cleared_at']).not.toBeNull();
    const signals =
      await test.owner`select payload from ledger.outbox where kind = 'signal' and subject_id = ${order}`;
    expect(signals.map((row) => row['payload'])).toEqual([{ factId: 'gateway:evt_1' }]);
  });

  it('are refused when their id comes again with other content', async () => {
    const changed = event('evt_1', 'authorization.failed', { authorizationId: 'auth_1' });
    await expect(recordFact(test.ledger, 'gateway', changed)).rejects.toMatchObject({
      type: 'IdempotencyMismatch',
    });
  });

  it('find a payment by our reference before its authorization is known', async () => {
    await test.owner`
      insert into ledger.payment (payment_id, order_id, provider, currency, state, requested_minor)
      values ('pay-2', ${order}, 'simulated', 'GBP', 'challenged', 500)`;
    const failed = event('evt_3', 'authorization.failed', {
      authorizationId: 'auth_2',
      reference: 'pay-2',
    });
    expect(await recordFact(test.ledger, 'gateway', failed)).toMatchObject({
      applied: true,
      state: 'declined',
    });
    const [told] = await test.owner`select state, evidence from ledger.exception
      where subject_id = ${order} and kind = 'payment'`;
    expect(told).toMatchObject({
      state: 'open',
      evidence: { paymentId: 'pay-2', outcome: 'declined' },
    });
  });

  it('of an authorization that another one has replaced change nothing, and a person is told', async () => {
    const replaced = `${order}-replaced`;
    await writeOrder(test.owner, { orderId: replaced, sku: 'MUG', quantity: 1 });
    await test.owner`
      insert into ledger.payment (payment_id, order_id, provider, reference, currency, state, requested_minor)
      values ('pay-4', ${replaced}, 'simulated', 'auth_new', 'GBP', 'challenged', 500)`;
    const old = event('evt_replaced', 'authorization.succeeded', {
      authorizationId: 'auth_old',
      reference: 'pay-4',
    });
    expect(await recordFact(test.ledger, 'gateway', old)).toMatchObject({
      applied: false,
      state: 'challenged',
    });
    const [late] =
      await test.owner`select evidence from ledger.exception where kind = 'late-fact' and evidence ->> 'paymentId' = 'pay-4'`;
    expect(late?.['evidence']).toMatchObject({ authorizationId: 'auth_old' });
  });

  it('of an authorization that nobody wants any more land on the exception board', async () => {
    await test.owner`
      insert into ledger.payment (payment_id, order_id, provider, reference, currency, state, requested_minor)
      values ('pay-3', ${order}, 'simulated', 'auth_3', 'GBP', 'voided', 500)`;
    const passed = event('evt_4', 'authorization.succeeded', { authorizationId: 'auth_3' });
    expect(await recordFact(test.ledger, 'gateway', passed)).toMatchObject({
      applied: false,
      state: 'voided',
    });
    const open = await test.owner`select kind from ledger.exception
      where subject_id = ${order} and state = 'open' and evidence ->> 'paymentId' = 'pay-3'`;
    expect(open.map((row) => row['kind'])).toEqual(['late-fact']);
  });

  it('about what nobody knows are kept and change nothing', async () => {
    const stray = event('evt_5', 'capture.succeeded', { authorizationId: 'auth_9' });
    expect(await recordFact(test.ledger, 'gateway', stray)).toEqual({
      applied: false,
      state: 'unknown-payment',
      replayed: false,
    });
    const parcel = event('evt_5', 'tracking.updated', { trackingNumber: 'TRK-9', status: 'lost' });
    expect(await recordFact(test.ledger, 'carrier', parcel)).toMatchObject({
      state: 'unknown-parcel',
    });
    expect(await test.owner`select 1 from ledger.inbox where fact_id = 'evt_5'`).toHaveLength(2);
  });

  it('of a lost parcel raise an exception that heals when it is delivered after all', async () => {
    await test.owner`
      insert into ledger.shipment (shipment_id, order_id, node, state, released_at)
      values ('shipment:f1', ${order}, 'north', 'dispatched', ${DAY})`;
    await test.owner`
      insert into ledger.dispatch (dispatch_id, shipment_id, order_id, invoice_number, amount_minor, tax_minor, tracking_number, occurred_at)
      values ('d-1', 'shipment:f1', ${order}, 'INV-1', 0, 0, 'TRK-1', ${DAY})`;
    const state = async () => {
      const rows =
        await test.owner`select state from ledger.exception where subject_id = ${order} and kind = 'carrier'`;
      return rows.map((row) => row['state'] as string);
    };
    const tell = (id: string, status: string) =>
      recordFact(
        test.ledger,
        'carrier',
        event(id, 'tracking.updated', { trackingNumber: 'TRK-1', status }),
      );
    expect(await tell('trk_1', 'lost')).toMatchObject({ applied: true, state: 'lost' });
    expect(await state()).toEqual(['open']);
    await tell('trk_2', 'delivered');
    expect(await state()).toEqual(['resolved']);
    const events = await test.owner`
      select event from ledger.timeline where subject_id = ${order} and event like 'parcel-%' order by timeline_id`;
    expect(events.map((row) => row['event'])).toEqual(['parcel-lost', 'parcel-delivered']);
  });

  it.each(['delivery-failed', 'returned-to-sender'])(
    'of a parcel that is %s raise an exception that heals when it is delivered after all',
    async (status) => {
      const trackingNumber = `TRK-${status}`;
      await test.owner`
        insert into ledger.shipment (shipment_id, order_id, node, state, released_at)
        values (${`shipment:${status}`}, ${order}, 'north', 'dispatched', ${DAY})`;
      await test.owner`
        insert into ledger.dispatch (dispatch_id, shipment_id, order_id, invoice_number, amount_minor, tax_minor, tracking_number, occurred_at)
        values (${`d-${status}`}, ${`shipment:${status}`}, ${order}, ${`INV-${status}`}, 0, 0, ${trackingNumber}, ${DAY})`;
      const board = () =>
        test.owner`select state, owner, resolution from ledger.exception
          where subject_id = ${order} and kind = 'delivery' and evidence ->> 'trackingNumber' = ${trackingNumber}`;
      const tell = (id: string, reached: string) =>
        recordFact(
          test.ledger,
          'carrier',
          event(id, 'tracking.updated', { trackingNumber, status: reached }),
        );
      await tell(`${status}_1`, status);
      expect(await board()).toMatchObject([{ state: 'open', owner: 'support' }]);
      await tell(`${status}_2`, 'delivered');
      expect(await board()).toMatchObject([{ state: 'resolved', resolution: 'healed' }]);
    },
  );
});
