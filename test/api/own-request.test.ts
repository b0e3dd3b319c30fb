import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKey } from '../../activities/ledger/intake/service-keys.ts';
import { EVERYWHERE, type Principal } from '../../rules/access/decide-access.ts';
import { scopesOf } from '../../rules/access/roles.ts';
import { SCOPE_NAMES } from '../../rules/access/scopes.ts';
import { PEOPLE } from '../support/people.ts';
import { BACK } from '../ledger/return-shop.ts';
import { fresh, openApiShop, type Answer, type ApiShop } from './api-shop.ts';
import { adjustment, seg, type Body } from './samples.ts';

/** Somebody of the tests, logged in. */
function loggedIn({ id, roles }: (typeof PEOPLE)[keyof typeof PEOPLE]): Principal {
  return { id, kind: 'person', name: id, roles, scopes: scopesOf(roles), reach: EVERYWHERE };
}

const KEY_ID = 'ivansKey001';
/** A key with all scopes that there are, also those that no key is given. */
const IVANS_KEY: Principal = {
  id: `key:${KEY_ID}`,
  kind: 'key',
  name: 'a key of Ivan',
  roles: ['approver', 'warehouse'],
  scopes: SCOPE_NAMES,
  reach: EVERYWHERE,
};

let shop: ApiShop;

beforeAll(async () => {
  const { ivan, ann, fay } = PEOPLE;
  shop = await openApiShop(
    new Map([
      ...[ivan, ann].map((person) => [person.id, loggedIn(person)] as const),
      // By his role no route would let him in at all.
      [fay.id, { ...loggedIn(fay), scopes: SCOPE_NAMES }],
      [IVANS_KEY.id, IVANS_KEY],
    ]),
  );
  await makeKey(shop.ledger.as({ actor: ivan.id }), {
    keyId: KEY_ID,
    name: 'a key of Ivan',
    roles: ['warehouse'],
    scopes: ['stock:adjust'],
    reach: EVERYWHERE,
    digest: 'ab'.repeat(32),
    at: BACK,
    expiresAt: '2011-12-05T10:00:00Z',
  });
});
afterAll(() => shop?.close());

/** What somebody asks for; answers its approval's id. */
async function askedBy(who: string): Promise<string> {
  const asked = await shop.call('POST', '/v1/stock/adjustments', {
    body: adjustment(100),
    key: who,
  });
  expect(asked.status, asked.text).toBe(202);
  return String((asked.body['approval'] as Body)['id']);
}

function say(who: string, approvalId: string, noun: string, body: Body): Promise<Answer> {
  return shop.call('POST', `/v1/approvals/${seg(approvalId)}/${noun}`, { body, key: who });
}

const approve = (who: string, approvalId: string) =>
  say(who, approvalId, 'decisions', { decision: 'approve' });

/** It waits as before, nobody has decided, and nothing was carried out. */
async function expectUndecided(approvalId: string): Promise<void> {
  const { body } = await shop.call('GET', `/v1/approvals/${seg(approvalId)}`);
  expect(body).toMatchObject({ state: 'open', openLevels: [0], decidedBy: null });
  expect((body['events'] as Body[]).filter(({ kind }) => kind === 'decided')).toEqual([]);
  const moves = await shop.owner`
    select 1 from ledger.stock_move where subject_id = ${String(body['subjectId'])}`;
  expect(moves).toHaveLength(0);
}

const { ivan, ann, fay } = PEOPLE;

describe('whoever asked cannot approve it', () => {
  test.each<[string, Body]>([
    ['decisions', { decision: 'approve' }],
    ['decisions', { decision: 'reject' }],
    ['questions', { note: 'why?', askee: ann.id }],
    ['changes', { note: 'count again' }],
    ['reassignments', { to: ivan.id, seat: { kind: 'role', name: 'approver', escalation: false } }],
    ['reassignments', { to: ann.id, seat: { kind: 'role', name: 'approver', escalation: false } }],
  ])('by POST …/%s %j', async (noun, body) => {
    const approvalId = await askedBy(ivan.id);
    const answer = await say(ivan.id, approvalId, noun, body);
    expect(answer, answer.text).toMatchObject({ status: 403 });
    await expectUndecided(approvalId);
  });

  test('by a decision in bulk', async () => {
    const approvalId = await askedBy(ivan.id);
    const decisions = [{ approvalId, decisionId: fresh('d'), decision: 'approve' }];
    const answer = await shop.call('POST', '/v1/approvals/decisions', {
      body: { decisions },
      key: ivan.id,
    });
    expect(answer.body['results']).toMatchObject([
      { status: 403, rule: 'requester-may-not-decide' },
    ]);
    await expectUndecided(approvalId);
  });

  test('by handing it to themself after another has escalated or passed it on', async () => {
    const approvalId = await askedBy(ivan.id);
    const answer = await say(ann.id, approvalId, 'reassignments', {
      to: ivan.id,
      seat: { kind: 'role', name: 'approver', escalation: false },
    });
    expect(answer).toMatchObject({ status: 403, body: { rule: 'requester-may-not-decide' } });
    expect(await approve(ivan.id, approvalId)).toMatchObject({ status: 403 });
    await expectUndecided(approvalId);
  });

  test('by bringing back what was returned to them', async () => {
    const approvalId = await askedBy(ivan.id);
    await say(ann.id, approvalId, 'changes', { note: 'count again' });
    expect(await say(ivan.id, approvalId, 'resubmissions', {})).toMatchObject({ status: 200 });
    expect(await approve(ivan.id, approvalId)).toMatchObject({
      status: 403,
      body: { rule: 'requester-may-not-decide' },
    });
    const { body } = await shop.call('GET', `/v1/approvals/${seg(approvalId)}`);
    expect(body).toMatchObject({ state: 'open', run: 2, decidedBy: null });
  });

  test('by a key, whatever scopes it has: keys decide on nothing', async () => {
    const approvalId = await askedBy(ivan.id);
    expect(await approve(IVANS_KEY.id, approvalId)).toMatchObject({
      status: 403,
      body: { title: 'DecisionRefused', rule: 'unknown-person' },
    });
    await expectUndecided(approvalId);
  });

  test('by asking with a key of their own and approving themself', async () => {
    const approvalId = await askedBy(IVANS_KEY.id);
    expect(await shop.call('GET', `/v1/approvals/${seg(approvalId)}`)).toMatchObject({
      body: { requestedBy: IVANS_KEY.id, requestedFor: ivan.id },
    });
    expect(await approve(ivan.id, approvalId)).toMatchObject({
      status: 403,
      body: { rule: 'requester-may-not-decide' },
    });
    await expectUndecided(approvalId);
    expect(await approve(ann.id, approvalId)).toMatchObject({ status: 200 });
  });

  test('by a delegation to them, nor another by a delegation from them', async () => {
    const approvalId = await askedBy(ivan.id);
    const delegate = (from: string, to: string) =>
      shop.call('PUT', '/v1/delegations', {
        body: { to, validFrom: '2010-12-01T00:00:00Z', validUntil: '2010-12-31T00:00:00Z' },
        key: from,
      });
    expect(await delegate(ann.id, ivan.id)).toMatchObject({ status: 200 });
    expect(await delegate(ivan.id, fay.id)).toMatchObject({ status: 200 });
    expect(await approve(ivan.id, approvalId)).toMatchObject({
      status: 403,
      body: { rule: 'requester-may-not-decide' },
    });
    expect(await approve(fay.id, approvalId)).toMatchObject({
      status: 403,
      body: { rule: 'delegated-by-requester' },
    });
    await expectUndecided(approvalId);
  });
});
