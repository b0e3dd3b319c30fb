import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../../activities/failures.ts';
import { putNoticePreference } from '../../activities/ledger/intake/notice.ts';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { listAudit } from '../../activities/ledger/read/audit.ts';
import { listExceptions } from '../../activities/ledger/read/exception.ts';
import { claimOutbox, releaseOutbox } from '../../activities/ledger/steps/outbox.ts';
import { LATE_MAIL_ATTEMPTS, MAIL_ATTEMPTS } from '../../rules/notice/judge-delivery.ts';
import { DEFAULT_PREFERENCE, type NoticePreference } from '../../rules/notice/notice-preference.ts';
import { NoticeDesk, PUBLIC_URL } from './notice-desk.ts';

let desk: NoticeDesk;

const board = async () =>
  (await listExceptions(desk.shop.ledger, { limit: 10, kind: 'connector' })).data;

/** As if every mail that waits had been tried so often, and its next attempt were due. */
async function failedSoFar(attempts: number): Promise<void> {
  await desk.shop.owner`
    update ledger.outbox set attempts = ${attempts} where kind = 'mail' and done_at is null`;
  await desk.wait();
}

beforeEach(async () => {
  desk = await NoticeDesk.open();
});
afterEach(() => desk.shop.close());

function prefer(personId: string, change: Partial<NoticePreference>) {
  const preference = { ...DEFAULT_PREFERENCE, ...change };
  const ledger = desk.shop.ledger.as({ actor: personId });
  return putNoticePreference(ledger, { personId, preference, at: desk.now });
}

const everyKind = (channel: 'mail' | 'digest' | 'none') =>
  Object.fromEntries(
    Object.keys(DEFAULT_PREFERENCE.kinds).map((kind) => [kind, channel]),
  ) as NoticePreference['kinds'];

describe('somebody who is asked by name', () => {
  test('gets one mail that links to the item, and the attempt is kept', async () => {
    const anna = await desk.person('anna');
    const key = await desk.happen({ people: [anna] });
    await desk.deliverAll();
    expect(desk.mails).toHaveLength(1);
    const [mail] = desk.mails;
    expect(mail).toMatchObject({
      messageId: `notice:${key}:person:anna`,
      to: 'anna@example.org',
      template: 'approval-requested',
      subject: 'Decision asked: refund of return:R-1',
    });
    expect(mail?.body).toContain('Amount: 120.50 GBP');
    expect(mail?.body).toContain('Due: 12 Jan 2026, 09:30 (Europe/London)');
    expect(mail?.body).toContain(`${PUBLIC_URL}/v1/approvals/approval%3Areturn%3AR-1%3A1`);
    expect([...(await desk.attempts())]).toEqual([
      { channel: 'mail', target: anna, attempt: 1, outcome: 'delivered', detail: null },
    ]);
    expect(await desk.open()).toBe(0);
  });

  test('without an address, or who wants none of it, is planned for and gets nothing', async () => {
    const [anna, ben] = [await desk.person('anna', { email: null }), await desk.person('ben')];
    await prefer(ben, { kinds: everyKind('none') });
    await desk.happen({ people: [anna, ben] });
    await desk.deliverAll();
    expect(await desk.plans()).toEqual({ [anna]: 'no-address', [ben]: 'none' });
    expect(desk.mails).toEqual([]);
  });
});

describe('those who have a role', () => {
  test('hear of what lies within their reach and limit, and none who has left or has done it', async () => {
    const north = await desk.person('north', { nodes: ['north'] });
    await desk.person('south', { nodes: ['south'] });
    const everywhere = await desk.person('everywhere');
    await desk.person('small', { limitMinor: '12049' });
    const enough = await desk.person('enough', { limitMinor: '12050' });
    await desk.person('left', { left: true });
    await desk.person('stranger', { roles: ['finance'] });
    const doer = await desk.person('doer');
    await desk.happen({ roles: ['ops'], node: 'north', without: [doer] });
    await desk.deliverAll();
    expect(Object.keys(await desk.plans())).toEqual([enough, everywhere, north]);
  });

  test('are told once, though they are asked by name as well', async () => {
    const anna = await desk.person('anna', { roles: ['ops', 'finance'] });
    await desk.happen({ roles: ['ops', 'finance'], people: [anna] });
    await desk.deliverAll();
    expect(desk.mails).toHaveLength(1);
  });

  test('of whom there is nobody cost no message at all', async () => {
    await desk.happen({ roles: ['ops'] });
    expect(await desk.open()).toBe(0);
  });
});

describe('the time of a mail', () => {
  test('in quiet hours is their end', async () => {
    const anna = await desk.person('anna');
    await prefer(anna, { quietHours: { from: '22:00', to: '07:00' } });
    // Far ahead, so that the end of the quiet hours is not there yet.
    desk.now = '2190-01-10T23:00:00Z';
    await desk.happen({ people: [anna] });
    await desk.deliverAll();
    expect(await desk.plans()).toEqual({ [anna]: 'after-quiet-hours' });
    expect(desk.mails).toEqual([]);
    const [waiting] = await desk.shop.owner<{ at: Date }[]>`
      select available_at as at from ledger.outbox where kind = 'mail' and done_at is null`;
    expect(waiting?.at.toISOString()).toBe('2190-01-11T07:00:00.000Z');
    await desk.wait();
    await desk.deliverAll();
    expect(desk.mails).toHaveLength(1);
  });

  test('of a digest is the same for all that is planned for it, and it is one mail', async () => {
    const anna = await desk.person('anna');
    await prefer(anna, { kinds: everyKind('digest') });
    desk.now = '2190-01-10T12:00:00Z';
    for (const _each of [1, 2, 3]) await desk.happen({ people: [anna] });
    // Two dispatchers at once.
    await Promise.all([desk.deliver(), desk.deliver()]);
    await desk.deliverAll();
    expect(desk.mails).toEqual([]);
    await desk.wait();
    await Promise.all([desk.deliver(), desk.deliver()]);
    await desk.deliverAll();
    expect(desk.mails).toHaveLength(1);
    expect(desk.mails[0]).toMatchObject({
      messageId: `digest:${anna}:2190-01-11T08:00:00.000Z`,
      to: 'anna@example.org',
      subject: 'Loopline: 3 notices',
    });
    expect(desk.mails[0]?.body.match(/Decision asked/g)).toHaveLength(3);
  });

  test('of a digest has come when its reader has left: nothing is sent', async () => {
    const anna = await desk.person('anna');
    await prefer(anna, { kinds: everyKind('digest') });
    await desk.happen({ people: [anna] });
    await desk.deliver();
    await desk.shop.owner`update ledger.person set left_at = now()`;
    await desk.wait();
    await desk.deliverAll();
    expect(desk.mails).toEqual([]);
    expect((await desk.attempts()).map(({ outcome }) => outcome)).toEqual(['refused']);
    expect(await desk.open()).toBe(0);
  });
});

describe('a mail server', () => {
  test('that is away is asked again under the same Message-ID, later each time', async () => {
    const anna = await desk.person('anna');
    await desk.happen({ people: [anna] });
    desk.mailFailure = new Failure('ProviderUnavailable', 'mail server answered 451');
    await desk.deliverAll();
    const waits = async () => {
      const [row] = await desk.shop.owner<{ seconds: number }[]>`
        select extract(epoch from available_at - now())::float as seconds from ledger.outbox where done_at is null`;
      return row?.seconds ?? 0;
    };
    const first = await waits();
    await desk.wait();
    await desk.deliverAll();
    expect(await waits()).toBeGreaterThan(first);
    desk.mailFailure = undefined;
    await desk.wait();
    await desk.deliverAll();
    expect(desk.mails.map(({ messageId }) => messageId)).toHaveLength(1);
    expect((await desk.attempts()).map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'delivered'],
    ]);
  });

  test('that refuses a mail for good is not asked again, and ops finds it on the board', async () => {
    const anna = await desk.person('anna', { roles: ['support'] });
    await desk.happen({ people: [anna] });
    desk.mailFailure = new Failure('ProviderRefused', 'mail server refused: answered 550');
    await desk.deliverAll();
    expect(await desk.open()).toBe(0);
    expect([...(await desk.attempts())]).toMatchObject([
      { outcome: 'refused', detail: 'mail server refused: answered 550' },
    ]);
    expect(await board()).toMatchObject([
      {
        subjectId: anna,
        owner: 'ops',
        state: 'open',
        evidence: { about: 'mail-refused', target: anna, attempt: 1, channel: 'mail' },
      },
    ]);
    const { data } = await listAudit(desk.shop.ledger, { act: 'report_delivery', limit: 5 });
    expect(data).toMatchObject([
      { actor: 'process:dispatcher', subjectKind: 'person', subjectId: anna },
    ]);
  });

  test('is handed a refused mail once more when somebody says so on the board', async () => {
    const anna = await desk.person('anna', { roles: ['support'] });
    await desk.happen({ people: [anna] });
    desk.mailFailure = new Failure('ProviderRefused', 'mail server refused: answered 550');
    await desk.deliverAll();
    desk.mailFailure = undefined;
    const [entry] = await board();
    await resolveException(desk.shop.ledger, {
      exceptionId: entry?.id ?? '',
      resolutionId: 'r-1',
      action: 'retry',
      actor: 'person:olga',
      at: desk.now,
    });
    await desk.deliverAll();
    expect(desk.mails.map(({ to }) => to)).toEqual(['anna@example.org']);
    expect((await desk.attempts()).map(({ outcome }) => outcome)).toEqual(['refused', 'delivered']);
  });

  test('that refuses a customer’s mail leaves its order on the board, without the address', async () => {
    await desk.shop.owner`
      insert into ledger.outbox (kind, subject_id, payload) values ('mail', 'order:web:1',
        '{"template": "dispatched", "orderId": "order:web:1", "messageId": "d-1", "to": "ada@example.com"}')`;
    desk.mailFailure = new Failure('ProviderRefused', 'mail server refused: answered 550');
    await desk.deliverAll();
    const found = await board();
    expect(found).toMatchObject([{ subjectId: 'order:web:1', state: 'open' }]);
    expect(JSON.stringify(found)).not.toContain('ada@');
  });

  test('that takes nothing for a quarter of an hour is on the board until it takes one', async () => {
    const anna = await desk.person('anna', { roles: ['support'] });
    for (const _each of [1, 2, 3]) await desk.happen({ people: [anna] });
    desk.mailFailure = new Failure('ProviderUnavailable', 'mail server answered 451');
    await desk.deliverAll();
    await failedSoFar(LATE_MAIL_ATTEMPTS - 1);
    await desk.deliver();
    expect(await board()).toMatchObject([
      { subjectId: 'mail-server', state: 'open', evidence: { about: 'mail-late' } },
    ]);
    desk.mailFailure = undefined;
    await desk.wait();
    await desk.deliverAll();
    expect(await board()).toMatchObject([{ state: 'resolved', resolution: 'healed' }]);
    expect(desk.mails).toHaveLength(3);
  });

  test('that never takes a mail is asked no more in the end, and that stays on the board', async () => {
    const anna = await desk.person('anna', { roles: ['support'] });
    await desk.happen({ people: [anna] });
    desk.mailFailure = new Failure('ProviderUnavailable', 'mail server answered 451');
    await desk.deliverAll();
    await failedSoFar(MAIL_ATTEMPTS - 1);
    await desk.deliverAll();
    expect(await desk.open()).toBe(0);
    desk.mailFailure = undefined;
    await desk.happen({ people: [anna] });
    await desk.deliverAll();
    expect(await board()).toMatchObject([
      { subjectId: 'mail-server', state: 'open', evidence: { about: 'mail-given-up' } },
    ]);
  });

  test('hears of a customer’s mail as before, and of one without an address it hears nothing', async () => {
    await desk.shop.owner`
      insert into ledger.outbox (kind, subject_id, payload) values
      ('mail', 'order:web:1', '{"template": "dispatched", "orderId": "order:web:1", "messageId": "d-1", "to": "ada@example.com",
        "trackingNumber": "T1", "invoiceNumber": "INV-1"}'),
      ('mail', 'order:web:2', '{"template": "dispatched", "orderId": "order:web:2", "messageId": "d-2"}')`;
    await desk.deliverAll();
    expect(desk.mails).toMatchObject([
      { messageId: 'd-1', to: 'ada@example.com', template: 'dispatched' },
    ]);
    const attempts = await desk.attempts();
    expect(attempts.map(({ target, outcome }) => `${target} ${outcome}`).toSorted()).toEqual([
      'customer delivered',
      'customer refused',
    ]);
    expect(await desk.open()).toBe(0);
  });
});

test('an occurrence that is handled twice is planned once: the first plan stands', async () => {
  const anna = await desk.person('anna');
  await desk.happen({ people: [anna] });
  const ledger = desk.shop.ledger;
  const [claimed] = (await claimOutbox(ledger, { limit: 1, leaseSeconds: 30, kinds: ['notice'] }))
    .messages;
  await releaseOutbox(ledger, { ids: [claimed?.outboxId ?? ''], delaySeconds: 0 });
  await desk.deliver();
  // As if whoever had claimed it first came to it only now.
  await desk.shop.owner`update ledger.outbox set done_at = null where kind = 'notice'`;
  await prefer(anna, { kinds: everyKind('none') });
  await desk.deliverAll();
  expect(await desk.plans()).toEqual({ [anna]: 'now' });
  expect(desk.mails).toHaveLength(1);
});

test('what was planned and what was tried can be changed by nobody', async () => {
  for (const table of ['notice', 'notice_attempt']) {
    for (const statement of [`truncate ledger.${table}`, `truncate ledger.${table} cascade`])
      await expect(desk.shop.owner.unsafe(statement)).rejects.toMatchObject({ code: 'LL409' });
  }
  const anna = await desk.person('anna');
  await desk.happen({ people: [anna] });
  await desk.deliverAll();
  await expect(desk.shop.owner`update ledger.notice set plan = 'none'`).rejects.toMatchObject({
    code: 'LL409',
  });
  await expect(desk.shop.owner`delete from ledger.notice_attempt`).rejects.toMatchObject({
    code: 'LL409',
  });
});

test('a preference is the person’s own: nobody else sets it, and nothing is stored', async () => {
  const [anna, ben] = [await desk.person('anna'), await desk.person('ben')];
  const request = { personId: anna, preference: DEFAULT_PREFERENCE, at: desk.now };
  for (const actor of [ben, 'key:web', 'process:api'])
    await expect(
      putNoticePreference(desk.shop.ledger.as({ actor }), request),
    ).rejects.toMatchObject({ type: 'AccessDenied' });
  expect(await desk.shop.owner`select 1 from ledger.notice_preference`).toHaveLength(0);
});

test('a preference leaves one row in the audit when it changes, and none when it does not', async () => {
  const anna = await desk.person('anna');
  const acts = () => desk.shop.owner<{ actor: string; before: unknown; after: unknown }[]>`
    select actor, before, after from ledger.audit where act = 'put_notice_preference' order by audit_id`;
  expect(await prefer(anna, { digestHour: 9 })).toMatchObject({ changed: true });
  expect(await prefer(anna, { digestHour: 9 })).toMatchObject({ changed: false });
  expect(await prefer(anna, { digestHour: 10 })).toMatchObject({ changed: true });
  expect([...(await acts())]).toMatchObject([
    { actor: anna, before: null, after: { digestHour: 9 } },
    { actor: anna, before: { digestHour: 9 }, after: { digestHour: 10 } },
  ]);
});
