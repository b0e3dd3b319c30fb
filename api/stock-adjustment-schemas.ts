import { z } from '@hono/zod-openapi';
import { ADJUSTMENT_STATES, type AdjustmentState } from '../rules/stock/states.ts';
import { approvalSchema, money } from './approval-schemas.ts';
import { instant } from './schemas.ts';

export const ADJUSTMENT_STATE_NAMES = Object.keys(ADJUSTMENT_STATES) as [
  AdjustmentState,
  ...AdjustmentState[],
];
export const adjustmentKind = z.enum(['found', 'write-off', 'correction']);

/** A stock adjustment as every route shows it. */
export const adjustmentSchema = z
  .object({
    id: z.string(),
    externalRef: z.string(),
    kind: adjustmentKind,
    sku: z.string(),
    node: z.string(),
    lot: z.string().nullable(),
    quantity: z.number().int().openapi({ description: 'Signed: found is positive' }),
    reasonCode: z.string(),
    state: z.enum(ADJUSTMENT_STATE_NAMES),
    value: money,
    appliedQuantity: z.number().int(),
    shortQuantity: z.number().int().openapi({ description: 'Not found unreserved on hand' }),
    sourceRef: z.string().nullable(),
    requestedBy: z.string(),
    occurredAt: instant,
    recordedAt: instant,
    process: z.enum(['pending', 'running', 'ended']).nullable(),
    approval: approvalSchema.nullable(),
  })
  .openapi('StockAdjustment');
