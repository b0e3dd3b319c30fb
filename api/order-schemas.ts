import { z } from '@hono/zod-openapi';
import { MAX_AHEAD_HOURS, MAX_PLACED_AGE_DAYS } from '../rules/fact/judge-time.ts';
import { ORDER_STATES, type OrderState } from '../rules/order/states.ts';
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

const orderState = z.enum(Object.keys(ORDER_STATES) as [OrderState, ...OrderState[]]);

/** An external id goes into logs and histories, so it must not be a person's address or number. */
const externalId = idPart
  .refine((id) => !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(id), 'must not be an e-mail address')
  .refine((id) => !isPhoneNumber(id), 'must not be a phone number')
  .openapi({
    description: [
      "The channel's name of the order. Neither an e-mail address nor a phone number, which is what begins",
      'with + or writes 7 to 15 digits with spaces, with parentheses, or with dashes or dots after a leading',
      '0 or in groups of three, three and four. Digits alone (536365, 4012345678) and other dashed numbers',
      '(2026-000123) are order numbers.',
    ].join(' '),
  });

/**
 * Whether digits are written as people write phone numbers. Digits alone are an order number whatever
 * their length, and so are dashed ones, but for the national forms: a leading 0, or groups of 3, 3 and 4.
 */
function isPhoneNumber(id: string): boolean {
  if (!/^\+?[\d\s().-]+$/.test(id)) return false;
  const digits = id.replaceAll(/\D/g, '').length;
  if (digits < 7 || digits > 15) return false;
  if (/^\+|[\s()]/.test(id)) return true;
  return /[.-]/.test(id) && /^(0|(1[.-])?\d{3}[.-]\d{3}[.-]\d{4}$)/.test(id);
}

const amount = minorUnits.refine((text) => !text.startsWith('-'), 'must not be negative');

const line = z.strictObject({
  externalLineId: idPart,
  sku: z.string().min(1).max(120),
  quantity,
  unitPrice: price,
  taxMinor: amount.default('0'),
  discountMinor: amount.default('0'),
  sourceRef: z.string().max(200).optional(),
});

const charge = z.strictObject({
  externalLineId: idPart,
  kind: z.enum(['shipping', 'other', 'discount', 'manual', 'voucher']),
  code: z.string().min(1).max(120),
  quantity,
  unitPrice: price,
  sourceRef: z.string().max(200).optional(),
});

/** An order as a channel's connector posts it. Money in minor units, unit prices as decimals. */
export const orderRequest = z
  .strictObject({
    channel: z.string().regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 of a-z, 0-9 and -'),
    externalId,
    placedAt: factTime.optional().openapi({
      description: `When the customer ordered; now, where it is left out. At most ${MAX_AHEAD_HOURS} hours ahead of the API's clock, and at most ${MAX_PLACED_AGE_DAYS} days ago unless the channel brings trusted history (\`trustsFile\`).`,
    }),
    currency,
    class: z.string().max(32).default('standard'),
    customer: z
      .strictObject({
        externalId: z.string().min(1).max(120).optional(),
        email: z.email().max(320).optional(),
        name: z.string().max(200).optional(),
      })
      .optional(),
    shipTo: z.strictObject({
      country: z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166 alpha-2 code'),
      postalCode: z.string().max(20).optional(),
      name: z.string().max(200).optional(),
      line1: z.string().max(200).optional(),
      line2: z.string().max(200).optional(),
      city: z.string().max(100).optional(),
    }),
    lines: z.array(boundedLine(line, 'unitPrice')).max(2000).default([]),
    charges: z.array(boundedLine(charge, 'unitPrice')).max(100).default([]),
    payment: z
      .strictObject({
        provider: z.string().min(1).max(64),
        token: z.string().max(200).optional(),
        reference: z.string().max(200).optional(),
        status: z.enum(['none', 'authorized', 'captured']),
        amountMinor: amount.optional(),
      })
      .optional(),
  })
  .refine((order) => order.lines.length + order.charges.length > 0, {
    path: ['lines'],
    message: 'an order needs a line or a charge',
  })
  .openapi('OrderRequest');

export type OrderRequest = z.infer<typeof orderRequest>;

const orderLineView = z.object({
  orderLineId: z.string(),
  externalLineId: z.string(),
  kind: z.string(),
  code: z.string(),
  quantity: z.number(),
  unitPrice: decimal,
  amountMinor: minorUnits,
  taxMinor: minorUnits,
  allocated: z.number().openapi({ description: 'Units reserved and not shipped yet.' }),
  backordered: z.number().openapi({ description: 'Units that wait for stock.' }),
  short: z.number().openapi({ description: 'Units refused: not enough stock.' }),
  shipped: z.number(),
  cancelled: z.number(),
  returning: z.number().openapi({ description: 'Units that returns have claimed.' }),
  invoicedMinor: minorUnits,
  allocations: z.array(z.object({ node: z.string(), quantity: z.number() })),
  backorders: z
    .array(z.object({ node: z.string(), quantity: z.number() }))
    .openapi({ description: 'Where the backordered units wait for stock.' }),
});

/** What became of a payment; `captured` and `partially-captured` follow from its amounts. */
const paymentState = z.enum([
  'due',
  'challenged',
  'declined',
  'authorized',
  'partially-captured',
  'captured',
  'voided',
]);

const orderFields = {
  id: z.string(),
  channel: z.string(),
  externalId: z.string(),
  state: orderState,
  process: z.string().nullable(),
  currency,
  totalMinor: minorUnits,
  placedAt: instant,
  recordedAt: instant,
};

/** An order in a list: without its lines. */
export const orderSummary = z
  .object({ ...orderFields, customer: z.string().nullable() })
  .openapi('OrderSummary');

export const orderView = z
  .object({
    ...orderFields,
    class: z.string(),
    promisedDispatchAt: instant.nullable().openapi({
      description: 'By when it is promised to have left, by the policy cutoffs; null: nothing is',
    }),
    endedAt: instant.nullable(),
    customer: z.object({ externalId: z.string(), name: z.string().nullable() }).nullable(),
    lines: z.array(orderLineView),
    holds: z.array(z.object({ hold: z.string(), reason: z.string(), raisedAt: instant })),
    payments: z.array(
      z.object({
        paymentId: z.string(),
        provider: z.string(),
        state: paymentState,
        reference: z.string().nullable(),
        requestedMinor: minorUnits,
        authorizedMinor: minorUnits,
        capturedMinor: minorUnits,
        refundedMinor: minorUnits,
      }),
    ),
    shipments: z.array(z.object({ id: z.string(), node: z.string(), state: z.string() })),
    invoices: z.array(
      z.object({
        invoiceNumber: z.string(),
        amountMinor: minorUnits,
        taxMinor: minorUnits,
        trackingNumber: z.string().nullable(),
        occurredAt: instant,
      }),
    ),
  })
  .openapi('Order');

/** A shipment as the warehouse reads it. */
export const shipmentView = z
  .object({
    id: z.string(),
    orderId: z.string(),
    node: z.string(),
    state: z.enum(['released', 'dispatched', 'cancelled']),
    releasedAt: instant,
    promisedDispatchAt: instant.nullable().openapi({
      description: 'By when it is promised to have left, by the policy cutoffs; null: nothing is',
    }),
    recordedAt: instant,
    lines: z
      .array(
        z.object({
          orderLineId: z.string(),
          sku: z.string(),
          lot: z.string(),
          quantity: z.number(),
          dispatchedQuantity: z.number(),
        }),
      )
      .nullable(),
  })
  .openapi('Shipment');

/** Body of a cancellation: everything, or the named lines and quantities. */
export const cancellationRequest = z.strictObject({
  cancellationId: idPart.optional(),
  lines: z
    .array(z.strictObject({ orderLineId: z.string(), quantity: quantity.optional() }))
    .min(1)
    .max(2000)
    .optional(),
  reason: z.string().min(1).max(200),
  occurredAt: factTime.optional(),
});

export const cancellationView = z.object({
  applied: z.boolean(),
  cancelled: z.array(z.object({ orderLineId: z.string(), quantity: z.number() })),
  shipped: z.array(z.object({ orderLineId: z.string(), quantity: z.number() })),
  notOpen: z
    .array(z.object({ orderLineId: z.string(), asked: z.number(), open: z.number() }))
    .openapi({ description: 'Lines of which more was asked to cancel than was open.' }),
  order: orderView,
});

/** What the warehouse confirms when goods leave. */
export const dispatchRequest = z.strictObject({
  dispatchId: idPart.optional(),
  occurredAt: factTime.optional(),
  lines: z
    .array(
      z.strictObject({ orderLineId: z.string(), quantity, lot: z.string().max(64).optional() }),
    )
    .min(1)
    .max(2000),
  carrier: z.string().max(64).optional(),
  trackingNumber: z.string().max(64).optional(),
});

export const dispatchView = z.object({
  applied: z.boolean(),
  state: z.string(),
  orderId: z.string(),
  invoiceNumber: z.string(),
  amountMinor: minorUnits,
});

export const orderQuery = pageQuery.extend({
  state: orderState.optional(),
  channel: z.string().max(32).optional(),
  customer: z.string().max(120).optional(),
});

export const shipmentQuery = pageQuery.extend({
  state: z.enum(['released', 'dispatched', 'cancelled']).optional(),
  node: z.string().max(64).optional(),
  orderId: z.string().max(200).optional(),
});

export const timelineEntry = z.looseObject({
  event: z.string(),
  actor: z.string(),
  cause: z.string().nullable(),
  reason: z.string().nullable(),
  occurredAt: instant,
  recordedAt: instant,
});
