import { createRoute, z } from '@hono/zod-openapi';
import { Failure } from '../../activities/failures.ts';
import { actAs } from '../acting-ledger.ts';
import { approvalSchema, factId, wordBody } from '../approval-schemas.ts';
import { judgeScope, refusalOf, sayWord, speakerOf, type WordRefusal } from '../approval-word.ts';
import type { Api, ApiContext } from '../context.ts';
import { json, jsonBody, PROBLEMS, refused } from '../responses.ts';
import { idPart } from '../schemas.ts';

const MAX_DECISIONS = 200;
/** So many processes are told at once: each waits for its own. */
const AT_ONCE = 8;

const result = z.object({
  approvalId: z.string(),
  decisionId: z.string(),
  status: z.number().int().openapi({ description: 'As the route of one decision would answer' }),
  replayed: z.boolean(),
  approval: approvalSchema.nullable(),
  title: z.string().nullable(),
  detail: z.string().nullable(),
  rule: z.string().nullable(),
});

const bulk = createRoute({
  method: 'post',
  path: '/v1/approvals/decisions',
  tags: ['Approvals'],
  summary: 'Approve or reject up to 200',
  description:
    'Each is decided by itself, as by its own route, and has a result of its own, in the same order.',
  request: jsonBody(
    z.strictObject({
      decisions: z
        .array(
          z.strictObject({
            ...wordBody,
            approvalId: idPart,
            decisionId: factId,
            decision: z.enum(['approve', 'reject']),
          }),
        )
        .min(1)
        .max(MAX_DECISIONS),
    }),
  ),
  responses: {
    207: json(z.object({ results: z.array(result) }), 'One result each.'),
    403: refused('Nothing that the sender may do decides on anything.'),
    ...PROBLEMS,
  },
});

type BulkResult = z.infer<typeof result>;
type Wanted = {
  readonly approvalId: string;
  readonly decisionId: string;
  readonly decision: 'approve' | 'reject';
};
type Hono = Parameters<typeof speakerOf>[0];

/** Decisions in bulk: four eyes see each of them. */
export function registerApprovalBulkRoute(app: Api, context: ApiContext): void {
  app.openapi(bulk, async (hono) => {
    const { decisions } = hono.req.valid('json');
    const results: BulkResult[] = [];
    for (let start = 0; start < decisions.length; start += AT_ONCE) {
      const part = decisions.slice(start, start + AT_ONCE);
      results.push(...(await Promise.all(part.map((wanted) => decideOne(hono, context, wanted)))));
    }
    return hono.json({ results }, 207);
  });
}

/** One bad element fails alone, also where the ledger refuses it. */
async function decideOne(hono: Hono, context: ApiContext, wanted: Wanted): Promise<BulkResult> {
  const { approvalId, decisionId, decision, ...said } = wanted;
  try {
    const { refusal: barred, within } = await judgeScope(hono, context, approvalId);
    if (barred !== undefined) {
      hono.set('refusedBy', barred.rule);
      return refusedAs(wanted, barred);
    }
    const submission = await actAs({ ...hono.get('by'), within }, () =>
      sayWord(context, {
        ...said,
        approvalId,
        decisionId,
        word: { kind: 'decide', decision },
        actor: speakerOf(hono),
        at: context.now(),
      }),
    );
    if (submission === undefined) return resultOf(wanted, { status: 202, title: 'Pending' });
    const refusal = refusalOf(submission);
    if (refusal !== undefined) return refusedAs(wanted, refusal);
    const { approval, replayed } = submission;
    return resultOf(wanted, { status: 200, approval, replayed });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.type === 'NotFound') {
      return resultOf(wanted, { status: 404, title: error.type, detail: error.message });
    }
    if (error.type === 'InvalidInput') {
      const detail = `${error.path}: ${error.message}`;
      return resultOf(wanted, { status: 422, title: error.type, detail });
    }
    if (error.type === 'AccessDenied') {
      const { type: title, message: detail, path: rule = null } = error;
      return resultOf(wanted, { status: 403, title, detail, rule });
    }
    if (error.type !== 'IdempotencyMismatch') throw error;
    return resultOf(wanted, { status: 409, title: error.type, detail: error.message });
  }
}

function refusedAs(wanted: Wanted, { status, title, detail, rule }: WordRefusal): BulkResult {
  return resultOf(wanted, { status, title, detail, rule: rule ?? null });
}

function resultOf(
  { approvalId, decisionId }: Wanted,
  result: { readonly status: number } & Partial<BulkResult>,
): BulkResult {
  const nothing = { replayed: false, approval: null, title: null, detail: null, rule: null };
  return { approvalId, decisionId, ...nothing, ...result };
}
