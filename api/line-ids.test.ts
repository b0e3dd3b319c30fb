import { expect, test } from 'vitest';
import { lineNoOf, MAX_LINE_NO } from './line-ids.ts';
import { supplierInvoiceRequest } from './purchase-order-schemas.ts';

test('a line is named by its owner and its number', () => {
  expect(lineNoOf('order:web:1#2', 'order:web:1', 'lines[0].orderLineId')).toBe(2);
  expect(lineNoOf(`order:web:1#${MAX_LINE_NO}`, 'order:web:1', 'x')).toBe(MAX_LINE_NO);
});

test.each(['order:web:2#1', 'order:web:1#0', 'order:web:1#1.5', 'order:web:1#1#1', 'order:web:1'])(
  '%s is no line of order:web:1',
  (lineId) => {
    expect(() => lineNoOf(lineId, 'order:web:1', 'lines[0].orderLineId')).toThrow(
      `${lineId} is not a line of order:web:1`,
    );
  },
);

test('a number that the ledger cannot hold is refused by name, in an id and in a body', () => {
  const tooLarge = MAX_LINE_NO + 1;
  expect(() => lineNoOf(`order:web:1#${tooLarge}`, 'order:web:1', 'x')).toThrow('is not a line');
  const invoice = (lineNo: number) => ({
    invoiceNumber: 'i-1',
    occurredAt: '2010-12-01T10:00:00Z',
    lines: [{ lineNo, quantity: 1, unitPrice: '1.5' }],
  });
  expect(supplierInvoiceRequest.safeParse(invoice(MAX_LINE_NO)).success).toBe(true);
  const refused = supplierInvoiceRequest.safeParse(invoice(tooLarge));
  expect(refused.error?.issues.map(({ path }) => path.join('.'))).toEqual(['lines.0.lineNo']);
});
