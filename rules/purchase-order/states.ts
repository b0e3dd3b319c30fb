/** Each state of a purchase order: what it means, and which states may follow. */
export const PURCHASE_ORDER_STATES = {
  'in-review': { label: 'Waits for approval', next: ['approved', 'rejected'] },
  approved: { label: 'Approved, to be sent to the supplier', next: ['sent', 'closed'] },
  sent: { label: 'Sent, not yet acknowledged', next: ['acknowledged', 'closed'] },
  acknowledged: { label: 'Acknowledged: goods and invoices are awaited', next: ['closed'] },
  closed: { label: 'Everything is received and invoiced, or will never come', next: [] },
  rejected: { label: 'Not approved', next: [] },
} as const satisfies Record<string, { label: string; next: readonly string[] }>;

export type PurchaseOrderState = keyof typeof PURCHASE_ORDER_STATES;
