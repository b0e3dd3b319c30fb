import { z } from 'zod';
import { parseKeyRing, WrongKeyRingError } from '../activities/sealing/key-ring.ts';
import { DEFAULT_LOAD_LIMITS } from '../api/load.ts';
import { WEBHOOK_NETWORKS } from '../rules/notice/judge-webhook-url.ts';

const port = (standard: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port between 1 and 65535')
    .transform(Number)
    .refine((value) => value >= 1 && value <= 65_535, 'must be a port between 1 and 65535')
    .default(standard);

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .transform((url) => url.replace(/\/+$/, ''));

const wholeNumber = (from: number, to: number, standard: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number between ${from} and ${to}`)
    .transform(Number)
    .refine(
      (value) => value >= from && value <= to,
      `must be a whole number between ${from} and ${to}`,
    )
    .default(standard);

/** `id:base64,id:base64`, each key of 32 bytes; the first one seals, all of them open. */
const keyRing = z.string().transform((text, refine) => {
  try {
    return parseKeyRing(text);
  } catch (error) {
    if (!(error instanceof WrongKeyRingError)) throw error;
    refine.addIssue({ code: 'custom', message: `is no list of keys: ${error.message}` });
    return z.NEVER;
  }
});

/** Scheme, host and port of web pages, separated by commas. */
const origins = z
  .string()
  .transform((list) => list.split(',').map((origin) => origin.trim().replace(/\/+$/, '')))
  .pipe(
    z
      .array(
        z.string().regex(/^https?:\/\/[^/\s?#@]+$/, 'must be a list such as https://ui.example'),
      )
      .min(1),
  );

const ROLES = ['api', 'worker', 'dispatcher'] as const;

const schema = z.object({
  /** An administrator's URL of a Postgres that runs already; ours is started when left out. */
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' })
    .optional(),
  /** host:port of a Temporal that runs already; ours is started when left out. */
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s:/]+:\d{1,5}$/, 'must be host:port, without a scheme')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  /** The address the API listens on; loopback unless told otherwise. */
  API_HOST: z.string().default('127.0.0.1'),
  API_PORT: port(3000),
  POSTGRES_PORT: port(54_320),
  TEMPORAL_PORT: port(7233),
  TEMPORAL_UI_PORT: port(8233),
  GATEWAY_PORT: port(4010),
  CARRIER_PORT: port(4020),
  SUPPLIER_PORT: port(4030),
  WAREHOUSE_PORT: port(4040),
  MAIL_PORT: port(4050),
  MAIL_SMTP_PORT: port(4051),
  IDENTITY_PORT: port(4060),
  /** Where the providers are; the simulators on the ports above when left out. */
  GATEWAY_URL: httpUrl.optional(),
  CARRIER_URL: httpUrl.optional(),
  SUPPLIER_URL: httpUrl.optional(),
  /** Where mail is handed over: smtp://host:port, smtps:// for TLS from the start, with user:password@ if need be. */
  MAIL_SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an smtp or smtps URL' }).optional(),
  /** Who our mail is from. */
  MAIL_FROM: z
    .string()
    .regex(/^[^\r\n]{1,200}$/, 'must be one line')
    .default('Loopline <loopline@localhost>'),
  /** Where people reach the API; links in mails begin with it. */
  PUBLIC_URL: httpUrl.optional(),
  /**
   * The OpenID Connect provider, exactly as it names itself; the simulated one on the port above when left out
   * of `npm start`, none when left out elsewhere.
   */
  OIDC_ISSUER: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
  OIDC_CLIENT_ID: z.string().default('loopline'),
  OIDC_CLIENT_SECRET: z.string().optional(),
  /** What access tokens for the API are made out to. */
  OIDC_AUDIENCE: z.string().default('urn:loopline:api'),
  /** Signs the cookies of browsers, the same for every process; made of the API key when left out. */
  SESSION_SECRET: z
    .string()
    .regex(/^[\x21-\x7e]{32,200}$/, 'must be 32 to 200 visible ASCII characters')
    .optional(),
  /** How many proxies of ours stand before the API: the last so many of X-Forwarded-For are believed. */
  API_PROXIES: wholeNumber(0, 10, 0),
  /** The data folder; relative to the project. */
  LOOPLINE_DATA: z.string().optional(),
  /** What callers of the API present; `npm start` generates one when left out. */
  LOOPLINE_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{16,200}$/, 'must be 16 to 200 visible ASCII characters')
    .optional(),
  /** What this process does: any of api, worker, dispatcher, separated by commas. */
  LOOPLINE_ROLES: z
    .string()
    .default(ROLES.join(','))
    .transform((list) => list.split(',').map((role) => role.trim()))
    .pipe(z.array(z.enum(ROLES, `must be a list of ${ROLES.join(', ')}`)).min(1)),
  /** Requests, orders and lines of orders that an API process has under way at most; more are answered 503 at once. */
  API_MAX_REQUESTS: wholeNumber(1, 100_000, DEFAULT_LOAD_LIMITS.requests),
  API_MAX_ORDERS: wholeNumber(1, 100_000, DEFAULT_LOAD_LIMITS.orders),
  API_MAX_LINES: wholeNumber(1, 10_000_000, DEFAULT_LOAD_LIMITS.lines),
  /** How long a process that is told to stop waits for requests, and then for tasks, under way. */
  DRAIN_SECONDS: wholeNumber(1, 600, 10),
  /** Encrypts what Temporal keeps of workflows; left out, it is readable. The same for every process. */
  LOOPLINE_PAYLOAD_KEYS: keyRing.optional(),
  /** Where the codec server listens, which pages may ask it, and what else callers present. */
  CODEC_HOST: z.string().default('127.0.0.1'),
  CODEC_PORT: port(8235),
  CODEC_UI_ORIGINS: origins.default(['http://127.0.0.1:8233', 'http://localhost:8233']),
  LOOPLINE_CODEC_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{16,200}$/, 'must be 16 to 200 visible ASCII characters')
    .optional(),
  /** Seals the secrets of webhook endpoints in the ledger; made of the API key when left out. */
  LOOPLINE_SECRET_KEYS: keyRing.optional(),
  /** Which networks webhooks may go to, besides the public one. */
  LOOPLINE_WEBHOOK_NETWORKS: z
    .enum(WEBHOOK_NETWORKS, `must be one of ${WEBHOOK_NETWORKS.join(', ')}`)
    .default('loopback'),
  /** The application role's password, where the administrator's must not decide it. */
  LEDGER_APP_PASSWORD: z
    .string()
    .regex(/^[\x21-\x7e]{8,200}$/, 'must be 8 to 200 visible ASCII characters')
    .optional(),
  /** Decides which faults the simulators make. */
  SIM_SEED: z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .default('1'),
  /** `live`: suppliers and warehouse act by the wall clock; `replay`: a driver moves it. */
  SIM_MODE: z.enum(['live', 'replay'], 'must be live or replay').default('live'),
});

/** Every setting of a process, checked; a port is a number, an unset value is absent. */
export type Env = z.infer<typeof schema>;

/** A setting is wrong; the message names each wrong one and says what it must be. */
export class WrongSettingError extends Error {
  override readonly name = 'WrongSettingError';
}

/** Reads all settings from environment variables; an empty one counts as not set. */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): Env {
  const given = Object.fromEntries(
    Object.keys(schema.shape)
      .map((name) => [name, source[name]] as const)
      .filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const complaints = parsed.error.issues.map((issue) =>
      complaint(String(issue.path[0]), issue.message, given),
    );
    throw new WrongSettingError([...new Set(complaints)].join('\n'));
  }
  assertPortsDiffer(parsed.data);
  return parsed.data;
}

/** A key or a URL with a password must not end up on a screen or in a log. */
function complaint(name: string, message: string, given: Record<string, string | undefined>) {
  return `${name} ${message}${SECRETS.has(name) ? '' : `; it is ${JSON.stringify(given[name])}`}.`;
}

const SECRETS = new Set([
  'LOOPLINE_API_KEY',
  'LOOPLINE_PAYLOAD_KEYS',
  'LOOPLINE_CODEC_KEY',
  'LOOPLINE_SECRET_KEYS',
  'DATABASE_URL',
  'LEDGER_APP_PASSWORD',
  'MAIL_SMTP_URL',
  'OIDC_CLIENT_SECRET',
  'SESSION_SECRET',
]);

function assertPortsDiffer(env: Env): void {
  const owners = new Map<number, string>();
  for (const [name, value] of Object.entries(env)) {
    if (!name.endsWith('_PORT') || typeof value !== 'number') continue;
    const other = owners.get(value);
    if (other !== undefined) {
      throw new WrongSettingError(`${other} and ${name} are both ${value}.`);
    }
    owners.set(value, name);
  }
}

/**
 * How the API is entered: its own key, who logs people in, and what stands before it. `baseUrl` is where
 * browsers reach it, `issuer` the provider where OIDC_ISSUER names none; without either nobody logs in.
 */
export function accessSettings(
  env: Env,
  given: { apiKey: string; baseUrl: string; issuer?: string; clientSecret?: string },
) {
  const issuer = env.OIDC_ISSUER ?? given.issuer;
  return {
    apiKey: given.apiKey,
    sessionSecret: env.SESSION_SECRET,
    proxies: env.API_PROXIES,
    identity:
      issuer === undefined
        ? undefined
        : {
            issuer,
            clientId: env.OIDC_CLIENT_ID,
            clientSecret: env.OIDC_CLIENT_SECRET ?? given.clientSecret,
            baseUrl: env.PUBLIC_URL ?? given.baseUrl,
            audience: env.OIDC_AUDIENCE,
          },
  };
}

/** What stop and load settings mean to a process of Loopline. */
export function serviceSettings(env: Env) {
  return {
    limits: {
      requests: env.API_MAX_REQUESTS,
      orders: env.API_MAX_ORDERS,
      lines: env.API_MAX_LINES,
    },
    drainMs: env.DRAIN_SECONDS * 1_000,
  };
}
