import { z } from 'zod';
import { baseFaults, baseSettings, HANG_MS, NO_FAULTS, text } from '../fields.ts';

const account = z.strictObject({
  /** What somebody types to log in, and the `sub` of their tokens. */
  account: z.string().regex(/^[a-z0-9.-]{1,64}$/, 'must be 1 to 64 small letters, digits, . or -'),
  name: text,
  email: z.email().max(320),
  /** Whether the provider vouches for the address. */
  emailVerified: z.boolean().default(true),
  /** What the person does at the sample shop; what they may do there is not the provider's business. */
  job: text,
});

const redirectUris = z.array(z.url({ protocol: /^https?$/ })).max(20);

export const identitySettings = z.strictObject({
  ...baseSettings,
  /** How the provider names itself; null: the address that it listens at. */
  issuer: z.url({ protocol: /^https?$/ }).nullable(),
  /** What access tokens for the API are made out to. */
  audience: z.url(),
  accessTokenSeconds: z.int().min(1).max(86_400),
  /** The one password of everybody: it protects nothing that is worth anything. */
  password: z.string().min(1).max(200),
  people: z.array(account).max(500),
  /** The merchant's application, which can keep a secret. */
  clientId: text,
  clientSecret: z.string().min(16).max(200),
  redirectUris,
  /** Programs on somebody's own machine, which cannot. */
  toolClientId: text,
  toolRedirectUris: redirectUris,
  faults: z.strictObject(baseFaults),
});

export type IdentitySettings = z.infer<typeof identitySettings>;
export type Account = IdentitySettings['people'][number];

/** The people of the sample shop, one for each kind of work. */
const PEOPLE: readonly Account[] = [
  ['tom.barker', 'Tom Barker', 'warehouse'],
  ['priya.nair', 'Priya Nair', 'support'],
  ['helen.moss', 'Helen Moss', 'finance'],
  ['marek.nowak', 'Marek Nowak', 'procurement'],
  ['grace.okafor', 'Grace Okafor', 'approver'],
  ['daniel.reyes', 'Daniel Reyes', 'ops'],
  ['ines.carvalho', 'Ines Carvalho', 'admin'],
  ['leo.brandt', 'Leo Brandt', 'connector'],
].map(([name = '', fullName = '', job = '']) => ({
  account: name,
  name: fullName,
  email: `${name}@loopline.example`,
  emailVerified: true,
  job,
}));

/** Settings of a provider that nobody has told anything yet. `clientSecret` is drawn at each start until it is set. */
export function startingIdentitySettings(options: {
  readonly seed: number;
  readonly apiUrl: string;
  readonly clientSecret: string;
  readonly issuer: string | null;
}): IdentitySettings {
  return {
    seed: options.seed,
    latencyMs: 2,
    issuer: options.issuer,
    audience: 'urn:loopline:api',
    accessTokenSeconds: 600,
    password: 'loopline',
    people: [...PEOPLE],
    clientId: 'loopline',
    clientSecret: options.clientSecret,
    redirectUris: [`${options.apiUrl}/login/callback`],
    toolClientId: 'loopline-tools',
    toolRedirectUris: ['http://127.0.0.1/callback'],
    hangMs: HANG_MS,
    faults: NO_FAULTS,
  };
}
