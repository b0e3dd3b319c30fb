/** What a stock adjustment can be. Only one in review waits, for its approval. */
export const ADJUSTMENT_STATES = {
  'in-review': { label: 'waits for its approval', final: false },
  applied: { label: 'applied: stock and money are moved', final: true },
  rejected: { label: 'rejected: nothing was moved', final: true },
} as const;

export type AdjustmentState = keyof typeof ADJUSTMENT_STATES;
