import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { OpenAPIHono, type Hook } from '@hono/zod-openapi';
import type { Context, Next } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { Failure } from '../activities/failures.ts';
import type { Api, ApiContext, RequestVariables } from './context.ts';
import { timesAhead } from './fact-times.ts';
import { shedLoad } from './load-shedding.ts';
import { measureLoad, type Load } from './load.ts';
import { naturalKeyOf } from './natural-key.ts';
import { fieldErrors, problem, problemOf } from './problem.ts';
import { registerRoutes } from './routes.ts';
import { unstorable } from './storable.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const OPEN_PATHS = new Set(['/healthz', '/readyz']);

/**
 * The whole API as one Hono app. `keys` maps each bearer key to the actor that it speaks for; `load` counts what
 * the process has under way, within limits.
 */
export function createApi(
  context: ApiContext,
  options: {
    keys: ReadonlyMap<string, string>;
    reportError: (error: unknown, requestId: string) => void;
    load?: Load;
  },
): Api {
  const { load = measureLoad() } = options;
  const app: Api = new OpenAPIHono<RequestVariables>({ defaultHook: nameFields });
  app.use(async (hono, next) => {
    const given = hono.req.header('X-Request-Id');
    const isUsable = given !== undefined && /^[\w.-]{1,128}$/.test(given);
    hono.set('requestId', isUsable ? given : randomUUID());
    hono.header('X-Request-Id', hono.get('requestId'));
    await next();
  });
  const actors = [...options.keys].map(([key, actor]): KnownKey => [digest(key), actor]);
  app.use((hono, next) => authenticate(hono, next, actors));
  // After the key as well: whoever has none must not take the room of those who have.
  app.use((hono, next) => shedLoad(hono, next, load));
  // After the key, so that nobody without one makes us hold a body.
  app.use(limitBody);
  app.use((hono, next) => refuseUnreadable(hono, next, context.now()));
  app.notFound((hono) =>
    problem(hono, 404, 'NotFound', `${hono.req.method} ${hono.req.path} is no route of this API.`),
  );
  app.onError((error, hono) => answerError(error, hono, options.reportError));
  registerRoutes(app, context);
  return app;
}

type Hono = Context<RequestVariables>;

const tooLarge = (hono: Context) =>
  problem(hono, 413, 'BodyTooLarge', `A body may have ${MAX_BODY_BYTES} bytes at most.`);
const limitStream = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge });

/** Only a body that does not tell its length is counted as it comes: that costs a sixth of a whole request. */
async function limitBody(hono: Hono, next: Next): Promise<Response | void> {
  // Nobody reads the body of these.
  if (hono.req.method === 'GET' || hono.req.method === 'HEAD') return next();
  const length = hono.req.header('Content-Length');
  const isTold = length !== undefined && hono.req.header('Transfer-Encoding') === undefined;
  if (!isTold) return limitStream(hono, next);
  return Number(length) > MAX_BODY_BYTES ? tooLarge(hono) : next();
}

/** What a schema refuses is a problem that names every field at fault. */
const nameFields: Hook<unknown, RequestVariables, string, unknown> = (result, hono) => {
  if (result.success) return undefined;
  const errors = fieldErrors(result.error.issues);
  const [first] = errors;
  return problem(hono, 422, 'InvalidInput', `${first?.path}: ${first?.message}`, errors);
};

/** A key's digest, and whom it speaks for. */
type KnownKey = readonly [Buffer, string];

async function authenticate(
  hono: Hono,
  next: Next,
  keys: readonly KnownKey[],
): Promise<Response | void> {
  const { path } = hono.req;
  // Webhooks are signed by their sender: the route verifies that instead of a key.
  if (OPEN_PATHS.has(path) || path.startsWith('/v1/webhooks/')) return next();
  const actor = actorOf(givenKey(hono.req.header('Authorization'), path), keys);
  if (actor === undefined) {
    hono.header('WWW-Authenticate', isReading(path) ? 'Basic realm="Loopline"' : 'Bearer');
    const detail = 'Send a valid key as "Authorization: Bearer <key>".';
    return problem(hono, 401, 'Unauthorized', detail);
  }
  hono.set('actor', actor);
  return next();
}

/** Failures answer by their table, refusals of the framework by their status; all else is told to us alone. */
function answerError(
  error: Error,
  hono: Hono,
  reportError: (error: unknown, requestId: string) => void,
): Response {
  if (error instanceof Failure) {
    if (error.type === 'InvariantViolated') reportError(error, hono.get('requestId'));
    return problemOf(hono, error);
  }
  if (error instanceof HTTPException) {
    const title = error.status === 400 ? 'MalformedBody' : 'RequestRefused';
    const errors = [{ path: 'body', message: error.message }];
    return problem(hono, error.status, title, error.message, errors);
  }
  reportError(error, hono.get('requestId'));
  return problem(hono, 500, 'InternalError', 'Something broke on our side.');
}

/**
 * Refuses what no route could read or believe: a body that is not declared as JSON, text that the ledger
 * cannot store, facts of the future. Arrays are left to their routes, which judge the elements one by
 * one; webhooks verify the raw body before they read it.
 */
async function refuseUnreadable(
  hono: Context<RequestVariables>,
  next: Next,
  now: string,
): Promise<Response | void> {
  const { path, method } = hono.req;
  const key = hono.req.header('Idempotency-Key');
  const given = Object.entries(hono.req.queries());
  const query = given.map(([name, values]) => [name, values.length === 1 ? values[0] : values]);
  const errors = unstorable(Object.fromEntries(query), 'query');
  if (key !== undefined && !/^[\x21-\x7e]{1,200}$/.test(key)) {
    errors.push({
      path: 'Idempotency-Key',
      message: 'must be 1 to 200 printable ASCII characters without spaces',
    });
  }
  if (/%00/.test(path) || path.includes('\0'))
    errors.push({ path: 'path', message: 'must not contain NUL' });
  if ((method === 'POST' || method === 'PUT') && !path.startsWith('/v1/webhooks/')) {
    if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(hono.req.header('Content-Type') ?? '')) {
      return problem(hono, 415, 'UnsupportedMediaType', 'Send the body as application/json.', [
        { path: 'body', message: 'must be declared as application/json' },
      ]);
    }
    // Hono keeps what it has parsed: the route's validation reads the same value.
    const body: unknown = await hono.req.json().catch(() => undefined);
    if (!Array.isArray(body)) errors.push(...unstorable(body), ...timesAhead(body, now));
    hono.set('naturalKey', naturalKeyOf(body, key));
  }
  const [first] = errors;
  if (first === undefined) return next();
  return problem(hono, 422, 'InvalidInput', `${first.path}: ${first.message}`, errors);
}

/** The readable description of the API is for browsers, which ask for a name and a password: the password is the key. */
function isReading(path: string): boolean {
  return path === '/openapi.json' || path === '/docs' || path.startsWith('/docs/');
}

function givenKey(header: string | undefined, path: string): string | undefined {
  if (header?.startsWith('Bearer ') === true) return header.slice('Bearer '.length);
  if (header?.startsWith('Basic ') !== true || !isReading(path)) return undefined;
  const credentials = Buffer.from(header.slice('Basic '.length), 'base64').toString('utf8');
  return credentials.slice(credentials.indexOf(':') + 1);
}

/** Compares digests, so that the time taken tells nothing about the key. */
function actorOf(given: string | undefined, keys: readonly KnownKey[]): string | undefined {
  if (given === undefined) return undefined;
  const wanted = digest(given);
  let found: string | undefined;
  for (const [key, actor] of keys) {
    if (timingSafeEqual(key, wanted)) found = actor;
  }
  return found;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
