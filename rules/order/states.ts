/** Every state of an order, what it means, and where it may go. */
export const ORDER_STATES = {
  accepted: { label: 'Accepted', next: ['released', 'cancelled'], ended: false },
  released: { label: 'Released to the warehouse', next: ['completed', 'cancelled'], ended: false },
  completed: { label: 'Completed', next: [], ended: true },
  cancelled: { label: 'Cancelled', next: [], ended: true },
  rejected: { label: 'Rejected: not enough stock', next: [], ended: true },
} as const;

export type OrderState = keyof typeof ORDER_STATES;
