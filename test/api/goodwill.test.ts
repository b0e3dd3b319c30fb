import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { recordGoodwillRefund } from '../../activities/ledger/steps/goodwill.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { BACK } from '../ledger/return-shop.ts';
import { unrestricted } from '../support/identify-by.ts';
import { PEOPLE } from '../support/people.ts';
import { KEYS, openApiShop, type Answer, type ApiShop } from './api-shop.ts';
import { goodwill, paidOrder } from './goodwill-samples.ts';
import { seg, type Body } from './samples.ts';

const { ann, bob } = PEOPLE;

/** As Ann, by a login of hers. */
const LOGIN = 'ann-login';

let shop: ApiShop;

beforeAll(async () => {
  const programs = [ann, bob].map(({ id }) => [id, unrestricted(id)] as const);
  const byLogin = { ...unrestricted(ann.id), kind: 'person' } as const;
  shop = await openApiShop(new Map([...programs, [LOGIN, byLogin]]));
});
afterAll(() => shop?.close());

function give(orderId: string, body: Body, key: string = KEYS.shop): Promise<Answer> {
  return shop.call('POST', `/v1/orders/${seg(orderId)}/goodwill`, { body, key });
}

async function view(id: unknown): Promise<Body> {
  return (await shop.call('GET', `/v1/goodwill/${seg(String(id))}`)).body;
}

function decide(given: Body, key: string, decision = 'approve'): Promise<Answer> {
  const approvalId = String((given['approval'] as Body)['id']);
  return shop.call('POST', `/v1/approvals/${seg(approvalId)}/decisions`, {
    body: { decision },
    key,
  });
}

/** The gateway has paid what is due. */
async function paid(id: unknown): Promise<void> {
  for (const { refundId } of (await view(id))['refunds'] as { refundId: string }[]) {
    const answer = { refundId, occurrence: '1', outcome: 'succeeded', decision: {} } as const;
    await recordGoodwillRefund(shop.ledger, answer);
  }
}

const postings = (id: unknown) => shop.owner`
  select event, debit, credit, amount_minor::int as minor from ledger.posting
  where subject_id = ${String(id)} order by posting_id`;

describe('goodwill on an order', () => {
  test('of little is given at once, paid to its payment, and closed', async () => {
    const orderId = await paidOrder(shop);
    const { status, body } = await give(orderId, goodwill('500'));
    expect(status).toBe(201);
    expect(body).toMatchObject({
      orderId,
      state: 'refunding',
      given: { amountMinor: '500', currency: 'GBP' },
      approval: null,
      process: 'pending',
      refunds: [{ amountMinor: '500', state: 'due' }],
    });
    expect(shop.engine.started).toContain(body['id']);
    await paid(body['id']);
    expect(await view(body['id'])).toMatchObject({
      state: 'closed',
      refunds: [{ state: 'refunded' }],
    });
    expect(await postings(body['id'])).toEqual([
      { event: 'goodwill', debit: 'goodwill', credit: 'refunds-payable', minor: 500 },
      {
        event: 'refund-succeeded',
        debit: 'refunds-payable',
        credit: 'payment-clearing',
        minor: 500,
      },
    ]);
    const timeline = await shop.call('GET', `/v1/orders/${seg(orderId)}/timeline?limit=200`);
    expect((timeline.body['data'] as Body[]).map(({ event }) => event)).toEqual(
      expect.arrayContaining(['goodwill-requested', 'goodwill-given']),
    );
  });

  test('may stay as credit of the customer', async () => {
    const { status, body } = await give(
      await paidOrder(shop),
      goodwill('700', { resolution: 'credit' }),
    );
    expect(status).toBe(201);
    expect(body).toMatchObject({
      state: 'closed',
      process: null,
      credited: { amountMinor: '700' },
      refunds: [],
    });
    expect(await postings(body['id'])).toEqual([
      { event: 'goodwill', debit: 'goodwill', credit: 'refunds-payable', minor: 700 },
      {
        event: 'credited-to-account',
        debit: 'refunds-payable',
        credit: 'customer-credit',
        minor: 700,
      },
    ]);
  });

  test('of much posts nothing before somebody else agrees, and all of it in that call', async () => {
    const { status, body } = await give(await paidOrder(shop), goodwill('5000'), ann.id);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      state: 'in-review',
      approval: { subject: 'goodwill', row: 'goodwill-medium', askedRoles: ['approver'] },
    });
    expect(await decide(body, ann.id)).toMatchObject({
      status: 403,
      body: { rule: 'requester-may-not-decide' },
    });
    expect(await postings(body['id'])).toEqual([]);
    expect(await decide(body, bob.id)).toMatchObject({ status: 200 });
    expect(await view(body['id'])).toMatchObject({
      state: 'refunding',
      refunds: [{ amountMinor: '5000', state: 'due' }],
    });
    expect(await postings(body['id'])).toHaveLength(1);
    await paid(body['id']);
    expect(await view(body['id'])).toMatchObject({ state: 'closed' });
  });

  test('is not given when somebody says no', async () => {
    const { body } = await give(await paidOrder(shop), goodwill('5000'));
    await decide(body, bob.id, 'reject');
    expect(await view(body['id'])).toMatchObject({ state: 'refused', given: { amountMinor: '0' } });
    expect(await postings(body['id'])).toEqual([]);
  });
});

describe('never more than was paid', () => {
  test('counts what is given, what is credited and what waits for its approval', async () => {
    const orderId = await paidOrder(shop);
    expect(await give(orderId, goodwill('10001'))).toMatchObject({
      status: 422,
      paths: ['amount.amountMinor'],
    });
    expect(await give(orderId, goodwill('6000'))).toMatchObject({ status: 202 });
    expect(await give(orderId, goodwill('2000', { resolution: 'credit' }))).toMatchObject({
      status: 201,
    });
    expect(await give(orderId, goodwill('1500'))).toMatchObject({ status: 201 });
    const over = await give(orderId, goodwill('501'));
    expect(over).toMatchObject({ status: 422, paths: ['amount.amountMinor'] });
    expect(over.text).toContain('only 500 is left');
    expect(await give(orderId, goodwill('500'))).toMatchObject({ status: 201 });
  });

  test('holds where many are asked for at the same moment', async () => {
    const orderId = await paidOrder(shop);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => give(orderId, goodwill('2000'))),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      201, 201, 201, 201, 201, 422, 422, 422,
    ]);
  });

  test('gives what is still left when it is approved', async () => {
    const orderId = await paidOrder(shop);
    const [less, none] = [
      (await give(orderId, goodwill('3000'))).body,
      (await give(orderId, goodwill('4000'))).body,
    ];
    // Other refunds have taken nearly all of it meanwhile.
    const [payment] = await shop.owner<{ id: string }[]>`
      select payment_id as id from ledger.payment where order_id = ${orderId}`;
    await shop.owner`
      insert into ledger.refund (refund_id, payment_id, subject_id, account, amount_minor, state, occurred_at)
      values (${`${orderId}:other`}, ${payment?.id ?? ''}, 'return:R-000000', 'refunds-payable', 8000, 'due', now())`;
    await decide(none, bob.id, 'reject');
    await decide(less, bob.id);
    expect(await view(less['id'])).toMatchObject({
      given: { amountMinor: '2000' },
      refunds: [{ amountMinor: '2000' }],
    });
    await shop.owner`delete from ledger.refund where refund_id = ${`${orderId}:other`}`;
  });
});

test('a repeat is answered as the first was; other content, another currency and other reasons are refused', async () => {
  const orderId = await paidOrder(shop);
  const body = goodwill('500');
  const first = await give(orderId, body);
  expect(await give(orderId, body)).toMatchObject({
    status: 201,
    replayed: true,
    body: first.body,
  });
  expect(await give(orderId, { ...body, reasonCode: 'poor-service' })).toMatchObject({
    status: 409,
  });
  const euros = { amountMinor: '100', currency: 'EUR' };
  expect(await give(orderId, goodwill('1', { amount: euros }))).toMatchObject({
    status: 422,
    paths: ['amount.currency'],
  });
  expect(await give(orderId, goodwill('1', { reasonCode: 'damaged' }))).toMatchObject({
    status: 422,
    paths: ['reasonCode'],
  });
  expect(await give('order:web:none', goodwill())).toMatchObject({ status: 404 });
});

describe('goodwill that a person asks for', () => {
  const DAY_MS = 86_400_000;
  const after = (ms: number) => new Date(Date.parse(BACK) + ms).toISOString();

  test('is judged by the matrix of now, whatever its date; what a program brings by that of then', async () => {
    const [first, second] = [await paidOrder(shop), await paidOrder(shop)];
    const { rows, ...rest } = DEFAULT_POLICIES['approval-matrix'];
    const tight = rows
      .filter(({ id }) => id === 'goodwill-medium')
      .map((row) => ({ ...row, id: 'goodwill-tight', when: {} }));
    const document = { ...rest, rows: [...tight, ...rows] };
    await shop.owner`
      insert into ledger.policy_version (policy, version, channel, effective_from, document)
      values ('approval-matrix', 99, '*', ${after(DAY_MS)}, ${shop.owner.json(document as never)})`;
    shop.clock.now = after(2 * DAY_MS);
    expect(await give(second, goodwill('500'))).toMatchObject({
      status: 201,
      body: { approval: null, policyVersion: 'approval-matrix@1' },
    });
    const { status, body } = await give(first, goodwill('500'), LOGIN);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      policyVersion: 'approval-matrix@99',
      occurredAt: after(0),
      approval: { row: 'goodwill-tight', requestedAt: after(2 * DAY_MS) },
    });
    expect(await decide(body, bob.id)).toMatchObject({ status: 200 });
    expect(await view(body['id'])).toMatchObject({ state: 'refunding' });
    shop.clock.now = BACK;
  });

  test('lies at most five minutes ahead', async () => {
    const orderId = await paidOrder(shop);
    const at = (ms: number) => give(orderId, goodwill('500', { occurredAt: after(ms) }), LOGIN);
    expect(await at(300_001)).toMatchObject({ status: 422, paths: ['occurredAt'] });
    expect(await at(300_000)).toMatchObject({ status: 201 });
  });
});

test('after all of this the ledger agrees with its entries', async () => {
  expect((await checkLedger(shop.ledger)).drift).toEqual([]);
});
