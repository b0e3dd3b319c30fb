import { z } from 'zod';
import { putSettings } from '../put-settings.ts';
import { DECIDERS } from './deciders.ts';

const CALL_DEADLINE_MS = 30_000;

/** The settings of the simulated provider, as far as they say who there is. */
const providerSettings = z.object({
  password: z.string(),
  people: z.array(z.looseObject({ account: z.string() })),
});

const entered = z.object({ results: z.array(z.looseObject({ result: z.string() })) });

/** Where deciders are entered. */
export interface DecidersSite {
  readonly apiUrl: string;
  /** Of the installation itself, or of somebody who may enter people. */
  readonly apiKey: string;
  /** The simulated provider, by which people log in at the API. */
  readonly identityUrl: string;
  /** What the provider has to know of the API, where nobody has told it before. */
  readonly client?: { readonly secret: string; readonly redirectUris: readonly string[] };
}

/**
 * Makes the deciders known to the simulated provider, beside its own people, and to Loopline. Answers the
 * password that all of them have. Safe to repeat: who is entered stays as they are.
 */
export async function enterDeciders(site: DecidersSite): Promise<string> {
  const { identityUrl, client } = site;
  const known = providerSettings.parse(await read(`${identityUrl}/_sim/settings`));
  const accounts = new Set(DECIDERS.map(({ account }) => account));
  await putSettings(identityUrl, {
    people: [
      ...known.people.filter(({ account }) => !accounts.has(account)),
      ...DECIDERS.map(({ account, name, email, role }) => ({ account, name, email, job: role })),
    ],
    ...(client === undefined
      ? {}
      : { clientSecret: client.secret, redirectUris: client.redirectUris }),
  });
  // Its library and its keys take a while; the first login would not wait so long.
  const { issuer } = z
    .object({ issuer: z.string() })
    .parse(await read(`${identityUrl}/.well-known/openid-configuration`));
  await enter(site, issuer);
  return known.password;
}

async function enter({ apiUrl, apiKey }: DecidersSite, issuer: string): Promise<void> {
  const people = DECIDERS.map(({ personId, name, email, role }) => ({
    id: personId,
    issuer,
    // The first login adds the provider's name of the person to the address.
    loginEmail: email,
    name,
    roles: [role],
    reach: { nodes: '*', channels: '*', regions: '*', amountMinor: null },
  }));
  const body = JSON.stringify(people);
  const answer = await call(`${apiUrl}/v1/people`, { method: 'PUT', body }, apiKey);
  const refused = entered.parse(answer).results.find(({ result }) => result === 'refused');
  if (refused !== undefined) throw new Error(`A decider was refused: ${JSON.stringify(refused)}`);
}

function read(url: string): Promise<unknown> {
  return call(url, {});
}

async function call(url: string, init: RequestInit, key?: string): Promise<unknown> {
  const headers = {
    'Content-Type': 'application/json',
    ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
  };
  const signal = AbortSignal.timeout(CALL_DEADLINE_MS);
  const response = await fetch(url, { ...init, headers, signal });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text) as unknown;
}
