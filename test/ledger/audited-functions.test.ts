import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACTS, NO_ACTS } from '../../activities/ledger/audited-functions.ts';
import { connectLedger, type Ledger } from '../../activities/ledger/connect.ts';
import { putNodes } from '../../activities/ledger/intake/master-data.ts';
import { holdStock } from '../../activities/ledger/intake/stock-hold.ts';
import { listAudit } from '../../activities/ledger/read/audit.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { NOT_WALKED, WALKS } from './audited-ledger.ts';
import { goods, openShop, shopDesk, stockUp } from './order-shop.ts';

let test: TestLedger;
/** The application's ledger, of which nobody has said who calls it. */
let anonymous: Ledger;

beforeAll(async () => {
  test = await openLedger();
  anonymous = connectLedger(test.appUrl, { connections: 2 });
  await openShop(test.ledger, ['MUG', 'JAR']);
  await stockUp(test.owner, { sku: 'MUG', node: 'north', quantity: 100, unitCost: '1' });
});
afterAll(async () => {
  await anonymous?.close();
  await test?.close();
});

/** The volatile functions that the application may call. */
async function writingFunctions(): Promise<string[]> {
  const rows = await test.owner<{ name: string }[]>`
    select p.proname::text as name from pg_proc p
    where p.pronamespace = 'loopline'::regnamespace and p.provolatile = 'v' order by 1`;
  return rows.map(({ name }) => name);
}

describe('every function that writes', () => {
  it('is an act or has a reason not to be one, and none is named that does not exist', async () => {
    const named = [...Object.keys(ACTS), ...Object.keys(NO_ACTS)];
    expect(named.toSorted()).toEqual((await writingFunctions()).toSorted());
    for (const [name, why] of Object.entries(NO_ACTS)) expect(why.length, name).toBeGreaterThan(20);
  });

  it('is called by one of the walks through all acts, or has a reason not to be', () => {
    const walked = [...new Set(Object.values(WALKS).flat())];
    expect([...walked, ...Object.keys(NOT_WALKED)].toSorted()).toEqual(
      Object.keys(ACTS).toSorted(),
    );
    for (const [name, why] of Object.entries(NOT_WALKED))
      expect(why.length, name).toBeGreaterThan(20);
  });

  it('is an act behind a function that asks who acts; its body is out of the application’s reach', async () => {
    const rows = await test.owner<{ name: string }[]>`
      select left(p.proname, -5) as name from pg_proc p
      where p.pronamespace = 'ledger'::regnamespace and p.proname like '%\\_body' order by 1`;
    expect(rows.map(({ name }) => name).toSorted()).toEqual(Object.keys(ACTS).toSorted());
    const app = postgres(test.appUrl, { max: 1, onnotice: () => undefined });
    try {
      await expect(app`select ledger.put_nodes_body('{"nodes": []}')`).rejects.toMatchObject({
        code: '42501',
      });
    } finally {
      await app.end();
    }
  });

  it.each(Object.keys(ACTS))(
    '%s is refused when nobody says who acts, and changes nothing',
    async (name) => {
      for (const request of [{}, { by: {} }, { by: { actor: '' } }, { by: null }]) {
        await expect(anonymous.call(name, request)).rejects.toMatchObject({
          type: 'InvariantViolated',
          message: expect.stringMatching(`^${name} changes the ledger and nobody says who does it`),
        });
      }
    },
  );
});

describe('who acts', () => {
  const node = (name: string) => [{ node: name, name, country: 'GB', priority: 1 }];
  const newest = async (act: string) =>
    (await listAudit(test.ledger, { act, limit: 1 })).data[0] ?? null;

  it('is whom the ledger is asked as, with key, request, address and for whom', async () => {
    const by = {
      actor: 'person:ann',
      onBehalfOf: 'person:ben',
      credential: 'session:1',
      requestId: 'r-77',
      sourceAddress: '10.0.0.9',
    };
    await putNodes(test.ledger.as(by), node('w1'));
    expect(await newest('put_nodes')).toMatchObject({
      ...by,
      subjectKind: 'node',
      subjectId: 'node:w1',
      before: null,
      after: { node: 'w1', name: 'w1', country: 'GB' },
    });
  });

  it('is the one that the request names itself, before the one that the ledger is asked as', async () => {
    const as = test.ledger.as({ actor: 'process:worker' });
    await as.call('put_nodes', { nodes: node('w2'), by: { actor: 'person:ann' } });
    expect(await newest('put_nodes')).toMatchObject({ subjectId: 'node:w2', actor: 'person:ann' });
  });

  it('is the request’s own actor where nothing else is said', async () => {
    const request = { externalRef: 'x', actor: 'clerk' };
    // It is asked further than the question who acts: this supplier is not known.
    await expect(
      anonymous.call('create_purchase_order', { ...request, node: 'nowhere' }),
    ).rejects.toMatchObject({ type: 'InvalidInput' });
  });

  it('is each order’s own sender where many share a call', async () => {
    const place = (externalId: string, actor: string) => ({
      channel: 'web',
      externalId,
      actor,
      by: { actor, requestId: `r-${actor}` },
    });
    const desk = shopDesk(test.ledger);
    const template = await desk.accepted({ externalId: 't-0', lines: [goods('MUG', 1)] });
    expect(template.state).toBe('accepted');
    const [stored] = await test.owner<{ count: number }[]>`
      select count(*)::int from ledger.audit where act = 'accept_orders' and subject_id = 'order:web:t-0'`;
    expect(stored).toEqual({ count: 1 });
    const orders = ['ann', 'ben'].map((actor) => ({
      ...place(`shared-${actor}`, actor),
      payloadHash: '00'.repeat(32),
      orderId: `order:web:shared-${actor}`,
      class: 'standard',
      currency: 'GBP',
      placedAt: '2026-03-02T10:00:00Z',
      at: '2026-03-02T10:00:00Z',
      priority: 100,
      customer: null,
      shipTo: { country: 'GB' },
      screening: [],
      policyVersions: {},
      totalMinor: '100',
      lines: [
        {
          lineNo: 1,
          externalLineId: '1',
          kind: 'goods',
          code: 'MUG',
          quantity: 1,
          unitPrice: '1',
          amountMinor: '100',
          belowMinor: '0',
          taxMinor: '0',
          discountMinor: '0',
          sourceRef: null,
        },
      ],
      plans: [[{ lineNo: 1, node: 'north', quantity: 1 }]],
      backorderNodes: [],
      payment: null,
    }));
    await anonymous.call('accept_orders', { orders });
    await anonymous.call('accept_orders', { orders });
    const rows = await test.owner`
      select actor, request_id, subject_id, after from ledger.audit
      where subject_id like 'order:web:shared-%' order by audit_id`;
    expect(rows.map((row) => ({ ...row }))).toEqual(
      ['ann', 'ben'].map((actor) => ({
        actor,
        request_id: `r-${actor}`,
        subject_id: `order:web:shared-${actor}`,
        after: { state: 'accepted' },
      })),
    );
  });
});

describe('acts on many things', () => {
  it('leave one row for each that changed, with what it was and what it is', async () => {
    const rowsBefore = await count();
    await putNodes(test.ledger, [
      { node: 'north', name: 'North', country: 'GB', priority: 1 },
      { node: 'south', name: 'South wing', country: 'GB', priority: 2 },
      { node: 'west', name: 'West', country: 'FR', priority: 3 },
    ]);
    const rows = await test.owner`
      select subject_id, before ->> 'name' as before, after ->> 'name' as after from ledger.audit
      order by audit_id desc limit ${(await count()) - rowsBefore}`;
    expect(rows.toReversed().map((row) => ({ ...row }))).toEqual([
      { subject_id: 'node:south', before: 'South', after: 'South wing' },
      { subject_id: 'node:west', before: null, after: 'West' },
    ]);
  });

  it('leave one for each hold that was given, and none for those that were not', async () => {
    const rowsBefore = await count();
    const units = (quantity: number) => [[{ sku: 'MUG', node: 'north', quantity }]];
    const holds = [
      { holdId: 'h-1', expiresAt: '2026-03-03T10:00:00Z', plans: units(2) },
      { holdId: 'h-2', expiresAt: '2026-03-03T10:00:00Z', plans: units(1_000) },
      { holdId: 'h-3', expiresAt: '2026-03-03T10:00:00Z', plans: units(3) },
    ];
    await holdStock(test.ledger, { occurredAt: '2026-03-02T10:00:00Z', holds });
    await holdStock(test.ledger, { occurredAt: '2026-03-02T10:00:00Z', holds });
    const rows = await test.owner<{ subject: string }[]>`
      select subject_id as subject from ledger.audit order by audit_id desc
      limit ${(await count()) - rowsBefore}`;
    expect(rows.map(({ subject }) => subject).toReversed()).toEqual(['hold:h-1', 'hold:h-3']);
  });

  async function count(): Promise<number> {
    const [row] = await test.owner<{ count: number }[]>`select count(*)::int from ledger.audit`;
    return row?.count ?? 0;
  }
});

describe('what names a person', () => {
  it('is in no row of a customer or supplier who was put in or changed', async () => {
    const person = {
      channel: 'web',
      externalId: 'c-77',
      name: 'Ada Marker',
      email: 'ada@marker.example',
    };
    await test.ledger.call('put_customers', { customers: [person] });
    await test.ledger.call('put_customers', {
      customers: [{ ...person, name: 'Ada Marker-Byron' }],
    });
    const supplier = { supplier: 'acme', name: 'Acme', currency: 'GBP', leadTimeDays: 3 };
    await test.ledger.call('put_suppliers', {
      suppliers: [{ ...supplier, email: 'eve@marker.example' }],
    });
    const rows = await test.owner<{ row: string; after: unknown }[]>`
      select a::text as row, after from ledger.audit a
      where act in ('put_customers', 'put_suppliers') order by audit_id desc limit 3`;
    expect(rows.map(({ after }) => after)).toMatchObject([
      { email: 'changed' },
      { changed: ['name'] },
      { changed: ['name', 'email'] },
    ]);
    expect(rows.map(({ row }) => row).join('\n')).not.toMatch(/marker|c-77/i);
  });
});
