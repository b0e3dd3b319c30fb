import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GivingLimits } from '../../activities/ledger/intake/giving-limits.ts';
import { endPerson, putPeople, type PersonInput } from '../../activities/ledger/intake/people.ts';
import { makeKey, revokeKey, rotateKey } from '../../activities/ledger/intake/service-keys.ts';
import { listPeople, readPerson } from '../../activities/ledger/read/people.ts';
import { listKeys } from '../../activities/ledger/read/service-keys.ts';
import { EVERYWHERE, type Reach } from '../../rules/access/decide-access.ts';
import type { Scope } from '../../rules/access/scopes.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { actsOn, at, entered, person, writePlaces } from './access-people.ts';

/** Of an admin of the node north, up to 500.00. */
const NORTH: GivingLimits = { nodes: ['north'], limitMinor: '50000', roles: ['admin'] };
const IN_NORTH: Reach = { ...EVERYWHERE, nodes: ['north'], amountMinor: 50_000n };

let test: TestLedger;
let names = 0;
beforeAll(async () => {
  test = await openLedger();
  await writePlaces(test.owner);
});
afterAll(async () => test?.close());

const fresh = () => `given-${(names += 1)}`;
const put = async (given: Partial<PersonInput>, subject = fresh(), limits = NORTH) => {
  const { results } = await putPeople(test.ledger, {
    people: [person(subject, given)],
    at: at(0),
    limits,
  });
  return results[0];
};

describe('a restricted admin gives to people', () => {
  it('what lies within their own reach', async () => {
    expect(await put({ roles: ['admin'], reach: IN_NORTH })).toMatchObject({ result: 'created' });
    const less = { ...IN_NORTH, nodes: [], amountMinor: 0n };
    expect(await put({ roles: ['admin'], reach: less })).toMatchObject({ result: 'created' });
  });

  it.each<[string, Partial<PersonInput>, string, string]>([
    ['another node', { reach: { ...IN_NORTH, nodes: ['south'] } }, 'reach.nodes', 'node'],
    ['every node', { reach: { ...IN_NORTH, nodes: '*' } }, 'reach.nodes', 'node'],
    ['a node more', { reach: { ...IN_NORTH, nodes: ['north', 'south'] } }, 'reach.nodes', 'node'],
    [
      'a penny more',
      { reach: { ...IN_NORTH, amountMinor: 50_001n } },
      'reach.amountMinor',
      'amount',
    ],
    ['no limit', { reach: { ...IN_NORTH, amountMinor: null } }, 'reach.amountMinor', 'amount'],
    ['a role with scopes that they lack', { roles: ['admin', 'support'] }, 'roles', 'scope'],
  ])('not %s', async (_name, given, path, rule) => {
    const subject = fresh();
    const result = await put({ roles: ['admin'], reach: IN_NORTH, ...given }, subject);
    expect(result).toMatchObject({ result: 'refused', before: null, after: null });
    expect(result?.errors).toMatchObject([{ path, rule: expect.stringContaining(rule) }]);
    expect(await test.owner`select from ledger.person where subject = ${subject}`).toHaveLength(0);
  });

  it('nothing, and takes nothing, where somebody reaches further than they do', async () => {
    const subject = fresh();
    const personId = await entered(test.ledger, person(subject, { roles: ['admin'] }));
    expect(await put({ roles: ['admin'], reach: IN_NORTH }, subject)).toMatchObject({
      result: 'refused',
      errors: [
        { path: 'id', rule: 'node-out-of-reach' },
        { path: 'id', rule: 'amount-above-limit' },
      ],
    });
    await expect(
      endPerson(test.ledger, { personId, at: at(1), limits: NORTH }),
    ).rejects.toMatchObject({ type: 'AccessDenied', path: 'node-out-of-reach' });
    expect(await readPerson(test.ledger, { personId })).toMatchObject({
      reach: EVERYWHERE,
      leftAt: null,
    });
    expect(await actsOn(test.owner, personId)).toHaveLength(1);
  });

  it('and leaves people within their reach the roles that they have', async () => {
    const subject = fresh();
    const given = { roles: ['support'], reach: IN_NORTH } as const;
    const personId = await entered(test.ledger, person(subject, given));
    const narrower = { ...IN_NORTH, amountMinor: 100n };
    expect(await put({ ...given, reach: narrower }, subject)).toMatchObject({ result: 'updated' });
    expect(await put({ ...given, roles: ['finance'] }, subject)).toMatchObject({
      errors: [{ path: 'roles' }],
    });
    expect(await endPerson(test.ledger, { personId, at: at(1), limits: NORTH })).toMatchObject({
      applied: true,
    });
  });
});

describe('the last admin who reaches everything', () => {
  beforeEach(async () => {
    await test.owner`update ledger.person set roles = '{support}' where 'admin' = any (roles)`;
  });
  const admin = (name: string) => entered(test.ledger, person(name, { roles: ['admin'] }));

  it('stays, keeps the role and keeps the reach, until there is another one', async () => {
    const [subject, other] = [fresh(), fresh()];
    const personId = await admin(subject);
    await entered(test.ledger, person(fresh(), { roles: ['admin'], reach: IN_NORTH }));
    const end = { personId, at: at(1) };
    expect(await endPerson(test.ledger, end)).toEqual({
      personId,
      applied: false,
      sessionsEnded: 0,
      leftAt: null,
      rule: 'last-admin',
    });
    for (const given of [{ roles: ['ops'] }, { roles: ['admin'], reach: IN_NORTH }] as const)
      expect(await put(given, subject, {})).toMatchObject({
        result: 'refused',
        errors: [{ path: 'roles', rule: 'last-admin' }],
      });
    await admin(other);
    expect(await endPerson(test.ledger, end)).toMatchObject({ applied: true, rule: null });
  });

  it('is one of two who are taken at the same time', async () => {
    for (let round = 0; round < 5; round += 1) {
      await test.owner`update ledger.person set roles = '{support}' where 'admin' = any (roles)`;
      const ids = [await admin(fresh()), await admin(fresh())];
      const ended = await Promise.all(
        ids.map((personId) => endPerson(test.ledger, { personId, at: at(1) })),
      );
      expect(ended.filter(({ applied }) => applied)).toHaveLength(1);
      expect(ended.filter(({ rule }) => rule === 'last-admin')).toHaveLength(1);
    }
  });

  it('is one of two whom one call would make something else', async () => {
    const [one, two] = [fresh(), fresh()];
    await admin(one);
    await admin(two);
    const people = [one, two].map((subject) => person(subject, { roles: ['ops'] }));
    const { results } = await putPeople(test.ledger, { people, at: at(1) });
    expect(results.map(({ result }) => result)).toEqual(['updated', 'refused']);
  });
});

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');
const key = (scopes: readonly Scope[], reach: Reach) => {
  const keyId = `give${String((names += 1)).padStart(7, '0')}`;
  return {
    keyId,
    digest: digestOf(keyId),
    name: 'Shop',
    roles: ['connector'] as const,
    scopes,
    reach,
    expiresAt: at(60 * 24),
    at: at(0),
  };
};

describe('a key does no more than whoever makes it', () => {
  const limits: GivingLimits = { ...NORTH, scopes: ['orders:read', 'stock:read'] };

  it.each<[string, readonly Scope[], Reach, string]>([
    ['a scope that they lack', ['orders:read', 'orders:place'], IN_NORTH, 'scope-missing'],
    ['a place beyond their reach', ['orders:read'], EVERYWHERE, 'node-out-of-reach'],
  ])('nor is replaced by one, with %s', async (_name, scopes, reach, path) => {
    const wanted = key(scopes, reach);
    const refused = { type: 'AccessDenied', path };
    await expect(makeKey(test.ledger, { ...wanted, limits })).rejects.toMatchObject(refused);
    await makeKey(test.ledger, wanted);
    const { keyId, digest, expiresAt } = key(scopes, reach);
    const next = { keyId, digest, expiresAt };
    const rotation = { keyId: wanted.keyId, next, overlapHours: 1, at: at(1) };
    await expect(rotateKey(test.ledger, { ...rotation, limits })).rejects.toMatchObject(refused);
    expect(await rotateKey(test.ledger, rotation)).toMatchObject({ outcome: 'rotated' });
  });

  it('with some of their scopes, within their reach', async () => {
    const wanted = { ...key(['stock:read'], { ...IN_NORTH, amountMinor: 0n }), limits };
    expect(await makeKey(test.ledger, wanted)).toMatchObject({ replayed: false });
  });

  it('and is revoked whatever it does, by whoever reaches as far', async () => {
    const [near, far] = [key(['orders:place'], IN_NORTH), key(['orders:read'], EVERYWHERE)];
    await makeKey(test.ledger, near);
    await makeKey(test.ledger, far);
    const revoke = (keyId: string) => revokeKey(test.ledger, { keyId, at: at(1), limits });
    expect(await revoke(near.keyId)).toMatchObject({ applied: true });
    await expect(revoke(far.keyId)).rejects.toMatchObject({
      type: 'AccessDenied',
      path: 'node-out-of-reach',
    });
    await expect(revoke('unknown0000')).rejects.toMatchObject({ type: 'NotFound' });
  });
});

it('lists show whoever and whatever reaches something of what the reader does', async () => {
  const within = { nodes: ['south'] };
  const [everywhere, north, south] = [fresh(), fresh(), fresh()];
  await entered(test.ledger, person(everywhere));
  await entered(test.ledger, person(north, { reach: IN_NORTH }));
  await entered(test.ledger, person(south, { reach: { ...EVERYWHERE, nodes: ['south'] } }));
  const { data } = await listPeople(test.ledger, { limit: 3, within });
  expect(data.map(({ subject }) => subject).slice(0, 2)).toEqual([south, everywhere]);
  expect(data.some(({ reach }) => reach.nodes !== '*' && !reach.nodes.includes('south'))).toBe(
    false,
  );
  await makeKey(test.ledger, key(['orders:read'], IN_NORTH));
  const keys = await listKeys(test.ledger, { limit: 200, within });
  expect(keys.data.length).toBeGreaterThan(0);
  expect(keys.data.every(({ reach }) => reach.nodes === '*')).toBe(true);
});
