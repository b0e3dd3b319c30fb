import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { getCookie, setCookie } from 'hono/cookie';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import { z } from 'zod';
import { CannotOpenError } from '../activities/sealing/key-ring.ts';

const MAX_BODY_BYTES = 8 * 1024 * 1024;
const COOKIE = 'loopline-codec';
const SIGNED_IN_SECONDS = 8 * 3_600;

const PayloadMessage = proto.temporal.api.common.v1.Payload;

/** Payloads as the JSON of protocol buffers writes them: bytes are base64. */
const body = z.object({
  payloads: z
    .array(
      z.object({
        metadata: z.record(z.string(), z.base64()).default({}),
        data: z.base64().default(''),
      }),
    )
    .max(10_000),
});

export interface CodecAppOptions {
  readonly codec: PayloadCodec;
  /** What callers present; without it nothing is decoded for anybody. */
  readonly key: string;
  /** Where the Temporal UI is served from, such as `http://127.0.0.1:8233`: the pages that may ask. */
  readonly uiOrigins: readonly string[];
  readonly reportError: (error: unknown) => void;
  /** Milliseconds since 1970; the clock when left out. */
  readonly now?: () => number;
}

/**
 * Temporal's remote codec over HTTP: `POST /decode` and `POST /encode` take and answer `{ payloads }`. The
 * command line presents the key as a bearer token. The UI cannot be told a key of ours, so whoever uses it
 * signs in once at `/`, and the browser sends a cookie along.
 */
export function createCodecApp(options: CodecAppOptions): Hono {
  const { codec, uiOrigins } = options;
  const visitors = signedIn(options.now ?? Date.now);
  const app = new Hono();
  app.use(secureHeaders());
  app.use(
    cors({
      origin: [...uiOrigins],
      allowMethods: ['POST', 'OPTIONS'],
      allowHeaders: ['Authorization', 'Content-Type', 'X-Namespace'],
      credentials: true,
      maxAge: 600,
    }),
  );
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (c) => refuse(c, 413, 'The body is too large.'),
    }),
  );
  app.onError((error, c) => {
    options.reportError(error);
    return refuse(c, 500, 'The codec server failed; its log says why.');
  });
  app.get('/healthz', (c) => c.json({ ok: true }));
  app.get('/', (c) => c.html(SIGN_IN_PAGE));
  app.post('/sign-in', async (c) => {
    const { key } = await c.req.parseBody();
    if (typeof key !== 'string' || !isSame(key, options.key))
      return refuse(c, 401, 'That is not the key.');
    // A page of the UI on the same host is of the same site, whatever its port.
    setCookie(c, COOKIE, visitors.add(), {
      httpOnly: true,
      sameSite: 'Strict',
      secure: uiOrigins.every((origin) => origin.startsWith('https:')),
      maxAge: SIGNED_IN_SECONDS,
      path: '/',
    });
    return c.text('Signed in for eight hours. Reload the page of the workflow.');
  });
  const answer = (act: (payloads: Payload[]) => Promise<Payload[]>) => async (c: Context) => {
    const given = c.req.header('Authorization');
    const isKnown =
      (given?.startsWith('Bearer ') === true && isSame(given.slice(7), options.key)) ||
      visitors.has(getCookie(c, COOKIE));
    if (!isKnown) return refuse(c, 401, 'Send the key as a bearer token, or sign in at /.');
    return answerPayloads(c, act);
  };
  app.post(
    '/decode',
    answer((payloads) => codec.decode(payloads)),
  );
  app.post(
    '/encode',
    answer((payloads) => codec.encode(payloads)),
  );
  return app;
}

async function answerPayloads(
  c: Context,
  act: (payloads: Payload[]) => Promise<Payload[]>,
): Promise<Response> {
  const parsed = body.safeParse(await c.req.json().catch(() => undefined));
  if (!parsed.success) return refuse(c, 400, 'The body must be { "payloads": [...] }.');
  try {
    const payloads = await act(parsed.data.payloads.map((each) => PayloadMessage.fromObject(each)));
    return c.json({ payloads: payloads.map(jsonOf) });
  } catch (error) {
    // Names the key that is missing or wrong, and nothing of the content.
    if (error instanceof CannotOpenError) return refuse(c, 422, error.message);
    throw error;
  }
}

function jsonOf({ metadata, data }: Payload) {
  const fields = Object.entries(metadata ?? {});
  return {
    metadata: Object.fromEntries(fields.map(([name, value]) => [name, base64(value)])),
    data: base64(data ?? new Uint8Array()),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** Who has signed in here, by the digest of their cookie. A restart forgets them all. */
function signedIn(now: () => number) {
  const ends = new Map<string, number>();
  return {
    add: () => {
      const token = randomBytes(32).toString('base64url');
      ends.set(digest(token).toString('hex'), now() + SIGNED_IN_SECONDS * 1_000);
      return token;
    },
    has: (token: string | undefined) =>
      token !== undefined && (ends.get(digest(token).toString('hex')) ?? 0) > now(),
  };
}

/** Compares digests, so that the time taken tells nothing about the key. */
function isSame(given: string, key: string): boolean {
  return timingSafeEqual(digest(given), digest(key));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refuse(c: Context, status: 400 | 401 | 413 | 422 | 500, message: string): Response {
  return c.json({ message }, status);
}

const SIGN_IN_PAGE = `<!doctype html>
<html lang="en">
<title>Codec server</title>
<h1>Codec server</h1>
<form method="post" action="/sign-in">
<label>Key <input name="key" type="password" autocomplete="off" required></label>
<button>Sign in</button>
</form>
</html>
`;
