import { afterAll, beforeAll, expect, it } from 'vitest';
import { findKey } from '../../activities/ledger/read/service-keys.ts';
import { isKeyOf } from '../../api/access/key-digest.ts';
import { judgeKey, keyIdOf } from '../../rules/access/service-key.ts';
import { readAccessArguments } from '../../worker/access-arguments.ts';
import { carryOutAccess, type Told } from '../../worker/carry-out-access.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { NINE, writePlaces } from './access-people.ts';

const DAY_MS = 24 * 3_600_000;
const BY = { actor: 'process:access-command', onBehalfOf: 'os-user:test' };

let test: TestLedger;
beforeAll(async () => {
  test = await openLedger();
  await writePlaces(test.owner);
});
afterAll(async () => test?.close());

const carryOut = (line: string, nowMs = NINE): Promise<Told> =>
  carryOutAccess(test.ledger.as(BY), readAccessArguments(line.split(' ')), nowMs);

/** Makes a key with a command and answers what it has printed. */
async function printed(line: string): Promise<{ key: string; keyId: string }> {
  const { done, answer } = await carryOut(line);
  expect(done).toBe(true);
  const [key = '', ...more] = answer;
  expect(more).toHaveLength(0);
  return { key, keyId: keyIdOf(key) ?? '' };
}

async function found(keyId: string) {
  const key = await findKey(test.ledger, { keyId });
  if (key === null) throw new Error(`there is no key ${keyId}`);
  return key;
}

it('the first key of a new installation is printed once and is known by its digest alone', async () => {
  const { key, keyId } = await printed('make-key --name Root --roles admin --days 30');
  const stored = await found(keyId);
  expect(isKeyOf(key, Buffer.from(stored.digest, 'hex'))).toBe(true);
  expect(stored).toMatchObject({ name: 'Root', roles: ['admin'], expiresAtMs: NINE + 30 * DAY_MS });
  const { answer, note } = await carryOut('list-keys');
  expect(answer).toHaveLength(1);
  expect(answer[0]).toContain(keyId);
  expect(`${answer.join()}${note}`).not.toContain(key);
  const [row] = await test.owner`
    select actor, on_behalf_of from ledger.audit where subject_id = ${keyId} and act = 'key-made'`;
  expect(row).toEqual({ actor: BY.actor, on_behalf_of: BY.onBehalfOf });
});

it('a key is rotated and revoked, and not rotated after that', async () => {
  const old = await printed('make-key --name Shop --roles connector --channels web');
  const next = await printed(`rotate-key ${old.keyId} --overlap-hours 0`);
  expect(judgeKey(await found(old.keyId), NINE)).toMatchObject({ rule: 'key-replaced' });
  expect(judgeKey(await found(next.keyId), NINE)).toEqual({ outcome: 'valid' });
  expect(await carryOut(`rotate-key ${old.keyId}`)).toMatchObject({
    done: false,
    answer: [],
    note: expect.stringContaining(next.keyId) as unknown,
  });
  expect(await carryOut(`revoke-key ${next.keyId} --reason leaked`)).toMatchObject({ done: true });
  expect(judgeKey(await found(next.keyId), NINE)).toMatchObject({ rule: 'key-revoked' });
  await expect(carryOut('revoke-key nobody00000')).rejects.toMatchObject({ type: 'NotFound' });
});

it('a person is put, listed, refused with a reason, and ended', async () => {
  const put = 'put-person --issuer https://login.example --subject ada --name Ada --roles ops';
  expect(await carryOut(`${put} --person-id person:ada`)).toEqual({
    done: true,
    answer: ['person:ada'],
    note: 'Ada is created.',
  });
  expect((await carryOut('list-people')).answer).toEqual(['person:ada  ops  Ada']);
  expect(await carryOut(`${put} --nodes nort`)).toMatchObject({
    done: false,
    note: 'Ada is refused: reach.nodes nort is not a known node.',
  });
  expect(await carryOut('end-person person:ada')).toMatchObject({ done: true });
  expect((await carryOut('list-people')).answer).toEqual([]);
});
