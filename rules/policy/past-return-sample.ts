import type { PastPart, PastReturn } from './past-return.ts';

/** A part of one mug that was sold for 20.00 ten days before. */
export function pastPart(part: Partial<PastPart> = {}): PastPart {
  return {
    line: 0,
    cover: 'sale',
    kind: 'goods',
    quantity: 1,
    unitPrice: '20',
    amountMinor: '2000',
    reasonCode: 'changed-mind',
    sale: { orderId: 'order:web:1', unitPrice: '20', ageDays: 10 },
    ...part,
  };
}

/** A return that was authorized by itself, arrived after two days and was inspected after three. */
export function pastReturn(past: Partial<PastReturn> = {}): PastReturn {
  return {
    id: 'return:R-000001',
    requestedAt: '2026-09-01T10:00:00.000Z',
    channel: 'web',
    region: 'GB',
    orderClass: 'standard',
    skuClasses: ['B'],
    customerRisk: 'normal',
    currency: 'GBP',
    trusted: false,
    rule: 'within-policy',
    parts: [pastPart()],
    decisionMinutes: null,
    receiptMinutes: 2 * 24 * 60,
    inspectionMinutes: 3 * 24 * 60,
    ...past,
  };
}
