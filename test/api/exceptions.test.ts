import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scopesOf } from '../../rules/access/roles.ts';
import { raise } from '../ledger/board.ts';
import { BACK } from '../ledger/return-shop.ts';
import { unrestricted } from '../support/identify-by.ts';
import { PEOPLE } from '../support/people.ts';
import { fresh, KEYS, openApiShop, type ApiShop } from './api-shop.ts';
import { failedProcess, openException, seg, type Body } from './samples.ts';

let shop: ApiShop;

beforeAll(async () => {
  const roles = ['warehouse', 'finance'] as const;
  shop = await openApiShop(
    new Map(
      roles.map((role) => [role, { ...unrestricted(role, [role]), scopes: scopesOf([role]) }]),
    ),
  );
});
afterAll(() => shop?.close());

const hoursOn = (hours: number) => new Date(Date.parse(BACK) + hours * 3_600_000).toISOString();
const at = (id: string, noun = '') => `/v1/exceptions/${seg(id)}${noun === '' ? '' : `/${noun}`}`;
const post = (id: string, noun: string, body: Body, key: string = KEYS.shop) =>
  shop.call('POST', at(id, noun), { body, key });

describe('work on an exception', () => {
  test('is shown with everything that happened to it', async () => {
    const id = await openException(shop);
    expect(await post(id, 'claims', { note: 'mine' })).toMatchObject({
      status: 200,
      body: { assignee: 'shop' },
    });
    await post(id, 'comments', { text: 'the provider is asked' });
    await post(id, 'snoozes', { wakeAt: hoursOn(3), reason: 'they answer at noon' });
    await post(id, 'resolutions', { action: 'retry', rootCause: 'provider-away' });
    const { body } = await shop.call('GET', at(id));
    expect(body).toMatchObject({ state: 'resolved', rootCause: 'provider-away', snoozes: 1 });
    expect((body['events'] as Body[]).map(({ event, actor }) => [event, actor])).toEqual([
      ['raised', 'loopline'],
      ['claimed', 'shop'],
      ['commented', 'shop'],
      ['snoozed', 'shop'],
      ['resolved', 'shop'],
    ]);
  });

  test('of somebody else, or that is over, is refused with who has it', async () => {
    const id = await openException(shop);
    await post(id, 'claims', {});
    const other = await post(id, 'claims', {}, KEYS.boss);
    expect(other).toMatchObject({ status: 409, body: { detail: `${id} is with shop.` } });
    await post(id, 'resolutions', { action: 'retry' });
    for (const [noun, body] of [
      ['claims', {}],
      ['assignments', { assignee: null }],
      ['snoozes', { wakeAt: hoursOn(1), reason: 'r' }],
      ['resolutions', { action: 'retry' }],
    ] as const) {
      const answer = await post(id, noun, body);
      expect(answer, noun).toMatchObject({ status: 409 });
      expect(String(answer.body['detail'])).toContain('was resolved (retry) by shop');
    }
    expect(await post(id, 'comments', { text: 'still worth saying' })).toMatchObject({
      status: 200,
    });
  });

  test('is for those who may resolve it: nobody else takes it on or is given it', async () => {
    const id = await raise(shop, { kind: 'payment', subject: fresh('order:web:') });
    const claimed = await post(id, 'claims', {}, 'warehouse');
    expect(claimed).toMatchObject({ status: 403, body: { rule: 'scope-missing' } });
    expect(String(claimed.body['detail'])).toContain('payments:resolve');
    const given = await post(id, 'assignments', { assignee: PEOPLE.rita.id }, 'warehouse');
    expect(given).toMatchObject({ status: 422, paths: ['assignee'] });
    expect(String(given.body['detail'])).toContain('payments:resolve');
    expect(await shop.call('GET', at(id))).toMatchObject({ body: { assignee: null } });
    expect(await post(id, 'assignments', { assignee: PEOPLE.fay.id }, 'warehouse')).toMatchObject({
      status: 200,
      body: { assignee: PEOPLE.fay.id },
    });
    await post(id, 'assignments', { assignee: null }, 'warehouse');
    expect(await post(id, 'claims', {}, 'finance')).toMatchObject({
      status: 200,
      body: { assignee: 'finance' },
    });
    await post(id, 'resolutions', { action: 'retry' }, 'finance');
  });

  test('names the field at fault', async () => {
    const id = await openException(shop);
    const refusals: [string, Body, string][] = [
      ['snoozes', { wakeAt: hoursOn(13), reason: 'r' }, 'wakeAt'],
      ['snoozes', { wakeAt: BACK, reason: 'r' }, 'wakeAt'],
      ['snoozes', { wakeAt: hoursOn(1) }, 'reason'],
      ['comments', { text: '' }, 'text'],
      ['assignments', { assignee: PEOPLE.olga.id, owner: 'nobody' }, 'owner'],
      ['assignments', { assignee: 'person:nobody' }, 'assignee'],
      ['assignments', {}, 'assignee'],
      ['resolutions', { action: 'retry', rootCause: 'fraud-confirmed' }, 'rootCause'],
      ['resolutions', { action: 'cancel-order' }, 'action'],
      ['merges', { duplicateId: id }, 'duplicateId'],
      ['merges', { duplicateId: 'exception:0' }, 'duplicateId'],
    ];
    for (const [noun, body, path] of refusals)
      expect(await post(id, noun, body), `${noun} ${path}`).toMatchObject({
        status: 422,
        paths: [path],
      });
    expect(await shop.call('GET', at(id))).toMatchObject({ body: { state: 'open', snoozes: 0 } });
    expect(shop.reported).toEqual([]);
  });

  test('on the same trouble twice is done once: what resolves one resolves the other', async () => {
    const [one, other] = [await openException(shop), await openException(shop)];
    expect(await post(one, 'merges', { duplicateId: other })).toMatchObject({
      status: 200,
      body: { duplicates: [other] },
    });
    const alone = await post(other, 'resolutions', { action: 'retry' });
    expect(alone).toMatchObject({
      status: 409,
      body: { detail: `${other} is merged into ${one}: resolve that one.` },
    });
    await post(one, 'resolutions', { action: 'accept' });
    expect(await shop.call('GET', at(other))).toMatchObject({
      body: { state: 'resolved', resolution: 'accept' },
    });
  });
});

describe('the list and the summary', () => {
  test('filter by what is put aside, merged, due and somewhere', async () => {
    const [one, other] = [await openException(shop), await openException(shop)];
    await post(one, 'snoozes', { wakeAt: hoursOn(2), reason: 'r' });
    await post(one, 'merges', { duplicateId: other });
    const ids = async (query: string) => {
      const { status, body } = await shop.call('GET', `/v1/exceptions?limit=200&${query}`);
      if (status !== 200) throw new Error(`${query} answered ${status}`);
      return (body['data'] as Body[]).map(({ id }) => String(id));
    };
    expect(await ids('snoozed=true&state=open')).toContain(one);
    expect(await ids('snoozed=false')).not.toContain(one);
    expect(await ids('merged=true')).toContain(other);
    expect(await ids('merged=false')).not.toContain(other);
    expect(await ids(`dueBefore=${hoursOn(5)}&node=main&region=GB`)).toContain(one);
    expect(await ids(`dueBefore=${hoursOn(-50)}`)).not.toContain(one);
    expect(await ids('node=south')).not.toContain(one);
    expect(await ids('channel=web')).not.toContain(one);
    expect(await ids('kind=workflow-failed&owner=ops')).toContain(one);
    expect(await ids('kind=payment')).not.toContain(one);
    shop.clock.now = hoursOn(5);
    expect(await ids('overdue=true')).toContain(one);
    expect(await ids('overdue=false')).not.toContain(one);
    const late = await shop.call('GET', at(one));
    shop.clock.now = BACK;
    expect(late).toMatchObject({ body: { overdue: true } });
    expect(Number(late.body['ageHours'])).toBeGreaterThanOrEqual(5);
    expect(await ids('overdue=true')).not.toContain(one);
    expect(await ids('overdue=false')).toContain(one);
    for (const query of [
      'snoozed=perhaps',
      'merged=1',
      'overdue=2',
      'dueBefore=soon',
      'severity=awful',
      'kind=banana',
      'owner=nobody',
    ])
      expect(await shop.call('GET', `/v1/exceptions?${query}`)).toMatchObject({
        status: 422,
        paths: [query.split('=', 1)[0]],
      });
  });

  test('tell a daily review the age of the board, its owners and the SLA', async () => {
    shop.clock.now = hoursOn(200);
    const { status, body } = await shop.call('GET', '/v1/exceptions/summary');
    shop.clock.now = BACK;
    expect(status).toBe(200);
    expect(body).toMatchObject({ at: hoursOn(200), since: hoursOn(200 - 168) });
    const ageing = body['ageing'] as { bucket: string; open: number }[];
    expect(ageing.map(({ bucket }) => bucket)).toEqual([
      'under-4-hours',
      'under-a-day',
      'under-3-days',
      'under-a-week',
      'a-week-and-more',
    ]);
    const counted = ageing.reduce((sum, { open }) => sum + open, 0);
    expect(counted).toBe(body['open']);
    expect(body['overdue']).toBe(body['open']);
    const owners = body['owners'] as { owner: string; open: number }[];
    expect(owners.map(({ owner }) => owner)).toEqual(['ops']);
    const week = await shop.call('GET', `/v1/exceptions/summary?since=${hoursOn(-48)}&owner=ops`);
    expect(week.body['sla']).toMatchObject({ healed: 0, kinds: [{ kind: 'workflow-failed' }] });
    const { closed, attainment } = week.body['sla'] as { closed: number; attainment: number };
    expect(closed).toBeGreaterThan(0);
    expect(attainment).toBeGreaterThanOrEqual(0);
    expect(attainment).toBeLessThanOrEqual(100);
    expect(await shop.call('GET', '/v1/exceptions/summary?owner=nobody')).toMatchObject({
      status: 422,
      paths: ['owner'],
    });
  });
});

describe('a repair', () => {
  const repair = (processId: string, body: Body) =>
    shop.call('POST', `/v1/processes/${seg(processId)}/repairs`, { body });

  test('by a reset answers with the run that goes on', async () => {
    const processId = await failedProcess(shop);
    const body = {
      repairId: fresh('x'),
      action: 'reset',
      step: 'endStockAdjustment',
      reason: 'mended',
    };
    const first = await repair(processId, body);
    expect(first).toMatchObject({
      status: 200,
      replayed: false,
      body: { state: 'done', outcome: { runId: 'run-1' }, actor: 'shop' },
    });
    expect(await repair(processId, body)).toMatchObject({ status: 200, replayed: true });
    const { body: page } = await shop.call('GET', `/v1/exceptions?subjectId=${seg(processId)}`);
    expect(page['data']).toMatchObject([{ state: 'resolved', resolution: 'reset' }]);
  });

  test('that the engine does not answer is kept for when it does, and the same request tells of it', async () => {
    const processId = await failedProcess(shop);
    const body = { repairId: fresh('x'), action: 'reset', step: 's', reason: 'mended' };
    shop.engine.answers = false;
    const away = await repair(processId, body);
    shop.engine.answers = true;
    expect(away).toMatchObject({ status: 202, body: { state: 'pending', endedAt: null } });
    expect(away.headers.get('Retry-After')).toBe('1');
    const kept = () => shop.owner`select payload from ledger.outbox where kind = 'repair'`;
    expect(await kept()).toMatchObject([{ payload: { repairId: body.repairId, step: 's' } }]);
    const { body: page } = await shop.call('GET', `/v1/exceptions?subjectId=${seg(processId)}`);
    expect(page['data']).toMatchObject([{ state: 'open' }]);
    expect(await repair(processId, body)).toMatchObject({ status: 200, replayed: false });
    expect(await kept()).toEqual([]);
  });

  test('says why it had come to that', async () => {
    const processId = await failedProcess(shop);
    const body = { repairId: fresh('x'), action: 'retry', reason: 'r', rootCause: 'data-wrong' };
    expect(await repair(processId, body)).toMatchObject({ body: { rootCause: 'data-wrong' } });
    const { body: page } = await shop.call('GET', `/v1/exceptions?subjectId=${seg(processId)}`);
    expect(page['data']).toMatchObject([{ rootCause: 'data-wrong' }]);
    const other = await repair(processId, { ...body, rootCause: 'provider-away' });
    expect(other).toMatchObject({ status: 409 });
  });

  test('names what is wrong with it', async () => {
    const processId = await failedProcess(shop);
    for (const [body, path] of [
      [{ action: 'reset', reason: 'r' }, 'step'],
      [{ action: 'skip', reason: 'r' }, 'step'],
      [{ action: 'skip', step: 'endStockAdjustment', reason: 'r' }, 'step'],
      [{ action: 'retry' }, 'reason'],
      [{ action: 'explode', reason: 'r' }, 'action'],
      [{ action: 'retry', reason: 'r', rootCause: 'fraud-confirmed' }, 'rootCause'],
    ] as [Body, string][])
      expect(await repair(processId, body)).toMatchObject({ status: 422, paths: [path] });
    expect(await repair('order:web:none', { action: 'retry', reason: 'r' })).toMatchObject({
      status: 404,
    });
  });

  test('of what has ended well is refused', async () => {
    const processId = await failedProcess(shop);
    await repair(processId, { action: 'retry', reason: 'r' });
    await shop.owner`update ledger.process set state = 'ended' where process_id = ${processId}`;
    expect(await repair(processId, { action: 'retry', reason: 'r' })).toMatchObject({
      status: 409,
      body: { detail: `${processId} has ended, and nothing is wrong with it.` },
    });
  });
});
