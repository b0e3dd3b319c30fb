/** What a finance entry can be. Only one in review waits, for its approval. */
export const ENTRY_STATES = {
  'in-review': { label: 'waits for its approval', final: false },
  posted: { label: 'posted', final: true },
  rejected: { label: 'rejected: nothing was posted', final: true },
} as const;

export type EntryState = keyof typeof ENTRY_STATES;
