import { randomUUID } from 'node:crypto';
import { OpenAPIHono, type Hook } from '@hono/zod-openapi';
import type { Context, Next } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { Failure } from '../activities/failures.ts';
import { recordRefusal } from '../activities/ledger/intake/record-refusal.ts';
import type { Identify } from './access/authenticate.ts';
import { checkReach, checkScope, findRoute } from './access/authorize.ts';
import { refuseForgeries } from './access/csrf.ts';
import { limitRate, rateLimiter, type RateLimits } from './access/rate-limit.ts';
import { recordRefusals } from './access/record-refusals.ts';
import { requireIdentity } from './access/require-identity.ts';
import { setSecurityHeaders } from './access/security-headers.ts';
import type { SlowDown } from './access/slow-down.ts';
import { sourceAddressOf } from './access/source-address.ts';
import type { Api, ApiContext, RequestVariables } from './context.ts';
import { timesAhead } from './fact-times.ts';
import { shedLoad } from './load-shedding.ts';
import { measureLoad, type Load } from './load.ts';
import { naturalKeyOf } from './natural-key.ts';
import { fieldErrors, problem, problemOf } from './problem.ts';
import { registerRoutes } from './routes.ts';
import { registerLoginRoutes, type BrowserLogin } from './routes/login.ts';
import { unstorable } from './storable.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;

export interface ApiOptions {
  /** Finds out who sends a request. */
  readonly identify: Identify;
  readonly reportError: (error: unknown, requestId: string) => void;
  /** Counts what the process has under way, within limits. */
  readonly load?: Load;
  /** How browsers log in; without it nobody does. */
  readonly login?: BrowserLogin | undefined;
  readonly rateLimits?: RateLimits | undefined;
  /** What failing to show who one is costs; nothing, where it is left out. */
  readonly slowDown?: SlowDown | undefined;
  /** How many proxies of ours stand before this process. */
  readonly proxies?: number | undefined;
}

/** The whole API as one Hono app. */
export function createApi(context: ApiContext, options: ApiOptions): Api {
  const { load = measureLoad(), proxies = 0, login } = options;
  const limiter = rateLimiter(options.rateLimits);
  const app: Api = new OpenAPIHono<RequestVariables>({ defaultHook: nameFields });
  app.use(async (hono, next) => {
    const given = hono.req.header('X-Request-Id');
    const isUsable = given !== undefined && /^[\w.-]{1,128}$/.test(given);
    hono.set('requestId', isUsable ? given : randomUUID());
    hono.header('X-Request-Id', hono.get('requestId'));
    hono.set('sourceAddress', sourceAddressOf(hono, proxies));
    hono.set('route', findRoute(hono));
    await next();
  });
  app.use(setSecurityHeaders);
  app.use((hono, next) => requireIdentity(hono, next, { ...options, now: context.now }));
  app.use(
    recordRefusals({
      record: (refused) => recordRefusal(context.ledger, refused),
      reportError: options.reportError,
      now: context.now,
    }),
  );
  app.use((hono, next) => refuseForgeries(hono, next, login?.origin ?? ''));
  app.use((hono, next) => limitRate(hono, next, limiter));
  // After the key as well: whoever has none must not take the room of those who have.
  app.use((hono, next) => shedLoad(hono, next, load));
  app.use(checkScope);
  // After the scope, so that nobody without one makes us hold a body.
  app.use(limitBody);
  app.use((hono, next) => refuseUnreadable(hono, next, context.now()));
  app.use((hono, next) => checkReach(hono, next, context));
  app.notFound((hono) =>
    problem(hono, 404, 'NotFound', `${hono.req.method} ${hono.req.path} is no route of this API.`),
  );
  app.onError((error, hono) => answerError(error, hono, options.reportError));
  registerLoginRoutes(app, context, { login, slowDown: options.slowDown });
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
  // A logout says nothing but that.
  const isBare = path.startsWith('/v1/webhooks/') || path === '/logout';
  if ((method === 'POST' || method === 'PUT') && !isBare) {
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
