import { countryCode } from './countries.ts';
import { toDecimal } from './source/decimal.ts';
import type {
  FinanceEntryEvent,
  OrderCharge,
  OrderEvent,
  ReturnEvent,
  StockAdjustmentEvent,
  TradeEvent,
} from './source/trade-day.ts';

export const CHANNEL = 'online-retail';
export const CURRENCY = 'GBP';

/** One call of the public API. What it asks for follows from the event alone, so it can be repeated. */
export interface ApiRequest {
  readonly path: string;
  readonly body: object;
}

/** The call that a connector makes for an event; `nodeOf` names the warehouse of an adjustment. */
export function requestOf(event: TradeEvent, nodeOf: (sku: string) => string): ApiRequest {
  switch (event.type) {
    case 'order':
      return { path: '/v1/orders', body: orderBody(event) };
    case 'return':
      return { path: '/v1/returns', body: returnBody(event) };
    case 'financeEntry':
      return { path: '/v1/finance/entries', body: entryBody(event) };
    case 'stockAdjustment':
      return { path: '/v1/stock/adjustments', body: adjustmentBody(event, nodeOf(event.sku)) };
  }
}

/** `<file>:<class>:<ordinal>`: by it the ledger's entries are counted for a file and a class. */
function sourceRef(
  fileStem: string,
  row: { readonly rowClass: string; readonly ordinal: number },
): string {
  return `${fileStem}:${row.rowClass}:${row.ordinal}`;
}

function customerOf({ customerId }: { readonly customerId: string | null }): object {
  return customerId === null ? {} : { customer: { externalId: customerId } };
}

function orderBody(order: OrderEvent): object {
  const { fileStem, totalMinor } = order;
  return {
    channel: CHANNEL,
    externalId: order.invoiceNo,
    placedAt: order.placedAt,
    currency: CURRENCY,
    ...customerOf(order),
    shipTo: { country: countryCode(order.country) },
    lines: order.goods.map((line) => ({
      externalLineId: String(line.ordinal),
      sku: line.sku,
      quantity: line.quantity,
      unitPrice: line.unitPrice,
      sourceRef: sourceRef(fileStem, line),
    })),
    charges: order.charges.map((charge) => ({
      externalLineId: String(charge.ordinal),
      kind: chargeKindOf(charge),
      code: charge.code,
      // Only a charge of 0 can have a negative quantity, and it moves nothing.
      quantity: Math.abs(charge.quantity),
      unitPrice: charge.unitPrice,
      sourceRef: sourceRef(fileStem, charge),
    })),
    ...(totalMinor === 0n
      ? {}
      : { payment: { provider: 'gateway', token: 'tok_ok', status: 'none' } }),
  };
}

/** The API takes a discount off the total; on a sale the file adds its amount like any other. */
function chargeKindOf({ kind, unitPrice }: OrderCharge): OrderCharge['kind'] {
  return kind === 'discount' && toDecimal(unitPrice) > 0n ? 'manual' : kind;
}

function returnBody(event: ReturnEvent): object {
  return {
    channel: CHANNEL,
    externalRef: event.invoiceNo,
    ...customerOf(event),
    currency: CURRENCY,
    occurredAt: event.occurredAt,
    resolution: 'refund',
    lines: event.lines.map((line) => ({
      externalLineId: String(line.ordinal),
      kind: line.kind,
      sku: line.code,
      quantity: line.quantity,
      unitPrice: line.unitPrice,
      reasonCode: 'unspecified',
      sourceRef: sourceRef(event.fileStem, line),
    })),
  };
}

function entryBody(event: FinanceEntryEvent): object {
  // A bank's charge that names a customer would be one that the customer bears.
  const customer = event.kind === 'bank-charge' ? {} : customerOf(event);
  return {
    externalRef: `${event.fileStem}:${event.ordinal}`,
    kind: event.kind,
    quantity: event.quantity,
    unitPrice: event.unitPrice,
    currency: CURRENCY,
    channel: CHANNEL,
    ...customer,
    occurredAt: event.occurredAt,
    sourceRef: sourceRef(event.fileStem, event),
  };
}

function adjustmentBody(event: StockAdjustmentEvent, node: string): object {
  const found = event.rowClass === 'stockFound';
  return {
    externalRef: `${event.fileStem}:${event.ordinal}`,
    kind: found ? 'found' : 'write-off',
    node,
    sku: event.sku,
    quantity: Math.abs(event.quantity),
    reasonCode: found ? 'found' : 'lost',
    occurredAt: event.occurredAt,
    sourceRef: sourceRef(event.fileStem, event),
  };
}
