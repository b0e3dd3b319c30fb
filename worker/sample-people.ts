/** Who works at the sample shop that `npm start` makes, and a key for its first connector. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Role } from '../rules/access/roles.ts';
import { errorCode } from './stack/processes.ts';

/** What of somebody's reach is not everything. */
interface Limits {
  readonly nodes?: readonly string[];
  readonly channels?: readonly string[];
  readonly amountMinor?: string;
}

/** What each kind of work at the sample shop may touch. The provider says who does which. */
const JOBS: Readonly<Partial<Record<string, { readonly role: Role; readonly limits: Limits }>>> = {
  warehouse: { role: 'warehouse', limits: { nodes: ['leeds'] } },
  support: { role: 'support', limits: { channels: ['web', 'b2b'] } },
  finance: { role: 'finance', limits: {} },
  procurement: { role: 'procurement', limits: {} },
  approver: { role: 'approver', limits: { amountMinor: '500000' } },
  ops: { role: 'ops', limits: {} },
  admin: { role: 'admin', limits: {} },
  connector: { role: 'connector', limits: {} },
};

/** The settings of the simulated identity provider, as far as they say who there is. */
const providerSettings = z.object({
  password: z.string(),
  people: z.array(
    z.object({ account: z.string(), name: z.string(), email: z.string(), job: z.string() }),
  ),
});

/** Somebody of the sample shop, as they log in. */
export interface SamplePerson {
  readonly account: string;
  readonly name: string;
  readonly role: Role;
}

export interface SampleAccess {
  readonly people: readonly SamplePerson[];
  readonly password: string;
  /** A key of the shop's first connector. */
  readonly connectorKey: string;
}

interface Site {
  readonly apiUrl: string;
  /** Where browsers reach the API. */
  readonly publicUrl: string;
  readonly apiKey: string;
  readonly identityUrl: string;
  readonly issuer: string;
  readonly dataDir: string;
}

/**
 * Tells the simulated provider of this API, enters its people with the role of their job, and makes a key for a
 * connector, which is kept beside the API key. Safe to repeat: who is entered stays as they are.
 */
export async function seedSamplePeople(
  site: Site & { clientSecret: string },
): Promise<SampleAccess> {
  const { publicUrl, identityUrl, clientSecret } = site;
  await send(`${identityUrl}/_sim/settings`, 'PUT', {
    clientSecret,
    redirectUris: [`${publicUrl}/login/callback`],
  });
  // Its library and its keys take a while; the first login would not wait so long.
  await send(`${identityUrl}/.well-known/openid-configuration`, 'GET');
  const known = providerSettings.parse(await send(`${identityUrl}/_sim/settings`, 'GET'));
  const people = known.people.flatMap(({ job, ...person }) => {
    const work = JOBS[job];
    return work === undefined ? [] : [{ ...person, ...work }];
  });
  if (!(await isEntered(site))) await enter(site, people);
  return {
    people: people.map(({ account, name, role }) => ({ account, name, role })),
    password: known.password,
    connectorKey: await connectorKey(site),
  };
}

async function isEntered(site: Site): Promise<boolean> {
  const page = await callApi(site, 'GET', '/v1/people?limit=1');
  return z.object({ data: z.array(z.unknown()) }).parse(page).data.length > 0;
}

async function enter(
  site: Site,
  people: readonly { name: string; email: string; role: Role; limits: Limits }[],
): Promise<void> {
  const entered = people.map(({ name, email, role, limits }) => ({
    issuer: site.issuer,
    // The first login adds the provider's name of the person to the address.
    loginEmail: email,
    email,
    name,
    roles: [role],
    reach: { nodes: '*', channels: '*', regions: '*', amountMinor: null, ...limits },
  }));
  await callApi(site, 'PUT', '/v1/people', entered);
}

const CONNECTOR = {
  name: 'web shop connector',
  roles: ['connector'],
  scopes: ['orders:read', 'orders:place', 'orders:cancel', 'stock:read', 'returns:request'],
  reach: { nodes: '*', channels: ['web'], regions: '*', amountMinor: null },
};

/** Made once per data folder, and again when it counts no more: nobody could show it another time. */
async function connectorKey(site: Site): Promise<string> {
  const file = join(site.dataDir, 'connector-key');
  const kept = await readKept(file);
  if (kept !== undefined && (await counts(site, kept))) return kept;
  const { key } = z
    .object({ key: z.string() })
    .parse(await callApi(site, 'POST', '/v1/keys', CONNECTOR));
  await writeFile(`${file}.new`, `${key}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return key;
}

async function readKept(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A key of another ledger, or one that has been revoked, is no use to anybody. */
async function counts({ apiUrl }: Site, key: string): Promise<boolean> {
  const headers = { Authorization: `Bearer ${key}` };
  const response = await fetch(`${apiUrl}/v1/me`, { headers, signal: AbortSignal.timeout(30_000) });
  return response.ok;
}

function callApi({ apiUrl, apiKey }: Site, method: string, path: string, body?: unknown) {
  return send(`${apiUrl}${path}`, method, body, { Authorization: `Bearer ${apiKey}` });
}

async function send(
  url: string,
  method: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok)
    throw new Error(
      `The sample people could not be entered: ${method} ${url}: ${await response.text()}`,
    );
  return response.json();
}
