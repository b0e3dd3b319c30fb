import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endPerson } from '../../activities/ledger/intake/people.ts';
import { ROLE_NAMES } from '../../rules/access/roles.ts';
import { WALK_LEAVER, WALK_PERSON } from './walk-samples.ts';
import { openWalkShop, type WalkShop } from './walk-shop.ts';

const PEOPLE = ROLE_NAMES.filter((role) => role !== 'connector');

let shop: WalkShop;

beforeAll(async () => {
  shop = await openWalkShop();
  await endPerson(shop.ledger, { personId: WALK_LEAVER, at: '2026-02-01T10:00:00Z' });
});
afterAll(() => shop?.close());

/** Everybody whom the shop was opened with and who has not left, by name. */
const HERE = [
  { personId: WALK_PERSON, name: 'Walk', roles: ['support'] },
  ...ROLE_NAMES.toSorted().map((role) => ({
    personId: `person:${role}`,
    name: role,
    roles: [role],
  })),
];

describe.each(PEOPLE)('%s', (role) => {
  test.each(['everywhere', 'within', 'node', 'channel', 'region', 'amount', 'key'])(
    'sees who works here: id, name and roles, and no more of them (%s)',
    async (who) => {
      const { status, body } = await shop.get('/v1/colleagues?limit=200', role, who);
      expect([status, body]).toEqual([200, { data: HERE, nextCursor: null }]);
    },
  );
});

test('an id finds whom it names, unless they have left or nobody has it', async () => {
  const found = async (id: string) =>
    (await shop.get(`/v1/colleagues?personId=${encodeURIComponent(id)}`, 'warehouse', 'within'))
      .body;
  expect(await found(WALK_PERSON)).toEqual({ data: HERE.slice(0, 1), nextCursor: null });
  for (const id of [WALK_LEAVER, 'person:nobody', 'key:support'])
    expect(await found(id), id).toEqual({ data: [], nextCursor: null });
});

test('programs of others, which see no approval, see nobody', async () => {
  for (const who of ['everywhere', 'key'])
    expect(await shop.get('/v1/colleagues', 'connector', who)).toMatchObject({
      status: 403,
      rule: 'scope-missing',
    });
});
