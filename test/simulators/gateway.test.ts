import { createHmac } from 'node:crypto';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../simulators/listen.ts';
import type { Listening } from '../../simulators/listen.ts';
import type { RunningSimulators } from '../../simulators/start-simulators.ts';
import { eventually, newDataDir, send, startForTest } from './running.ts';

let running: RunningSimulators;
let gateway: string;
let serial = 0;

beforeAll(async () => {
  running = await startForTest();
  gateway = running.urls.gateway;
});
afterAll(() => running.stop());

async function authorize(amountMinor: string, token?: string, key = `key-${(serial += 1)}`) {
  const body = { reference: `order:web:${key}`, amountMinor, currency: 'GBP' };
  const full = token === undefined ? body : { ...body, token };
  return send('POST', `${gateway}/v1/authorizations`, full, key);
}

async function authorizedId(amountMinor: string, token?: string): Promise<string> {
  return String((await authorize(amountMinor, token)).body['id']);
}

function operate(id: string, what: 'captures' | 'refunds', amountMinor: string, key?: string) {
  const url = `${gateway}/v1/authorizations/${id}/${what}`;
  return send('POST', url, { amountMinor, reference: 'r' }, key ?? `key-${(serial += 1)}`);
}

function payment(id: string) {
  return send('GET', `${gateway}/v1/authorizations/${id}`).then((answer) => answer.body);
}

function triggers(on: boolean) {
  return send('PUT', `${gateway}/_sim/settings`, { amount_triggers: on });
}

/** How often each key fails on a fresh gateway when the keys come in this order. */
async function failuresOf(order: readonly number[]) {
  const own = await startForTest({ seed: 3 });
  const url = `${own.urls.gateway}/v1/authorizations`;
  await send('PUT', `${own.urls.gateway}/_sim/settings`, { faults: { serverErrorRate: 0.4 } });
  const failures: Record<string, number> = {};
  for (const n of order) {
    const body = { reference: 'r', amountMinor: '5', currency: 'GBP' };
    failures[n] = 0;
    while ((await send('POST', url, body, `key-${n}`)).status === 503) {
      failures[n] = (failures[n] ?? 0) + 1;
    }
  }
  await own.stop();
  return failures;
}

describe('idempotency', () => {
  test('the same key and body answer the first answer and have one effect', async () => {
    const id = await authorizedId('1000');
    const first = await operate(id, 'captures', '400', 'capture:1');
    const again = await operate(id, 'captures', '400', 'capture:1');
    expect(again.body).toEqual(first.body);
    expect(first.headers.get('Idempotent-Replayed')).toBeNull();
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
    expect(await payment(id)).toMatchObject({ capturedMinor: '400' });
  });

  test('twenty calls at once with one key have one effect', async () => {
    const id = await authorizedId('1000');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => operate(id, 'captures', '300', 'capture:at-once')),
    );
    expect(new Set(answers.map((answer) => answer.body['id'])).size).toBe(1);
    expect(await payment(id)).toMatchObject({ capturedMinor: '300' });
  });

  test('the same key with another body, or for another payment, is a conflict', async () => {
    const [one, other] = [await authorizedId('1000'), await authorizedId('1000')];
    await operate(one, 'captures', '400', 'capture:2');
    expect((await operate(one, 'captures', '401', 'capture:2')).status).toBe(409);
    expect((await operate(other, 'captures', '400', 'capture:2')).status).toBe(409);
    expect(await payment(other)).toMatchObject({ capturedMinor: '0' });
  });

  test('a call without a key changes nothing and names the header', async () => {
    const url = `${gateway}/v1/authorizations`;
    const body = { reference: 'r', amountMinor: '5', currency: 'GBP' };
    const answer = await send('POST', url, body);
    expect(answer.status).toBe(400);
    expect(answer.body['errors']).toMatchObject([{ path: 'Idempotency-Key' }]);
  });

  test('a stored answer can be asked for by its key', async () => {
    const { body } = await authorize('700', undefined, 'order:web:1001:authorize:1');
    const key = encodeURIComponent('order:web:1001:authorize:1');
    expect((await send('GET', `${gateway}/v1/operations/${key}`)).body).toEqual(body);
    expect((await send('GET', `${gateway}/v1/operations/unknown`)).status).toBe(404);
  });

  test('answers survive a restart on the same data', async () => {
    const dataDir = newDataDir();
    const before = await startForTest({ dataDir });
    const body = { reference: 'r', amountMinor: '900', currency: 'GBP' };
    const first = await send('POST', `${before.urls.gateway}/v1/authorizations`, body, 'k');
    await before.stop();
    const after = await startForTest({ dataDir });
    const again = await send('POST', `${after.urls.gateway}/v1/authorizations`, body, 'k');
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    await after.stop();
  });
});

describe('ceilings', () => {
  test('captures never exceed the authorization, refunds never what was captured', async () => {
    const id = await authorizedId('1000');
    expect((await operate(id, 'refunds', '1')).status).toBe(422);
    expect((await operate(id, 'captures', '600')).status).toBe(200);
    expect((await operate(id, 'captures', '401')).status).toBe(422);
    expect((await operate(id, 'captures', '400')).status).toBe(200);
    expect((await operate(id, 'refunds', '700')).status).toBe(200);
    const above = await operate(id, 'refunds', '301');
    expect(above.status).toBe(422);
    expect(above.headers.get('Content-Type')).toBe('application/problem+json');
    expect(above.body['errors']).toMatchObject([{ path: 'amountMinor' }]);
    expect(await payment(id)).toMatchObject({ capturedMinor: '1000', refundedMinor: '700' });
  });

  test('a hundred captures at once stop at the ceiling', async () => {
    const id = await authorizedId('1000');
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => operate(id, 'captures', '30')),
    );
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(33);
    expect(await payment(id)).toMatchObject({ capturedMinor: '990' });
  });

  test('a void takes what is not captured and nothing more', async () => {
    const id = await authorizedId('1000');
    await operate(id, 'captures', '250');
    const url = `${gateway}/v1/authorizations/${id}/voids`;
    expect((await send('POST', url, { reference: 'r' }, 'void:1')).body['status']).toBe(
      'succeeded',
    );
    expect((await operate(id, 'captures', '1')).status).toBe(422);
    expect((await operate(id, 'refunds', '250')).status).toBe(200);
    expect(await payment(id)).toMatchObject({ voided: true, voidedMinor: '750' });
  });

  test('a challenge that is voided can no longer be passed', async () => {
    const body = { reference: 'r', amountMinor: '1000', currency: 'GBP', token: 'tok_challenge' };
    const authorized = await send('POST', `${gateway}/v1/authorizations`, body, 'challenge:void');
    const id = String(authorized.body['id']);
    const url = `${gateway}/v1/authorizations/${id}/voids`;
    expect((await send('POST', url, { reference: 'r' }, 'void:2')).status).toBe(200);
    const answer = `${gateway}/_sim/authorizations/${id}/challenge-results`;
    expect((await send('POST', answer, { passed: true }, 'answer')).status).toBe(409);
    expect(await payment(id)).toMatchObject({ status: 'challenge', voided: true });
  });

  test('amounts beyond the safe integers of JavaScript are exact', async () => {
    const id = await authorizedId('900719925474099301');
    await operate(id, 'captures', '900719925474099300');
    expect((await operate(id, 'captures', '2')).status).toBe(422);
    expect((await operate(id, 'captures', '1')).status).toBe(200);
  });

  test.each([
    ['amountMinor', { reference: 'r', amountMinor: 5, currency: 'GBP' }],
    ['amountMinor', { reference: 'r', amountMinor: '-5', currency: 'GBP' }],
    ['amountMinor', { reference: 'r', amountMinor: '0', currency: 'GBP' }],
    ['currency', { reference: 'r', amountMinor: '5', currency: 'pounds' }],
    ['reference', { amountMinor: '5', currency: 'GBP' }],
  ])('a wrong %s is named', async (path, body) => {
    const answer = await send('POST', `${gateway}/v1/authorizations`, body, `bad-${(serial += 1)}`);
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toMatchObject([{ path }]);
  });
});

describe('declines, challenges and faults', () => {
  test.each([
    ['tok_decline', 'do_not_honor'],
    ['tok_insufficient', 'insufficient_funds'],
  ])('%s is declined and captures nothing', async (token, declineCode) => {
    const { body } = await authorize('500', token);
    expect(body).toMatchObject({ status: 'declined', declineCode });
    expect((await operate(String(body['id']), 'captures', '500')).status).toBe(422);
  });

  test('a challenge decides about the payment once', async () => {
    const { body } = await authorize('500', 'tok_challenge');
    expect(body['status']).toBe('challenge');
    const id = String(body['id']);
    expect((await operate(id, 'captures', '500')).status).toBe(422);
    const results = `${gateway}/_sim/authorizations/${id}/challenge-results`;
    expect((await send('POST', results, { passed: true })).body['status']).toBe('authorized');
    expect((await send('POST', results, { passed: false })).status).toBe(409);
    expect((await operate(id, 'captures', '500')).status).toBe(200);
  });

  test('amounts trigger declines and challenges only where settings say so', async () => {
    expect((await authorize('1013')).body['status']).toBe('authorized');
    await triggers(true);
    expect((await authorize('1013')).body['status']).toBe('declined');
    expect((await authorize('1017')).body['status']).toBe('challenge');
    await triggers(false);
  });

  test('an error heals when the call is repeated with its key', async () => {
    expect((await authorize('500', 'tok_error_once', 'once')).status).toBe(503);
    expect((await authorize('500', 'tok_error_once', 'once')).body['status']).toBe('authorized');
  });

  test('seeded errors depend on seed and key alone, and heal after one or two failures', async () => {
    const numbers = Array.from({ length: 40 }, (_, n) => n);
    const failures = await failuresOf(numbers);
    expect(await failuresOf(numbers.toReversed())).toEqual(failures);
    expect(new Set(Object.values(failures))).toEqual(new Set([0, 1, 2]));
  });

  test('a capture that times out after its effect is booked once', async () => {
    await send('PUT', `${gateway}/_sim/settings`, { hangMs: 400 });
    for (let n = 0; n < 6; n += 1) {
      const id = await authorizedId('800', 'tok_capture_timeout');
      const key = `timeout-${n}`;
      const startedAt = Date.now();
      const outcome = await operate(id, 'captures', '800', key).then(
        () => (Date.now() - startedAt >= 390 ? 'late' : 'in time'),
        () => 'cut',
      );
      expect(['late', 'cut']).toContain(outcome);
      const again = await operate(id, 'captures', '800', key);
      expect(again.body['status']).toBe('succeeded');
      expect(again.headers.get('Idempotent-Replayed')).toBe('true');
      expect(await payment(id)).toMatchObject({ capturedMinor: '800' });
    }
  });

  test('forced failures move no money', async () => {
    const id = await authorizedId('800', 'tok_capture_fail');
    expect((await operate(id, 'captures', '800')).body).toMatchObject({
      status: 'failed',
      failureCode: 'processor_refused',
    });
    const refunding = await authorizedId('800', 'tok_refund_fail');
    await operate(refunding, 'captures', '800');
    expect((await operate(refunding, 'refunds', '800')).body['status']).toBe('failed');
    expect(await payment(id)).toMatchObject({ capturedMinor: '0' });
    expect(await payment(refunding)).toMatchObject({ capturedMinor: '800', refundedMinor: '0' });
  });

  test('the list of payments pages through every payment once', async () => {
    const ids: unknown[] = [];
    let cursor: string | null = '0';
    while (cursor !== null) {
      const { body } = await send('GET', `${gateway}/_sim/payments?limit=5&cursor=${cursor}`);
      ids.push(...(body['data'] as { id: string }[]).map(({ id }) => id));
      cursor = body['nextCursor'] as string | null;
    }
    expect(ids.length).toBeGreaterThan(10);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('an unknown setting is refused by name', async () => {
    const answer = await send('PUT', `${gateway}/_sim/settings`, { faults: { declineRate: 2 } });
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toMatchObject([{ path: 'faults.declineRate' }]);
  });
});

describe('webhooks', () => {
  type Received = { id: string; type: string; signed: boolean };

  async function receiver(
    answer: (count: number) => number,
  ): Promise<{ url: string; got: Received[]; listening: Listening }> {
    const got: Received[] = [];
    const app = new Hono();
    app.post('/hook', async (c) => {
      const body = await c.req.text();
      const [, t, v1] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(c.req.header('Simulator-Signature') ?? '') ?? [];
      const expected = createHmac('sha256', 'shared').update(`${t}.${body}`).digest('hex');
      got.push({ ...(JSON.parse(body) as Received), signed: v1 === expected });
      return new Response(null, { status: answer(got.length) });
    });
    const listening = await listen('receiver', app as never, 0, '127.0.0.1');
    return { url: `${listening.url}/hook`, got, listening };
  }

  async function withWebhooks(faults: object, answer: (count: number) => number, captures = 3) {
    const own = await startForTest();
    const hook = await receiver(answer);
    const settings = { webhookUrl: hook.url, webhookSecret: 'shared', faults };
    await send('PUT', `${own.urls.gateway}/_sim/settings`, settings);
    const authorization = { reference: 'r', amountMinor: '1000', currency: 'GBP' };
    const url = `${own.urls.gateway}/v1/authorizations`;
    const id = String((await send('POST', url, authorization, 'a')).body['id']);
    for (let n = 1; n <= captures; n += 1) {
      await send('POST', `${url}/${id}/captures`, { amountMinor: '10', reference: 'r' }, `c${n}`);
    }
    const stop = async () => {
      await own.stop();
      await hook.listening.close();
    };
    return { ...hook, stop };
  }

  test('are signed and come in order, again until they are accepted', async () => {
    const { got, stop } = await withWebhooks({}, (count) => (count === 1 ? 500 : 204));
    await eventually(() => got.length >= 5);
    expect(got.every((event) => event.signed)).toBe(true);
    expect(got.map((event) => event.type)).toEqual([
      'authorization.succeeded',
      'authorization.succeeded',
      'capture.succeeded',
      'capture.succeeded',
      'capture.succeeded',
    ]);
    expect(new Set(got.map((event) => event.id)).size).toBe(4);
    await stop();
  });

  test('are duplicated with the same id where the seed says so', async () => {
    const { got, stop } = await withWebhooks({ webhookDuplicateRate: 1 }, () => 204);
    await eventually(() => got.length >= 8);
    const counts = new Map<string, number>();
    for (const { id } of got) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual([2, 2, 2, 2]);
    await stop();
  });

  test('are reordered by seed, and none is lost', async () => {
    const { got, stop } = await withWebhooks({ webhookReorderRate: 0.5 }, () => 204, 12);
    await eventually(() => got.length >= 13);
    const inOrder = await withWebhooks({}, () => 204, 12);
    await eventually(() => inOrder.got.length >= 13);
    const ids = got.map((event) => event.id);
    const orderedIds = inOrder.got.map((event) => event.id);
    expect(new Set(ids)).toEqual(new Set(orderedIds));
    expect(ids).not.toEqual(orderedIds);
    await Promise.all([stop(), inOrder.stop()]);
  });

  test('a restart delivers what was booked and not delivered', async () => {
    const dataDir = newDataDir();
    const before = await startForTest({ dataDir });
    const refusing = await receiver(() => 500);
    const settings = { webhookUrl: refusing.url, webhookSecret: 'shared' };
    await send('PUT', `${before.urls.gateway}/_sim/settings`, settings);
    const body = { reference: 'r', amountMinor: '10', currency: 'GBP' };
    await send('POST', `${before.urls.gateway}/v1/authorizations`, body, 'a');
    await eventually(() => refusing.got.length > 0);
    await before.stop();
    const after = await startForTest({ dataDir });
    const count = refusing.got.length;
    await eventually(() => refusing.got.length > count);
    expect(new Set(refusing.got.map((event) => event.id)).size).toBe(1);
    await after.stop();
    await refusing.listening.close();
  });
});
