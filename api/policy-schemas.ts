import { z } from '@hono/zod-openapi';
import { instant, minorUnits } from './schemas.ts';

const count = z.number().int();

/** A channel, or all of them. */
export const scopeChannel = z
  .string()
  .regex(/^([a-z0-9-]{1,32}|[*])$/, 'must be a channel, or * for all')
  .openapi({ description: 'A channel; * is all of them' });

/** A country, or all of them. */
export const scopeRegion = z
  .string()
  .regex(/^([A-Z]{2}|[*])$/, 'must be an ISO 3166 alpha-2 code, or * for all')
  .openapi({
    description: 'The country that goods are sent to, or that a node stands in; * is all',
  });

/** Names a draft in the path; whoever writes it first gives the name. */
export const draftName = z
  .string()
  .regex(
    /^[A-Za-z0-9._-]{1,120}$/,
    'must be 1 to 120 letters, digits, dots, underscores or dashes',
  );

const policyVersionHead = z
  .object({
    policy: z.string(),
    version: count,
    channel: z.string(),
    region: z.string(),
    effectiveFrom: instant.nullable().openapi({ description: 'null: since ever' }),
    currency: z.string().openapi({ description: 'That of the amounts in its document' }),
    draftId: z.string().nullable(),
    madeFrom: count.nullable().openapi({ description: 'The older version that it brought back' }),
    by: z.string(),
    note: z.string().nullable(),
    recordedAt: instant,
  })
  .openapi('PolicyVersionHead');

export const policyVersion = policyVersionHead
  .extend({ document: z.unknown() })
  .openapi('PolicyVersion');

const draftState = z.enum(['draft', 'submitted', 'approved', 'rejected', 'withdrawn', 'active']);

export const policyOverview = z
  .object({
    data: z.array(
      z.object({
        policy: z.string(),
        inForce: policyVersionHead.nullable(),
        overrides: z.array(policyVersionHead),
        toCome: z.array(policyVersionHead),
        openDrafts: z.array(
          z.object({
            draftId: z.string(),
            channel: z.string(),
            region: z.string(),
            state: draftState,
            author: z.string(),
          }),
        ),
      }),
    ),
  })
  .openapi('PolicyOverview');

export const policyDraft = z
  .object({
    draftId: z.string(),
    policy: z.string(),
    channel: z.string(),
    region: z.string(),
    scope: z.string().openapi({ description: 'Where it would hold, in words' }),
    state: draftState,
    document: z.unknown(),
    changes: z
      .array(z.string())
      .openapi({ description: 'What it changes of its base, in words; empty: nothing' }),
    author: z.string(),
    note: z.string().nullable(),
    activeFrom: instant.nullable(),
    madeFrom: count.nullable(),
    version: count.nullable().openapi({ description: 'The version that it became' }),
    base: policyVersion,
    followedBy: z
      .array(z.object({ version: count, effectiveFrom: instant }))
      .openapi({ description: 'What is to come for the same scope after it, and takes its place' }),
    approvalId: z.string().nullable(),
    simulation: z
      .object({
        from: instant,
        until: instant,
        summary: z.array(z.string()),
        by: z.string(),
        at: instant,
      })
      .nullable()
      .openapi({ description: 'What its last trial on past returns has said' }),
    events: z.array(
      z.object({
        event: z.string(),
        actor: z.string(),
        note: z.string().nullable(),
        occurredAt: instant,
        recordedAt: instant,
      }),
    ),
    recordedAt: instant,
  })
  .openapi('PolicyDraft');

const note = z.string().max(2_000).optional();
const activeFrom = instant.optional().openapi({
  description: 'From when it is to hold. Left out, an approved draft waits for its activation.',
});

export const draftRequest = z
  .strictObject({
    document: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'The whole document of the policy, see docs/POLICIES.md' }),
    channel: scopeChannel.default('*'),
    region: scopeRegion.default('*'),
    note,
    activeFrom,
  })
  .openapi('PolicyDraftRequest');

export const noteRequest = z.strictObject({ note });

export const activationRequest = z.strictObject({
  activeFrom: instant.optional().openapi({ description: 'From when it holds; now, when left out' }),
});

export const rollbackRequest = z
  .strictObject({
    draftId: draftName,
    toVersion: count.positive().max(1_000_000),
    note,
    activeFrom,
  })
  .openapi('PolicyRollbackRequest');

const assumedHours = (what: string) =>
  z
    .number()
    .nonnegative()
    .max(8_760)
    .optional()
    .openapi({ description: `Assumes that ${what} so long, as where trade was replayed` });

export const simulationRequest = z
  .strictObject({
    from: instant,
    until: instant.openapi({ description: 'Exclusive' }),
    decisionHours: assumedHours('every decision takes'),
    inspectionHours: assumedHours('every inspection takes after the arrival of the goods'),
  })
  .openapi('PolicySimulationRequest');

const sums = z
  .object({
    returns: count,
    approvalsAsked: count,
    decisionsNeeded: count,
    refundsAutomatic: count,
    refundsEarly: count.openapi({ description: 'Paid before anybody has looked at the goods' }),
    refused: count,
    moneyAtRisk: z
      .array(z.object({ amountMinor: minorUnits, currency: z.string() }))
      .openapi({ description: "Paid without a person's yes, or before the goods were looked at" }),
    waitingHours: z
      .string()
      .openapi({ description: 'From request to refund, all returns together' }),
  })
  .openapi('SimulatedSums');

const segment = z.array(z.object({ name: z.string(), before: sums, after: sums }));
const verdict = z.object({ outcome: z.string(), rule: z.string() });

export const simulationReport = z
  .object({
    draftId: z.string(),
    policy: z.string(),
    channel: z.string(),
    region: z.string(),
    from: instant,
    until: instant,
    decisionHours: z.number().optional(),
    inspectionHours: z.number().optional(),
    changes: z.array(z.string()).openapi({ description: 'What the draft changes, in words' }),
    before: sums,
    after: sums,
    changedReturns: count,
    otherwiseThen: count.openapi({
      description: 'Decided by another rule then than by the policies in force now',
    }),
    outcomes: z.array(z.object({ before: z.string(), after: z.string(), returns: count })),
    segments: z.object({ reason: segment, orderClass: segment, channel: segment, region: segment }),
    examples: z.array(
      z.object({
        returnId: z.string(),
        href: z.string().openapi({ description: 'Opens the return' }),
        requestedAt: instant,
        amount: z.object({ amountMinor: minorUnits, currency: z.string() }),
        before: verdict,
        after: verdict,
        text: z.string(),
      }),
    ),
    summary: z.array(z.string()),
  })
  .openapi('PolicySimulation');
