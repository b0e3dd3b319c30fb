/** What an operator can do about a process that stands still or has failed. */
export const REPAIRS = {
  retry: 'the process goes on from what the ledger knows; a closed workflow is started again',
  skip: 'the step at which it stands is left out, where it can be',
  reset: 'its workflow goes back to just before the named step was taken last, and on from there',
} as const;

export type RepairAction = keyof typeof REPAIRS;

/** What became of a repair. */
export const REPAIR_STATES = {
  pending: 'stored; its workflow has not been reset yet',
  done: 'carried out',
  failed: 'not possible; the outcome says why',
} as const;

export type RepairState = keyof typeof REPAIR_STATES;
