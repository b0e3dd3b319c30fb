import { createRoute, z } from '@hono/zod-openapi';
import { journalAsCsv, listJournal } from '../../activities/ledger/read/journal.ts';
import { money } from '../approval-schemas.ts';
import type { Api, ApiContext } from '../context.ts';
import { listRoute, PROBLEMS } from '../responses.ts';
import { idPart, instant, pageQuery } from '../schemas.ts';
import { streamText } from '../stream-text.ts';

const tags = ['Finance'];

const filter = {
  account: idPart.optional().openapi({ description: 'On either side', example: 'revenue' }),
  subject: idPart.optional().openapi({ description: 'The id of what was posted for' }),
  from: z.iso.date().optional().openapi({ description: 'Posted on that day or later' }),
  until: z.iso.date().optional().openapi({ description: 'Posted before that day' }),
};

const numbered = z.object({
  account: z.string(),
  number: z.string().openapi({
    description:
      "In the merchant's own books, by the policy account-mapping when the day of the posting began",
  }),
});

const posting = z
  .object({
    id: z.string(),
    key: z.string().openapi({ description: 'The postings of one key are one journal entry' }),
    event: z.string(),
    debit: numbered,
    credit: numbered,
    amount: money,
    subjectId: z.string(),
    lineNo: z.number().int().nullable(),
    sourceRef: z.string().nullable(),
    postedOn: z.iso.date(),
    occurredAt: instant,
    recordedAt: instant,
  })
  .openapi('Posting');

const list = listRoute({
  path: '/v1/ledger/journal',
  tags,
  summary: "Every posting with the merchant's account numbers, newest first",
  query: pageQuery.extend(filter),
  item: posting,
});

const exportRoute = createRoute({
  method: 'get',
  path: '/v1/ledger/journal/export',
  tags,
  summary: 'The same as one CSV file, as long as it may be',
  description:
    'With a line of names. Where the export breaks off, the connection does: what came whole is all of it.',
  request: { query: z.strictObject(filter) },
  responses: {
    200: {
      description: 'Every posting that the filter names, newest first.',
      content: { 'text/csv': { schema: z.string() } },
    },
    ...PROBLEMS,
  },
});

/** The journal: a page of it, and all of it as a file. */
export function registerJournalRoutes(app: Api, { ledger }: ApiContext): void {
  app.openapi(list, async (hono) =>
    hono.json(await listJournal(ledger, hono.req.valid('query')), 200),
  );
  app.openapi(exportRoute, async (hono) =>
    streamText(hono, 200, 'text/csv; charset=utf-8', journalAsCsv(ledger, hono.req.valid('query'))),
  );
}
