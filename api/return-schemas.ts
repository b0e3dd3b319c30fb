import { z } from '@hono/zod-openapi';
import {
  DISPOSITIONS,
  RETURN_STATES,
  type Disposition,
  type ReturnState,
} from '../rules/return/states.ts';
import { boundedLine, currency, factTime, idPart, pageQuery, price, quantity } from './schemas.ts';

const kind = z.enum(['goods', 'shipping', 'other', 'discount', 'manual', 'voucher']);
const state = z.enum(Object.keys(RETURN_STATES) as [ReturnState, ...ReturnState[]]);
const disposition = z.enum(Object.keys(DISPOSITIONS) as [Disposition, ...Disposition[]]);
const lineId = z.string().max(260);

/** `POST /v1/returns`. Without `externalRef` the Idempotency-Key header is the reference. */
export const returnRequest = z
  .strictObject({
    channel: z.string().max(32).optional(),
    externalRef: idPart.optional(),
    orderId: z.string().max(200).optional().openapi({ example: 'order:web:1001' }),
    customer: z.strictObject({ externalId: idPart }).optional(),
    currency: currency.optional(),
    occurredAt: factTime.optional(),
    trusted: z
      .boolean()
      .optional()
      .openapi({ description: 'false: judge this return although its channel is trusted' }),
    resolution: z.enum(['refund', 'credit']).default('refund'),
    lines: z
      .array(
        boundedLine(
          z.strictObject({
            externalLineId: idPart.optional(),
            kind: kind.default('goods'),
            sku: z
              .string()
              .min(1)
              .max(120)
              .openapi({ description: 'the SKU, or the code of a charge' }),
            quantity,
            unitPrice: price.optional(),
            orderLineId: lineId.optional(),
            reasonCode: z.string().max(64).default('unspecified'),
            comment: z.string().max(2_000).optional(),
            sourceRef: z.string().max(200).optional(),
          }),
          'unitPrice',
        ),
      )
      .min(1)
      .max(2_000),
  })
  .openapi('ReturnRequest');

/** `POST /v1/returns/{id}/receipts`. Without `returnLineId` a line is found by its SKU. */
export const returnReceiptRequest = z
  .strictObject({
    receiptId: idPart,
    occurredAt: factTime.optional(),
    complete: z.boolean().default(true),
    lines: z
      .array(
        z.strictObject({
          returnLineId: lineId.optional(),
          sku: z.string().min(1).max(120),
          quantity,
          node: z.string().max(64).optional(),
        }),
      )
      .max(2_000),
  })
  .openapi('ReturnReceiptRequest');

/** `POST /v1/returns/{id}/inspections`. */
export const inspectionRequest = z
  .strictObject({
    inspectionId: idPart,
    occurredAt: factTime.optional(),
    units: z
      .array(
        z.strictObject({
          returnLineId: lineId,
          quantity,
          grade: z.enum(['A', 'B', 'C', 'D']),
          disposition,
        }),
      )
      .min(1)
      .max(2_000),
  })
  .openapi('InspectionRequest');

const lineView = z
  .object({
    returnLineId: z.string(),
    externalLineId: z.string(),
    kind: z.string(),
    code: z.string(),
    cover: z.enum(['cancelled', 'sale', 'blind']),
    orderLineId: z.string().nullable(),
    quantity: z.number(),
    unitPrice: z.string(),
    amountMinor: z.string(),
    taxMinor: z.string(),
    reasonCode: z.string(),
    node: z.string().nullable(),
    receivedQuantity: z.number(),
    inspectedQuantity: z.number(),
    creditedQuantity: z.number(),
    creditedMinor: z.string(),
    sourceRef: z.string().nullable(),
  })
  .openapi('ReturnLine');

export const returnView = z
  .object({
    id: z.string(),
    channel: z.string().nullable(),
    externalRef: z.string(),
    customer: z.object({ externalId: z.string() }).nullable(),
    state,
    resolution: z.enum(['refund', 'credit']),
    rule: z.string(),
    reasons: z.array(
      z.object({ rule: z.string(), line: z.number().optional(), detail: z.string() }),
    ),
    policyVersion: z.string(),
    refundTiming: z
      .object({
        release: z.enum(['receipt', 'inspection']),
        rule: z.string().nullable(),
        policyVersion: z.string().nullable(),
      })
      .openapi({ description: 'when the money goes back, by the policy at the request' }),
    currency,
    labelId: z.string().nullable(),
    trackingNumber: z.string().nullable(),
    receiveBy: z.string().nullable(),
    requestedAt: z.string(),
    authorizedAt: z.string().nullable(),
    receivedAt: z.string().nullable(),
    endedAt: z.string().nullable(),
    recordedAt: z.string(),
    lines: z.array(lineView).openapi({
      description: 'what comes back; empty where everything was cancelled instead',
    }),
    cancellations: z
      .array(lineView)
      .openapi({ description: 'what had not been sent and was cancelled instead' }),
    creditNotes: z.array(
      z.object({
        creditNoteNumber: z.string(),
        amountMinor: z.string(),
        taxMinor: z.string(),
        occurredAt: z.string(),
      }),
    ),
    refunds: z.array(
      z.object({
        refundId: z.string(),
        paymentId: z.string(),
        amountMinor: z.string(),
        state: z.string(),
        failure: z.string().nullable(),
      }),
    ),
    creditedToAccountMinor: z.string(),
    approvals: z.array(
      z.object({
        approvalId: z.string(),
        state: z.string(),
        role: z.string(),
        amountMinor: z.string(),
        dueAt: z.string(),
        decidedBy: z.string().nullable(),
      }),
    ),
  })
  .openapi('Return');

export const returnQuery = pageQuery.extend({
  state: state.optional(),
  orderId: z.string().max(200).optional(),
  customer: z.string().max(200).optional(),
});

export type ReturnRequest = z.infer<typeof returnRequest>;
