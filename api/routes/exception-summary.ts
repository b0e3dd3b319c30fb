import { createRoute, z } from '@hono/zod-openapi';
import { readExceptionSummary } from '../../activities/ledger/read/exception.ts';
import { AGEING_BUCKETS, BUCKET_BOUNDS, type AgeingBucket } from '../../rules/exception/ageing.ts';
import { attainmentPercent } from '../../rules/exception/sla.ts';
import { EXCEPTION_OWNERS } from '../../rules/policy/exception-catalogue.ts';
import type { Api, ApiContext } from '../context.ts';
import { json, PROBLEMS } from '../responses.ts';
import { instant } from '../schemas.ts';

/** A week: what a weekly review looks back on. */
const LOOK_BACK_MS = 7 * 24 * 3_600_000;
const BUCKET_NAMES = AGEING_BUCKETS.map(({ bucket }) => bucket) as [
  AgeingBucket,
  ...AgeingBucket[],
];

const count = z.number().int();
const percent = z
  .number()
  .nullable()
  .openapi({ description: 'Closed in time, in percent; null where nothing was closed' });
const closedSchema = z.object({ closed: count, inTime: count, healed: count, attainment: percent });

const summarySchema = z
  .object({
    at: instant,
    since: instant,
    open: count,
    overdue: count,
    unassigned: count,
    snoozed: count,
    escalated: count,
    merged: count.openapi({ description: 'Beside the open ones, which they are the same as' }),
    ageing: z.array(z.object({ bucket: z.enum(BUCKET_NAMES), open: count })),
    owners: z.array(
      z.object({
        owner: z.string(),
        open: count,
        overdue: count,
        unassigned: count,
        snoozed: count,
        escalated: count,
        oldestRaisedAt: instant,
        nextDueAt: instant.nullable(),
      }),
    ),
    assignees: z.array(z.object({ assignee: z.string(), open: count, overdue: count })),
    sla: closedSchema.extend({ kinds: z.array(closedSchema.extend({ kind: z.string() })) }),
    rootCauses: z.array(z.object({ rootCause: z.string(), closed: count })),
  })
  .openapi('ExceptionSummary');

const summary = createRoute({
  method: 'get',
  path: '/v1/exceptions/summary',
  tags: ['Exceptions'],
  summary: 'The board at a glance: age, owners, and what was closed in time',
  description:
    'For a daily review. What was closed is counted from `since`, a week before `at` unless told otherwise, to `at`, which is now.',
  request: {
    query: z.strictObject({
      at: instant.optional(),
      since: instant.optional(),
      owner: z.enum(EXCEPTION_OWNERS).optional(),
      kind: z.string().max(64).optional(),
    }),
  },
  responses: { 200: json(summarySchema, 'The counts.'), ...PROBLEMS },
});

/** The board for a daily review. Registered before the routes whose path begins with an entry's id. */
export function registerExceptionSummaryRoutes(app: Api, context: ApiContext): void {
  app.openapi(summary, async (hono) => {
    const { at = context.now(), since: asked, ...filter } = hono.req.valid('query');
    const since = asked ?? new Date(Math.max(0, Date.parse(at) - LOOK_BACK_MS)).toISOString();
    const { ageing, closed, ...board } = await readExceptionSummary(context.ledger, {
      ...filter,
      at,
      since,
      bounds: BUCKET_BOUNDS,
      within: hono.get('within'),
    });
    const kinds = closed.map((kind) => ({ ...kind, attainment: attainmentPercent(kind) }));
    const total = sumOf(closed);
    const aged = AGEING_BUCKETS.map(({ bucket }, index) => ({
      bucket,
      open: ageing.find((found) => found.bucket === index)?.open ?? 0,
    }));
    const sla = { ...total, attainment: attainmentPercent(total), kinds };
    return hono.json({ at, since, ...board, ageing: aged, sla }, 200);
  });
}

type Closed = { readonly closed: number; readonly inTime: number; readonly healed: number };

function sumOf(kinds: readonly Closed[]): { closed: number; inTime: number; healed: number } {
  const total = { closed: 0, inTime: 0, healed: 0 };
  for (const { closed, inTime, healed } of kinds) {
    total.closed += closed;
    total.inTime += inTime;
    total.healed += healed;
  }
  return total;
}
