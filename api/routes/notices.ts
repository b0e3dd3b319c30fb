import { createRoute, z } from '@hono/zod-openapi';
import { putNoticePreference, putWebhookEndpoint } from '../../activities/ledger/intake/notice.ts';
import { listWebhookEndpoints, readNoticePreference } from '../../activities/ledger/read/notice.ts';
import { judgeWebhookUrl } from '../../rules/notice/judge-webhook-url.ts';
import {
  NOTICE_CHANNELS,
  NOTICE_KIND_NAMES,
  NOTICE_KINDS,
  type NoticeKind,
} from '../../rules/notice/notice-kinds.ts';
import { completePreference, noticePreference } from '../../rules/notice/notice-preference.ts';
import type { Api, ApiContext } from '../context.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, listRoute, PROBLEMS, refused } from '../responses.ts';
import { instant, pageQuery } from '../schemas.ts';

const tags = ['Notices'];
const MAX_OVERLAP_HOURS = 7 * 24;

const channel = z.enum(NOTICE_CHANNELS);

/** A field for each kind; one that is left out has its own channel. */
const kindFields = Object.fromEntries(
  NOTICE_KIND_NAMES.map((kind) => [
    kind,
    channel.optional().openapi({
      description: `${NOTICE_KINDS[kind].meaning} Without it: ${NOTICE_KINDS[kind].channel}.`,
    }),
  ]),
) as Record<NoticeKind, z.ZodOptional<typeof channel>>;

const { quietHours, timeZone, digestHour } = noticePreference.shape;

const preferenceBody = z
  .strictObject({
    kinds: z.strictObject(kindFields),
    quietHours,
    timeZone,
    digestHour,
  })
  .openapi('NoticePreference', {
    description:
      'Times are local to the time zone, an IANA name. No mail is sent in the quiet hours (22:00 to 07:00 is over midnight); the digest comes once a day at its hour.',
  });

const readPreference = createRoute({
  method: 'get',
  path: '/v1/notices/preferences',
  tags,
  summary: 'How notices reach you',
  responses: { 200: json(preferenceBody, 'What holds now, defaults included.'), ...PROBLEMS },
});

const putPreference = createRoute({
  method: 'put',
  path: '/v1/notices/preferences',
  tags,
  summary: 'Say how notices reach you',
  description: 'Replaces all of it. Holds for what happens from now on.',
  request: jsonBody(preferenceBody),
  responses: { 200: json(preferenceBody, 'What holds now.'), ...PROBLEMS },
});

const endpointFields = {
  endpointId: z
    .string()
    .regex(
      /^[A-Za-z0-9._-]{1,64}$/,
      'must be 1 to 64 letters, digits, dots, underscores or dashes',
    ),
  url: z.string().min(1).max(2_000).openapi({ example: 'https://hooks.example.com/loopline' }),
  description: z.string().max(500),
  kinds: z.array(z.enum(NOTICE_KIND_NAMES)).min(1).max(NOTICE_KIND_NAMES.length),
  state: z.enum(['active', 'disabled']),
};

const endpointBody = z
  .strictObject({
    ...endpointFields,
    description: endpointFields.description.default(''),
    state: endpointFields.state.default('active'),
    secret: z
      .string()
      .regex(/^whsec_(?:[A-Za-z0-9+/]{4}){8,21}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, {
        error: 'must be whsec_ and 24 to 64 random bytes in base64',
      })
      .optional()
      .openapi({
        description:
          'Signs every message. Left out: a new endpoint is given one, another keeps its own',
      }),
    overlapHours: z
      .number()
      .int()
      .min(0)
      .max(MAX_OVERLAP_HOURS)
      .default(24)
      .openapi({ description: 'How long the secret that is replaced signs as well' }),
  })
  .openapi('WebhookEndpointInput');

const endpointView = z
  .object({
    ...endpointFields,
    kinds: z.array(z.string()),
    disabledReason: z.string().nullable(),
    oldSecretUntil: instant.nullable(),
    failures: z.number().int().openapi({ description: 'Attempts that failed in a row' }),
    failingSince: instant.nullable(),
    changedAt: instant,
    recordedAt: instant,
  })
  .openapi('WebhookEndpoint');

const listEndpoints = listRoute({
  path: '/v1/webhook-endpoints',
  tags,
  summary: 'The programs that are told, newest first',
  query: pageQuery,
  item: endpointView,
});

const putEndpoint = createRoute({
  method: 'put',
  path: '/v1/webhook-endpoints',
  tags,
  summary: 'Create or change an endpoint of webhooks',
  description:
    'The URL is https, or http to this machine. `secret` is in the answer once, when Loopline has made it.',
  request: jsonBody(endpointBody),
  responses: {
    200: json(
      z.object({
        result: z.enum(['created', 'updated', 'unchanged']),
        endpoint: endpointView,
        secret: z.string().optional(),
      }),
      'As it is now.',
    ),
    ...PROBLEMS,
    409: refused('There are no keys to seal secrets with.'),
    422: refused('A field is wrong; `errors` names it.'),
  },
});

/** How notices reach people and programs. */
export function registerNoticeRoutes(app: Api, context: ApiContext): void {
  const { ledger } = context;
  app.openapi(readPreference, async (hono) => {
    const { preference } = await readNoticePreference(ledger, { personId: hono.get('actor') });
    return hono.json(completePreference(preference), 200);
  });
  app.openapi(putPreference, async (hono) => {
    const preference = completePreference(hono.req.valid('json'));
    const request = { personId: hono.get('actor'), preference, at: context.now() };
    await putNoticePreference(ledger, request);
    return hono.json(preference, 200);
  });
  app.openapi(listEndpoints, async (hono) =>
    hono.json(await listWebhookEndpoints(ledger, hono.req.valid('query')), 200),
  );
  app.openapi(putEndpoint, async (hono) => {
    const { webhooks } = context;
    if (webhooks === undefined) {
      const detail = 'There are no keys to seal secrets with: set LOOPLINE_SECRET_KEYS first.';
      return problem(hono, 409, 'Conflict', detail);
    }
    const { secret: given, ...wanted } = hono.req.valid('json');
    const verdict = judgeWebhookUrl(wanted.url, webhooks.networks);
    if (verdict.outcome === 'refused') {
      const errors = [{ path: 'url', message: verdict.text }];
      return problem(hono, 422, 'InvalidInput', `url: ${verdict.text}`, errors);
    }
    const put = (secret: string | undefined) =>
      putWebhookEndpoint(ledger, {
        endpoint: {
          ...wanted,
          // In one order, so that the same kinds are the same content.
          kinds: NOTICE_KIND_NAMES.filter((kind) => wanted.kinds.includes(kind)),
          secret:
            secret === undefined ? undefined : webhooks.secrets.seal(secret, wanted.endpointId),
        },
        at: context.now(),
      });
    const first = await put(given);
    if (first.result !== 'missing')
      return hono.json({ result: first.result, endpoint: first.endpoint }, 200);
    // A new one without a secret of its caller's is given one, which is shown this once.
    const secret = webhooks.secrets.make();
    const { result, endpoint } = await put(secret);
    if (result === 'missing')
      throw new Error('an endpoint with a secret was refused for want of one');
    return hono.json({ result, endpoint, secret }, 200);
  });
}
