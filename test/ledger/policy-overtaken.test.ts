/** Of several drafts of one policy only one is a change of what holds: the others are written anew. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  activatePolicyDraft,
  putPolicyDraft,
  submitPolicyDraft,
  type DraftAnswer,
} from '../../activities/ledger/intake/policy-drafts.ts';
import { listPolicyVersions, readPolicyDraft } from '../../activities/ledger/read/policies.ts';
import { askApproval, type ApprovalAsk } from '../../rules/approval/ask-approval.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { seedReturnShop } from './return-shop.ts';

const NOW = '2026-11-01T09:00:00.000Z';
const SOON = '2026-11-10T00:00:00.000Z';
const LATER = '2026-12-01T00:00:00.000Z';
const REGIONS = ['AT', 'BE', 'CH', 'CZ', 'DK', 'EE'];
const APPROVAL = askApproval(
  { version: 'approval-matrix@1', document: DEFAULT_POLICIES['approval-matrix'] },
  {
    subject: 'policy-change',
    amountMinor: 0n,
    currency: 'GBP',
    quantityEach: null,
    marginBasisPoints: null,
    customerRisk: null,
    supplierRisk: null,
    skuClasses: null,
    reasonCodes: null,
    channel: null,
    region: null,
    details: {},
  },
  { atMs: Date.parse(NOW), requestedBy: 'ada', wantedBy: null },
);

let shop: TestLedger;
let tests = -1;
/** Each test has a region of its own. */
let region = '';

beforeAll(async () => {
  shop = await openLedger();
  await seedReturnShop(shop.owner);
  // Whether anybody is asked hangs on what nobody knows of a draft, so that it may be submitted in both ways.
  const matrix = DEFAULT_POLICIES['approval-matrix'];
  const perhaps = matrix.rows
    .filter(({ subject }) => subject === 'policy-change')
    .map((row) => ({
      ...row,
      id: 'perhaps',
      when: { customerRisks: ['high'] as const },
      levels: [],
    }));
  const document = { ...matrix, rows: [...perhaps, ...matrix.rows] };
  await shop.owner`
    insert into ledger.policy_version (policy, version, channel, effective_from, document)
    values ('approval-matrix', 2, '*', '2000-01-01', ${shop.owner.json(document as never)})`;
});
afterAll(() => shop?.close());
beforeEach(() => {
  tests += 1;
  region = REGIONS[tests] ?? '';
});

const named = (draftId: string) => ({ draftId: `${region}-${draftId}`, policy: 'return' });

function write(id: string, windowDays: number, activeFrom: string | null = null) {
  return putPolicyDraft(shop.ledger, {
    ...named(id),
    channel: '*',
    region,
    document: { ...DEFAULT_POLICIES.return, windowDays },
    note: null,
    activeFrom,
    madeFrom: null,
    actor: 'ada',
    at: NOW,
  });
}

const submit = (id: string, approval: ApprovalAsk | null = null) =>
  submitPolicyDraft(shop.ledger, { ...named(id), note: null, approval, actor: 'ada', at: NOW });

const activate = (id: string, activeFrom: string | null = null): Promise<DraftAnswer> =>
  activatePolicyDraft(shop.ledger, { ...named(id), activeFrom, actor: 'ada', at: NOW });

async function approved(id: string, windowDays: number): Promise<void> {
  await write(id, windowDays);
  await submit(id);
}

/** Starts both while the policy is locked, and lets go when both of them wait for it. */
async function atOnce(acts: (() => Promise<DraftAnswer>)[]): Promise<DraftAnswer[]> {
  const started = await shop.owner.begin(async (sql) => {
    await sql`select ledger.lock_policy('return')`;
    const answers = Promise.all(acts.map((act) => act()));
    for (let waiting = 0; waiting < acts.length;) {
      await sleep(20);
      const [row] = await sql<{ count: number }[]>`
        select count(*)::int as count from pg_locks
        where locktype = 'advisory' and not granted and database = (
          select oid from pg_database where datname = current_database())`;
      waiting = row?.count ?? 0;
    }
    return { answers };
  });
  return started.answers;
}

test('of two drafts that are put into force at the same time one is, and the other is a draft of what is no more', async () => {
  await approved('a', 10);
  await approved('b', 20);
  const answers = await atOnce([() => activate('a'), () => activate('b')]);
  expect(new Set(answers.map(({ reason }) => reason))).toEqual(new Set([null, 'stale']));
  const { data } = await listPolicyVersions(shop.ledger, { policy: 'return', limit: 10, region });
  expect(data).toHaveLength(1);
});

test('so is one that a decision puts into force while another is activated', async () => {
  await write('a', 10, NOW);
  await submit('a', APPROVAL);
  await approved('b', 20);
  const decide = async () => {
    await shop.owner`
      select ledger.decide_policy_draft(${`policy-change:${region}-a`}, true, 'boss', ${NOW})`;
    const draft = await readPolicyDraft(shop.ledger, named('a'));
    return { applied: true, reason: null, draft };
  };
  const [decided, activated] = await atOnce([decide, () => activate('b')]);
  const states = new Set([decided?.draft.state, activated?.draft.state]);
  expect(states).toEqual(new Set(['active', 'approved']));
  const { data } = await listPolicyVersions(shop.ledger, { policy: 'return', limit: 10, region });
  expect(data).toHaveLength(1);
});

test('what was agreed to and then overtaken is written anew against what holds now, and asked for again', async () => {
  await approved('slow', 10);
  await approved('quick', 20);
  const quick = await activate('quick');
  expect(await activate('slow')).toMatchObject({ reason: 'stale', draft: { state: 'approved' } });
  const anew = await write('slow', 10);
  expect(anew).toMatchObject({
    applied: true,
    draft: { state: 'draft', approvalId: null, base: { version: quick.draft.version } },
  });
  expect(await write('slow', 10)).toEqual(anew);
  await submit('slow');
  expect(await activate('slow')).toMatchObject({ reason: null, draft: { state: 'active' } });
});

test('what is overtaken while people decide takes its request back, and asks in another round', async () => {
  await write('slow', 10);
  const first = await submit('slow', APPROVAL);
  expect(await write('slow', 11)).toMatchObject({ reason: 'state' });
  await approved('quick', 20);
  await activate('quick');
  expect(await write('slow', 11)).toMatchObject({ applied: true, draft: { state: 'draft' } });
  const second = await submit('slow', APPROVAL);
  expect(second.draft.approvalId).not.toBe(first.draft.approvalId);
  const subject = `policy-change:${region}-slow`;
  expect(
    await shop.owner`
      select approval_id, state from ledger.approval where subject_id = ${subject} order by 1`,
  ).toEqual([
    { approval_id: first.draft.approvalId, state: 'withdrawn' },
    { approval_id: second.draft.approvalId, state: 'open' },
  ]);
});

test('a draft tells what is to come after it', async () => {
  await write('late', 10, LATER);
  const late = await submit('late');
  expect((await write('early', 20, SOON)).draft.followedBy).toEqual([
    { version: late.draft.version, effectiveFrom: LATER },
  ]);
});
