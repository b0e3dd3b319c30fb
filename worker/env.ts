import { z } from 'zod';
import { DEFAULT_LOAD_LIMITS } from '../api/load.ts';

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
  /** Where the providers are; the simulators on the ports above when left out. */
  GATEWAY_URL: httpUrl.optional(),
  CARRIER_URL: httpUrl.optional(),
  SUPPLIER_URL: httpUrl.optional(),
  MAIL_URL: httpUrl.optional(),
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
  const secret = ['LOOPLINE_API_KEY', 'DATABASE_URL', 'LEDGER_APP_PASSWORD'].includes(name);
  return `${name} ${message}${secret ? '' : `; it is ${JSON.stringify(given[name])}`}.`;
}

function assertPortsDiffer(env: Env): void {
  const owners = new Map<unknown, string>();
  for (const [name, value] of Object.entries(env)) {
    if (!name.endsWith('_PORT')) continue;
    const other = owners.get(value);
    if (other !== undefined) {
      throw new WrongSettingError(`${other} and ${name} are both ${String(value)}.`);
    }
    owners.set(value, name);
  }
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
