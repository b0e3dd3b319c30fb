import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKey } from '../../activities/ledger/intake/service-keys.ts';
import { readApprovalCase } from '../../activities/ledger/read/approval-case.ts';
import { EVERYWHERE, type Principal } from '../../rules/access/decide-access.ts';
import type { ApprovalEvent } from '../../rules/approval/approval-events.ts';
import { addEvents } from '../../rules/approval/command-events.ts';
import { projectRun } from '../../rules/approval/project-run.ts';
import { SCOPE_NAMES } from '../../rules/access/scopes.ts';
import { BACK, placeOrder, sendOrder } from '../ledger/return-shop.ts';
import { unrestricted } from '../support/identify-by.ts';
import { PEOPLE } from '../support/people.ts';
import { fresh, KEYS, openApiShop, type Answer, type ApiShop } from './api-shop.ts';
import { goodwill, paidOrder } from './goodwill-samples.ts';
import { financeDraft } from './policy-samples.ts';
import { adjustment, purchaseOrder, seg, type Body } from './samples.ts';

const KEY_ID = 'bossKey0001';
const { boss, ann, fay, pat, adam, olga } = PEOPLE;
/** A key with all scopes that there are, also those that no key is given. */
const KEY: Principal = { ...unrestricted(`key:${KEY_ID}`), kind: 'key', scopes: SCOPE_NAMES };

let shop: ApiShop;

beforeAll(async () => {
  const people = [boss, ann, fay, pat, adam, olga];
  shop = await openApiShop(
    new Map([
      // Whatever their roles are, no route keeps them out: what refuses them is that they asked.
      ...people.map(({ id }) => [id, { ...unrestricted(id), kind: 'person' }] as const),
      [KEY.id, KEY],
    ]),
  );
  await makeKey(shop.ledger.as({ actor: boss.id }), {
    keyId: KEY_ID,
    name: 'a key of the boss',
    roles: ['admin'],
    scopes: ['stock:adjust'],
    reach: EVERYWHERE,
    digest: 'ab'.repeat(32),
    at: BACK,
    expiresAt: '2011-12-05T10:00:00Z',
  });
});
afterAll(() => shop?.close());

async function post(who: string, path: string, body: Body): Promise<Body> {
  const answer = await shop.call('POST', path, { body, key: who });
  expect([201, 202], answer.text).toContain(answer.status);
  return answer.body;
}

/** The id of what has been asked for, where its own answer does not name it. */
async function approvalOf(subjectId: unknown): Promise<string> {
  const { body } = await shop.call('GET', `/v1/approvals?subjectId=${seg(String(subjectId))}`);
  return String((body['data'] as Body[])[0]?.['id']);
}

const ofAdjustment = (body: Body) => String((body['approval'] as Body)['id']);

/** A record of another's making, which somebody wants to say something else. */
async function ofEdit(who: string, noun: string, base: Body, wanted: Body): Promise<string> {
  const put = async (key: string, record: Body): Promise<Body> => {
    const { body, status, text } = await shop.call('PUT', `/v1/${noun}s`, { body: [record], key });
    expect(status, text).toBe(207);
    return (body['results'] as Body[])[0] ?? {};
  };
  const record = { [noun]: fresh('m'), ...base };
  await put(KEYS.shop, record);
  const result = await put(who, { ...record, ...wanted });
  expect(result).toMatchObject({ result: 'waiting' });
  return String(result['approvalId']);
}

/** How each kind of subject is asked for by somebody so that it needs an approval; answers its id. */
const KINDS: Readonly<Record<string, (who: string) => Promise<string>>> = {
  return: async (who) => {
    const lines = [{ sku: 'MUG', quantity: 40, unitPrice: '5' }];
    const orderId = await placeOrder(shop, { id: fresh('o'), lines });
    await sendOrder(shop, orderId);
    const back = [{ orderLineId: `${orderId}#1`, sku: 'MUG', quantity: 40, reasonCode: 'damaged' }];
    const body = { orderId, externalRef: fresh('r'), lines: back };
    return approvalOf((await post(who, '/v1/returns', body))['id']);
  },
  'stock-correction': async (who) =>
    ofAdjustment(await post(who, '/v1/stock/adjustments', adjustment(100))),
  'write-off': async (who) => {
    const { lot: _lot, ...found } = adjustment(100);
    const body = { ...found, kind: 'write-off', reasonCode: 'broken' };
    return ofAdjustment(await post(who, '/v1/stock/adjustments', body));
  },
  'purchase-order': async (who) => {
    const lines = [{ sku: 'MUG', quantity: 10, unitPrice: '600' }];
    const body = { ...purchaseOrder(), lines };
    return approvalOf((await post(who, '/v1/purchase-orders', body))['id']);
  },
  'manual-journal': async (who) => {
    const entry = { externalRef: fresh('f'), kind: 'manual', quantity: -1, unitPrice: '1500' };
    const body = { ...entry, currency: 'GBP', occurredAt: BACK };
    return approvalOf((await post(who, '/v1/finance/entries', body))['id']);
  },
  goodwill: async (who) => {
    const path = `/v1/orders/${seg(await paidOrder(shop))}/goodwill`;
    return ofAdjustment(await post(who, path, goodwill('5000')));
  },
  'supplier-change': (who) =>
    ofEdit(who, 'supplier', { name: 'S', currency: 'GBP', leadTimeDays: 3 }, { name: 'T' }),
  'master-data-edit': (who) =>
    ofEdit(who, 'node', { name: 'N', country: 'GB', priority: 9 }, { country: 'FR' }),
  'policy-change': async (who) => {
    const path = `/v1/policies/finance-entry/drafts/${fresh('d')}`;
    const written = await shop.call('PUT', path, { body: financeDraft(), key: who });
    expect(written.status, written.text).toBe(200);
    return String((await post(who, `${path}/submissions`, {}))['approvalId']);
  },
};

const approve = (who: string, approvalId: string): Promise<Answer> =>
  shop.call('POST', `/v1/approvals/${seg(approvalId)}/decisions`, {
    body: { decision: 'approve' },
    key: who,
  });

async function expectUndecided(approvalId: string): Promise<void> {
  const { body } = await shop.call('GET', `/v1/approvals/${seg(approvalId)}`);
  expect(body).toMatchObject({ state: 'open', openLevels: [0], decidedBy: null });
  expect((body['events'] as Body[]).map(({ kind }) => kind)).not.toContain('decided');
}

const OWN = { status: 403, body: { rule: 'requester-may-not-decide' } };

describe.each(Object.entries(KINDS))('whoever asks for a %s', (subject, ask) => {
  test('does not approve it by any route, by themself or in bulk', async () => {
    const approvalId = await ask(boss.id);
    const { body } = await shop.call('GET', `/v1/approvals/${seg(approvalId)}`);
    expect(body).toMatchObject({ subject, requestedBy: boss.id });
    expect(await approve(boss.id, approvalId)).toMatchObject(OWN);
    const decisions = [{ approvalId, decisionId: fresh('d'), decision: 'approve' }];
    const bulk = await shop.call('POST', '/v1/approvals/decisions', {
      body: { decisions },
      key: boss.id,
    });
    expect(bulk.body['results']).toMatchObject([{ status: 403, rule: 'requester-may-not-decide' }]);
    await expectUndecided(approvalId);
  });

  test('does not approve it by a key, nor what a key of theirs has asked for', async () => {
    const own = await ask(boss.id);
    expect(await approve(KEY.id, own)).toMatchObject({ status: 403 });
    await expectUndecided(own);
    const keys = await ask(KEY.id);
    expect(await approve(boss.id, keys)).toMatchObject(OWN);
    await expectUndecided(keys);
  });

  test('does not approve it by a delegation to them, nor another by one from them', async () => {
    const approvalId = await ask(boss.id);
    const { body } = await shop.call('GET', `/v1/approvals/${seg(approvalId)}`);
    const decider = [ann, fay, pat, adam].find(({ roles }) =>
      (body['askedRoles'] as string[]).includes(roles[0]),
    );
    const delegate = (from: string, to: string) =>
      shop.call('PUT', '/v1/delegations', {
        body: { to, validFrom: '2010-12-01T00:00:00Z', validUntil: '2010-12-31T00:00:00Z' },
        key: from,
      });
    expect(await delegate(decider?.id ?? '', boss.id)).toMatchObject({ status: 200 });
    expect(await delegate(boss.id, olga.id)).toMatchObject({ status: 200 });
    expect(await approve(boss.id, approvalId)).toMatchObject(OWN);
    expect(await approve(olga.id, approvalId)).toMatchObject({ status: 403 });
    await expectUndecided(approvalId);
  });

  test('does not approve it by calling the ledger’s functions as the application’s role', async () => {
    const approvalId = await ask(boss.id);
    const word = { approvalId, decisionId: fresh('d'), kind: 'decide', decision: 'approve' };
    expect(
      await shop.ledger.call('submit_decision', { ...word, actor: boss.id, body: {} }),
    ).toMatchObject({ status: 'refused', rule: 'requester-may-not-decide' });
    const found = await readApprovalCase(shop.ledger, { approvalId });
    const { body } = await shop.call('GET', `/v1/approvals/${seg(approvalId)}`);
    const [name = ''] = body['askedRoles'] as string[];
    for (const by of [boss.id, KEY.id]) {
      const event: ApprovalEvent = {
        kind: 'decided',
        by,
        atMs: found.approval.businessMs,
        level: 0,
        decision: 'approve',
        onBehalfOf: null,
        delegationId: null,
        seat: { kind: 'role', name, escalation: false },
      };
      const { run } = addEvents(found.events, [event]);
      await expect(
        shop.ledger.call('append_approval_events', {
          approvalId,
          expectedSequence: found.sequence,
          events: [event],
          projection: projectRun(run, found.matrix.document.calendars),
        }),
      ).rejects.toMatchObject({
        type: 'InvariantViolated',
        message: expect.stringContaining('asked for it') as string,
      });
    }
    await expectUndecided(approvalId);
  });
});

test('whoever runs a replenishment cycle does not approve its purchase orders', async () => {
  const sku = fresh('SKU');
  await shop.owner`insert into ledger.sku (sku, cost_method, supplier) values (${sku}, 'fifo', 'acme')`;
  await shop.owner`
    insert into ledger.supplier_sku (supplier, sku, unit_price) values ('acme', ${sku}, 600)`;
  const lines = [{ sku, quantity: 10, unitPrice: '900' }];
  await placeOrder(shop, { id: fresh('o'), lines });
  const cycle = await post(KEY.id, '/v1/replenishment/cycles', {
    node: 'main',
    date: '2010-12-05',
    businessTime: BACK,
  });
  const [order] = cycle['purchaseOrders'] as Body[];
  const approvalId = await approvalOf(order?.['id']);
  const { body } = await shop.call('GET', `/v1/approvals/${seg(approvalId)}`);
  expect(body).toMatchObject({ requestedBy: 'loopline', requestedFor: boss.id });
  expect(await approve(boss.id, approvalId)).toMatchObject(OWN);
  await expectUndecided(approvalId);
  expect(await approve(pat.id, approvalId)).toMatchObject({ status: 200 });
});
