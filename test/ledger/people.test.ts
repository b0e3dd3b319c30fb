import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectLedger } from '../../activities/ledger/connect.ts';
import { hearAccessChanges, type AccessChange } from '../../activities/ledger/access-changes.ts';
import { endPerson, putPeople, type PersonInput } from '../../activities/ledger/intake/people.ts';
import { findPerson, listPeople, readPerson } from '../../activities/ledger/read/people.ts';
import { openSession } from '../../activities/ledger/steps/sessions.ts';
import { EVERYWHERE, type Reach } from '../../rules/access/decide-access.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import {
  ACTOR,
  actsOn,
  at,
  entered,
  heardDuring,
  ISSUER,
  person,
  writePlaces,
} from './access-people.ts';

const NORTH: Reach = {
  nodes: ['north'],
  channels: ['b2b', 'web'],
  regions: ['DE', 'GB'],
  amountMinor: 50_000n,
};

let test: TestLedger;
beforeAll(async () => {
  test = await openLedger();
  await writePlaces(test.owner);
});
afterAll(async () => test?.close());

const put = (...people: PersonInput[]) => putPeople(test.ledger, { people, at: at(0) });

describe('people', () => {
  it('are entered once, changed by what differs, and left alone by what does not', async () => {
    const first = await put(person('ada'));
    expect(first.results).toMatchObject([
      { result: 'created', before: null, after: { roles: ['support'], reach: EVERYWHERE } },
    ]);
    const personId = first.results[0]?.personId ?? '';
    expect(personId).toMatch(/^person:\d+$/);

    expect((await put(person('ada'))).results).toMatchObject([{ personId, result: 'unchanged' }]);
    const changed = await put(person('ada', { roles: ['warehouse', 'support'], reach: NORTH }));
    expect(changed.results).toMatchObject([
      {
        personId,
        result: 'updated',
        before: { roles: ['support'], reach: EVERYWHERE },
        after: { roles: ['warehouse', 'support'], reach: NORTH },
      },
    ]);
    // The same in another order is the same.
    const turned = person('ada', {
      roles: ['support', 'warehouse'],
      reach: { ...NORTH, channels: ['web', 'b2b', 'web'] },
    });
    expect((await put(turned)).results).toMatchObject([{ result: 'unchanged' }]);
    expect(await readPerson(test.ledger, { personId })).toMatchObject({
      personId,
      issuer: ISSUER,
      subject: 'ada',
      name: 'Name of ada',
      roles: ['warehouse', 'support'],
      reach: NORTH,
      leftAt: null,
      lastLoginAt: null,
    });
    expect(await actsOn(test.owner, personId)).toMatchObject([
      { act: 'person-entered', actor: ACTOR, before: null, after: { roles: ['support'] } },
      {
        act: 'person-changed',
        before: { roles: ['support'], reach: { nodes: '*', amountMinor: null } },
        after: {
          roles: ['support', 'warehouse'],
          reach: { nodes: ['north'], amountMinor: '50000' },
        },
      },
    ]);
  });

  it('keep reach that is nowhere apart from reach that is everywhere', async () => {
    const reach: Reach = { nodes: [], channels: '*', regions: [], amountMinor: 0n };
    const personId = await entered(test.ledger, person('nowhere', { reach }));
    expect((await readPerson(test.ledger, { personId })).reach).toEqual(reach);
  });

  it('who are entered by address are the same after their first login', async () => {
    const invited: PersonInput = {
      personId: 'person:grace',
      issuer: ISSUER,
      loginEmail: 'Grace@Example.com',
      name: 'Grace',
      roles: ['finance'],
      reach: EVERYWHERE,
    };
    expect(await entered(test.ledger, invited)).toBe('person:grace');
    const login = await openSession(test.ledger, {
      digest: 'a'.repeat(64),
      issuer: ISSUER,
      subject: 'sub-grace',
      name: 'Grace H.',
      email: 'grace@example.com',
      emailVerified: true,
      at: at(1),
      sourceAddress: '10.0.0.1',
    });
    expect(login).toMatchObject({ outcome: 'opened', person: { personId: 'person:grace' } });
    expect((await put(invited)).results).toMatchObject([
      { personId: 'person:grace', result: 'unchanged' },
    ]);
    expect((await put(person('sub-grace', { roles: ['finance'] }))).results).toMatchObject([
      { personId: 'person:grace', result: 'unchanged' },
    ]);
    // From the first login on the name is the provider's word.
    expect(await readPerson(test.ledger, { personId: 'person:grace' })).toMatchObject({
      subject: 'sub-grace',
      loginEmail: 'grace@example.com',
      name: 'Grace H.',
    });
  });

  it.each<[string, Partial<PersonInput>, string]>([
    ['nothing to know them by', { subject: undefined }, 'subject'],
    ['a node that does not exist', { reach: { ...EVERYWHERE, nodes: ['nort'] } }, 'reach.nodes'],
    [
      'a channel that does not exist',
      { reach: { ...EVERYWHERE, channels: ['x'] } },
      'reach.channels',
    ],
    [
      'a region that is no country',
      { reach: { ...EVERYWHERE, regions: ['Europe'] } },
      'reach.regions',
    ],
    ['a limit below nothing', { reach: { ...EVERYWHERE, amountMinor: -1n } }, 'reach.amountMinor'],
    ['an id of another form', { personId: 'anna' }, 'personId'],
    ['a number for an id, which are the ledger’s to give', { personId: 'person:7' }, 'personId'],
    ['the id of somebody else', { personId: 'person:taken' }, 'personId'],
    [
      'the subject of one and the address of another',
      { subject: 'owner', loginEmail: 't@x.example' },
      'loginEmail',
    ],
    ['another subject than the one of the address', { loginEmail: 'o@x.example' }, 'subject'],
  ])('are refused with %s, and the others of the call are not', async (_, given, path) => {
    await put(
      person('taken', { personId: 'person:taken', loginEmail: 't@x.example' }),
      person('owner', { loginEmail: 'o@x.example' }),
    );
    const { results } = await put(person('wrong', given), person(`right ${path}`));
    expect(results[0]).toMatchObject({ result: 'refused', before: null, after: null });
    expect(results[1]?.result).toMatch(/created|unchanged/);
    expect(results[0]?.errors?.map((error) => error.path)).toContain(path);
    const known = await test.owner`select from ledger.person where subject = 'wrong'`;
    expect(known).toHaveLength(0);
  });

  it('are refused where a reach leaves a place out, which would be everywhere', async () => {
    const { results } = await test.ledger.call<{ results: unknown[] }>('put_people', {
      people: [{ ...person('half'), reach: { nodes: '*', channels: '*', amountMinor: null } }],
      at: at(0),
    });
    expect(results).toMatchObject([{ result: 'refused', errors: [{ path: 'reach.regions' }] }]);
  });

  it('are refused the second time that one call names them', async () => {
    const { results } = await put(person('twin'), person('twin', { roles: ['admin'] }));
    expect(results).toMatchObject([{ result: 'created' }, { result: 'refused' }]);
  });

  it('entered by two calls at once are one person', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => put(person('race', { loginEmail: 'race@x.example' }))),
    );
    const results = answers.flatMap((answer) => answer.results);
    expect(results.map(({ result }) => result).toSorted()).toEqual([
      'created',
      ...Array.from({ length: 5 }, () => 'unchanged'),
    ]);
    expect(new Set(results.map(({ personId }) => personId)).size).toBe(1);
  });

  it('who leave are not put back by a repeated list, and come back when it is said', async () => {
    const personId = await entered(test.ledger, person('leaver', { roles: ['ops'] }));
    const leave = { personId, at: at(10), reason: 'end of contract' };
    expect(await endPerson(test.ledger, leave)).toEqual({
      personId,
      applied: true,
      sessionsEnded: 0,
      leftAt: at(10),
      rule: null,
    });
    expect(await endPerson(test.ledger, { ...leave, at: at(11) })).toMatchObject({
      applied: false,
      leftAt: at(10),
    });
    expect((await put(person('leaver', { roles: ['ops'] }))).results).toMatchObject([
      { personId, result: 'refused', errors: [{ path: 'returns' }] },
    ]);
    const back = await put(person('leaver', { roles: ['ops'], returns: true }));
    expect(back.results).toMatchObject([
      { personId, result: 'updated', before: { leftAt: at(10) }, after: { leftAt: null } },
    ]);
    expect((await actsOn(test.owner, personId)).map(({ act, reason }) => [act, reason])).toEqual([
      ['person-entered', null],
      ['person-left', 'end of contract'],
      ['person-changed', null],
    ]);
  });

  it('are found by what the provider calls them, until they leave', async () => {
    const personId = await entered(test.ledger, person('bearer', { roles: ['finance'] }));
    const named = { issuer: ISSUER, subject: 'bearer' };
    expect(await findPerson(test.ledger, named)).toMatchObject({ personId, roles: ['finance'] });
    expect(
      await findPerson(test.ledger, { ...named, issuer: 'https://other.example/' }),
    ).toBeNull();
    expect(await findPerson(test.ledger, { ...named, subject: 'nobody' })).toBeNull();
    await endPerson(test.ledger, { personId, at: at(1) });
    expect(await findPerson(test.ledger, named)).toBeNull();
  });

  it('nobody knows are named as missing', async () => {
    const missing = { type: 'NotFound' };
    await expect(readPerson(test.ledger, { personId: 'person:x' })).rejects.toMatchObject(missing);
    await expect(endPerson(test.ledger, { personId: 'person:x', at: at(0) })).rejects.toMatchObject(
      missing,
    );
  });

  it('are changed by nobody who does not say who they are', async () => {
    const nobody = connectLedger(test.appUrl, { connections: 1 });
    try {
      await expect(
        putPeople(nobody, { people: [person('unsaid')], at: at(0) }),
      ).rejects.toMatchObject({ type: 'InvariantViolated' });
    } finally {
      await nobody.close();
    }
    expect(await test.owner`select from ledger.person where subject = 'unsaid'`).toHaveLength(0);
  });
});

describe('the list of people', () => {
  it('holds each once, newest first, in pages, by role, and those who left apart', async () => {
    const all = async (filter: { role?: 'approver'; left?: boolean }) => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await listPeople(test.ledger, { limit: 2, cursor, ...filter });
        ids.push(...page.data.map(({ personId }) => personId));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      return ids;
    };
    const names = ['l1', 'l2', 'l3', 'l4', 'l5'];
    await put(
      ...names.map((name) => person(name, { roles: ['approver'], personId: `person:${name}` })),
    );
    await endPerson(test.ledger, { personId: 'person:l3', at: at(5) });
    const listed = async (condition: string) => {
      const rows = await test.owner.unsafe<{ id: string }[]>(
        `select person_id as id from ledger.person where ${condition} order by recorded_at desc, person_id desc`,
      );
      return rows.map(({ id }) => id);
    };
    expect(await all({})).toEqual(await listed('left_at is null'));
    expect(await all({ left: true })).toEqual(await listed('left_at is not null'));
    expect(await all({ role: 'approver' })).toEqual([
      'person:l5',
      'person:l4',
      'person:l2',
      'person:l1',
    ]);
  });
});

describe('a change of people', () => {
  it('is heard by everybody who listens, once it is committed, and only a change is', async () => {
    const last = { what: 'person', id: 'person:last' } as const;
    const heard = await heardDuring(test.appUrl, last, async () => {
      const quiet = person('quiet', { personId: 'person:quiet' });
      await put(quiet);
      await put(quiet);
      await endPerson(test.ledger, { personId: 'person:quiet', at: at(1) });
      await put(person('last', { personId: 'person:last' }));
    });
    expect(heard).toEqual([
      { what: 'everything' },
      { what: 'person', id: 'person:quiet' },
      { what: 'person', id: 'person:quiet' },
      last,
    ]);
  });

  it('that could not be heard counts as a change of everything', async () => {
    const heard: AccessChange[] = [];
    const ear = hearAccessChanges(test.appUrl);
    ear.onChange((change) => heard.push(change));
    expect(ear.isListening()).toBe(false);
    try {
      await vi.waitFor(() => expect(heard).toEqual([{ what: 'everything' }]), { timeout: 10_000 });
      await test.owner`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'loopline-access' and datname = current_database()`;
      await vi.waitFor(
        () => expect(heard).toEqual([{ what: 'everything' }, { what: 'everything' }]),
        {
          timeout: 10_000,
        },
      );
      expect(ear.isListening()).toBe(true);
    } finally {
      await ear.close();
    }
    expect(ear.isListening()).toBe(false);
  });
});

describe('the application’s role', () => {
  it('may ask for people, keys and sessions, and touch none of their tables', async () => {
    const app = postgres(test.appUrl, { max: 1, onnotice: () => undefined });
    try {
      const [found] = await app`select loopline.find_key('{"keyId": "00000000000"}') as key`;
      expect(found).toEqual({ key: null });
      for (const table of ['person', 'service_key', 'session', 'failed_login']) {
        for (const statement of [
          `select from ledger.${table}`,
          `update ledger.${table} set ${table === 'person' ? 'roles' : table === 'service_key' ? 'scopes' : 'source_address'} = null`,
          `delete from ledger.${table}`,
        ]) {
          await expect(app.unsafe(statement)).rejects.toMatchObject({ code: '42501' });
        }
      }
      const functions = await test.owner<{ name: string }[]>`
        select p.proname as name from pg_proc p
        where p.pronamespace = 'loopline'::regnamespace and has_function_privilege('loopline_app', p.oid, 'execute')`;
      expect(functions.map(({ name }) => name)).toEqual(expect.arrayContaining([...FUNCTIONS]));
    } finally {
      await app.end();
    }
  });
});

const FUNCTIONS = [
  'access_facts',
  'end_person',
  'end_session',
  'end_sessions_of_person',
  'find_key',
  'find_person',
  'find_session',
  'list_colleagues',
  'list_keys',
  'list_people',
  'make_key',
  'open_session',
  'put_people',
  'read_person',
  'record_failed_logins',
  'revoke_key',
  'rotate_key',
  'touch_key',
] as const;
