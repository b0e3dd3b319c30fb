import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { RequestVariables } from '../context.ts';
import { recordRefusals, type Refused } from './record-refusals.ts';
import { refuseAccess } from './refuse-access.ts';

const AT = '2026-11-21T09:00:00Z';

/** An app whose only route refuses everybody by the rule that the query names. */
function refusing(record: (refused: Refused) => Promise<unknown>) {
  const clock = { ms: 0 };
  const reported: unknown[] = [];
  const app = new Hono<RequestVariables>();
  app.use(async (hono, next) => {
    const actor = hono.req.query('as');
    if (actor !== undefined) hono.set('by', { actor });
    hono.set('requestId', 'asked-1');
    hono.set('route', {
      name: 'GET /v1/orders/{id}',
      params: { id: 'order:web:1' },
      access: undefined,
    });
    await next();
  });
  app.use(
    recordRefusals({
      record,
      reportError: (error, requestId) => reported.push([String(error), requestId]),
      now: () => AT,
      nowMs: () => clock.ms,
    }),
  );
  app.get('/elements', (hono) => {
    hono.set('refusedBy', hono.req.query('rule'));
    return hono.text('one each', 207);
  });
  app.get('/', (hono) => {
    const rule = hono.req.query('rule');
    return rule === undefined ? hono.text('fine') : refuseAccess(hono, rule, 'No.');
  });
  return { app, clock, reported };
}

test('a refused element is written down as well, and nothing where none is', async () => {
  const seen: Refused[] = [];
  const { app } = refusing(async (refused) => seen.push(refused));
  await app.request('/elements?as=ada&rule=channel-out-of-reach');
  await app.request('/elements?as=ada');
  expect(seen.map(({ rule }) => rule)).toEqual(['channel-out-of-reach']);
});

test('the same refusal of the same person is written down once a minute', async () => {
  const seen: Refused[] = [];
  const { app, clock } = refusing(async (refused) => seen.push(refused));
  const ask = (query: string) => app.request(`/?${query}`);
  await ask('as=ada&rule=scope-missing');
  await ask('as=ada&rule=scope-missing');
  await ask('as=ada&rule=node-out-of-reach');
  await ask('as=bob&rule=scope-missing');
  clock.ms = 59_999;
  await ask('as=ada&rule=scope-missing');
  clock.ms = 60_000;
  await ask('as=ada&rule=scope-missing');
  expect(seen.map(({ by, rule }) => [by.actor, rule])).toEqual([
    ['ada', 'scope-missing'],
    ['ada', 'node-out-of-reach'],
    ['bob', 'scope-missing'],
    ['ada', 'scope-missing'],
  ]);
  expect(seen[0]).toEqual({
    by: { actor: 'ada' },
    route: 'GET /v1/orders/{id}',
    about: 'order:web:1',
    rule: 'scope-missing',
    at: AT,
  });
});

test('what was not refused, or to nobody who is known, is not written down', async () => {
  const seen: Refused[] = [];
  const { app } = refusing(async (refused) => seen.push(refused));
  expect((await app.request('/?as=ada')).status).toBe(200);
  expect((await app.request('/?rule=scope-missing')).status).toBe(403);
  expect(seen).toEqual([]);
});

test('that it cannot be written down changes no answer and is reported', async () => {
  const { app, reported } = refusing(() => Promise.reject(new Error('away')));
  const response = await app.request('/?as=ada&rule=scope-missing');
  expect([response.status, await response.json()]).toMatchObject([403, { rule: 'scope-missing' }]);
  expect(reported).toEqual([['Error: away', 'asked-1']]);
});
