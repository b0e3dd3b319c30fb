import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { putSuppliers } from '../../activities/ledger/intake/master-data.ts';
import { readApprovalCase } from '../../activities/ledger/read/approval-case.ts';
import { lookAtApproval, reachApprovalDeadline } from '../../activities/ledger/steps/decision.ts';
import { unrestricted } from '../support/identify-by.ts';
import { PEOPLE } from '../support/people.ts';
import { fresh, KEYS, openApiShop, type Answer, type ApiShop } from './api-shop.ts';
import { seg, type Body } from './samples.ts';

const { ann, fay, pat } = PEOPLE;

let shop: ApiShop;

beforeAll(async () => {
  shop = await openApiShop(
    new Map([ann, fay, pat].map(({ id }) => [id, unrestricted(id)] as const)),
  );
});
afterAll(() => shop?.close());

/** What of each kind of record people are asked about, who they are, and what nobody is asked about. */
const NOUNS = {
  supplier: {
    base: { name: 'First', currency: 'GBP', leadTimeDays: 3, email: 'first@example.com' },
    asked: { name: 'Second', email: 'second@example.com' },
    free: { leadTimeDays: 9 },
    deciders: [pat.id, fay.id],
  },
  sku: {
    base: { description: 'A thing', class: 'B', costMethod: 'fifo' },
    asked: { costMethod: 'standard', standardCost: '2.50' },
    free: { description: 'Another thing' },
    deciders: [ann.id],
  },
  node: {
    base: { name: 'First', country: 'GB', priority: 1 },
    asked: { country: 'FR' },
    free: { priority: 2 },
    deciders: [ann.id],
  },
  channel: {
    base: { name: 'First', kind: 'web-shop', backorder: null, trustsFile: false, nodes: null },
    asked: { trustsFile: true },
    free: { name: 'Second' },
    deciders: [ann.id],
  },
} as const;

type Noun = keyof typeof NOUNS;
const EVERY_NOUN = Object.keys(NOUNS) as Noun[];

async function put(noun: Noun, record: Body, key: string = KEYS.shop): Promise<Body> {
  const { body, status, text } = await shop.call('PUT', `/v1/${noun}s`, { body: [record], key });
  expect(status, text).toBe(207);
  return (body['results'] as Body[])[0] ?? {};
}

/** A record of its own. */
async function record(noun: Noun): Promise<Body> {
  const made = { [noun]: fresh(noun.slice(0, 2)), ...NOUNS[noun].base };
  expect(await put(noun, made)).toMatchObject({ result: 'created' });
  return made;
}

/** As the list of its noun shows it. */
async function stored(noun: Noun, made: Body): Promise<Body> {
  const { body } = await shop.call('GET', `/v1/${noun}s?limit=200`);
  return (body['data'] as Body[]).find((one) => one[noun] === made[noun]) ?? {};
}

function decide(approvalId: unknown, key: string, decision = 'approve'): Promise<Answer> {
  return shop.call('POST', `/v1/approvals/${seg(String(approvalId))}/decisions`, {
    body: { decision },
    key,
  });
}

async function approve(noun: Noun, approvalId: unknown): Promise<void> {
  for (const decider of NOUNS[noun].deciders) {
    const { status, text } = await decide(approvalId, decider);
    expect(status, text).toBe(200);
  }
}

async function change(noun: Noun, changeId: unknown): Promise<Body> {
  const { body, status, text } = await shop.call(
    'GET',
    `/v1/${noun}s/changes/${seg(String(changeId))}`,
  );
  expect(status, text).toBe(200);
  return body;
}

/** The change of a supplier's name that waits. */
async function renamed(name = 'Second', key: string = KEYS.shop): Promise<[Body, Body]> {
  const made = await record('supplier');
  const result = await put('supplier', { ...made, name }, key);
  expect(result).toMatchObject({ result: 'waiting', fields: ['name'] });
  return [made, result];
}

describe.each(EVERY_NOUN)('a change of a %s', (noun) => {
  const { base, asked, free } = NOUNS[noun];

  test('waits in the fields that the matrix asks about, and the rest is written at once', async () => {
    const made = await record(noun);
    const wanted = { ...made, ...asked, ...free };
    const result = await put(noun, wanted);
    expect(result).toMatchObject({ [noun]: made[noun], result: 'waiting' });
    expect((result['fields'] as string[]).toSorted()).toEqual(Object.keys(asked).toSorted());
    const before = Object.fromEntries(
      Object.keys(asked).map((field) => [field, (base as Body)[field] ?? null]),
    );
    expect(await stored(noun, made)).toMatchObject({ ...made, ...free, ...before });
    expect(await change(noun, result['changeId'])).toMatchObject({
      noun,
      record: made[noun],
      state: 'waiting',
      before,
      after: asked,
      requestedBy: 'shop',
      approval: {
        state: 'open',
        subject: noun === 'supplier' ? 'supplier-change' : 'master-data-edit',
      },
    });
    expect(shop.engine.started).toContain(result['approvalId']);
    const digest = await shop.digest();
    expect(await put(noun, wanted)).toEqual(result);
    expect(await shop.digest()).toBe(digest);
  });

  test('is written by the decision, once, and says so on its timeline and in the audit', async () => {
    const made = await record(noun);
    const result = await put(noun, { ...made, ...asked });
    await approve(noun, result['approvalId']);
    expect(await stored(noun, made)).toMatchObject({ ...made, ...asked });
    const done = await change(noun, result['changeId']);
    expect(done).toMatchObject({
      state: 'applied',
      refusal: null,
      decidedBy: NOUNS[noun].deciders.at(-1),
    });
    const events = (done['timeline'] as Body[]).map(({ event }) => event);
    expect(events.filter((event) => event === 'change-applied')).toHaveLength(1);
    expect([events[0], events.at(-1)]).toEqual(['change-asked', 'change-applied']);
    const rows = await shop.owner`
      select act, on_behalf_of from ledger.audit
      where subject_id = ${`${noun}:${String(made[noun])}`} order by audit_id`;
    expect(rows).toEqual([
      { act: `put_${noun}s`, on_behalf_of: null },
      { act: `put_${noun}s`, on_behalf_of: 'shop' },
    ]);
    expect(await put(noun, { ...made, ...asked })).toMatchObject({ result: 'unchanged' });
  });

  test('is dropped when somebody says no', async () => {
    const made = await record(noun);
    const result = await put(noun, { ...made, ...asked });
    expect(await decide(result['approvalId'], NOUNS[noun].deciders[0], 'reject')).toMatchObject({
      status: 200,
    });
    expect(await stored(noun, made)).toMatchObject(made);
    expect(await change(noun, result['changeId'])).toMatchObject({ state: 'rejected' });
    expect(await put(noun, { ...made, ...asked })).toMatchObject({ result: 'waiting' });
  });

  test('asks nobody where the matrix asks nobody', async () => {
    const made = await record(noun);
    expect(await put(noun, { ...made, ...free })).toEqual({
      [noun]: made[noun],
      result: 'updated',
    });
    expect(await stored(noun, made)).toMatchObject({ ...made, ...free });
  });
});

test('whoever asks for a change does not approve it', async () => {
  const [made, result] = await renamed('Second', pat.id);
  expect(await decide(result['approvalId'], pat.id)).toMatchObject({
    status: 403,
    body: { rule: 'requester-may-not-decide' },
  });
  expect(await stored('supplier', made)).toMatchObject({ name: 'First' });
});

test('a change is dropped when whoever asked withdraws it, and when nobody decides in time', async () => {
  const [made, withdrawn] = await renamed();
  const path = `/v1/approvals/${seg(String(withdrawn['approvalId']))}/withdrawals`;
  expect(await shop.call('POST', path, { body: {} })).toMatchObject({ status: 200 });
  expect(await change('supplier', withdrawn['changeId'])).toMatchObject({ state: 'withdrawn' });

  const expired = await put('supplier', { ...made, name: 'Third' });
  const approvalId = String(expired['approvalId']);
  for (let round = 0; round < 12; round += 1) {
    const { dueId } = await readApprovalCase(shop.ledger, { approvalId });
    if (dueId !== null) await reachApprovalDeadline(shop.ledger, { approvalId, dueId });
  }
  expect(await change('supplier', expired['changeId'])).toMatchObject({
    state: 'expired',
    approval: { state: 'rejected', closedBy: 'expiry' },
  });
  expect(await stored('supplier', made)).toMatchObject({ name: 'First' });
});

describe('a record that is changed while a change of it waits', () => {
  /** By a way that asks nobody, as when the matrix has changed. */
  const overwrite = (made: Body) =>
    putSuppliers(shop.ledger, [{ ...made, name: 'Overwritten' } as never]);

  test('begins another run, whose decision counts', async () => {
    const [made, result] = await renamed();
    await overwrite(made);
    const approvalId = String(result['approvalId']);
    expect(await lookAtApproval(shop.ledger, { approvalId })).toMatchObject({ run: 2 });
    expect(await change('supplier', result['changeId'])).toMatchObject({
      before: { name: 'Overwritten' },
    });
    await approve('supplier', approvalId);
    expect(await stored('supplier', made)).toMatchObject({ name: 'Second' });
  });

  test('is not written over by a decision about what it said before', async () => {
    const [made, result] = await renamed();
    await overwrite(made);
    expect(await decide(result['approvalId'], pat.id)).toMatchObject({
      status: 409,
      body: { rule: 'restarted' },
    });
    expect(await stored('supplier', made)).toMatchObject({ name: 'Overwritten' });
    await approve('supplier', result['approvalId']);
    expect(await stored('supplier', made)).toMatchObject({ name: 'Second' });
  });

  test('not even by a defect that takes such a decision for one', async () => {
    const [made, result] = await renamed();
    await overwrite(made);
    const now = shop.clock.now;
    await shop.owner`select ledger.decide_change(${String(result['changeId'])}, true, ${pat.id}, ${now})`;
    expect(await stored('supplier', made)).toMatchObject({ name: 'Overwritten' });
    expect(await change('supplier', result['changeId'])).toMatchObject({
      state: 'overtaken',
      refusal: 'the record was changed after it was asked',
    });
  });
});

describe('a second change while one waits', () => {
  test('of somebody else is refused and names the first', async () => {
    const [made, result] = await renamed();
    expect(await put('supplier', { ...made, name: 'Third' }, pat.id)).toMatchObject({
      result: 'refused',
      errors: [
        {
          path: 'name',
          message: `${String(result['changeId'])} waits for its approval and asks for something else`,
        },
      ],
    });
    expect(await put('supplier', { ...made, leadTimeDays: 7 }, pat.id)).toMatchObject({
      result: 'updated',
    });
    expect(await change('supplier', result['changeId'])).toMatchObject({ state: 'waiting' });
  });

  test('of the same person takes the place of the first', async () => {
    const [made, first] = await renamed();
    const second = await put('supplier', { ...made, name: 'Third' });
    expect(second).toMatchObject({ result: 'waiting' });
    expect(second['changeId']).not.toBe(first['changeId']);
    expect(await change('supplier', first['changeId'])).toMatchObject({
      state: 'withdrawn',
      approval: { state: 'withdrawn' },
    });
  });

  test('at the same moment leaves one that waits', async () => {
    const made = await record('supplier');
    const results = await Promise.all(
      [KEYS.shop, KEYS.boss, pat.id, fay.id].map((key) =>
        put('supplier', { ...made, name: `By ${key}` }, key),
      ),
    );
    const counts = results.map(({ result }) => String(result)).toSorted();
    expect(counts).toEqual(['refused', 'refused', 'refused', 'waiting']);
  });
});

test('as many as a call may hold wait, each with an approval of its own', async () => {
  const made = Array.from({ length: 500 }, () => ({ node: fresh('no'), ...NOUNS.node.base }));
  const putAll = async (nodes: readonly object[]) =>
    (await shop.call('PUT', '/v1/nodes', { body: nodes })).body['results'] as Body[];
  await putAll(made);
  const results = await putAll(made.map((node) => ({ ...node, country: 'FR' })));
  expect(results.filter(({ result }) => result === 'waiting')).toHaveLength(500);
  expect(new Set(results.map(({ approvalId }) => approvalId)).size).toBe(500);
});

test('another supplier of a SKU takes its price along', async () => {
  const [one, other] = [await record('supplier'), await record('supplier')];
  const made = { ...(await record('sku')), supplier: one['supplier'], supplierPrice: '2' };
  const first = await put('sku', made);
  expect(first).toMatchObject({ result: 'waiting' });
  await approve('sku', first['approvalId']);
  expect(await stored('sku', made)).toMatchObject({ ...made, supplierPrice: '2.00' });

  const silent = await put('sku', { ...made, supplier: other['supplier'], supplierPrice: null });
  expect(silent).toMatchObject({ result: 'waiting', fields: ['supplier'] });
  await approve('sku', silent['approvalId']);
  expect(await stored('sku', made)).toMatchObject({
    supplier: other['supplier'],
    supplierPrice: null,
  });
});

test('what is not possible is refused before anybody is asked, and after', async () => {
  const made = await record('sku');
  expect(await put('sku', { ...made, supplier: 'nobody' })).toMatchObject({
    result: 'refused',
    errors: [{ path: 'supplier', message: 'is no known supplier' }],
  });
  const result = await put('sku', { ...made, costMethod: 'average' });
  expect(result).toMatchObject({ result: 'waiting' });
  const lines = [{ sku: made['sku'], quantity: 1, unitCost: '1' }];
  const receipt = { receiptId: fresh('open'), node: 'main', occurredAt: shop.clock.now, lines };
  expect(await shop.call('POST', '/v1/stock/receipts', { body: receipt })).toMatchObject({
    status: 201,
  });
  await approve('sku', result['approvalId']);
  expect(await change('sku', result['changeId'])).toMatchObject({
    state: 'overtaken',
    refusal: 'costMethod can change only when no stock is left',
  });
});

test('whoever decides sees what it was and what it is to be, and history for ever keeps no address', async () => {
  const made = await record('supplier');
  const email = `${fresh('new')}@example.com`;
  const result = await put('supplier', { ...made, email, name: 'Second' });
  const { body } = await shop.call('GET', `/v1/approvals/${seg(String(result['approvalId']))}`);
  expect(body).toMatchObject({
    subjectKind: 'supplier-change',
    row: 'supplier-change-identity',
    evidence: { before: { email: made['email'] }, after: { email, name: 'Second' } },
    facts: {
      fields: ['supplier.name', 'supplier.email'],
      details: {
        name: 'First → Second',
        email: 'changed',
        record: `supplier:${String(made['supplier'])}`,
      },
    },
    effects: { reject: 'The supplier stays as it is.' },
  });
  await approve('supplier', result['approvalId']);
  expect(await stored('supplier', made)).toMatchObject({ email });
  for (const table of ['approval', 'approval_event', 'timeline', 'audit', 'step', 'outbox']) {
    const rows = await shop.owner.unsafe(
      `select 1 from ledger.${table} t where to_jsonb(t)::text like '%${email}%'`,
    );
    expect(rows, table).toHaveLength(0);
  }
});

test('a supplier at high risk is one for whoever decides, and a risk that grows begins another run', async () => {
  const [made, result] = await renamed();
  const approvalId = String(result['approvalId']);
  const rating = { party: `supplier:${String(made['supplier'])}`, risk: 'high', reason: 'unpaid' };
  expect(await shop.call('PUT', '/v1/risk-ratings', { body: rating })).toMatchObject({
    status: 200,
  });
  expect(await lookAtApproval(shop.ledger, { approvalId })).toMatchObject({ run: 2 });
  const { body } = await shop.call('GET', `/v1/approvals/${seg(approvalId)}`);
  expect(body).toMatchObject({ run: 2, facts: { supplierRisk: 'high' } });
  const next = await put('supplier', { ...made, name: 'Third' });
  const asked = await shop.call('GET', `/v1/approvals/${seg(String(next['approvalId']))}`);
  expect(asked.body).toMatchObject({ run: 1, facts: { supplierRisk: 'high' } });
});
