/** The states of a return: what they mean and what may come next. */
export const RETURN_STATES = {
  'in-review': {
    label: 'A person decides',
    next: ['awaiting-receipt', 'refunding', 'refused', 'expired'],
    ended: false,
  },
  'awaiting-receipt': {
    label: 'The goods are on their way back',
    next: ['awaiting-inspection', 'refunding', 'expired'],
    ended: false,
  },
  'awaiting-inspection': {
    label: 'The goods wait for inspection',
    next: ['refunding'],
    ended: false,
  },
  refunding: {
    label: 'The money goes back',
    // Goods that are refunded when they arrive are inspected afterwards.
    next: ['awaiting-inspection', 'closed'],
    ended: false,
  },
  closed: { label: 'Done', next: [], ended: true },
  refused: { label: 'Refused', next: [], ended: true },
  expired: { label: 'Nothing came back in time', next: [], ended: true },
} as const;

export type ReturnState = keyof typeof RETURN_STATES;

/** What becomes of an inspected unit, and where it goes. */
export const DISPOSITIONS = {
  restock: { label: 'Sold again as it is', to: 'on-hand' },
  repack: { label: 'Packed again before it is sold', to: 'damaged' },
  refurbish: { label: 'Repaired before it is sold', to: 'damaged' },
  'vendor-return': { label: 'Sent back to its supplier', to: 'supplier' },
  quarantine: { label: 'Kept apart until somebody decides', to: 'quarantined' },
  scrap: { label: 'Thrown away', to: 'adjustment' },
} as const;

export type Disposition = keyof typeof DISPOSITIONS;
