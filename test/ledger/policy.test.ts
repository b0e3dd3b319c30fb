import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  activatePolicyDraft,
  putPolicyDraft,
  submitPolicyDraft,
  withdrawPolicyDraft,
  type DraftAnswer,
} from '../../activities/ledger/intake/policy-drafts.ts';
import {
  listPolicies,
  listPolicyVersions,
  readPolicy,
  readPolicyDraft,
} from '../../activities/ledger/read/policies.ts';
import { askApproval } from '../../rules/approval/ask-approval.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { POLICY_NAMES } from '../../rules/policy/documents.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { askReturn, BACK, placeOrder, seedReturnShop, sendOrder, stockIn } from './return-shop.ts';

/** The clock of these tests, and dates around it. */
const NOW = '2026-11-01T09:00:00.000Z';
/** Before anything else that is to come. */
const FIRST = '2026-11-03T00:00:00.000Z';
const SECOND = '2026-11-05T00:00:00.000Z';
const SOON = '2026-11-10T00:00:00.000Z';
const LATER = '2026-12-01T00:00:00.000Z';
const AUTHOR = 'ada';
const EVERYWHERE = { channel: null, region: null };
const NOTHING_KNOWN = {
  quantityEach: null,
  marginBasisPoints: null,
  customerRisk: null,
  supplierRisk: null,
};
const APPROVAL = askApproval(
  { version: 'approval-matrix@1', document: DEFAULT_POLICIES['approval-matrix'] },
  {
    ...EVERYWHERE,
    ...NOTHING_KNOWN,
    subject: 'policy-change',
    amountMinor: 0n,
    currency: 'GBP',
    skuClasses: null,
    reasonCodes: null,
    details: {},
  },
  { atMs: Date.parse(NOW), requestedBy: AUTHOR, wantedBy: null },
);

let shop: TestLedger;
let drafts = 0;

beforeAll(async () => {
  shop = await openLedger();
  await seedReturnShop(shop.owner);
});
afterAll(() => shop?.close());
beforeEach(() => {
  drafts += 1;
});

interface Wanted {
  readonly id?: string;
  readonly policy?: string;
  readonly windowDays?: number;
  readonly channel?: string;
  readonly region?: string;
  readonly activeFrom?: string | null;
  readonly actor?: string;
  readonly at?: string;
}

function write(wanted: Wanted = {}): Promise<DraftAnswer> {
  const { id = `d-${drafts}`, policy = 'return', windowDays = 100 + drafts } = wanted;
  return putPolicyDraft(shop.ledger, {
    draftId: id,
    policy,
    channel: wanted.channel ?? '*',
    region: wanted.region ?? '*',
    document: { ...DEFAULT_POLICIES.return, windowDays },
    note: null,
    activeFrom: wanted.activeFrom ?? null,
    madeFrom: null,
    actor: wanted.actor ?? AUTHOR,
    at: wanted.at ?? NOW,
  });
}

const submit = (id = `d-${drafts}`, actor = AUTHOR, approval = APPROVAL) =>
  submitPolicyDraft(shop.ledger, {
    draftId: id,
    policy: 'return',
    note: null,
    approval,
    actor,
    at: NOW,
  });

const activate = (activeFrom: string | null, id = `d-${drafts}`, at = NOW) =>
  activatePolicyDraft(shop.ledger, {
    draftId: id,
    policy: 'return',
    activeFrom,
    actor: AUTHOR,
    at,
  });

/** What carries a decision out. */
const decide = (approved: boolean, id = `d-${drafts}`) =>
  shop.owner`select ledger.decide_policy_draft(${`policy-change:${id}`}, ${approved}, 'boss', ${NOW})`;

/** A version in force from a date, by its whole way. */
async function change(wanted: Wanted & { activeFrom: string }): Promise<number> {
  drafts += 1;
  await write(wanted);
  await submit();
  await decide(true);
  const { version } = await readPolicyDraft(shop.ledger, {
    policy: 'return',
    draftId: `d-${drafts}`,
  });
  if (version === null) throw new Error('it is not active');
  return version;
}

const inForce = async (channel: string, region: string, at: string) =>
  (await readPolicy(shop.ledger, { policy: 'return', channel, region, at })).version;

describe('the version in force', () => {
  test('is the narrowest that there is at the time: channel and region, channel, region, everywhere', async () => {
    const general = await change({ activeFrom: SOON });
    const regional = await change({ activeFrom: SOON, region: 'FR' });
    const ofChannel = await change({ activeFrom: SOON, channel: 'web' });
    const both = await change({ activeFrom: SOON, channel: 'web', region: 'FR' });
    const later = await change({ activeFrom: LATER });
    expect(
      await Promise.all([
        inForce('web', 'FR', SOON),
        inForce('web', 'GB', SOON),
        inForce('file', 'FR', SOON),
        inForce('file', 'GB', SOON),
        inForce('*', '*', SOON),
        inForce('*', '*', NOW),
        inForce('web', 'FR', NOW),
        inForce('*', '*', LATER),
        inForce('web', 'FR', LATER),
      ]),
    ).toEqual([both, ofChannel, regional, general, general, 1, 1, later, both]);
  });

  test('is found along the index, whatever the number of versions', async () => {
    await shop.owner`
      insert into ledger.policy_version (policy, version, channel, region, effective_from, document)
      select 'sourcing', n, '*', '*', ${NOW}::timestamptz - n * interval '1 day', '{}' from generate_series(2, 3000) n`;
    await shop.owner`analyze ledger.policy_version`;
    const plan = await shop.owner.unsafe<{ 'QUERY PLAN': string }[]>(
      `explain (analyze, costs off, timing off, summary off)
       select * from ledger.policy_in_force('sourcing', 'web', 'GB', '${NOW}'::timestamptz)`,
    );
    const text = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(text).toContain('policy_version_in_force');
    expect(text).not.toContain('Seq Scan on policy_version');
    expect(Number(/policy_version_in_force.*?rows=([\d.]+)/.exec(text)?.[1])).toBeLessThanOrEqual(
      1,
    );
  });

  test('is what an order keeps from its placing, and its return is judged by', async () => {
    await stockIn(shop.owner, 'MUG', 100, '2', 'po-1');
    const [early] = await shop.owner<{ version: number }[]>`
      insert into ledger.policy_version (policy, version, channel, region, effective_from, document)
      select 'return', max(version) + 1, '*', 'GB', '2010-12-01T12:00:00Z',
        ${shop.owner.json({ ...DEFAULT_POLICIES.return, windowDays: 1 })}
      from ledger.policy_version where policy = 'return' returning version`;
    const lines = [{ sku: 'MUG', quantity: 1, unitPrice: '5' }];
    const before = await placeOrder(shop, { id: 'early', lines, placedAt: '2010-12-01T10:00:00Z' });
    const after = await placeOrder(shop, { id: 'late', lines, placedAt: '2010-12-01T13:00:00Z' });
    const kept = await shop.owner<{ version: number }[]>`
      select (policy_versions ->> 'return')::integer as version from ledger.orders order by placed_at`;
    expect(kept.map(({ version }) => version)).toEqual([1, early?.version]);
    for (const orderId of [before, after]) await sendOrder(shop, orderId);
    const judged = async (orderId: string, externalRef: string) => {
      const asked = [{ orderLineId: `${orderId}#1`, sku: 'MUG', quantity: 1 }];
      const { outcome, return: view } = await askReturn(shop, {
        externalRef,
        orderId,
        lines: asked,
      });
      return [outcome, view.policyVersion];
    };
    expect(await judged(before, 'r-1')).toEqual(['authorized', 'return@1']);
    expect(await judged(after, 'r-2')).toEqual(['refused', `return@${early?.version}`]);
  });
});

describe('a draft', () => {
  test('goes from its writing to a version of its own, and keeps everything that happened', async () => {
    expect(await write()).toMatchObject({
      applied: true,
      draft: { state: 'draft', author: AUTHOR },
    });
    expect(await submit()).toMatchObject({ applied: true, draft: { state: 'submitted' } });
    await decide(true);
    expect(await activate(SECOND)).toMatchObject({ applied: true, draft: { state: 'active' } });
    const draft = await readPolicyDraft(shop.ledger, { policy: 'return', draftId: `d-${drafts}` });
    expect(draft.events.map(({ event, actor }) => [event, actor])).toEqual([
      ['written', AUTHOR],
      ['submitted', AUTHOR],
      ['approved', 'boss'],
      ['activated', AUTHOR],
    ]);
    const [newest] = (await listPolicyVersions(shop.ledger, { policy: 'return', limit: 1 })).data;
    expect(newest).toMatchObject({
      version: draft.version,
      effectiveFrom: SECOND,
      draftId: draft.draftId,
      by: AUTHOR,
      document: { windowDays: 100 + drafts },
    });
  });

  test('is put into force with its approval where it names a date', async () => {
    await write({ activeFrom: LATER });
    await submit();
    await decide(true);
    const draft = await readPolicyDraft(shop.ledger, { policy: 'return', draftId: `d-${drafts}` });
    expect(draft).toMatchObject({ state: 'active', activeFrom: LATER });
    await decide(true);
    await decide(false);
    expect(
      await readPolicyDraft(shop.ledger, { policy: 'return', draftId: `d-${drafts}` }),
    ).toEqual(draft);
  });

  test('says the same again without a trace, and other things only while it is one', async () => {
    const first = await write();
    expect(await write()).toEqual(first);
    const other = await write({ windowDays: 9 });
    expect(other).toMatchObject({ applied: true, draft: { document: { windowDays: 9 } } });
    expect(other.draft.events).toHaveLength(2);
    expect(await write({ actor: 'bob', windowDays: 8 })).toMatchObject({
      reason: 'not-the-author',
    });
    await submit();
    expect(await write({ windowDays: 8 })).toMatchObject({ applied: false, reason: 'state' });
    expect(await write({ windowDays: 9 })).toMatchObject({ applied: true });
  });

  test('is submitted by its author alone, once, and not where it changes nothing', async () => {
    await write();
    expect(await submit(undefined, 'bob')).toMatchObject({ reason: 'not-the-author' });
    const first = await submit();
    expect(await submit()).toEqual(first);
    const subject = `policy-change:d-${drafts}`;
    const asked = await shop.owner`
      select state, role, requested_by from ledger.approval where subject_id = ${subject}`;
    expect(asked).toEqual([{ state: 'open', role: 'admin', requested_by: AUTHOR }]);

    drafts += 1;
    await write({ channel: 'file', region: 'DE', activeFrom: LATER, windowDays: 77 });
    await submit();
    await decide(true);
    drafts += 1;
    await write({ channel: 'file', region: 'DE', activeFrom: LATER, windowDays: 77 });
    expect(await submit()).toMatchObject({ applied: false, reason: 'unchanged' });
  });

  test('that another version has overtaken is written anew, not put over it', async () => {
    const scope = { channel: 'file', activeFrom: LATER };
    await write({ ...scope, windowDays: 11 });
    const slow = `d-${drafts}`;
    await change({ ...scope, windowDays: 12 });
    expect(await submit(slow)).toMatchObject({ applied: false, reason: 'stale' });
    expect(await write({ ...scope, id: slow, windowDays: 11 })).toMatchObject({ applied: true });
    expect(await submit(slow)).toMatchObject({ applied: true });
    await change({ ...scope, windowDays: 13 });
    await decide(true, slow);
    expect(await activate(LATER, slow)).toMatchObject({
      reason: 'stale',
      draft: { state: 'approved' },
    });
  });

  test('that is rejected stays so', async () => {
    await write();
    await submit();
    await decide(false);
    expect(await activate(LATER)).toMatchObject({ reason: 'state', draft: { state: 'rejected' } });
    expect(await submit()).toMatchObject({ reason: 'state' });
  });

  test('is withdrawn with its approval, once', async () => {
    await write();
    await submit();
    const asked = { draftId: `d-${drafts}`, policy: 'return', note: 'no', actor: AUTHOR, at: NOW };
    expect(await withdrawPolicyDraft(shop.ledger, { ...asked, actor: 'bob' })).toMatchObject({
      reason: 'not-the-author',
    });
    const gone = await withdrawPolicyDraft(shop.ledger, asked);
    expect(gone).toMatchObject({ applied: true, draft: { state: 'withdrawn' } });
    expect(await withdrawPolicyDraft(shop.ledger, asked)).toEqual(gone);
    const subject = `policy-change:d-${drafts}`;
    expect(
      await shop.owner`select state from ledger.approval where subject_id = ${subject}`,
    ).toEqual([{ state: 'withdrawn' }]);
    expect(
      await shop.owner`select from ledger.due where subject_id = ${subject} and state <> 'met'`,
    ).toEqual([]);
    await decide(true);
    expect(await readPolicyDraft(shop.ledger, asked)).toMatchObject({ state: 'withdrawn' });
  });

  test('needs no approval where the matrix asks nobody', async () => {
    const matrix = DEFAULT_POLICIES['approval-matrix'];
    const rows = matrix.rows.map((row) =>
      row.subject === 'policy-change' ? { ...row, levels: [] } : row,
    );
    await shop.owner`
      insert into ledger.policy_version (policy, version, channel, region, effective_from, document)
      values ('approval-matrix', 2, '*', 'IT', '2000-01-01', ${shop.owner.json({ ...matrix, rows } as never)})`;
    await write({ activeFrom: LATER, region: 'IT' });
    expect(await submit(undefined, AUTHOR, null)).toMatchObject({
      draft: { state: 'active', approvalId: null },
    });
  });

  test('asks whom the matrix names, also where a function is called past the rule', async () => {
    await write();
    const { plan } = APPROVAL ?? {};
    for (const approval of [
      null,
      { ...APPROVAL, plan: { ...plan, levels: [] } },
      { ...APPROVAL, plan: { ...plan, levels: [{ ...plan?.levels[0], roles: ['support'] }] } },
      { ...APPROVAL, plan: { ...plan, row: 'refund-small', levels: [] } },
    ]) {
      await expect(submit(undefined, AUTHOR, approval as typeof APPROVAL)).rejects.toMatchObject({
        type: 'InvariantViolated',
      });
    }
    expect(await submit()).toMatchObject({ applied: true, draft: { state: 'submitted' } });
  });

  test('comes into force from now on and never before', async () => {
    await expect(write({ activeFrom: BACK })).rejects.toMatchObject({
      type: 'InvalidInput',
      path: 'activeFrom',
    });
    await write({ region: 'ES' });
    await submit();
    await decide(true);
    await expect(activate(BACK)).rejects.toMatchObject({
      type: 'InvalidInput',
      path: 'activeFrom',
    });
    expect(await activate(null)).toMatchObject({ draft: { state: 'active', activeFrom: NOW } });
    expect(await activate(null, undefined, LATER)).toMatchObject({ applied: true });
    expect(await activate(LATER)).toMatchObject({ reason: 'active' });
  });

  test('is of a policy and a channel that there are', async () => {
    await expect(write({ policy: 'nothing' })).rejects.toMatchObject({ type: 'NotFound' });
    await expect(write({ channel: 'nowhere' })).rejects.toMatchObject({
      type: 'InvalidInput',
      path: 'channel',
    });
    await write();
    const asked = { policy: 'sourcing', draftId: `d-${drafts}` };
    await expect(readPolicyDraft(shop.ledger, asked)).rejects.toMatchObject({ type: 'NotFound' });
  });
});

test('two drafts that are put into force at the same time get a version each', async () => {
  const ids = ['race-1', 'race-2', 'race-3', 'race-4'];
  const regions = ['AT', 'BE', 'CH', 'CZ'];
  for (const [at, id] of ids.entries()) {
    await write({ id, region: regions[at] ?? '', windowDays: 20 + at });
    await submit(id);
    await decide(true, id);
  }
  const active = await Promise.all(ids.map((id) => activate(FIRST, id)));
  const versions = active.map(({ draft }) => draft.version);
  expect(new Set(versions).size).toBe(4);
  expect(versions).not.toContain(null);
});

test('the overview has every policy with what differs, what is to come and who is at work', async () => {
  const { data } = await listPolicies(shop.ledger, { at: NOW });
  expect(data.map(({ policy }) => policy).toSorted()).toEqual([...POLICY_NAMES].toSorted());
  const returns = data.find(({ policy }) => policy === 'return');
  expect(returns?.inForce).toMatchObject({ version: 1, effectiveFrom: null, currency: 'GBP' });
  expect(returns?.overrides.map(({ region }) => region)).toEqual(['ES', 'GB']);
  expect(returns?.toCome.length).toBeGreaterThan(4);
  expect(
    returns?.openDrafts.every(({ state }) => ['draft', 'submitted', 'approved'].includes(state)),
  ).toBe(true);
});
