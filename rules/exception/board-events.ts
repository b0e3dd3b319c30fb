/** What can happen to an entry of the exception board; each leaves an event that is kept for ever. */
export const BOARD_EVENTS = {
  raised: 'the trouble was seen for the first time',
  reopened: 'the same trouble came back soon after it had been closed',
  claimed: 'a person took it on',
  assigned: 'it was given to a person or another role, or back to its role',
  commented: 'somebody said something about it',
  snoozed: 'it was put aside until a time',
  woken: 'that time has come',
  escalated: 'it was overdue: worse by one, and another role is told',
  merged: 'it is the same as another one, or another one is the same as it',
  unmerged: 'the one that it was merged into is closed, and it is not',
  resolved: 'a person closed it by an action',
  healed: 'the trouble was over by itself',
  repaired: 'a person repaired its process',
  'repair-failed': 'a repair of its process came to nothing',
} as const;

export type BoardEvent = keyof typeof BOARD_EVENTS;
