import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { POLICY_NAMES } from '../../rules/policy/documents.ts';
import { fresh, KEYS, openApiShop, type ApiShop } from './api-shop.ts';
import { approve, approveDraft, financeDraft, LATER, writeDraft } from './policy-samples.ts';
import { seg, shopReturn, SOLD, type Body } from './samples.ts';

let shop: ApiShop;

beforeAll(async () => {
  shop = await openApiShop();
});
afterAll(() => shop?.close());

const UNTIL = '2010-12-06T00:00:00Z';
const YEAR_END = '2010-12-31T00:00:00Z';
const returnDraft = (fields: Body = {}, others: Body = {}): Body => ({
  document: { ...DEFAULT_POLICIES.return, ...fields },
  ...others,
});

/** The matrix that we ship, with all levels asked of one role. */
function matrixAsking(role: string): Body {
  const matrix = DEFAULT_POLICIES['approval-matrix'];
  const rows = matrix.rows.map((row) => ({
    ...row,
    levels: row.levels.map((level) => ({ ...level, roles: [role] })),
  }));
  return { ...matrix, rows };
}

const versionsOf = async (policy: string): Promise<Body[]> =>
  (await shop.call('GET', `/v1/policies/${policy}/versions`)).body['data'] as Body[];

describe('a policy', () => {
  test('is listed with what is in force', async () => {
    const { status, body } = await shop.call('GET', '/v1/policies');
    expect(status).toBe(200);
    const rows = body['data'] as { policy: string; inForce: Body }[];
    expect(rows.map(({ policy }) => policy).toSorted()).toEqual([...POLICY_NAMES].toSorted());
    for (const { inForce } of rows) expect(inForce).toMatchObject({ version: 1, by: 'loopline' });
  });

  test.each(POLICY_NAMES)('can be read as it holds: %s', async (policy) => {
    expect(await shop.call('GET', `/v1/policies/${policy}`)).toMatchObject({
      status: 200,
      body: { policy, version: 1, effectiveFrom: null, document: DEFAULT_POLICIES[policy] },
    });
  });

  test('can be read for a channel, a region and a date', async () => {
    const scope = { channel: 'web', region: 'GB', activeFrom: LATER };
    const path = await writeDraft(shop, 'return', returnDraft({ windowDays: 14 }, scope));
    await approveDraft(shop, path);
    const window = async (query: string) => {
      const { body } = await shop.call('GET', `/v1/policies/return?${query}`);
      return (body['document'] as Body)['windowDays'];
    };
    expect(await window(`channel=web&region=GB&at=${LATER}`)).toBe(14);
    expect(await window('channel=web&region=GB')).toBe(60);
    expect(await window(`channel=web&region=FR&at=${LATER}`)).toBe(60);
    expect(await shop.call('GET', '/v1/policies/return?region=England')).toMatchObject({
      status: 422,
      paths: ['region'],
    });
  });
});

describe('a draft', () => {
  test('tells what it changes in words, where it would hold, and since when it is', async () => {
    const path = await writeDraft(
      shop,
      'return',
      returnDraft({ windowDays: 30, approvalAboveMinor: '5000' }, { region: 'FR' }),
    );
    expect(await shop.call('GET', path)).toMatchObject({
      status: 200,
      body: {
        state: 'draft',
        author: 'shop',
        scope: 'in FR',
        changes: [
          'The return window falls from 60 days to 30 days.',
          'The amount above which a return needs an approval falls from 100.00 GBP to 50.00 GBP.',
        ],
        base: { version: 1 },
        events: [{ event: 'written', actor: 'shop' }],
      },
    });
  });

  test.each<[string, string, Body, string]>([
    ['a field left out', 'return', { document: { windowDays: 30 } }, 'document.approvalAboveMinor'],
    [
      'money as a number',
      'return',
      returnDraft({ approvalAboveMinor: 5 }),
      'document.approvalAboveMinor',
    ],
    ['a field that nobody knows', 'return', returnDraft({ window: 5 }), 'document.window'],
    [
      'a role that nobody has',
      'return',
      returnDraft({ approvalRole: 'boss' }),
      'document.approvalRole',
    ],
    ['a window of a century', 'return', returnDraft({ windowDays: 36_500 }), 'document.windowDays'],
    ['a date that has passed', 'return', returnDraft({}, { activeFrom: SOLD }), 'activeFrom'],
    ['a channel that there is not', 'return', returnDraft({}, { channel: 'nowhere' }), 'channel'],
    [
      'a channel, where it is the same for all',
      'finance-entry',
      { ...financeDraft(), channel: 'web' },
      'channel',
    ],
    [
      'a region, where it is the same for all',
      'finance-entry',
      { ...financeDraft(), region: 'GB' },
      'region',
    ],
    [
      'a channel, where goods are ordered for all',
      'replenishment',
      { document: DEFAULT_POLICIES.replenishment, channel: 'web' },
      'channel',
    ],
    [
      'a decider who may not decide',
      'approval-matrix',
      { document: matrixAsking('warehouse') },
      'document.rows[1].levels[0]',
    ],
    [
      'a matrix without a last row',
      'approval-matrix',
      { document: { ...DEFAULT_POLICIES['approval-matrix'], rows: [] } },
      'document.rows',
    ],
  ])('with %s is refused, and the field is named', async (_name, policy, body, path) => {
    const before = await shop.digest();
    const answer = await shop.call('PUT', `/v1/policies/${policy}/drafts/${fresh('d')}`, { body });
    expect(answer.status).toBe(422);
    expect(answer.paths).toContain(path);
    expect(await shop.digest()).toBe(before);
  });

  test('belongs to whoever wrote it, and is written anew until it is submitted', async () => {
    const path = await writeDraft(shop, 'return', returnDraft({ windowDays: 31 }));
    const body = returnDraft({ windowDays: 32 });
    const refused = await shop.call('PUT', path, { body, key: KEYS.boss });
    expect(refused).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('belongs to shop') },
    });
    expect(await shop.call('PUT', path, { body })).toMatchObject({ status: 200 });
    expect(await shop.call('POST', `${path}/submissions`, { body: {} })).toMatchObject({
      status: 202,
    });
    expect(await shop.call('PUT', path, { body: returnDraft() })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('is submitted') },
    });
    expect(await shop.call('POST', `${path}/withdrawals`, { body: { note: 'no' } })).toMatchObject({
      status: 200,
      body: { state: 'withdrawn' },
    });
  });

  test('that changes nothing is not submitted', async () => {
    const path = await writeDraft(shop, 'return', returnDraft());
    expect(await shop.call('POST', `${path}/submissions`, { body: {} })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('says what version 1 says already') },
    });
  });

  test('asks for the approval that the matrix in force names, for which the author may not answer', async () => {
    const path = await writeDraft(shop, 'finance-entry', financeDraft());
    const { body } = await shop.call('POST', `${path}/submissions`, { body: {} });
    const approval = await shop.call('GET', `/v1/approvals/${seg(String(body['approvalId']))}`);
    expect(approval).toMatchObject({
      status: 200,
      body: { state: 'open', subjectKind: 'policy-change', requestedBy: 'shop', role: 'admin' },
    });
    const own = await shop.call(
      'POST',
      `/v1/approvals/${seg(String(body['approvalId']))}/decisions`,
      {
        body: { decision: 'approve' },
      },
    );
    expect(own.status).toBe(403);
  });

  test('is approved by the route of all approvals, with what it changes before the decider', async () => {
    const path = await writeDraft(shop, 'adjustment', {
      document: { ...DEFAULT_POLICIES.adjustment, approvalAboveMinor: '20000' },
      activeFrom: YEAR_END,
    });
    const { body } = await shop.call('POST', `${path}/submissions`, { body: {} });
    const approval = `/v1/approvals/${seg(String(body['approvalId']))}`;
    expect(shop.engine.started).toContain(body['approvalId']);
    expect((await shop.call('GET', approval)).text).toContain(
      'needs an approval rises from 100.00 GBP to 200.00 GBP',
    );
    const decided = await shop.call('POST', `${approval}/decisions`, {
      body: { decision: 'approve' },
      key: KEYS.boss,
    });
    expect(decided).toMatchObject({ status: 200, body: { state: 'approved' } });
    expect(await shop.call('GET', path)).toMatchObject({
      body: { state: 'active', activeFrom: '2010-12-31T00:00:00.000Z' },
    });
  });

  test('comes into force from its date, and a rollback brings the older version back as a new one', async () => {
    const { activeFrom: _date, ...waiting } = financeDraft();
    const path = await writeDraft(shop, 'finance-entry', waiting);
    await approveDraft(shop, path);
    expect(await shop.call('GET', path)).toMatchObject({
      body: { state: 'approved', version: null },
    });
    const active = await shop.call('POST', `${path}/activations`, { body: { activeFrom: LATER } });
    expect(active).toMatchObject({ status: 200, body: { state: 'active' } });
    const again = await shop.call('POST', `${path}/activations`, {
      body: { activeFrom: YEAR_END },
    });
    expect(again).toMatchObject({ status: 409 });

    const draftId = fresh('back');
    const back = await shop.call('POST', '/v1/policies/finance-entry/rollbacks', {
      body: { draftId, toVersion: 1, activeFrom: LATER, note: 'it was better' },
    });
    expect(back).toMatchObject({ status: 202, body: { madeFrom: 1, state: 'submitted' } });
    await approve(shop, String(back.body['approvalId']));
    const [newest, older] = await versionsOf('finance-entry');
    expect(newest).toMatchObject({
      version: Number(active.body['version']) + 1,
      madeFrom: 1,
      document: DEFAULT_POLICIES['finance-entry'],
    });
    expect(older).toMatchObject({ version: active.body['version'] });
    // What says what is in force already is refused, and leaves no draft behind.
    const before = await shop.digest();
    const twice = { draftId: fresh('back'), toVersion: 1, activeFrom: LATER };
    expect(
      await shop.call('POST', '/v1/policies/finance-entry/rollbacks', { body: twice }),
    ).toMatchObject({ status: 409 });
    expect(await shop.digest()).toBe(before);
    const missing = { draftId: fresh('back'), toVersion: 999 };
    expect(
      await shop.call('POST', '/v1/policies/finance-entry/rollbacks', { body: missing }),
    ).toMatchObject({ status: 404 });
  });

  test('of earlier refunds is tried, put into force, and kept by the returns that are asked for from then on', async () => {
    const before = await shopReturn(shop);
    const document = { earlyUpToMinor: '5000', earlyAt: 'receipt', inspectedReasons: [] };
    const path = await writeDraft(shop, 'refund-timing', { document });
    expect(
      await shop.call('POST', `${path}/simulations`, { body: { from: SOLD, until: UNTIL } }),
    ).toMatchObject({ status: 200 });
    await approveDraft(shop, path);
    expect(await shop.call('POST', `${path}/activations`, { body: {} })).toMatchObject({
      status: 200,
      body: { state: 'active' },
    });
    const after = await shopReturn(shop);
    const timing = async (id: string) =>
      (await shop.call('GET', `/v1/returns/${seg(id)}`)).body['refundTiming'];
    expect(await timing(before.id)).toMatchObject({ release: 'inspection' });
    expect(await timing(after.id)).toEqual({
      release: 'receipt',
      rule: 'early',
      policyVersion: 'refund-timing@2',
    });
  });
});

describe('a simulation', () => {
  test('tells what would have changed, with returns that can be opened', async () => {
    const { id } = await shopReturn(shop);
    const path = await writeDraft(shop, 'return', returnDraft({ approvalAboveMinor: '500' }));
    const { status, body } = await shop.call('POST', `${path}/simulations`, {
      body: { from: SOLD, until: UNTIL },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      policy: 'return',
      from: '2010-12-01T10:00:00.000Z',
      changes: [
        'The amount above which a return needs an approval falls from 100.00 GBP to 5.00 GBP.',
      ],
    });
    const examples = body['examples'] as Body[];
    expect(examples).toContainEqual(
      expect.objectContaining({
        returnId: id,
        amount: { amountMinor: '1000', currency: 'GBP' },
        before: { outcome: 'automatic', rule: 'within-policy' },
        after: { outcome: 'asked', rule: 'amount-above-threshold' },
      }),
    );
    for (const { returnId, href } of examples) {
      const opened = await shop.call('GET', String(href));
      expect(opened).toMatchObject({ status: 200, body: { id: returnId } });
    }
    // Whoever decides on the draft reads what was said.
    const { summary } = body;
    expect(await shop.call('GET', path)).toMatchObject({
      body: { simulation: { summary, by: 'shop' } },
    });
    const submitted = await shop.call('POST', `${path}/submissions`, { body: {} });
    const approval = `/v1/approvals/${seg(String(submitted.body['approvalId']))}`;
    expect((await shop.call('GET', approval)).text).toContain(String((summary as string[])[0]));
    const again = returnDraft({ approvalAboveMinor: '600' });
    await shop.call('POST', `${path}/withdrawals`, { body: {} });
    const other = await writeDraft(shop, 'return', again);
    expect((await shop.call('GET', other)).body['simulation']).toBeNull();
  });

  test('tells how far it is, line by line, where that is asked for', async () => {
    const path = await writeDraft(shop, 'return', returnDraft({ windowDays: 1 }));
    const body = { from: SOLD, until: UNTIL };
    const response = await shop.app.request(`${path}/simulations`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${KEYS.shop}`,
        'Content-Type': 'application/json',
        Accept: 'application/x-ndjson',
      },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('application/x-ndjson');
    const text = await response.text();
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Body);
    expect(Object.keys(lines[0] ?? {})).toEqual(['progress']);
    const whole = await shop.call('POST', `${path}/simulations`, { body });
    expect(lines.at(-1)).toEqual({ report: whole.body });
  });

  test('is of a period, and of a policy that returns are judged by', async () => {
    const path = await writeDraft(shop, 'return', returnDraft({ windowDays: 1 }));
    expect(
      await shop.call('POST', `${path}/simulations`, { body: { from: UNTIL, until: SOLD } }),
    ).toMatchObject({ status: 422, paths: ['until'] });
    const other = await writeDraft(shop, 'finance-entry', financeDraft());
    expect(
      await shop.call('POST', `${other}/simulations`, { body: { from: SOLD, until: UNTIL } }),
    ).toMatchObject({ status: 409 });
  });
});

test('nothing of this was a defect', () => {
  expect(shop.reported).toEqual([]);
});
