import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  makeKey,
  revokeKey,
  rotateKey,
  touchKey,
  type KeyInput,
} from '../../activities/ledger/intake/service-keys.ts';
import { findKey, listKeys } from '../../activities/ledger/read/service-keys.ts';
import { EVERYWHERE } from '../../rules/access/decide-access.ts';
import { judgeKey, useToRecord } from '../../rules/access/service-key.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { ACTOR, actsOn, at, heardDuring, NINE, writePlaces } from './access-people.ts';

const HOUR = 60;
const DAY = 24 * HOUR;
const MINUTE_MS = 60_000;

let test: TestLedger;
beforeAll(async () => {
  test = await openLedger();
  await writePlaces(test.owner);
});
afterAll(async () => test?.close());

let made = 0;

/** A new key of 30 days; what does not matter has defaults. */
function key(given: Partial<KeyInput> = {}): KeyInput & { at: string } {
  made += 1;
  const keyId = given.keyId ?? `key${String(made).padStart(8, '0')}`;
  return {
    keyId,
    digest: digestOf(keyId),
    name: 'Web shop',
    roles: ['connector'],
    scopes: ['orders:place', 'orders:read'],
    reach: { ...EVERYWHERE, channels: ['web'] },
    expiresAt: at(30 * DAY),
    at: at(0),
    ...given,
  };
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

async function madeKey(given: Partial<KeyInput> = {}): Promise<string> {
  const wanted = key(given);
  await makeKey(test.ledger, wanted);
  return wanted.keyId;
}

/** What a request at that minute would hear. */
async function judged(keyId: string, minute: number) {
  const found = await findKey(test.ledger, { keyId });
  if (found === null) throw new Error(`there is no key ${keyId}`);
  const decision = judgeKey(found, NINE + minute * MINUTE_MS);
  return decision.outcome === 'valid' ? 'valid' : decision.rule;
}

const rotation = (
  keyId: string,
  nextId: string,
  given: { overlapHours?: number; minute?: number } = {},
) => ({
  keyId,
  next: { keyId: nextId, digest: digestOf(nextId), expiresAt: at(60 * DAY) },
  overlapHours: given.overlapHours ?? 24,
  at: at(given.minute ?? HOUR),
});

describe('a service key', () => {
  it('is found by its id with all that a request is judged by, and listed without its digest', async () => {
    const wanted = key({
      reach: {
        nodes: ['north'],
        channels: '*',
        regions: ['GB'],
        amountMinor: 9_007_199_254_740_993n,
      },
    });
    const answer = await makeKey(test.ledger, wanted);
    expect(answer).toMatchObject({ replayed: false, key: { keyId: wanted.keyId, madeBy: ACTOR } });
    expect(await findKey(test.ledger, { keyId: wanted.keyId })).toEqual({
      keyId: wanted.keyId,
      name: 'Web shop',
      roles: ['connector'],
      scopes: ['orders:read', 'orders:place'],
      reach: wanted.reach,
      digest: wanted.digest,
      expiresAtMs: NINE + 30 * DAY * MINUTE_MS,
      replacedFromMs: null,
      revokedAtMs: null,
      lastUsedAtMs: null,
    });
    expect(await findKey(test.ledger, { keyId: 'unknown0000' })).toBeNull();
    const { data } = await listKeys(test.ledger, { limit: 1 });
    expect(data).toEqual([answer.key]);
    expect(JSON.stringify(data, textOfBigint)).not.toContain(wanted.digest);
    const [leaked] = await test.owner<{ rows: number }[]>`
      select count(*)::int as rows from ledger.audit a where strpos(a::text, ${wanted.digest}) > 0`;
    expect(leaked?.rows).toBe(0);
    expect(await actsOn(test.owner, wanted.keyId)).toMatchObject([
      {
        act: 'key-made',
        actor: ACTOR,
        after: { roles: ['connector'], reach: { nodes: ['north'] } },
      },
    ]);
  });

  it('is made once, however often it is sent, and never over another one', async () => {
    const wanted = key();
    await makeKey(test.ledger, wanted);
    expect(await makeKey(test.ledger, { ...wanted, at: at(5) })).toMatchObject({ replayed: true });
    for (const other of [
      { digest: digestOf('other') },
      { name: 'Another' },
      { roles: ['admin'] as const },
      { scopes: ['orders:read'] as const },
      { reach: EVERYWHERE },
      { expiresAt: at(31 * DAY) },
    ]) {
      await expect(makeKey(test.ledger, { ...wanted, ...other })).rejects.toMatchObject({
        type: 'IdempotencyMismatch',
        path: wanted.keyId,
      });
    }
    expect(await actsOn(test.owner, wanted.keyId)).toHaveLength(1);
  });

  it.each<[string, Partial<KeyInput>, string]>([
    ['a node that does not exist', { reach: { ...EVERYWHERE, nodes: ['nort'] } }, 'reach.nodes'],
    ['an expiry that is over', { expiresAt: at(0) }, 'expiresAt'],
    ['what is no digest', { digest: 'secret' }, 'digest'],
  ])('is refused with %s', async (_, given, path) => {
    await expect(makeKey(test.ledger, key(given))).rejects.toMatchObject({
      type: 'InvalidInput',
      path,
    });
  });

  it('counts until it is revoked, and from that moment no more', async () => {
    const keyId = await madeKey();
    expect(await judged(keyId, 9)).toBe('valid');
    const revoke = { keyId, at: at(10), reason: 'found in a log' };
    expect(await revokeKey(test.ledger, revoke)).toMatchObject({
      applied: true,
      key: { revokedAt: at(10), revokedBy: ACTOR },
    });
    expect(await judged(keyId, 10)).toBe('key-revoked');
    const late = test.ledger.as({ actor: 'person:late' });
    expect(await revokeKey(late, { ...revoke, at: at(20) })).toMatchObject({
      applied: false,
      key: { revokedAt: at(10), revokedBy: ACTOR },
    });
    expect(await actsOn(test.owner, keyId)).toMatchObject([
      { act: 'key-made' },
      { act: 'key-revoked', reason: 'found in a log' },
    ]);
    await expect(revokeKey(test.ledger, { ...revoke, keyId: 'unknown0000' })).rejects.toMatchObject(
      { type: 'NotFound' },
    );
  });

  it('revoked by a clock that runs ahead counts no more now', async () => {
    const keyId = await madeKey({ expiresAt: '2999-01-01T00:00:00.000Z' });
    await revokeKey(test.ledger, { keyId, at: '2998-01-01T00:00:00.000Z' });
    const found = await findKey(test.ledger, { keyId });
    const [now] = await test.owner<{ ms: number }[]>`
      select ceil(extract(epoch from clock_timestamp()) * 1000)::float8 as ms`;
    expect(found?.revokedAtMs).toBeLessThanOrEqual(now?.ms ?? 0);
  });
});

describe('a rotated key', () => {
  it('counts beside its follower for the overlap, and not beyond', async () => {
    const keyId = await madeKey();
    const answer = await rotateKey(
      test.ledger,
      rotation(keyId, 'follower001', { overlapHours: 2 }),
    );
    expect(answer).toMatchObject({
      outcome: 'rotated',
      key: {
        keyId: 'follower001',
        name: 'Web shop',
        roles: ['connector'],
        expiresAt: at(60 * DAY),
      },
      replaced: { keyId, replacedBy: 'follower001', replacedFrom: at(3 * HOUR) },
    });
    expect(await judged(keyId, 3 * HOUR - 1)).toBe('valid');
    expect(await judged('follower001', 3 * HOUR - 1)).toBe('valid');
    expect(await judged(keyId, 3 * HOUR)).toBe('key-replaced');
    expect(await judged('follower001', 3 * HOUR)).toBe('valid');
    const [old, next] = await Promise.all([
      findKey(test.ledger, { keyId }),
      findKey(test.ledger, { keyId: 'follower001' }),
    ]);
    expect(next).toMatchObject({ scopes: old?.scopes, reach: old?.reach });
    expect((await actsOn(test.owner, keyId)).map(({ act }) => act)).toEqual([
      'key-made',
      'key-rotated',
    ]);
    expect(await actsOn(test.owner, 'follower001')).toMatchObject([
      { act: 'key-made', reason: `follows ${keyId}` },
    ]);
  });

  it('never counts longer than it would have', async () => {
    const keyId = await madeKey({ expiresAt: at(2 * HOUR) });
    const answer = await rotateKey(
      test.ledger,
      rotation(keyId, 'follower002', { overlapHours: 24 }),
    );
    expect(answer).toMatchObject({ replaced: { replacedFrom: at(2 * HOUR) } });
  });

  it('has no overlap longer than a week', async () => {
    const keyId = await madeKey();
    const answer = await rotateKey(
      test.ledger,
      rotation(keyId, 'follower003', { overlapHours: 10_000, minute: 0 }),
    );
    expect(answer).toMatchObject({ replaced: { replacedFrom: at(7 * DAY) } });
  });

  it('is the same when the rotation is repeated, and no other key takes its follower’s id', async () => {
    const keyId = await madeKey();
    const wanted = rotation(keyId, 'follower004');
    const first = await rotateKey(test.ledger, wanted);
    expect(await rotateKey(test.ledger, { ...wanted, at: at(2 * HOUR) })).toEqual(first);
    const mismatch = { type: 'IdempotencyMismatch' };
    await expect(
      rotateKey(test.ledger, { ...wanted, next: { ...wanted.next, digest: digestOf('other') } }),
    ).rejects.toMatchObject(mismatch);
    await expect(
      rotateKey(test.ledger, rotation(await madeKey(), 'follower004')),
    ).rejects.toMatchObject(mismatch);
  });

  it.each<[string, (keyId: string) => Promise<unknown>]>([
    ['key-revoked', (keyId: string) => revokeKey(test.ledger, { keyId, at: at(1) })],
    [
      'key-replaced',
      (keyId: string) => rotateKey(test.ledger, rotation(keyId, `x${keyId.slice(1)}`)),
    ],
    ['key-expired', () => Promise.resolve()],
  ])('is not rotated when it is %s', async (rule, spoil) => {
    const keyId = await madeKey(rule === 'key-expired' ? { expiresAt: at(HOUR) } : {});
    await spoil(keyId);
    const nextId = `y${keyId.slice(1)}`;
    expect(await rotateKey(test.ledger, rotation(keyId, nextId))).toMatchObject({
      outcome: 'refused',
      rule,
      replaced: { keyId },
    });
    expect(await findKey(test.ledger, { keyId: nextId })).toBeNull();
  });

  it('gets one follower from rotations at the same time; the others hear whose it is', async () => {
    const keyId = await madeKey();
    const nextIds = ['racer000001', 'racer000002'];
    // Their connections are there already, so that both wait for the key's row before either has it.
    await Promise.all(nextIds.map(() => findKey(test.ledger, { keyId })));
    const rotations = await test.owner.begin(async (sql) => {
      await sql`select from ledger.service_key where key_id = ${keyId} for update`;
      const started = nextIds.map((nextId) => rotateKey(test.ledger, rotation(keyId, nextId)));
      await vi.waitFor(async () => expect(await waiting()).toBe(started.length), {
        timeout: 10_000,
      });
      return { started };
    });
    const answers = await Promise.all(rotations.started);
    const [won, ...more] = answers.filter(({ outcome }) => outcome === 'rotated');
    expect(more).toHaveLength(0);
    const follower = won?.replaced.replacedBy ?? '';
    expect(nextIds).toContain(follower);
    for (const answer of answers) expect(answer.replaced.replacedBy).toBe(follower);
    const [kept] = await test.owner<{ ids: string[] }[]>`
      select array_agg(key_id) as ids from ledger.service_key where key_id like 'racer%'`;
    expect(kept?.ids).toEqual([follower]);
  });
});

/** How many calls of this ledger wait for a row that somebody holds. */
async function waiting(): Promise<number> {
  const [row] = await test.owner<{ calls: number }[]>`
    select count(*)::int as calls from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and application_name = 'loopline'`;
  return row?.calls ?? 0;
}

describe('the last use of a key', () => {
  it('moves on in steps, and never back', async () => {
    const keyId = await madeKey();
    const used = async (minute: number) => {
      const found = await findKey(test.ledger, { keyId });
      const usedAtMs = useToRecord(found?.lastUsedAtMs ?? null, NINE + minute * MINUTE_MS);
      return usedAtMs === undefined
        ? 'nothing to tell'
        : touchKey(test.ledger, { keyId, usedAtMs });
    };
    expect(await used(7)).toEqual({ applied: true });
    expect((await findKey(test.ledger, { keyId }))?.lastUsedAtMs).toBe(NINE + 5 * MINUTE_MS);
    expect(await used(9)).toBe('nothing to tell');
    expect(await used(10)).toEqual({ applied: true });
    expect(await touchKey(test.ledger, { keyId, usedAtMs: NINE })).toEqual({ applied: false });
    expect((await findKey(test.ledger, { keyId }))?.lastUsedAtMs).toBe(NINE + 10 * MINUTE_MS);
    const unknown = { keyId: 'unknown0000', usedAtMs: NINE };
    expect(await touchKey(test.ledger, unknown)).toEqual({ applied: false });
  });

  it('waits for nobody who holds the key’s row', async () => {
    const keyId = await madeKey();
    await test.owner.begin(async (sql) => {
      await sql`select from ledger.service_key where key_id = ${keyId} for update`;
      expect(await touchKey(test.ledger, { keyId, usedAtMs: NINE })).toEqual({ applied: false });
    });
    expect(await touchKey(test.ledger, { keyId, usedAtMs: NINE })).toEqual({ applied: true });
  });
});

describe('the list of keys', () => {
  it('holds each once, newest first, in pages, and those that count when they are asked for', async () => {
    const all = async (counting?: string) => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await listKeys(test.ledger, { limit: 3, cursor, counting });
        ids.push(...page.data.map(({ keyId }) => keyId));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      return ids;
    };
    const revoked = await madeKey();
    await revokeKey(test.ledger, { keyId: revoked, at: at(1) });
    const short = await madeKey({ expiresAt: at(HOUR) });
    const replaced = await madeKey();
    await rotateKey(test.ledger, rotation(replaced, 'follower009', { overlapHours: 1, minute: 0 }));
    const expected = async (condition: string) => {
      const rows = await test.owner.unsafe<{ id: string }[]>(
        `select key_id as id from ledger.service_key where ${condition} order by made_at desc, key_id desc`,
      );
      return rows.map(({ id }) => id);
    };
    expect(await all()).toEqual(await expected('true'));
    const before = await all(at(HOUR - 1));
    expect(before).toEqual(expect.arrayContaining([short, replaced, 'follower009']));
    expect(before).not.toContain(revoked);
    const after = await all(at(HOUR));
    expect(after).toContain('follower009');
    expect(after).not.toContain(short);
    expect(after).not.toContain(replaced);
  });
});

it('a revoked and a rotated key are heard of at once', async () => {
  const [first, second] = [await madeKey(), await madeKey()];
  const last = { what: 'key', id: second } as const;
  const heard = await heardDuring(test.appUrl, last, async () => {
    await rotateKey(test.ledger, rotation(first, 'follower010'));
    await revokeKey(test.ledger, { keyId: second, at: at(1) });
  });
  expect(heard).toEqual([{ what: 'everything' }, { what: 'key', id: first }, last]);
});

function textOfBigint(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
