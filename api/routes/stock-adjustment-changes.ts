import { createRoute, z } from '@hono/zod-openapi';
import {
  changeStockAdjustment,
  type AdjustmentChangeRule,
} from '../../activities/ledger/intake/change-stock-adjustment.ts';
import {
  readAdjustmentSnapshot,
  readStockAdjustment,
} from '../../activities/ledger/read/adjustment.ts';
import { decideAdjustment } from '../../rules/stock/decide-adjustment.ts';
import { note } from '../approval-schemas.ts';
import type { Api, ApiContext } from '../context.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, PROBLEMS, refused } from '../responses.ts';
import { idPart, quantity } from '../schemas.ts';
import { adjustmentSchema } from '../stock-adjustment-schemas.ts';

const change = createRoute({
  method: 'post',
  path: '/v1/stock/adjustments/{id}/changes',
  tags: ['Stock'],
  summary: 'Change an adjustment that waits for its approval',
  description:
    'Whoever asked for it does, also after it was returned to them. The approval starts again by what it is about now. Natural key: changeId, else the Idempotency-Key header.',
  request: {
    params: z.object({ id: idPart }),
    ...jsonBody(
      z.strictObject({
        changeId: idPart.optional(),
        quantity: z.number().int().openapi({ description: 'Positive; a correction is signed' }),
        note: note.optional(),
      }),
    ),
  },
  responses: {
    200: json(adjustmentSchema, 'It is about so many units now.'),
    403: refused('Only whoever asked for it changes it.'),
    ...PROBLEMS,
  },
});

const RULES: Readonly<Record<AdjustmentChangeRule, string>> = {
  'not-in-review': 'It does not wait for an approval any more.',
  'only-requester-may-change': 'Only whoever asked for it changes it.',
};

/** What whoever asked for an adjustment wants instead. */
export function registerStockAdjustmentChangeRoute(
  app: Api,
  { ledger, engine, now }: ApiContext,
): void {
  app.openapi(change, async (hono) => {
    const { changeId, quantity: units, note: reason } = hono.req.valid('json');
    const known = await readStockAdjustment(ledger, { adjustmentId: hono.req.valid('param').id });
    const size = known.kind === 'correction' ? Math.abs(units) : units;
    if (!quantity.safeParse(size).success) {
      const message = 'must be a whole number of units of the same kind, at most 10 million';
      const errors = [{ path: 'quantity', message }];
      return problem(hono, 422, 'InvalidInput', `quantity: ${message}`, errors) as never;
    }
    const { sku, node, reasonCode, occurredAt } = known;
    const about = { sku, node, reasonCode, occurredAt };
    const { policy, unitCost } = await readAdjustmentSnapshot(ledger, about);
    const { valueMinor } = decideAdjustment(policy, { quantity: BigInt(units), unitCost });
    const { rule, replayed, adjustment } = await changeStockAdjustment(ledger, {
      adjustmentId: known.id,
      changeId: changeId ?? hono.req.header('Idempotency-Key') ?? hono.get('requestId'),
      quantity: units,
      valueMinor: valueMinor.toString(),
      note: reason,
      actor: hono.get('actor'),
      at: now(),
    });
    if (rule !== null) {
      const status = rule === 'not-in-review' ? 409 : 403;
      const title = rule === 'not-in-review' ? 'Conflict' : 'ChangeRefused';
      return problem(hono, status, title, RULES[rule], [], { rule }) as never;
    }
    if (replayed) hono.header('Idempotent-Replayed', 'true');
    else engine.nudge();
    return hono.json(adjustment, 200);
  });
}
