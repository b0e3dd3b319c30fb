import { createRoute, z } from '@hono/zod-openapi';
import { runDues } from '../../activities/ledger/intake/run-dues.ts';
import { expireHolds } from '../../activities/ledger/intake/stock-hold.ts';
import {
  listDues,
  pingLedger,
  readBacklog,
  type Backlog,
} from '../../activities/ledger/read/operations.ts';
import type { Api, ApiContext } from '../context.ts';
import type { Load } from '../load.ts';
import { problem, problemSchema } from '../problem.ts';
import { factTime, idPart, instant, pageOf, pageQuery } from '../schemas.ts';

const READY_DEADLINE_MS = 2_000;
const RUN_LIMIT = 500;

const count = z.number().int();
const byName = z.record(z.string(), count);

const backlogSchema = z
  .object({
    processesPending: byName,
    processesRunning: byName,
    outbox: byName,
    returns: byName,
    purchaseOrders: byName,
    exceptions: byName,
    ordersOpen: count,
    ordersWaitingForStock: count,
    backorderedUnits: count,
    shipmentsReleased: count,
    capturesDue: count,
    refundsDue: count,
    approvalsOpen: count,
    shippingNoticesOpen: count,
    duesOpen: count,
    ordersHeld: count,
    stockHoldsOpen: count,
    oldestPendingSeconds: count,
    oldestOutboxSeconds: count,
  })
  .openapi('Backlog');

const dueSchema = z
  .object({
    dueId: z.string(),
    subjectId: z.string(),
    processId: z.string(),
    kind: z.string(),
    nextStep: z.string(),
    dueAt: instant,
    state: z.string(),
  })
  .openapi('Due');

const refusal = (description: string) => {
  const content: Record<string, { schema: typeof problemSchema }> = {
    'application/problem+json': { schema: problemSchema },
  };
  return { description, content };
};

const backlogRoute = createRoute({
  method: 'get',
  path: '/v1/operations/backlog',
  tags: ['Operations'],
  summary: 'Counts of everything that is not at rest',
  responses: {
    200: { description: 'The counts', content: { 'application/json': { schema: backlogSchema } } },
  },
});

const ofEach = z.object({ requests: count, orders: count, lines: count });
const loadSchema = z
  .object({
    limits: ofEach.openapi({ description: 'Beyond these a caller is answered 503 at once.' }),
    underWay: ofEach,
    refused: ofEach.openapi({
      description: 'Requests that each limit turned away since this process began.',
    }),
  })
  .openapi('Load');

const loadRoute = createRoute({
  method: 'get',
  path: '/v1/operations/load',
  tags: ['Operations'],
  summary: 'What this process has under way, what it takes on at most, what it refused',
  responses: {
    200: { description: 'The load', content: { 'application/json': { schema: loadSchema } } },
  },
});

const duesRoute = createRoute({
  method: 'get',
  path: '/v1/dues',
  tags: ['Operations'],
  summary: 'Open waits with deadline and next step, the one due first at the top',
  request: { query: pageQuery.extend({ before: instant.optional() }) },
  responses: {
    200: {
      description: 'One page',
      content: { 'application/json': { schema: pageOf(dueSchema) } },
    },
    422: refusal('A filter or the cursor is not valid'),
  },
});

const runDuesRoute = createRoute({
  method: 'post',
  path: '/v1/dues/run',
  tags: ['Operations'],
  summary: 'Tell the business clock: what is due by then is reached',
  description: `At most ${RUN_LIMIT} waits and as many holds in one call; \`more\` says that another call is needed. With \`subjectId\` the waits of this order, return or other subject are reached and nothing else.`,
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({ until: factTime, subjectId: idPart.optional() }),
        },
      },
    },
  },
  responses: {
    200: {
      description: 'How many waits were reached and holds expired',
      content: {
        'application/json': {
          schema: z.object({ reached: count, expiredHolds: count, more: z.boolean() }),
        },
      },
    },
    422: refusal('A field is not valid'),
  },
});

/** What watches over the process; the first two need no key. */
const WATCH_PATHS = [
  {
    method: 'get' as const,
    path: '/healthz',
    tags: ['Operations'],
    summary: 'The process is alive',
    security: [],
    responses: {
      200: {
        description: 'Alive',
        content: { 'application/json': { schema: z.object({ status: z.literal('alive') }) } },
      },
    },
  },
  {
    method: 'get' as const,
    path: '/readyz',
    tags: ['Operations'],
    summary: 'Database and workflow engine answer',
    security: [],
    responses: {
      200: {
        description: 'Ready',
        content: { 'application/json': { schema: z.object({ status: z.literal('ready') }) } },
      },
      503: refusal('What cannot be reached'),
    },
  },
  {
    method: 'get' as const,
    path: '/metrics',
    tags: ['Operations'],
    summary: 'The backlog and this process as OpenMetrics',
    responses: {
      200: {
        description: 'Gauges',
        content: { 'application/openmetrics-text': { schema: z.string() } },
      },
    },
  },
];

/** Backlog, due dates, and what watches over the process: /healthz, /readyz, /metrics. */
export function registerOperationsRoutes(app: Api, context: ApiContext): void {
  const { ledger } = context;
  app.openapi(backlogRoute, async (hono) => hono.json(await readBacklog(ledger), 200));
  app.openapi(loadRoute, (hono) => {
    const { limits, underWay, refused } = hono.get('load');
    return hono.json({ limits, underWay, refused }, 200);
  });
  app.openapi(duesRoute, async (hono) =>
    hono.json(await listDues(ledger, hono.req.valid('query')), 200),
  );
  app.openapi(runDuesRoute, async (hono) => {
    const { until, subjectId } = hono.req.valid('json');
    const dues = await runDues(ledger, { until, subjectId, limit: RUN_LIMIT });
    const holds =
      subjectId === undefined
        ? await expireHolds(ledger, { until, limit: RUN_LIMIT })
        : { expired: 0, more: false };
    if (dues.reached > 0 || holds.expired > 0) context.engine.nudge();
    return hono.json(
      { reached: dues.reached, expiredHolds: holds.expired, more: dues.more || holds.more },
      200,
    );
  });

  for (const path of WATCH_PATHS) app.openAPIRegistry.registerPath(path);
  app.get('/healthz', (hono) => hono.json({ status: 'alive' }));
  app.get('/readyz', async (hono) => {
    const [database, engine] = await Promise.all([
      inTime(pingLedger(ledger).then(() => true)),
      inTime(context.engine.ready()),
    ]);
    if (database && engine) return hono.json({ status: 'ready' });
    const away = [
      ...(database ? [] : ['the database']),
      ...(engine ? [] : ['the workflow engine']),
    ];
    return problem(hono, 503, 'NotReady', `Cannot reach ${away.join(' and ')}.`);
  });
  app.get('/metrics', async (hono) => {
    const text = openMetrics(await readBacklog(ledger), hono.get('load'));
    return hono.body(text, 200, {
      'Content-Type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    });
  });
}

/** False when the answer fails or takes longer than the deadline. */
async function inTime(answer: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), READY_DEADLINE_MS);
  });
  try {
    return await Promise.race([answer.catch(() => false), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The backlog, this process's load and its memory as OpenMetrics text. It is a page of gauges that are read when
 * asked for, so no metrics library keeps a second copy of them.
 * Source: OpenMetrics 1.0, exposition format.
 */
function openMetrics(backlog: Backlog, load: Load): string {
  const memory = process.memoryUsage();
  const uptimeSeconds = process.uptime();
  const lines: string[] = [];
  for (const [name, value] of Object.entries(backlog)) {
    const metric = `loopline_backlog_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    lines.push(`# TYPE ${metric} gauge`);
    if (typeof value === 'number') lines.push(`${metric} ${value}`);
    else
      for (const [kind, amount] of Object.entries(value))
        lines.push(`${metric}{kind="${kind}"} ${String(amount)}`);
  }
  for (const kind of ['requests', 'orders', 'lines'] as const) {
    lines.push(`# TYPE loopline_${kind}_under_way gauge`);
    lines.push(`loopline_${kind}_under_way ${load.underWay[kind]}`);
    lines.push(`# TYPE loopline_${kind}_refused counter`);
    lines.push(`loopline_${kind}_refused_total ${load.refused[kind]}`);
  }
  lines.push(
    '# TYPE process_resident_memory_bytes gauge',
    `process_resident_memory_bytes ${memory.rss}`,
  );
  lines.push('# TYPE nodejs_heap_used_bytes gauge', `nodejs_heap_used_bytes ${memory.heapUsed}`);
  lines.push(
    '# TYPE process_uptime_seconds gauge',
    `process_uptime_seconds ${uptimeSeconds.toFixed(3)}`,
  );
  return `${lines.join('\n')}\n# EOF\n`;
}
