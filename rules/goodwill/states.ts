/** What goodwill can be. It waits for its approval, then for its refunds. */
export const GOODWILL_STATES = {
  'in-review': { label: 'waits for its approval', final: false },
  refunding: { label: 'is being paid', final: false },
  closed: { label: 'given', final: true },
  refused: { label: 'refused: nothing was given', final: true },
} as const;

export type GoodwillState = keyof typeof GOODWILL_STATES;
