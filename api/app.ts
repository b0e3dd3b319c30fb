import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { Failure } from '../activities/failures.ts';
import type { ApiContext, RequestVariables } from './context.ts';
import { fieldPath, problem, problemOf } from './problem.ts';
import { registerRoutes } from './routes.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const OPEN_PATHS = new Set(['/healthz', '/readyz']);

export type Api = OpenAPIHono<RequestVariables>;

/** The whole API as one Hono app. `keys` maps each bearer key to the actor that it speaks for. */
export function createApi(
  context: ApiContext,
  options: { keys: ReadonlyMap<string, string>; reportError: (error: unknown, requestId: string) => void },
): Api {
  const app: Api = new OpenAPIHono<RequestVariables>({
    defaultHook: (result, hono) => {
      if (result.success) return undefined;
      const errors = result.error.issues.map((issue) => ({ path: fieldPath(issue.path), message: issue.message }));
      return problem(hono, 422, 'InvalidInput', `${errors[0]?.path ?? 'body'}: ${errors[0]?.message ?? ''}`, errors);
    },
  });
  app.use(async (hono, next) => {
    const given = hono.req.header('X-Request-Id');
    hono.set('requestId', given !== undefined && /^[\w.-]{1,128}$/.test(given) ? given : randomUUID());
    hono.header('X-Request-Id', hono.get('requestId'));
    await next();
  });
  app.use(bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (hono) => problem(hono, 413, 'BodyTooLarge', `A body may have ${MAX_BODY_BYTES} bytes at most.`),
  }));
  app.use(async (hono, next) => {
    if (OPEN_PATHS.has(hono.req.path)) return next();
    const actor = actorOf(hono.req.header('Authorization'), options.keys);
    if (actor === undefined) {
      hono.header('WWW-Authenticate', 'Bearer');
      return problem(hono, 401, 'Unauthorized', 'Send a valid key as "Authorization: Bearer <key>".');
    }
    hono.set('actor', actor);
    return next();
  });
  app.notFound((hono) => problem(hono, 404, 'NotFound', `${hono.req.method} ${hono.req.path} is no route of this API.`));
  app.onError((error, hono) => {
    if (error instanceof Failure) {
      if (error.type === 'InvariantViolated') options.reportError(error, hono.get('requestId'));
      return problemOf(hono, error);
    }
    if (error instanceof HTTPException) {
      return problem(hono, error.status, error.status === 400 ? 'MalformedBody' : 'RequestRefused', error.message, [
        { path: 'body', message: error.message },
      ]);
    }
    options.reportError(error, hono.get('requestId'));
    return problem(hono, 500, 'InternalError', 'Something broke on our side.');
  });
  registerRoutes(app, context);
  return app;
}

/** Compares digests, so that the time taken tells nothing about the key. */
function actorOf(header: string | undefined, keys: ReadonlyMap<string, string>): string | undefined {
  const given = header?.startsWith('Bearer ') === true ? digest(header.slice('Bearer '.length)) : undefined;
  if (given === undefined) return undefined;
  let found: string | undefined;
  for (const [key, actor] of keys) {
    if (timingSafeEqual(digest(key), given)) found = actor;
  }
  return found;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
