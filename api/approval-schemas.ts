import { z } from '@hono/zod-openapi';
import { APPROVAL_STATES, type ApprovalState } from '../rules/approval/states.ts';
import { MAX_SAID_AHEAD_MINUTES } from '../rules/fact/judge-time.ts';
import { APPROVAL_SUBJECTS } from '../rules/policy/approval-matrix.ts';
import { currency, instant, minorUnits } from './schemas.ts';

export const APPROVAL_STATE_NAMES = Object.keys(APPROVAL_STATES) as [
  ApprovalState,
  ...ApprovalState[],
];

/** Names a decision or a resolution, so that it can be repeated. */
export const factId = z
  .string()
  .regex(/^[\w.:-]{1,120}$/, 'must be 1 to 120 letters, digits, dots, colons or dashes');

/** When a person acted. */
export const actedAt = instant
  .optional()
  .openapi({ description: 'When the person acted; now, unless the trade itself is of old' });

/** What a person says beside what they decide. */
export const note = z.string().max(2_000);

/** The id of a person. */
export const personId = z.string().min(1).max(200);

/** An amount on the wire. */
export const money = z.object({ amountMinor: minorUnits, currency });

/** An approval as every route shows it. */
export const approvalSchema = z
  .object({
    id: z.string(),
    processId: z.string(),
    subjectKind: z.string(),
    subjectId: z.string(),
    subject: z
      .string()
      .openapi({ description: 'What it is about, as the approval matrix calls it' }),
    amount: money,
    baseAmountMinor: minorUnits.openapi({ description: 'In the base currency' }),
    role: z.string(),
    askedRoles: z.array(z.string()).openapi({ description: 'Whose turn it is' }),
    askedPeople: z.array(z.string()),
    requestedBy: z.string(),
    requestedFor: z.string().nullable(),
    rule: z.string(),
    row: z.string().openapi({ description: 'Row of the approval matrix' }),
    reasons: z.string().openapi({ description: 'Why it needs an approval, in words' }),
    policyVersion: z.string(),
    run: z.number().int(),
    levels: z.number().int(),
    openLevels: z.array(z.number().int()),
    state: z.enum(APPROVAL_STATE_NAMES),
    phase: z.enum(['deciding', 'information-asked', 'returned']),
    escalated: z.boolean(),
    dueAt: instant,
    requestedAt: instant,
    decidedBy: z.string().nullable(),
    decidedFor: z
      .string()
      .nullable()
      .openapi({ description: 'In whose place the person decided who did' }),
    decidedAt: instant.nullable(),
    closedBy: z.enum(['decision', 'expiry', 'withdrawal', 'automatic']).nullable(),
    note: z.string().nullable(),
    recordedAt: instant,
  })
  .openapi('Approval');

const effects = z
  .object({ approve: z.string(), reject: z.string() })
  .openapi({ description: 'What happens on either decision' });

/** An approval in a list. */
export const listedApprovalSchema = approvalSchema.extend({ effects }).openapi('ListedApproval');

const rowReason = z.object({
  row: z.string(),
  applies: z.enum(['yes', 'no', 'unknown']),
  conditions: z.array(
    z.object({
      condition: z.string(),
      met: z.enum(['yes', 'no', 'unknown']),
      text: z.string(),
    }),
  ),
});

const risk = z.enum(['low', 'normal', 'high']).nullable();

const facts = z.object({
  subject: z.enum(APPROVAL_SUBJECTS),
  amountMinor: minorUnits,
  currency,
  stated: money
    .extend({ rate: z.string() })
    .optional()
    .openapi({ description: 'Where it is in another currency than the base: what was asked for' }),
  quantityEach: z.string().nullable(),
  marginBasisPoints: z.number().int().nullable(),
  customerRisk: risk,
  supplierRisk: risk,
  skuClasses: z.array(z.string()).nullable(),
  reasonCodes: z.array(z.string()).nullable(),
  channel: z.string().nullable(),
  region: z.string().nullable(),
  fields: z
    .array(z.string())
    .nullish()
    .openapi({ description: 'Of a change: what the row asks about, as noun.field' }),
  details: z.record(z.string(), z.string()),
});

const levelRun = z.object({
  level: z.number().int(),
  name: z.string(),
  state: z.enum(['waiting', 'open', 'approved', 'rejected', 'not-needed']),
  roles: z.array(z.string()),
  people: z.array(z.string()),
  quorum: z.union([z.enum(['all', 'any']), z.object({ count: z.number().int() })]),
  escalated: z.enum(['deadline', 'absence']).nullable(),
  question: z.object({ asker: z.string(), askee: z.string(), askedAt: instant }).nullable(),
  decisions: z.array(
    z.object({
      decision: z.enum(['approve', 'reject']),
      by: z.string(),
      onBehalfOf: z.string().nullable(),
      as: z.string().openapi({ description: 'The role or the name that was asked' }),
      at: instant,
    }),
  ),
});

/** One approval with all that whoever decides it has to know. */
export const approvalReviewSchema = approvalSchema
  .extend({
    because: z.string().openapi({ description: 'Why the merchant wants it so' }),
    facts: facts.openapi({ description: 'As they were when it was asked' }),
    appliedRow: rowReason,
    passedOver: z.array(rowReason),
    order: z.enum(['sequence', 'parallel']),
    levelRuns: z.array(levelRun),
    next: z
      .object({ what: z.enum(['remind', 'escalate', 'expire', 'resume']), at: instant })
      .nullable()
      .openapi({ description: 'What happens if nobody does anything' }),
    pastRuns: z.array(
      z.object({
        run: z.number().int(),
        cause: z.enum(['material-change', 'resubmitted']),
        reasons: z.array(z.string()),
        endedAt: instant,
        endedBy: z.string(),
        levelRuns: z.array(levelRun),
      }),
    ),
    events: z.array(
      z.object({
        sequence: z.number().int(),
        kind: z.string(),
        at: instant,
        by: z.string(),
        note: z.string().nullable(),
        detail: z.record(z.string(), z.unknown()),
      }),
    ),
    evidence: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'The subject, as its own route shows it' }),
    history: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'With this customer, supplier or article, and of the requester' }),
    effects,
  })
  .openapi('ApprovalReview');

/** What a word is named by, and what whoever says it was looking at. */
export const wordBody = {
  decisionId: factId.optional(),
  run: z
    .number()
    .int()
    .positive()
    .optional()
    .openapi({ description: 'The run that was looked at: it may have started again since' }),
  level: z.number().int().nonnegative().max(20).optional(),
  note: note.optional(),
  occurredAt: actedAt.openapi({
    description: `When the person said it; now, unless the trade itself is of old. At most ${MAX_SAID_AHEAD_MINUTES} minutes ahead of the API's clock.`,
  }),
} as const;
