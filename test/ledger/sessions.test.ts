import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endPerson, putPeople } from '../../activities/ledger/intake/people.ts';
import { recordFailedLogins } from '../../activities/ledger/steps/failed-logins.ts';
import {
  endSession,
  endSessionsOfPerson,
  findSession,
  IDLE_MINUTES,
  LONGEST_HOURS,
  openSession,
  type Login,
} from '../../activities/ledger/steps/sessions.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { actsOn, at, entered, heardDuring, ISSUER, person, writePlaces } from './access-people.ts';

const LONGEST_MINUTES = LONGEST_HOURS * 60;

let test: TestLedger;
beforeAll(async () => {
  test = await openLedger();
  await writePlaces(test.owner);
});
afterAll(async () => test?.close());

const digestOf = (cookie: string) => createHash('sha256').update(cookie).digest('hex');

function login(subject: string, given: Partial<Login> = {}): Login {
  return {
    digest: digestOf(`cookie of ${subject}`),
    issuer: ISSUER,
    subject,
    name: `Name of ${subject}`,
    email: null,
    at: at(0),
    sourceAddress: '10.0.0.1',
    ...given,
  };
}

/** Enters a person and logs them in at nine; answers how to find the session. */
async function loggedIn(subject: string): Promise<{ personId: string; digest: string }> {
  const personId = await entered(test.ledger, person(subject));
  const { digest } = login(subject);
  expect(await openSession(test.ledger, login(subject))).toMatchObject({ outcome: 'opened' });
  return { personId, digest };
}

const find = (digest: string, minute: number) =>
  findSession(test.ledger, { digest, at: at(minute) });

describe('a login', () => {
  it('opens a session for a person who is entered here, and leaves one audit row', async () => {
    const personId = await entered(test.ledger, person('ada', { roles: ['approver'] }));
    const first = await openSession(test.ledger, login('ada', { requestId: 'r-7' }));
    expect(first).toMatchObject({
      outcome: 'opened',
      sessionId: `session:${digestOf('cookie of ada').slice(0, 16)}`,
      person: { personId, roles: ['approver'], lastLoginAt: at(0) },
      openedAt: at(0),
      endsAt: at(IDLE_MINUTES),
    });
    expect(await openSession(test.ledger, login('ada'))).toEqual(first);
    const acts = await test.owner`
      select act, actor, credential, request_id, source_address from ledger.audit
      where subject_id = ${personId} and act <> 'person-entered'`;
    expect([...acts]).toEqual([
      {
        act: 'session-opened',
        actor: personId,
        credential: `session:${digestOf('cookie of ada').slice(0, 16)}`,
        request_id: 'r-7',
        source_address: '10.0.0.1',
      },
    ]);
  });

  it('of nobody who is entered here is refused, opens nothing and is on record', async () => {
    expect(await openSession(test.ledger, login('stranger'))).toEqual({
      outcome: 'refused',
      rule: 'person-unknown',
    });
    expect(await find(login('stranger').digest, 0)).toBeNull();
    expect(await actsOn(test.owner, `${ISSUER}#stranger`)).toMatchObject([
      { act: 'login-refused', actor: 'unknown', reason: 'person-unknown' },
    ]);
  });

  it('of the same subject at another provider is somebody else’s', async () => {
    await entered(test.ledger, person('two-places'));
    expect(
      await openSession(test.ledger, login('two-places', { issuer: 'https://other.example/' })),
    ).toEqual({ outcome: 'refused', rule: 'person-unknown' });
  });

  it('of somebody who has left is refused', async () => {
    const personId = await entered(test.ledger, person('left'));
    await endPerson(test.ledger, { personId, at: at(0) });
    expect(await openSession(test.ledger, login('left', { at: at(1) }))).toEqual({
      outcome: 'refused',
      rule: 'person-left',
    });
    expect((await actsOn(test.owner, personId)).at(-1)).toMatchObject({
      act: 'login-refused',
      actor: personId,
      reason: 'person-left',
    });
  });

  it('is recognised by an address once, and only if the provider vouches for it', async () => {
    const personId = await entered(test.ledger, {
      ...person('', { subject: undefined }),
      loginEmail: 'new@x.example',
    });
    const email = 'New@X.example';
    const refused = { outcome: 'refused', rule: 'person-unknown' };
    for (const given of [
      { email },
      { email, emailVerified: false },
      { email, emailVerified: true, issuer: 'https://other.example/' },
      { email: null, emailVerified: true },
    ]) {
      expect(await openSession(test.ledger, login('new-1', given))).toEqual(refused);
    }
    expect(
      await openSession(test.ledger, login('new-1', { email, emailVerified: true })),
    ).toMatchObject({ outcome: 'opened', person: { personId, subject: 'new-1', email } });
    expect(await openSession(test.ledger, login('new-2', { email, emailVerified: true }))).toEqual(
      refused,
    );
  });

  it('twice at once by an address is one person with two sessions', async () => {
    const personId = await entered(test.ledger, {
      ...person('', { subject: undefined }),
      loginEmail: 'both@x.example',
    });
    const both = ['tab 1', 'tab 2', 'tab 3', 'tab 4'].map((tab) =>
      login('both', { digest: digestOf(tab), email: 'both@x.example', emailVerified: true }),
    );
    const answers = await Promise.all(both.map((one) => openSession(test.ledger, one)));
    for (const answer of answers) {
      expect(answer).toMatchObject({ outcome: 'opened', person: { personId, subject: 'both' } });
    }
    for (const { digest } of both)
      expect(await find(digest, 1)).toMatchObject({ person: { personId } });
  });

  it('cannot take the session of somebody else', async () => {
    const { digest } = await loggedIn('first-holder');
    await entered(test.ledger, person('second-holder'));
    await expect(
      openSession(test.ledger, login('second-holder', { digest })),
    ).rejects.toMatchObject({ type: 'IdempotencyMismatch' });
    expect(await find(digest, 1)).toMatchObject({ person: { subject: 'first-holder' } });
  });

  it('clears away what has been over for a week', async () => {
    const { digest } = await loggedIn('old');
    await entered(test.ledger, person('next-week'));
    const opened = LONGEST_MINUTES + 7 * 24 * 60;
    const rows = () =>
      test.owner`select from ledger.session where digest = decode(${digest}, 'hex')`;
    await openSession(test.ledger, login('next-week', { digest: digestOf('w1'), at: at(opened) }));
    expect(await rows()).toHaveLength(1);
    await openSession(
      test.ledger,
      login('next-week', { digest: digestOf('w2'), at: at(opened + 1) }),
    );
    expect(await rows()).toHaveLength(0);
  });
});

describe('a session', () => {
  it('ends when nobody uses it for the idle time, and lives on while somebody does', async () => {
    const { digest } = await loggedIn('idle');
    expect(await find(digest, 29)).toMatchObject({ endsAt: at(29 + IDLE_MINUTES) });
    expect(await find(digest, 58)).toMatchObject({ endsAt: at(58 + IDLE_MINUTES) });
    expect(await find(digest, 58 + IDLE_MINUTES)).toBeNull();
    expect(await find(digest, 58 + IDLE_MINUTES - 1)).not.toBeNull();
  });

  it('ends at its hard end, however busy it is', async () => {
    const { digest } = await loggedIn('busy');
    let endsAt = '';
    for (let minute = 20; minute < LONGEST_MINUTES; minute += 20) {
      const found = await find(digest, minute);
      expect(found).not.toBeNull();
      endsAt = found?.endsAt ?? '';
    }
    expect(endsAt).toBe(at(LONGEST_MINUTES));
    expect(await find(digest, LONGEST_MINUTES - 1)).not.toBeNull();
    expect(await find(digest, LONGEST_MINUTES)).toBeNull();
  });

  it('is written at most once a minute of its use', async () => {
    const { digest } = await loggedIn('reader');
    const version = async () => {
      const [row] = await test.owner<{ xmin: string }[]>`
        select xmin::text as xmin from ledger.session where digest = decode(${digest}, 'hex')`;
      return row?.xmin;
    };
    const opened = await version();
    expect(opened).toBeDefined();
    await find(digest, 0.2);
    await find(digest, 0.9);
    expect(await version()).toBe(opened);
    await Promise.all([find(digest, 1), find(digest, 1), find(digest, 1)]);
    const slid = await version();
    expect(slid).not.toBe(opened);
    await find(digest, 1.9);
    expect(await version()).toBe(slid);
  });

  it('is never shortened by a find that comes late', async () => {
    const { digest } = await loggedIn('late');
    expect(await find(digest, 20)).toMatchObject({ endsAt: at(20 + IDLE_MINUTES) });
    expect(await find(digest, 10)).toMatchObject({ endsAt: at(20 + IDLE_MINUTES) });
  });

  it('ends with the logout, once', async () => {
    const { personId, digest } = await loggedIn('out');
    expect(await endSession(test.ledger, { digest, at: at(3) })).toEqual({ applied: true });
    expect(await find(digest, 3)).toBeNull();
    expect(await endSession(test.ledger, { digest, at: at(4) })).toEqual({ applied: false });
    expect(await endSession(test.ledger, { digest: digestOf('none'), at: at(4) })).toEqual({
      applied: false,
    });
    expect((await actsOn(test.owner, personId)).map(({ act }) => act)).toEqual([
      'person-entered',
      'session-opened',
      'session-ended',
    ]);
  });

  it('ends with all others of its person, and with no one else’s', async () => {
    const { personId, digest } = await loggedIn('many');
    const other = await loggedIn('bystander');
    const second = login('many', { digest: digestOf('second device') });
    await openSession(test.ledger, second);
    const end = { personId, at: at(5), reason: 'lost laptop' };
    expect(await endSessionsOfPerson(test.ledger, end)).toEqual({ sessionsEnded: 2 });
    expect(await find(digest, 5)).toBeNull();
    expect(await find(second.digest, 5)).toBeNull();
    expect(await find(other.digest, 5)).not.toBeNull();
    expect(await endSessionsOfPerson(test.ledger, end)).toEqual({ sessionsEnded: 0 });
    const third = login('many', { digest: digestOf('third device'), at: at(6) });
    expect(await openSession(test.ledger, third)).toMatchObject({ outcome: 'opened' });
    await expect(
      endSessionsOfPerson(test.ledger, { ...end, personId: 'person:x' }),
    ).rejects.toMatchObject({ type: 'NotFound' });
  });

  it('ends when its person leaves', async () => {
    const { personId, digest } = await loggedIn('leaving');
    expect(await endPerson(test.ledger, { personId, at: at(2) })).toMatchObject({
      sessionsEnded: 1,
    });
    expect(await find(digest, 2)).toBeNull();
  });

  it('counts with the roles and reach that its person has now', async () => {
    const { digest } = await loggedIn('promoted');
    expect(await find(digest, 0)).toMatchObject({ person: { roles: ['support'] } });
    const reach = { nodes: ['south'], channels: '*', regions: '*', amountMinor: 100n } as const;
    const people = [person('promoted', { roles: ['finance'], reach })];
    await putPeople(test.ledger, { people, at: at(0) });
    expect(await find(digest, 0)).toMatchObject({ person: { roles: ['finance'], reach } });
  });

  it('that ends is heard of at once', async () => {
    const { personId, digest } = await loggedIn('heard');
    const second = login('heard', { digest: digestOf('heard 2') });
    await openSession(test.ledger, second);
    const last = { what: 'person', id: personId } as const;
    const heard = await heardDuring(test.appUrl, last, async () => {
      await endSession(test.ledger, { digest, at: at(1) });
      await endSessionsOfPerson(test.ledger, { personId, at: at(2) });
    });
    expect(heard).toEqual([{ what: 'everything' }, { what: 'session', id: digest }, last]);
  });
});

const fail = (sourceAddress: string, minute: number, failures = 1) =>
  recordFailedLogins(test.ledger, { sourceAddress, failures, credential: 'key', at: at(minute) });

describe('failed logins', () => {
  it('are counted by address in windows of a quarter of an hour', async () => {
    expect(await fail('192.0.2.1', 0)).toEqual({ failures: 1, since: at(0) });
    expect(await fail('192.0.2.1', 14, 3)).toEqual({ failures: 4, since: at(0) });
    expect(await fail('192.0.2.2', 14)).toEqual({ failures: 1, since: at(14) });
    expect(await fail('192.0.2.1', 15)).toEqual({ failures: 1, since: at(15) });
  });

  it('at the same time are all counted', async () => {
    await Promise.all(Array.from({ length: 8 }, () => fail('192.0.2.3', 0)));
    expect(await fail('192.0.2.3', 0)).toMatchObject({ failures: 9 });
  });

  it('leave a row each up to the tenth, then at the hundredth, and no more', async () => {
    for (let count = 1; count <= 12; count += 1) await fail('192.0.2.4', 0);
    await fail('192.0.2.4', 1, 200);
    const rows = await actsOn(test.owner, '192.0.2.4');
    const counted = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 212];
    expect(rows.map(({ act, after }) => [act, after])).toEqual(
      counted.map((failures) => ['login-failed', { failures, since: at(0) }]),
    );
  });

  it('are forgotten when their window is over', async () => {
    await fail('192.0.2.5', 100);
    await fail('192.0.2.6', 200);
    const known = await test.owner<{ address: string }[]>`
      select source_address as address from ledger.failed_login`;
    expect(known.map(({ address }) => address)).toEqual(['192.0.2.6']);
  });

  it('keep no more than the newest ten thousand addresses', async () => {
    await test.owner`
      insert into ledger.failed_login (source_address, failures, since)
      select 'address ' || n, 1, ${at(300)}::timestamptz + n * interval '1 millisecond' from generate_series(1, 10050) n`;
    await fail('192.0.2.7', 301);
    const [kept] = await test.owner<{ rows: number; newest: boolean }[]>`
      select count(*)::int as rows, bool_or(source_address = '192.0.2.7') as newest from ledger.failed_login`;
    expect(kept).toEqual({ rows: 10_000, newest: true });
  });
});
