/** A purchase order as the supplier's API takes it, one line for each quantity. */
export function purchaseOrder(id: string, quantities: readonly number[], extra: object = {}) {
  const lines = quantities.map((quantity, index) => ({
    lineNo: index + 1,
    sku: `SKU-${index + 1}`,
    quantity,
    unitPrice: '1.275',
  }));
  return {
    purchaseOrderId: `purchase-order:${id}`,
    number: id,
    supplier: 'acme',
    node: 'main',
    orderedAt: '2010-12-01T09:00:00Z',
    leadTimeDays: 7,
    currency: 'GBP',
    lines,
    ...extra,
  };
}
