import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { putWebhookEndpoint, type EndpointInput } from '../../activities/ledger/intake/notice.ts';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { listExceptions } from '../../activities/ledger/read/exception.ts';
import { listWebhookEndpoints, type WebhookEndpoint } from '../../activities/ledger/read/notice.ts';
import { claimWebhooks } from '../../activities/ledger/steps/outbox.ts';
import { NoticeDesk, SECRETS } from './notice-desk.ts';

let desk: NoticeDesk;

beforeEach(async () => {
  desk = await NoticeDesk.open();
});
afterEach(() => desk.shop.close());

const secretOf = (fill: number) => `whsec_${Buffer.alloc(32, fill).toString('base64')}`;

/** Creates or changes the endpoint `chat`, which hears of decisions that are asked. */
async function put(
  change: Partial<Omit<EndpointInput, 'secret'>> & { secret?: string } = {},
): Promise<{ result: string }> {
  const { secret, ...fields } = change;
  const endpointId = fields.endpointId ?? 'chat';
  return putWebhookEndpoint(desk.shop.ledger.as({ actor: 'person:olga' }), {
    endpoint: {
      endpointId,
      url: 'https://hooks.example.com/loopline?token=hidden',
      description: '',
      kinds: ['approval-requested'],
      state: 'active',
      overlapHours: 24,
      secret: secret === undefined ? undefined : SECRETS.seal(secret, endpointId),
      ...fields,
    },
    at: desk.now,
  });
}

async function endpoint(): Promise<WebhookEndpoint | undefined> {
  const { data } = await listWebhookEndpoints(desk.shop.ledger, { limit: 10 });
  return data.find(({ endpointId }) => endpointId === 'chat');
}

const board = async () =>
  (await listExceptions(desk.shop.ledger, { limit: 10, kind: 'connector' })).data;

describe('an endpoint', () => {
  test('is told of the kinds that it wants, once each, signed with its secret', async () => {
    await put({ secret: secretOf(1) });
    await put({ endpointId: 'other', kinds: ['exception-urgent'], secret: secretOf(9) });
    await desk.happen();
    await desk.deliverAll();
    expect(desk.posts).toHaveLength(1);
    const [post] = desk.posts;
    expect(post?.webhookId).toMatch(/^notice_[0-9a-f]{32}$/);
    expect(post?.url).toBe('https://hooks.example.com/loopline?token=hidden');
    expect(post?.secrets).toEqual([Buffer.alloc(32, 1)]);
    expect(JSON.parse(post?.body ?? '')).toEqual({
      type: 'approval-requested',
      timestamp: '2026-01-10T12:00:00.000Z',
      data: {
        itemId: 'approval:return:R-1:1',
        subjectId: 'return:R-1',
        what: 'refund',
        amountMinor: '12050',
        currency: 'GBP',
        by: 'person:sam',
        reason: 'Refunds above 100.00 need an approval.',
        dueAtMs: Date.parse('2026-01-12T09:30:00Z'),
        outcome: null,
      },
    });
    expect([...(await desk.attempts())]).toMatchObject([
      { channel: 'webhook', target: 'chat', outcome: 'delivered' },
    ]);
  });

  test('that does not take it is asked again with the same id and body', async () => {
    await put({ secret: secretOf(1) });
    await desk.happen();
    desk.answer = { outcome: { kind: 'failed' }, status: 503, detail: 'answered 503' };
    await desk.deliver();
    await desk.deliver();
    expect(await endpoint()).toMatchObject({ failures: 1, failingSince: expect.any(String) });
    desk.answer = { outcome: { kind: 'delivered' }, status: 200, detail: null };
    await desk.wait();
    await desk.deliverAll();
    expect(desk.posts).toHaveLength(2);
    expect(desk.posts[1]).toEqual(desk.posts[0]);
    expect(await endpoint()).toMatchObject({ failures: 0, failingSince: null, state: 'active' });
    expect((await desk.attempts()).map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'failed'],
      [2, 'delivered'],
    ]);
  });

  test('that never takes anything is turned off, ops is told, and what waits for it is dropped', async () => {
    await put({ secret: secretOf(1) });
    await desk.happen();
    desk.answer = { outcome: { kind: 'failed' }, status: null, detail: 'did not answer in time' };
    await desk.deliverAll();
    expect(desk.posts).toHaveLength(3);
    expect(await endpoint()).toMatchObject({
      state: 'disabled',
      disabledReason: '3 attempts in a row failed',
      failures: 3,
    });
    expect(await board()).toMatchObject([
      {
        kind: 'connector',
        owner: 'ops',
        state: 'open',
        subjectId: 'webhook-endpoint:chat',
        evidence: { endpointId: 'chat', failures: 3, reason: '3 attempts in a row failed' },
      },
    ]);
    await desk.happen();
    await desk.deliverAll();
    expect(desk.posts).toHaveLength(3);
    expect(await desk.open()).toBe(0);
    const [{ id: exceptionId } = { id: '' }] = await board();
    await resolveException(desk.shop.ledger, {
      exceptionId,
      resolutionId: 'r1',
      action: 'retry',
      actor: 'person:olga',
      at: desk.now,
    });
    expect(await endpoint()).toMatchObject({ state: 'active', disabledReason: null, failures: 0 });
    desk.answer = { outcome: { kind: 'delivered' }, status: 204, detail: null };
    await desk.happen();
    await desk.deliverAll();
    expect(desk.posts).toHaveLength(4);
  });

  test('that is gone is turned off at once, and works again when a person turns it on', async () => {
    await put({ secret: secretOf(1) });
    await desk.happen();
    await desk.happen();
    desk.answer = { outcome: { kind: 'gone' }, status: 410, detail: 'answered 410' };
    await desk.deliverAll();
    expect(await endpoint()).toMatchObject({
      state: 'disabled',
      disabledReason: 'the endpoint answered 410 Gone',
    });
    expect(await put({ state: 'active' })).toMatchObject({ result: 'updated' });
    expect(await endpoint()).toMatchObject({ state: 'active', disabledReason: null, failures: 0 });
    expect(await board()).toMatchObject([{ state: 'resolved', resolution: 'healed' }]);
    desk.answer = { outcome: { kind: 'delivered' }, status: 204, detail: null };
    await desk.happen();
    await desk.deliverAll();
    expect((await desk.attempts()).at(-1)).toMatchObject({ outcome: 'delivered' });
  });
});

describe('the secret', () => {
  test('of a new endpoint is needed, and nobody reads it again', async () => {
    expect(await put()).toMatchObject({ result: 'missing' });
    expect(await endpoint()).toBeUndefined();
    expect(await put({ secret: secretOf(1) })).toMatchObject({ result: 'created' });
    expect(await put({ secret: secretOf(1) })).toMatchObject({ result: 'unchanged' });
    expect(await put()).toMatchObject({ result: 'unchanged' });
    expect(await put({ description: 'Chat' })).toMatchObject({ result: 'updated' });
    const bare = secretOf(1).slice('whsec_'.length);
    const shown = JSON.stringify(await endpoint());
    expect(shown).not.toContain('secret":');
    const rows = await desk.shop.owner`
      select (select string_agg(e::text, '') from ledger.webhook_endpoint e) as endpoints,
        (select string_agg(a::text, '') from ledger.audit a) as audit`;
    expect(JSON.stringify(rows)).not.toContain(bare);
    expect(JSON.stringify(rows)).not.toContain(Buffer.alloc(32, 1).toString('hex'));
    expect(String(rows[0]?.['audit'])).not.toContain('token=hidden');
  });

  test('that is replaced signs as well for the overlap, and no longer', async () => {
    await put({ secret: secretOf(1) });
    expect(await put({ secret: secretOf(2), overlapHours: 2 })).toMatchObject({
      result: 'updated',
    });
    expect((await endpoint())?.oldSecretUntil).toBe('2026-01-10T14:00:00.000Z');
    await desk.happen();
    await desk.deliverAll();
    expect(desk.posts[0]?.secrets).toEqual([Buffer.alloc(32, 2), Buffer.alloc(32, 1)]);
    desk.now = '2026-01-10T14:00:00Z';
    await desk.happen();
    await desk.deliverAll();
    expect(desk.posts[1]?.secrets).toEqual([Buffer.alloc(32, 2)]);
  });

  test('of an endpoint that four people make at once is one of theirs, and the others are told of it', async () => {
    const results = await Promise.all([1, 2, 3, 4].map((fill) => put({ secret: secretOf(fill) })));
    expect(results.filter(({ result }) => result === 'created')).toHaveLength(1);
    expect(results.filter(({ result }) => result === 'updated')).toHaveLength(3);
    const [row] = await desk.shop
      .owner`select count(*)::int as endpoints from ledger.webhook_endpoint`;
    expect(row?.['endpoints']).toBe(1);
  });
});

describe('webhooks that wait', () => {
  const outbox = (limit: number, perEndpoint: number) =>
    claimWebhooks(desk.shop.ledger, { limit, perEndpoint, leaseSeconds: 30 });
  const endpointsOf = ({ messages }: Awaited<ReturnType<typeof outbox>>) =>
    messages.map(({ payload }) => payload['endpointId']);

  test('of one endpoint take only its few turns, whoever holds them, and each has its first', async () => {
    await put({ secret: secretOf(1) });
    for (const _each of [1, 2, 3, 4, 5]) await desk.happen();
    await desk.deliver();
    await put({ endpointId: 'other', secret: secretOf(2) });
    await put({ state: 'disabled' });
    await desk.happen();
    await desk.deliver();
    // What was sent meanwhile waits again, so that five of `chat` are older than the one of `other`.
    await desk.shop.owner`
      update ledger.outbox set done_at = null, leased_until = null, available_at = now() where kind = 'webhook'`;
    expect(endpointsOf(await outbox(2, 4))).toEqual(['chat', 'other']);
    expect(endpointsOf(await outbox(10, 4))).toEqual(['chat', 'chat', 'chat']);
    expect(endpointsOf(await outbox(10, 4))).toEqual([]);
    await desk.wait();
    expect(endpointsOf(await outbox(10, 4))).toEqual(['chat', 'chat', 'chat', 'chat', 'other']);
  });

  test('are claimed once when two dispatchers ask at the same moment', async () => {
    await put({ secret: secretOf(1) });
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => desk.happen()));
    await desk.deliver();
    const both = await Promise.all([outbox(3, 6), outbox(3, 6), outbox(3, 6)]);
    const ids = both.flatMap(({ messages }) => messages.map(({ outboxId }) => outboxId));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test('a message that is given up while its endpoint takes others is on the board', async () => {
  await put({ secret: secretOf(1) });
  await desk.happen();
  await desk.deliver();
  const failed = { outcome: { kind: 'failed' }, status: 500, detail: 'answered 500' } as const;
  desk.answer = failed;
  await desk.deliver();
  desk.answer = { outcome: { kind: 'delivered' }, status: 204, detail: null };
  await desk.shop.owner`
    update ledger.outbox set available_at = 'infinity' where kind = 'webhook' and done_at is null`;
  await desk.happen();
  await desk.deliverAll();
  desk.answer = failed;
  await desk.shop.owner`update ledger.outbox set attempts = 2 where done_at is null`;
  await desk.wait();
  await desk.deliverAll();
  expect(await endpoint()).toMatchObject({ state: 'active' });
  expect(await desk.open()).toBe(0);
  expect(await board()).toMatchObject([
    {
      subjectId: 'webhook-endpoint:chat',
      state: 'open',
      evidence: { about: 'given-up', target: 'chat', attempt: 3, status: 500 },
    },
  ]);
});

test('each change of an endpoint leaves one row in the audit, and being turned off as well', async () => {
  await put({ secret: secretOf(1) });
  await put({ secret: secretOf(1) });
  await put({ state: 'disabled' });
  await put({ state: 'active' });
  await desk.happen();
  desk.answer = { outcome: { kind: 'gone' }, status: 410, detail: 'answered 410' };
  await desk.deliverAll();
  const rows = await desk.shop.owner<{ act: string; actor: string }[]>`
    select act, actor from ledger.audit where subject_id = 'webhook-endpoint:chat' order by audit_id`;
  expect([...rows]).toEqual([
    { act: 'put_webhook_endpoint', actor: 'person:olga' },
    { act: 'put_webhook_endpoint', actor: 'person:olga' },
    { act: 'put_webhook_endpoint', actor: 'person:olga' },
    { act: 'disable_webhook_endpoint', actor: 'process:dispatcher' },
  ]);
});
