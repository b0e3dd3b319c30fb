import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fresh, KEYS, openApiShop, type ApiShop, type Answer } from './api-shop.ts';
import { adjustment, openApproval, seg, type Body } from './samples.ts';

let shop: ApiShop;

beforeAll(async () => {
  shop = await openApiShop();
});
afterAll(() => shop?.close());

const BOSS = 'person:boss';

type Key = (typeof KEYS)[keyof typeof KEYS];

function decide(id: string, body: Body, key: Key = KEYS.boss): Promise<Answer> {
  return shop.call('POST', `/v1/approvals/${seg(id)}/decisions`, { body, key });
}

/** A digest of all tables but the audit. */
function withoutAudit(digest: string): string {
  return digest.replace(/^ledger\.audit .*\n/m, '');
}

/** What the boss asks for. */
async function askedByBoss(): Promise<string> {
  const asked = { body: adjustment(100), key: KEYS.boss };
  const { body } = await shop.call('POST', '/v1/stock/adjustments', asked);
  return String((body['approval'] as Body)['id']);
}

describe('a decision is answered at once', () => {
  test('with the state', async () => {
    const { approvalId } = await openApproval(shop);
    expect(await decide(approvalId, { decision: 'approve', note: 'fine' })).toMatchObject({
      status: 200,
      body: { state: 'approved', decidedBy: BOSS, note: 'fine', closedBy: 'decision' },
    });
  });

  test('with a conflict where it is on a run that does not exist, and counts for nothing', async () => {
    const { approvalId } = await openApproval(shop);
    expect(await decide(approvalId, { decision: 'approve', run: 9 })).toMatchObject({
      status: 409,
      body: { rule: 'no-such-run', detail: `${approvalId}: there is no run 9, this is run 1.` },
    });
    expect(await decide(approvalId, { decision: 'approve', run: 1 })).toMatchObject({
      status: 200,
      body: { state: 'approved', decidedBy: BOSS },
    });
  });

  test('with the rule that it breaks, and nothing is stored but who was refused', async () => {
    const own = await askedByBoss();
    const before = withoutAudit(await shop.digest());
    expect(await decide(own, { decision: 'approve' })).toMatchObject({
      status: 403,
      body: {
        title: 'DecisionRefused',
        rule: 'requester-may-not-decide',
        detail: `${BOSS} asked for this approval. (requester-may-not-decide)`,
      },
    });
    expect(withoutAudit(await shop.digest())).toBe(before);
    const rows = await shop.owner`
      select actor, subject_id, reason, after from ledger.audit where act = 'access-refused'`;
    expect(rows).toEqual([
      {
        actor: BOSS,
        subject_id: 'POST /v1/approvals/{id}/decisions',
        reason: 'requester-may-not-decide',
        after: { about: own },
      },
    ]);
  });

  test('with by whom and when it was decided before', async () => {
    const { approvalId } = await openApproval(shop);
    await decide(approvalId, { decision: 'reject' });
    const { status, body } = await decide(approvalId, { decision: 'approve' });
    expect(status).toBe(409);
    expect(body['detail']).toMatch(
      /^approval:stock-adjustment:\d+:1: rejected by person:boss at 2010-12-05T10:00:00\.000Z\.$/,
    );
  });

  test('with who has withdrawn it', async () => {
    const { approvalId } = await openApproval(shop);
    const withdrawal = await shop.call('POST', `/v1/approvals/${seg(approvalId)}/withdrawals`, {
      body: { note: 'counted again' },
    });
    expect(withdrawal).toMatchObject({ status: 200, body: { state: 'withdrawn' } });
    expect(await decide(approvalId, { decision: 'approve' })).toMatchObject({
      status: 410,
      body: {
        title: 'Withdrawn',
        detail: expect.stringContaining('shop has withdrawn the request'),
      },
    });
  });

  test('also where its process does not answer, if the rules refuse it', async () => {
    const { approvalId } = await openApproval(shop);
    const decisionId = fresh('d');
    shop.engine.answers = false;
    const pending = await decide(approvalId, { decision: 'approve', decisionId });
    expect(pending.status).toBe(202);
    await shop.owner`update ledger.person set roles = '{support}' where person_id = ${BOSS}`;
    const refused = await decide(approvalId, { decision: 'approve', decisionId });
    await shop.owner`
      update ledger.person set roles = '{approver,finance,procurement,ops,admin}' where person_id = ${BOSS}`;
    shop.engine.answers = true;
    expect(refused).toMatchObject({ status: 403, body: { rule: 'not-a-decider' } });
  });
});

describe('decisions in bulk', () => {
  test('have one result each, as each alone would be answered', async () => {
    const { approvalId: open } = await openApproval(shop);
    const { approvalId: closed } = await openApproval(shop);
    await decide(closed, { decision: 'reject' });
    const own = await askedByBoss();
    const decisions = [open, own, closed, 'approval:none'].map((approvalId) => ({
      approvalId,
      decisionId: fresh('bulk'),
      decision: 'approve',
    }));
    const send = () =>
      shop.call('POST', '/v1/approvals/decisions', { body: { decisions }, key: KEYS.boss });
    expect(await send()).toMatchObject({
      status: 207,
      body: {
        results: [
          { approvalId: open, status: 200, replayed: false, approval: { state: 'approved' } },
          { approvalId: own, status: 403, rule: 'requester-may-not-decide', approval: null },
          { approvalId: closed, status: 409 },
          { approvalId: 'approval:none', status: 404 },
        ],
      },
    });
    expect((await send()).body['results']).toMatchObject([
      { status: 200, replayed: true },
      {},
      {},
      {},
    ]);
  });

  test('are two hundred at most', async () => {
    const decisions = Array.from({ length: 201 }, () => ({
      approvalId: 'approval:none',
      decisionId: fresh('bulk'),
      decision: 'approve',
    }));
    const send = (count: number) =>
      shop.call('POST', '/v1/approvals/decisions', {
        body: { decisions: decisions.slice(0, count) },
        key: KEYS.boss,
      });
    expect(await send(201)).toMatchObject({ status: 422, paths: ['decisions'] });
    const { status, body } = await send(200);
    expect(status).toBe(207);
    expect(body['results']).toHaveLength(200);
  });
});

describe('what is said of a time to come', () => {
  const ahead = (ms: number) => new Date(Date.parse(shop.clock.now) + ms).toISOString();
  const FIVE_MINUTES_MS = 300_000;
  const refused = expect.stringContaining('must not lie more than 5 minutes ahead');

  test.each([
    ['decisions', { decision: 'approve' }],
    ['comments', { note: 'seen' }],
    ['questions', { note: 'why?', askee: 'shop' }],
    ['changes', { note: 'count again' }],
    ['withdrawals', {}],
    ['reassignments', { seat: { kind: 'role', name: 'approver' }, to: 'person:ann' }],
  ])('is refused by %s, and nothing is stored', async (noun, said) => {
    const { approvalId } = await openApproval(shop);
    const path = `/v1/approvals/${seg(approvalId)}/${noun}`;
    const before = await shop.digest();
    const body = { ...said, occurredAt: ahead(FIVE_MINUTES_MS + 1) };
    expect(
      await shop.call('POST', path, {
        body,
        key: noun === 'withdrawals' ? KEYS.shop : KEYS.boss,
      }),
    ).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'occurredAt', message: refused }] },
    });
    expect(await shop.digest()).toBe(before);
  });

  test('fails alone in bulk', async () => {
    const decisions = await Promise.all(
      [FIVE_MINUTES_MS, FIVE_MINUTES_MS + 1].map(async (ms) => ({
        approvalId: (await openApproval(shop)).approvalId,
        decisionId: fresh('bulk'),
        decision: 'approve',
        occurredAt: ahead(ms),
      })),
    );
    const sent = { body: { decisions }, key: KEYS.boss };
    expect(await shop.call('POST', '/v1/approvals/decisions', sent)).toMatchObject({
      body: {
        results: [
          { status: 200, approval: { decidedAt: ahead(FIVE_MINUTES_MS) } },
          { status: 422, title: 'InvalidInput', detail: refused, approval: null },
        ],
      },
    });
  });
});

describe('the inbox', () => {
  test('has what the sender may decide, and not what they asked for', async () => {
    const { approvalId } = await openApproval(shop);
    const own = await askedByBoss();
    const inbox = await shop.call('GET', '/v1/approvals?mine=true&limit=200', { key: KEYS.boss });
    const ids = (inbox.body['data'] as Body[]).map(({ id }) => id);
    expect(ids).toContain(approvalId);
    expect(ids).not.toContain(own);
    expect(await shop.call('GET', '/v1/approvals?mine=true')).toMatchObject({ body: { data: [] } });
  });

  test('shows what whoever decides has to know', async () => {
    const { approvalId } = await openApproval(shop);
    expect(await shop.call('GET', `/v1/approvals/${seg(approvalId)}`)).toMatchObject({
      status: 200,
      body: {
        row: 'stock-correction-medium',
        reasons: expect.stringContaining('One person looks at it'),
        facts: { subject: 'stock-correction', amountMinor: expect.any(String) },
        evidence: { sku: 'MUG', quantity: 100 },
        effects: { approve: 'Stock and its value are corrected at once.' },
        events: [{ kind: 'requested', by: 'shop' }],
      },
    });
  });
});

describe('a delegation of somebody else', () => {
  const terms = { validFrom: '2010-12-01T00:00:00Z', validUntil: '2010-12-31T00:00:00Z' };
  const put = (body: Body) =>
    shop.call('PUT', `/v1/people/${seg('person:bob')}/delegations`, {
      body: { ...terms, ...body },
      key: KEYS.boss,
    });

  test('is entered in their name, with who entered it', async () => {
    expect(await put({ to: 'person:ann', reason: 'is ill' })).toMatchObject({
      status: 200,
      body: { from: 'person:bob', to: 'person:ann', by: BOSS },
    });
  });

  test('goes neither to whoever enters it nor back to the person', async () => {
    expect(await put({ to: BOSS })).toMatchObject({
      status: 403,
      body: { title: 'DelegationRefused', rule: 'to-oneself' },
    });
    expect(await put({ to: 'person:bob' })).toMatchObject({ status: 422, paths: ['to'] });
  });

  test('goes to nobody whose roles decide on none of its subjects, and ends without any', async () => {
    const own = (body: Body) =>
      shop.call('PUT', '/v1/delegations', { body: { ...terms, ...body }, key: KEYS.boss });
    const refused = { status: 422, paths: ['to'] };
    const subjects = ['policy-change'];
    for (const entered of [put, own]) {
      expect(await entered({ to: 'person:otto' })).toMatchObject(refused);
      expect(await entered({ to: 'person:pat', subjects })).toMatchObject(refused);
      expect(
        await entered({ to: 'person:pat', subjects: [...subjects, 'supplier-change'] }),
      ).toMatchObject({ status: 200 });
    }
    const known = { to: 'person:fay', delegationId: fresh('delegation:d') };
    expect(await own(known)).toMatchObject({ status: 200 });
    await shop.owner`update ledger.person set roles = '{support}' where person_id = 'person:fay'`;
    expect(await own(known)).toMatchObject({ status: 200 });
    expect(await own({ ...known, reason: 'longer' })).toMatchObject(refused);
    expect(await own({ ...known, revoked: true })).toMatchObject({ status: 200 });
    await shop.owner`update ledger.person set roles = '{finance}' where person_id = 'person:fay'`;
  });
});

describe('what waits for its approval', () => {
  async function changeTo(processId: string, quantity: number, key?: Key): Promise<Answer> {
    const body = { changeId: fresh('c'), quantity, note: 'counted again' };
    const path = `/v1/stock/adjustments/${seg(processId)}/changes`;
    return shop.call('POST', path, { body, ...(key === undefined ? {} : { key }) });
  }

  test('is changed by whoever asked, and decided by what it is about now', async () => {
    const { processId, approvalId } = await openApproval(shop);
    expect(await changeTo(processId, 110, KEYS.boss)).toMatchObject({
      status: 403,
      body: { rule: 'only-requester-may-change' },
    });
    expect(await changeTo(processId, 110)).toMatchObject({
      status: 200,
      body: { quantity: 110, state: 'in-review' },
    });
    // Nobody has looked yet, and yet nobody decides what they have not seen.
    expect(await decide(approvalId, { decision: 'approve' })).toMatchObject({
      status: 409,
      body: { rule: 'restarted' },
    });
    const { body } = await shop.call('GET', `/v1/approvals/${seg(approvalId)}`);
    expect(body).toMatchObject({ run: 2, facts: { quantityEach: '110' }, pastRuns: [{ run: 1 }] });
    expect(await decide(approvalId, { decision: 'approve' })).toMatchObject({ status: 200 });
    expect(await changeTo(processId, 400)).toMatchObject({
      status: 409,
      body: { rule: 'not-in-review' },
    });
  });

  test('is changed after it was returned, and then brought back', async () => {
    const { processId, approvalId } = await openApproval(shop);
    const say = (noun: string, body: Body, key: Key) =>
      shop.call('POST', `/v1/approvals/${seg(approvalId)}/${noun}`, { body, key });
    await say('changes', { note: 'that is too many' }, KEYS.boss);
    expect(await changeTo(processId, 60)).toMatchObject({ status: 200 });
    expect(await say('resubmissions', {}, KEYS.shop)).toMatchObject({
      status: 200,
      body: { run: 2, phase: 'deciding' },
    });
    const { body } = await shop.call('GET', `/v1/approvals/${seg(approvalId)}`);
    expect((body['pastRuns'] as Body[])[0]?.['reasons']).toEqual([
      expect.stringContaining('the quantity is 60 and was 100'),
    ]);
  });

  test('keeps its kind: units are positive unless it is a correction', async () => {
    const { processId } = await openApproval(shop);
    for (const quantity of [0, -5])
      expect(await changeTo(processId, quantity)).toMatchObject({
        status: 422,
        paths: ['quantity'],
      });
  });
});

test('a question or a seat for somebody nobody knows is refused by its field, and the clock runs on', async () => {
  const { approvalId } = await openApproval(shop);
  const path = `/v1/approvals/${seg(approvalId)}`;
  const body = { note: 'who?', askee: 'person:nobody' };
  expect(await shop.call('POST', `${path}/questions`, { body, key: KEYS.boss })).toMatchObject({
    status: 422,
    paths: ['askee'],
    body: { rule: 'asks-nobody-known' },
  });
  const seat = { kind: 'role', name: 'approver', escalation: false };
  const passed = { note: 'yours', to: 'person:nobody', seat };
  expect(
    await shop.call('POST', `${path}/reassignments`, { body: passed, key: KEYS.boss }),
  ).toMatchObject({ status: 422, paths: ['to'], body: { rule: 'reassigns-to-nobody-known' } });
  expect(await shop.call('GET', path)).toMatchObject({ body: { phase: 'deciding' } });
});

test('a question, its answer and a comment stand in the history with what was said', async () => {
  const { approvalId } = await openApproval(shop);
  const say = (noun: string, body: Body, key: Key) =>
    shop.call('POST', `/v1/approvals/${seg(approvalId)}/${noun}`, { body, key });
  expect(await say('questions', { note: 'who counted?', askee: 'shop' }, KEYS.boss)).toMatchObject({
    status: 200,
    body: { phase: 'information-asked', askedPeople: ['shop'] },
  });
  expect(await say('answers', { note: 'two of us' }, KEYS.boss)).toMatchObject({
    status: 403,
    body: { rule: 'only-askee-may-answer' },
  });
  expect(await say('answers', { note: 'two of us' }, KEYS.shop)).toMatchObject({ status: 200 });
  expect(await say('comments', { note: 'good' }, KEYS.shop)).toMatchObject({ status: 200 });
  const { body } = await shop.call('GET', `/v1/approvals/${seg(approvalId)}`);
  expect((body['events'] as Body[]).map(({ kind, note }) => [kind, note])).toEqual([
    ['requested', null],
    ['information-asked', 'who counted?'],
    ['information-given', 'two of us'],
    ['commented', 'good'],
  ]);
});
