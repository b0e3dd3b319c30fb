import { createRoute, z } from '@hono/zod-openapi';
import { auditAsCsv, auditAsJsonLines, listAudit } from '../../activities/ledger/read/audit.ts';
import type { Api, ApiContext } from '../context.ts';
import { listRoute, PROBLEMS } from '../responses.ts';
import { idPart, instant, pageQuery } from '../schemas.ts';
import { streamText } from '../stream-text.ts';

const tags = ['Audit'];

const filter = {
  actor: idPart.optional().openapi({ description: 'A person, the holder of a key, or a process' }),
  subject: idPart.optional().openapi({ description: 'The id of what was changed' }),
  act: idPart.optional().openapi({ example: 'resolve_exception' }),
  from: instant.optional().openapi({ description: 'Recorded then or later' }),
  until: instant.optional().openapi({ description: 'Recorded before' }),
};

const values = z.record(z.string(), z.unknown()).nullable();

const auditRow = z
  .object({
    id: z.string(),
    actor: z.string(),
    onBehalfOf: z.string().nullable(),
    credential: z.string().nullable().openapi({ description: 'The id of the key or session' }),
    act: z.string(),
    subjectKind: z.string(),
    subjectId: z.string(),
    before: values,
    after: values,
    reason: z.string().nullable(),
    requestId: z.string().nullable(),
    sourceAddress: z.string().nullable(),
    occurredAt: instant,
    recordedAt: instant,
    sequence: z
      .number()
      .int()
      .nullable()
      .openapi({ description: 'Its place in the chain; null for about a second' }),
    rowHash: z.string().nullable(),
  })
  .openapi('AuditRow');

const list = listRoute({
  path: '/v1/audit',
  tags,
  summary: 'Who did what to what, newest first',
  query: pageQuery.extend(filter),
  item: auditRow,
});

/** How a whole export is written. */
const FORMATS = {
  csv: { type: 'text/csv; charset=utf-8', write: auditAsCsv },
  jsonl: { type: 'application/jsonl', write: auditAsJsonLines },
} as const;

const exportRoute = createRoute({
  method: 'get',
  path: '/v1/audit/export',
  tags,
  summary: 'The same as one file, as long as it may be',
  description:
    'CSV with a line of names, or a JSON object on each line. Where the export breaks off, the connection does: what came whole is all of it.',
  request: { query: z.strictObject({ ...filter, format: z.enum(['csv', 'jsonl']) }) },
  responses: {
    200: {
      description: 'Every row that the filter names, newest first.',
      content: {
        'text/csv': { schema: z.string() },
        'application/jsonl': { schema: z.string() },
      },
    },
    ...PROBLEMS,
  },
});

/** The audit trail: a page of it, and all of it as a file. */
export function registerAuditRoutes(app: Api, { ledger }: ApiContext): void {
  app.openapi(list, async (hono) =>
    hono.json((await listAudit(ledger, hono.req.valid('query'))) as never, 200),
  );
  app.openapi(exportRoute, async (hono) => {
    const { format, ...wanted } = hono.req.valid('query');
    const { type, write } = FORMATS[format];
    return streamText(hono, 200, type, write(ledger, wanted));
  });
}
