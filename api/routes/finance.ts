import { createRoute, z } from '@hono/zod-openapi';
import { recordFinanceEntry } from '../../activities/ledger/intake/record-finance-entry.ts';
import {
  listFinanceEntries,
  readFinanceEntry,
  readFinanceEntrySnapshot,
  readTrialBalance,
} from '../../activities/ledger/read/finance.ts';
import { decideWithApproval } from '../../rules/finance/approve-entry.ts';
import { ENTRY_KINDS } from '../../rules/finance/decide-entry.ts';
import { ENTRY_STATES, type EntryState } from '../../rules/finance/states.ts';
import { parseDecimal } from '../../rules/money/decimal.ts';
import { approvalSchema, money } from '../approval-schemas.ts';
import type { Api, ApiContext } from '../context.ts';
import { json, jsonBody, listRoute, PROBLEMS, readRoute, reviewed } from '../responses.ts';
import { currency, decimal, factTime, idPart, instant, minorUnits, pageQuery } from '../schemas.ts';

const ENTRY_STATE_NAMES = Object.keys(ENTRY_STATES) as [EntryState, ...EntryState[]];
const MAX_QUANTITY = 10_000_000;
/** Ten million million, in millionths of the major unit: far above any trade, far below a bigint's end. */
const MAX_AMOUNT = 10n ** 19n;

const entrySchema = z
  .object({
    id: z.string(),
    externalRef: z.string(),
    kind: z.enum(ENTRY_KINDS),
    quantity: z.number().int(),
    unitPrice: z.string(),
    amount: money,
    belowMinor: z
      .string()
      .openapi({ description: 'What rounding left out of the amount, in minor units' }),
    state: z.enum(ENTRY_STATE_NAMES),
    customer: z.object({ channel: z.string(), externalId: z.string() }).nullable(),
    sourceRef: z.string().nullable(),
    requestedBy: z.string(),
    occurredAt: instant,
    recordedAt: instant,
    process: z.enum(['pending', 'running', 'ended']).nullable(),
    approval: approvalSchema.nullable(),
    postings: z.array(
      z.object({
        debit: z.string(),
        credit: z.string(),
        amountMinor: minorUnits,
        currency,
        postedOn: z.iso.date(),
      }),
    ),
  })
  .openapi('FinanceEntry');

const entryBody = z
  .strictObject({
    externalRef: idPart,
    kind: z.enum(ENTRY_KINDS),
    quantity: z
      .number()
      .int()
      .min(-MAX_QUANTITY)
      .max(MAX_QUANTITY)
      .refine((units) => units !== 0, 'must not be 0')
      .openapi({ description: 'Signed: a negative amount is money going out' }),
    unitPrice: decimal,
    currency,
    channel: idPart.optional().openapi({ description: 'The channel that knows the customer' }),
    customer: z.strictObject({ externalId: idPart }).optional(),
    invoice: idPart
      .optional()
      .openapi({ description: 'Number of the invoice that the entry is about' }),
    sourceRef: idPart.optional(),
    occurredAt: factTime,
  })
  .superRefine((body, refine) => {
    if (body.customer !== undefined && body.channel === undefined) {
      refine.addIssue({
        code: 'custom',
        path: ['channel'],
        message: 'must name the channel that knows the customer',
      });
    }
    const exact = (parseDecimal(body.unitPrice) ?? 0n) * BigInt(body.quantity);
    if (exact > MAX_AMOUNT || exact < -MAX_AMOUNT) {
      refine.addIssue({
        code: 'custom',
        path: ['unitPrice'],
        message: 'makes too large an amount',
      });
    }
  });

const tags = ['Finance'];

const recordEntry = createRoute({
  method: 'post',
  path: '/v1/finance/entries',
  tags,
  summary: 'What is neither goods nor a charge',
  description:
    'Natural key: externalRef. Manual entries above the threshold post nothing before they are approved.',
  request: jsonBody(entryBody),
  responses: reviewed(entrySchema, 'Posted.'),
});

const listEntries = listRoute({
  path: '/v1/finance/entries',
  tags,
  summary: 'Finance entries, newest first',
  query: pageQuery.extend({
    state: z.enum(ENTRY_STATE_NAMES).optional(),
    kind: z.enum(ENTRY_KINDS).optional(),
  }),
  item: entrySchema,
});

const readEntry = readRoute({
  path: '/v1/finance/entries/{id}',
  tags,
  summary: 'One finance entry',
  params: z.object({ id: idPart }),
  view: entrySchema,
});

const accountNumber = z.string().openapi({
  description: "The account in the merchant's own books, by the policy account-mapping",
});

const accountBalance = z.object({
  account: z.string(),
  number: accountNumber,
  name: z.string(),
  kind: z.enum(['asset', 'liability', 'income', 'expense', 'equity']),
  currency,
  debitMinor: minorUnits,
  creditMinor: minorUnits,
  balanceMinor: minorUnits,
});

const trialBalance = z.object({
  accounts: z.array(accountBalance),
  totals: z.array(
    z.object({
      currency,
      debitMinor: minorUnits,
      creditMinor: minorUnits,
      differenceMinor: minorUnits,
    }),
  ),
});

const trialBalanceRoute = createRoute({
  method: 'get',
  path: '/v1/ledger/trial-balance',
  tags,
  summary: 'Accounts by currency; debits equal credits',
  responses: {
    200: json(
      trialBalance,
      'Every account that was posted to; a balance stands on its normal side.',
    ),
    ...PROBLEMS,
  },
});

/** Entries of finance, and the books as a whole. */
export function registerFinanceRoutes(app: Api, context: ApiContext): void {
  app.openapi(recordEntry, async (hono) => {
    const body = hono.req.valid('json');
    const snapshot = await readFinanceEntrySnapshot(context.ledger, {
      occurredAt: body.occurredAt,
      channel: body.channel,
    });
    const actor = hono.get('actor');
    const { entry, replayed } = await recordFinanceEntry(context.ledger, {
      ...body,
      actor,
      decision: decideWithApproval(snapshot, {
        ...body,
        atMs: Date.parse(body.occurredAt),
        actor,
      }),
    });
    if (replayed) hono.header('Idempotent-Replayed', 'true');
    if (entry.state !== 'in-review') return hono.json(entry, 201);
    if (!replayed) context.engine.start({ processId: entry.id, kind: 'finance-entry' });
    return hono.json(entry, 202);
  });
  app.openapi(listEntries, async (hono) =>
    hono.json(
      await listFinanceEntries(context.ledger, {
        ...hono.req.valid('query'),
        within: hono.get('within'),
      }),
      200,
    ),
  );
  app.openapi(readEntry, async (hono) =>
    hono.json(await readFinanceEntry(context.ledger, { entryId: hono.req.valid('param').id }), 200),
  );
  app.openapi(trialBalanceRoute, async (hono) =>
    hono.json(await readTrialBalance(context.ledger, { at: context.now() }), 200),
  );
}
