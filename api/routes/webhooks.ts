import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { recordFact } from '../../activities/ledger/intake/record-fact.ts';
import { MAX_PROVIDER_AHEAD_HOURS } from '../../rules/fact/judge-time.ts';
import type { Api, ApiContext } from '../context.ts';
import { timesAhead } from '../fact-times.ts';
import { fieldErrors, problem, problemSchema, type FieldError } from '../problem.ts';
import { instant } from '../schemas.ts';
import { unstorable } from '../storable.ts';

/** How far a signature's time may be off, in seconds: an old message cannot be played again later. */
const TOLERANCE_SECONDS = 300;

const eventSchema = z
  .object({
    id: z.string().min(1).max(200),
    type: z.string().min(1).max(100),
    occurredAt: instant.openapi({
      description: `When it happened by the provider's clock. At most ${MAX_PROVIDER_AHEAD_HOURS / 24} days ahead of the API's.`,
    }),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('MachineEvent');

const resultSchema = z.object({ applied: z.boolean(), state: z.string(), replayed: z.boolean() });

const trackingData = z.object({
  trackingNumber: z.string().min(1),
  status: z.string().min(1).max(64),
});
const paymentData = z.object({ authorizationId: z.string().min(1) });

/**
 * What providers report by themselves. They carry no key: `Simulator-Signature: t=<unix>,v1=<hex>` with
 * the HMAC-SHA256 of "t.body" under the shared secret is verified over the raw body before it is parsed.
 */
export function registerWebhookRoutes(
  app: Api,
  context: ApiContext,
  options: { webhookSecret: string },
): void {
  for (const [source, data] of [
    ['gateway', paymentData],
    ['carrier', trackingData],
  ] as const) {
    const path = `/v1/webhooks/${source}`;
    app.openAPIRegistry.registerPath(webhookPath(path, source));
    app.post(path, async (hono) => {
      const body = await hono.req.text();
      const signature = hono.req.header('Simulator-Signature');
      if (!isSigned(body, signature, options.webhookSecret, Date.parse(context.now()) / 1000)) {
        return problem(
          hono,
          401,
          'Unauthorized',
          'The signature does not fit this body, or is too old.',
        );
      }
      const event = eventSchema.extend({ data: data.loose() }).safeParse(parseJson(body));
      if (!event.success) return invalid(hono, event.error.issues);
      const broken = [
        ...unstorable(event.data),
        ...timesAhead(event.data, context.now(), MAX_PROVIDER_AHEAD_HOURS),
      ];
      if (broken.length > 0) return refuse(hono, broken);
      hono.set('naturalKey', 'id');
      const result = await recordFact(context.ledger, source, event.data as never);
      if (result.applied) context.engine.nudge();
      if (result.replayed) hono.header('Idempotent-Replayed', 'true');
      return hono.json(result, 200);
    });
  }
}

function isSigned(
  body: string,
  header: string | undefined,
  secret: string,
  nowSeconds: number,
): boolean {
  const match = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '');
  if (!match) return false;
  const [, time = '', given = ''] = match;
  if (Math.abs(nowSeconds - Number(time)) > TOLERANCE_SECONDS) return false;
  const expected = createHmac('sha256', secret).update(`${time}.${body}`).digest();
  return timingSafeEqual(expected, Buffer.from(given, 'hex'));
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function invalid(hono: Context, issues: readonly z.core.$ZodIssue[]): Response {
  return refuse(hono, fieldErrors(issues));
}

function refuse(hono: Context, errors: readonly FieldError[]): Response {
  return problem(
    hono,
    422,
    'InvalidInput',
    `${errors[0]?.path ?? 'body'}: ${errors[0]?.message ?? ''}`,
    errors,
  );
}

function webhookPath(path: string, source: string) {
  return {
    method: 'post' as const,
    path,
    tags: ['Webhooks'],
    summary: `An event of the ${source}, once per event id`,
    security: [],
    request: {
      headers: z.object({
        'Simulator-Signature': z.string().openapi({ example: 't=1763717400,v1=<hex>' }),
      }),
      body: { required: true, content: { 'application/json': { schema: eventSchema } } },
    },
    responses: {
      200: {
        description: 'Stored, with its effect',
        content: { 'application/json': { schema: resultSchema } },
      },
      401: {
        description: 'Not signed',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
      409: {
        description: 'The event id came before with other content',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    },
  };
}
