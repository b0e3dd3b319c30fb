import { z } from '@hono/zod-openapi';
import { MAX_LINES } from '../rules/purchase-order/decide-purchase-order.ts';
import { PURCHASE_ORDER_STATES, type PurchaseOrderState } from '../rules/purchase-order/states.ts';
import { MAX_LINE_NO } from './line-ids.ts';
import {
  boundedLine,
  currency,
  decimal,
  factTime,
  idPart,
  instant,
  minorUnits,
  pageQuery,
  price,
  quantity,
} from './schemas.ts';

const STATES = Object.keys(PURCHASE_ORDER_STATES) as [PurchaseOrderState, ...PurchaseOrderState[]];
const state = z.enum(STATES);
const lineNo = z.number().int().positive().max(MAX_LINE_NO);
const units = z.number().int().nonnegative();
const lot = z.string().min(1).max(120);

/** A new purchase order; without `unitPrice` the supplier's price applies. */
export const purchaseOrderRequest = z
  .strictObject({
    externalRef: idPart,
    supplier: idPart,
    node: idPart,
    orderedAt: factTime,
    currency,
    deliverExactlyAt: instant
      .optional()
      .openapi({ description: 'Everything is delivered whole at this time' }),
    lines: z
      .array(
        boundedLine(
          z.strictObject({ sku: idPart, quantity, unitPrice: price.optional() }),
          'unitPrice',
        ),
      )
      .min(1)
      .max(MAX_LINES),
  })
  .openapi('PurchaseOrderRequest');

export const shippingNoticeRequest = z
  .strictObject({
    noticeId: idPart,
    shippedAt: factTime,
    expectedAt: instant,
    final: z.boolean().openapi({ description: 'The supplier ships no more of this order' }),
    lines: z.array(z.strictObject({ lineNo, quantity })).min(1).max(MAX_LINES),
  })
  .openapi('ShippingNoticeRequest');

export const goodsReceiptRequest = z
  .strictObject({
    receiptId: idPart,
    noticeId: idPart.optional(),
    occurredAt: factTime,
    lines: z
      .array(z.strictObject({ lineNo, quantity, lot: lot.optional() }))
      .min(1)
      .max(2 * MAX_LINES),
  })
  .openapi('GoodsReceiptRequest');

export const supplierInvoiceRequest = z
  .strictObject({
    invoiceNumber: idPart,
    occurredAt: factTime,
    lines: z
      .array(boundedLine(z.strictObject({ lineNo, quantity, unitPrice: price }), 'unitPrice'))
      .min(1)
      .max(MAX_LINES),
  })
  .openapi('SupplierInvoiceRequest');

export const stockReceiptRequest = z
  .strictObject({
    receiptId: idPart,
    node: idPart,
    occurredAt: factTime,
    lines: z
      .array(
        boundedLine(
          z.strictObject({ sku: idPart, quantity, unitCost: price, lot: lot.optional() }),
          'unitCost',
        ),
      )
      .min(1)
      .max(MAX_LINES),
  })
  .openapi('StockReceiptRequest');

export const stockReceiptView = z
  .object({ receiptId: z.string(), node: z.string(), units, valueMinor: minorUnits })
  .openapi('StockReceipt');

const summaryFields = {
  id: z.string(),
  number: z.string(),
  externalRef: z.string().nullable(),
  cycleId: z.string().nullable(),
  supplier: z.string(),
  node: z.string(),
  state,
  process: z.enum(['pending', 'running', 'ended']).nullable(),
  total: z.object({ amountMinor: minorUnits, currency }),
  final: z.boolean(),
  orderedAt: instant,
  expectedAt: instant.nullable(),
  deliverExactlyAt: instant.nullable(),
  endedAt: instant.nullable(),
  recordedAt: instant,
};

export const purchaseOrderSummary = z.object(summaryFields).openapi('PurchaseOrderSummary');

export const shippingNoticeView = z
  .object({
    noticeId: z.string(),
    purchaseOrderId: z.string(),
    node: z.string(),
    state: z.enum(['open', 'received']),
    final: z.boolean(),
    shippedAt: instant,
    expectedAt: instant,
    lines: z.array(z.object({ lineNo, sku: z.string(), quantity: units, receivedQuantity: units })),
  })
  .openapi('ShippingNotice');

export const purchaseOrderView = z
  .object({
    ...summaryFields,
    approvals: z.array(z.object({ id: z.string(), state: z.string(), role: z.string() })),
    lines: z.array(
      z.object({
        lineNo,
        sku: z.string(),
        quantity: units,
        unitPrice: decimal,
        acknowledged: units.nullable(),
        noticed: units,
        received: units,
        short: units.openapi({ description: 'Will never come' }),
        invoiced: units.openapi({ description: 'Received units that invoices were matched to' }),
        openQuantity: units,
        receivedMinor: minorUnits,
        matchedMinor: minorUnits,
      }),
    ),
    shippingNotices: z.array(shippingNoticeView),
    invoices: z.array(
      z.object({
        invoiceNumber: z.string(),
        state: z.enum(['waiting', 'matched', 'mismatch', 'disputed']),
        amountMinor: minorUnits,
        differenceMinor: minorUnits,
        occurredAt: instant,
      }),
    ),
  })
  .openapi('PurchaseOrder');

export const shippingNoticeResult = z
  .object({
    applied: z.boolean(),
    state,
    noticeId: z.string(),
    inboundUnits: units.optional(),
    shortUnits: units.optional(),
  })
  .openapi('ShippingNoticeResult');

export const goodsReceiptResult = z
  .object({
    applied: z.boolean(),
    state,
    receiptId: z.string(),
    receivedUnits: units.optional(),
    overUnits: units
      .optional()
      .openapi({ description: 'Beyond the order: in quarantine until decided' }),
    backorderUnits: units
      .optional()
      .openapi({ description: 'Given at once to orders that waited' }),
  })
  .openapi('GoodsReceiptResult');

export const supplierInvoiceResult = z
  .object({
    applied: z.boolean(),
    state,
    invoiceNumber: z.string(),
    amountMinor: minorUnits.optional(),
  })
  .openapi('SupplierInvoiceResult');

export const purchaseOrderQuery = pageQuery.extend({
  state: state.optional(),
  node: idPart.optional(),
  supplier: idPart.optional(),
  sku: idPart.optional(),
});

export const shippingNoticeQuery = pageQuery.extend({
  state: z.enum(['open', 'received']).optional(),
  node: idPart.optional(),
  purchaseOrderId: idPart.optional(),
});
