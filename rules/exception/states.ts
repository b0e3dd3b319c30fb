/** What an exception on the board can be. Only an open one can be resolved, by an action that it offers. */
export const EXCEPTION_STATES = {
  open: { label: 'waits for its owner' },
  resolved: { label: 'resolved by a person, or healed by itself' },
} as const;

export type ExceptionState = keyof typeof EXCEPTION_STATES;
