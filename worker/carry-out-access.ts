import { randomBytes } from 'node:crypto';
import type { Ledger } from '../activities/ledger/connect.ts';
import { endPerson, putPeople, type PersonInput } from '../activities/ledger/intake/people.ts';
import { makeKey, revokeKey, rotateKey } from '../activities/ledger/intake/service-keys.ts';
import type { Page } from '../activities/ledger/read/page.ts';
import { listPeople } from '../activities/ledger/read/people.ts';
import { listKeys } from '../activities/ledger/read/service-keys.ts';
import { digestOfKey } from '../api/access/key-digest.ts';
import { expiryOf, KEY_BYTES, makeServiceKey } from '../rules/access/service-key.ts';
import type { AccessCommand } from './access-arguments.ts';

/** What a command has to say: `answer` is for whoever reads its output, `note` for whoever looks on. */
export interface Told {
  readonly done: boolean;
  readonly answer: readonly string[];
  readonly note: string;
}

const PAGE = 200;

/**
 * Carries out one command, as whoever the ledger acts for; `nowMs` in milliseconds since 1970. The answer of one
 * that makes a key is the key itself, which nothing else ever shows. Errors: as the ledger's verbs.
 */
export async function carryOutAccess(
  ledger: Ledger,
  command: AccessCommand,
  nowMs: number,
): Promise<Told> {
  switch (command.name) {
    case 'make-key':
      return makeIt(ledger, command, nowMs);
    case 'rotate-key':
      return rotateIt(ledger, command, nowMs);
    case 'revoke-key':
      return revokeIt(ledger, command, nowMs);
    case 'put-person':
      return putIt(ledger, command.person, nowMs);
    case 'end-person':
      return endIt(ledger, command, nowMs);
    case 'list-keys': {
      const keys = await everyPage((cursor) => listKeys(ledger, { limit: PAGE, cursor }));
      return told(keys.map(keyLine), `Keys: ${keys.length}.`);
    }
    case 'list-people': {
      const people = await everyPage((cursor) => listPeople(ledger, { limit: PAGE, cursor }));
      return told(
        people.map(({ personId, name, roles }) => `${personId}  ${roles.join(',')}  ${name}`),
        `People: ${people.length}.`,
      );
    }
  }
}

type Named<Name extends AccessCommand['name']> = Extract<AccessCommand, { name: Name }>;

async function makeIt(
  ledger: Ledger,
  { keyName, roles, scopes, reach, days }: Named<'make-key'>,
  nowMs: number,
): Promise<Told> {
  const { id, key, digest } = newKey();
  const made = await makeKey(ledger, {
    keyId: id,
    digest,
    name: keyName,
    roles,
    scopes,
    reach,
    expiresAt: instant(expiryOf(nowMs, days)),
    at: instant(nowMs),
  });
  return told(
    [key],
    `The key ${id} (${keyName}: ${made.key.roles.join(', ')}) counts until ${made.key.expiresAt}. Note it now: nobody can show it again.`,
  );
}

async function rotateIt(
  ledger: Ledger,
  { keyId, days, overlapHours }: Named<'rotate-key'>,
  nowMs: number,
): Promise<Told> {
  const { id, key, digest } = newKey();
  const rotation = await rotateKey(ledger, {
    keyId,
    next: { keyId: id, digest, expiresAt: instant(expiryOf(nowMs, days)) },
    overlapHours,
    at: instant(nowMs),
  });
  if (rotation.outcome === 'refused') {
    const follower = rotation.replaced.replacedBy;
    return {
      done: false,
      answer: [],
      note: `The key ${keyId} is not rotated: ${rotation.rule}${follower === null ? '' : `, by ${follower}`}.`,
    };
  }
  return told(
    [key],
    `The key ${id} follows ${keyId}, which counts until ${rotation.replaced.replacedFrom ?? 'now'}. Note it now: nobody can show it again.`,
  );
}

async function revokeIt(
  ledger: Ledger,
  { keyId, reason }: Named<'revoke-key'>,
  nowMs: number,
): Promise<Told> {
  const { applied, key } = await revokeKey(ledger, { keyId, at: instant(nowMs), reason });
  const when = key.revokedAt ?? '';
  return told(
    [],
    applied
      ? `The key ${keyId} (${key.name}) is revoked.`
      : `The key ${keyId} was revoked at ${when}.`,
  );
}

async function putIt(ledger: Ledger, person: PersonInput, nowMs: number): Promise<Told> {
  const { results } = await putPeople(ledger, { people: [person], at: instant(nowMs) });
  const [result] = results;
  if (result === undefined || result.result === 'refused') {
    const errors = (result?.errors ?? []).map(({ path, message }) => `${path} ${message}`);
    return { done: false, answer: [], note: `${person.name} is refused: ${errors.join('; ')}.` };
  }
  return told([result.personId ?? ''], `${person.name} is ${result.result}.`);
}

async function endIt(
  ledger: Ledger,
  { personId, reason }: Named<'end-person'>,
  nowMs: number,
): Promise<Told> {
  const ended = await endPerson(ledger, { personId, at: instant(nowMs), reason });
  if (ended.rule === 'last-admin') {
    const note = `${personId} stays: nobody would be left who gives rights everywhere. Enter another admin first.`;
    return { done: false, answer: [], note };
  }
  return told(
    [],
    ended.applied
      ? `${personId} has left; ${ended.sessionsEnded} sessions have ended.`
      : `${personId} left at ${ended.leftAt ?? ''}.`,
  );
}

function newKey(): { id: string; key: string; digest: string } {
  const { id, key } = makeServiceKey(randomBytes(KEY_BYTES));
  return { id, key, digest: digestOfKey(key).toString('hex') };
}

type KeyLine = Awaited<ReturnType<typeof listKeys>>['data'][number];

function keyLine(key: KeyLine): string {
  const ends =
    key.revokedAt !== null
      ? `revoked ${key.revokedAt}`
      : key.replacedFrom !== null
        ? `replaced ${key.replacedFrom}`
        : `expires ${key.expiresAt}`;
  const used = key.lastUsedAt === null ? 'never used' : `used ${key.lastUsedAt}`;
  return `${key.keyId}  ${key.roles.join(',')}  ${ends}  ${used}  ${key.name}`;
}

async function everyPage<Item>(
  read: (cursor: string | undefined) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    items.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}

function told(answer: readonly string[], note: string): Told {
  return { done: true, answer, note };
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
