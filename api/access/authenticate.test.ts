import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Person } from '../../activities/ledger/read/people.ts';
import type { StoredKey } from '../../activities/ledger/read/service-keys.ts';
import type { Login } from '../../activities/ledger/steps/sessions.ts';
import { EVERYWHERE, type Principal } from '../../rules/access/decide-access.ts';
import { KEY_BYTES, makeServiceKey } from '../../rules/access/service-key.ts';
import type { AccessStore } from './access-store.ts';
import { authenticator, type Identify } from './authenticate.ts';
import { digestOfKey } from './key-digest.ts';
import { digestOf, newSessionId, openCookies } from './session-cookie.ts';

const AT = '2026-11-21T09:00:00.000Z';
const NOW_MS = Date.parse(AT);
const later = (minutes: number) => new Date(NOW_MS + minutes * 60_000).toISOString();

const OWN: Principal = {
  id: 'operator',
  kind: 'process',
  name: 'operator',
  roles: [],
  scopes: ['orders:read'],
  reach: EVERYWHERE,
};
const anna: Person = {
  personId: 'person:anna',
  issuer: 'https://people.example',
  subject: 'anna',
  loginEmail: null,
  name: 'Anna',
  email: null,
  roles: ['warehouse'],
  reach: { ...EVERYWHERE, nodes: ['north'] },
  leftAt: null,
  lastLoginAt: null,
  recordedAt: AT,
};
const { id, key } = makeServiceKey(randomBytes(KEY_BYTES));
const stored: StoredKey = {
  keyId: id,
  name: 'shop',
  roles: ['connector'],
  scopes: ['orders:place', 'refunds:approve'],
  reach: EVERYWHERE,
  digest: digestOfKey(key).toString('hex'),
  expiresAtMs: NOW_MS + 3_600_000,
  replacedFromMs: null,
  revokedAtMs: null,
  lastUsedAtMs: null,
};

/** A store in memory: sessions by digest, and what was asked of it. */
function memoryStore() {
  const asked: string[] = [];
  const listeners: (() => void)[] = [];
  const state = { listening: true, key: stored as StoredKey | null, known: true };
  const sessions = new Map<string, { endsAt: string }>();
  const sessionOf = (digest: string) => {
    const session = sessions.get(digest);
    return session === undefined
      ? null
      : { sessionId: `session:${digest.slice(0, 16)}`, person: anna, openedAt: AT, ...session };
  };
  const store: AccessStore = {
    findKey: async (keyId) => {
      asked.push('findKey');
      return state.key?.keyId === keyId ? state.key : null;
    },
    touchKey: async ({ usedAtMs }) => void asked.push(`touchKey ${usedAtMs}`),
    findSession: async ({ digest }) => {
      asked.push('findSession');
      return sessionOf(digest);
    },
    openSession: async ({ digest }: Login) => {
      asked.push('openSession');
      if (!state.known) return { outcome: 'refused', rule: 'person-unknown' };
      sessions.set(digest, { endsAt: later(30) });
      const session = sessionOf(digest);
      if (session === null) throw new Error('just opened');
      return { outcome: 'opened', ...session };
    },
    endSession: async ({ digest }) => ({ applied: sessions.delete(digest) }),
    recordFailedLogins: async () => ({ failures: 1, since: AT }),
    isListening: () => state.listening,
    onChange: (changed) => void listeners.push(changed),
  };
  const change = () => {
    for (const changed of listeners) changed();
  };
  return { store, asked, state, sessions, change };
}

let memory: ReturnType<typeof memoryStore>;
let identify: Identify;
const cookies = openCookies({ baseUrl: 'https://shop.example', secret: 's' });

beforeEach(() => {
  memory = memoryStore();
  identify = authenticator({
    store: memory.store,
    ownKeys: new Map([['own-key', OWN]]),
    tokens: {
      verify: async (token) =>
        token.startsWith('true.')
          ? {
              issuer: anna.issuer,
              subject: 'anna',
              name: null,
              email: null,
              emailVerified: false,
              endsAtMs: NOW_MS + 600_000,
            }
          : undefined,
    },
    cookies,
    reportError: (error) => {
      throw error;
    },
  });
});

const shown = (given: { authorization?: string; cookie?: string; at?: string }) =>
  identify({
    authorization: given.authorization,
    cookie: given.cookie,
    at: given.at ?? AT,
    sourceAddress: '10.0.0.7',
    requestId: 'r-1',
  });
const bearer = (token: string, at?: string) =>
  shown({ authorization: `Bearer ${token}`, ...(at === undefined ? {} : { at }) });

test('nothing shown is nobody, and no reason to be slowed down', async () => {
  expect(await shown({})).toEqual({ outcome: 'anonymous' });
  expect(await shown({ cookie: 'other=1; __Host-loopline-login=x' })).toEqual({
    outcome: 'anonymous',
  });
  expect(memory.asked).toEqual([]);
});

test.each(['', 'own-ke', 'own-key ', 'OWN-KEY', 'null'])(
  'a key of the installation is known whole: %j is not',
  async (token) => {
    expect(await bearer('own-key')).toMatchObject({ outcome: 'identified', principal: OWN });
    expect(await bearer(token)).toMatchObject({ outcome: 'refused' });
    expect(await shown({ authorization: `Token own-key` })).toMatchObject({ outcome: 'refused' });
  },
);

describe('a service key', () => {
  test('has of its scopes those of its roles, is named in the audit, and its use is noted once', async () => {
    expect(await bearer(key)).toEqual({
      outcome: 'identified',
      principal: {
        id: `key:${id}`,
        kind: 'key',
        name: 'shop',
        roles: ['connector'],
        scopes: ['orders:place'],
        reach: EVERYWHERE,
      },
      credential: `key:${id}`,
    });
    await bearer(key);
    await bearer(key, later(0.1));
    expect(memory.asked).toEqual(['findKey', `touchKey ${NOW_MS}`]);
  });

  test('is read again when something has changed, and each time while nobody listens', async () => {
    await bearer(key);
    memory.state.key = { ...stored, revokedAtMs: NOW_MS };
    memory.change();
    expect(await bearer(key)).toEqual({ outcome: 'refused', by: 'key', rule: 'key-revoked' });
    memory.state.key = stored;
    memory.change();
    memory.state.listening = false;
    await bearer(key);
    await bearer(key);
    expect(memory.asked.filter((one) => one === 'findKey')).toHaveLength(4);
  });

  test('ends by the clock, whatever is remembered', async () => {
    expect(await bearer(key)).toMatchObject({ outcome: 'identified' });
    memory.state.key = { ...stored, expiresAtMs: NOW_MS + 1_000 };
    memory.change();
    expect(await bearer(key)).toMatchObject({ outcome: 'identified' });
    expect(await bearer(key, new Date(NOW_MS + 1_000).toISOString())).toMatchObject({
      rule: 'key-expired',
    });
  });

  test.each([
    [
      'with another secret',
      () => makeServiceKey(randomBytes(KEY_BYTES)).key.replace(/^llk_\w{11}/, `llk_${id}`),
    ],
    ['of an id that there is not', () => makeServiceKey(randomBytes(KEY_BYTES)).key],
    ['cut off', () => key.slice(0, -1)],
    ['without its secret', () => `llk_${id}_`],
  ])('%s is refused as one that nobody knows', async (_name, make) => {
    expect(await bearer(make())).toEqual({ outcome: 'refused', by: 'key', rule: 'key-unknown' });
  });
});

describe('a session', () => {
  test('is its person with the scopes of their roles, and has a token for changes', async () => {
    const sessionId = newSessionId();
    memory.sessions.set(digestOf(sessionId), { endsAt: later(30) });
    const found = await shown({ cookie: `a=b; __Host-loopline=${sessionId}` });
    expect(found).toMatchObject({
      outcome: 'identified',
      principal: {
        id: 'person:anna',
        kind: 'person',
        roles: ['warehouse'],
        reach: { nodes: ['north'] },
      },
      credential: `session:${digestOf(sessionId).slice(0, 16)}`,
      session: { csrfToken: cookies.csrfToken(sessionId), endsAt: later(30) },
    });
    await shown({ cookie: `__Host-loopline=${sessionId}` });
    expect(memory.asked).toEqual(['findSession']);
    // A key beside it is judged alone.
    expect(
      await shown({ authorization: 'Bearer nonsense', cookie: `__Host-loopline=${sessionId}` }),
    ).toMatchObject({ outcome: 'refused', by: 'token' });
  });

  test('that is over or unknown is refused; what is no id is not even looked up', async () => {
    const sessionId = newSessionId();
    memory.sessions.set(digestOf(sessionId), { endsAt: later(30) });
    expect(await shown({ cookie: `__Host-loopline=${sessionId}`, at: later(30) })).toMatchObject({
      outcome: 'refused',
      by: 'session',
    });
    expect(await shown({ cookie: `__Host-loopline=${newSessionId()}` })).toMatchObject({
      outcome: 'refused',
    });
    expect(memory.asked).toHaveLength(2);
    expect(await shown({ cookie: '__Host-loopline=short' })).toMatchObject({ outcome: 'refused' });
    expect(memory.asked).toHaveLength(2);
  });
});

describe('a token of the provider', () => {
  test('opens a session of its own once, which is asked for from then on', async () => {
    expect(await bearer('true.token')).toMatchObject({
      outcome: 'identified',
      principal: { id: 'person:anna' },
    });
    await bearer('true.token');
    expect(memory.asked).toEqual(['findSession', 'openSession', 'findSession']);
    memory.change();
    await bearer('true.token');
    expect(memory.asked).toHaveLength(4);
  });

  test('counts no longer than it says, nor than the session that was opened with it', async () => {
    await bearer('true.token');
    expect(await bearer('true.token', later(10))).toMatchObject({
      outcome: 'refused',
      rule: 'token-expired',
    });
    memory.sessions.clear();
    memory.state.known = false;
    memory.change();
    expect(await bearer('true.token')).toMatchObject({ outcome: 'refused', rule: 'token-invalid' });
  });

  test('is no cookie: it would open its session beyond its own end', async () => {
    await bearer('true.token');
    for (const cookie of ['true.token', 'token true.token'])
      expect(await shown({ cookie: `__Host-loopline=${cookie}` })).toMatchObject({
        outcome: 'refused',
      });
  });

  test('that is not true is refused without a word to the ledger', async () => {
    expect(await bearer('false.token')).toMatchObject({ outcome: 'refused', by: 'token' });
    expect(memory.asked).toEqual([]);
  });
});
