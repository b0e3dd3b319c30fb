import { z } from '@hono/zod-openapi';
import {
  CHANGE_STATES,
  listChanges,
  readChange,
} from '../../activities/ledger/read/master-data-change.ts';
import { RECORD_NOUNS, type RecordNoun } from '../../rules/master-data/record-fields.ts';
import { approvalSchema } from '../approval-schemas.ts';
import type { Api, ApiContext } from '../context.ts';
import { timelineEntry } from '../order-schemas.ts';
import { listRoute, readRoute } from '../responses.ts';
import { idPart, instant, pageQuery } from '../schemas.ts';

const fieldValues = z.record(z.string(), z.unknown());

const changeSchema = z
  .object({
    id: z.string(),
    noun: z.enum(RECORD_NOUNS),
    record: z.string().openapi({ description: 'The key of the record' }),
    fields: z.array(z.string()),
    before: fieldValues.openapi({ description: 'These fields as the record says them' }),
    after: fieldValues.openapi({ description: 'As they are to be' }),
    state: z.enum(CHANGE_STATES),
    refusal: z
      .string()
      .nullable()
      .openapi({ description: 'Why one that was approved could not be carried out' }),
    requestedBy: z.string(),
    requestedAt: instant,
    decidedBy: z.string().nullable(),
    decidedAt: instant.nullable(),
    recordedAt: instant,
    approval: approvalSchema,
  })
  .openapi('MasterDataChange');

const changeReview = changeSchema
  .extend({ timeline: z.array(timelineEntry) })
  .openapi('MasterDataChangeReview');

/** Changes of master data that people were asked about: what waits, and what became of it. */
export function registerMasterDataChangeRoutes(app: Api, context: ApiContext): void {
  for (const noun of RECORD_NOUNS) registerChangesOf(app, context, noun);
}

function registerChangesOf(app: Api, { ledger }: ApiContext, noun: RecordNoun): void {
  const path = `/v1/${noun}s/changes`;
  const tags = ['Master data'];
  const list = listRoute({
    path,
    tags,
    summary: `Changes of ${noun}s that people were asked about, newest first`,
    query: pageQuery.extend({
      state: z.enum(CHANGE_STATES).optional(),
      record: z.string().max(120).optional(),
    }),
    item: changeSchema,
  });
  const read = readRoute({
    path: `${path}/{id}`,
    tags,
    summary: `One change of a ${noun}, with everything that happened to it`,
    params: z.object({ id: idPart }),
    view: changeReview,
  });
  app.openapi(list, async (hono) =>
    hono.json(await listChanges(ledger, { noun, ...hono.req.valid('query') }), 200),
  );
  app.openapi(read, async (hono) =>
    hono.json(await readChange(ledger, { noun, changeId: hono.req.valid('param').id }), 200),
  );
}
