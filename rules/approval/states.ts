/** What an approval can be, and which state each decision leads to. Only an open one can be decided. */
export const APPROVAL_STATES = {
  open: { label: 'waits for a decision', decisions: { approve: 'approved', reject: 'rejected' } },
  approved: { label: 'approved', decisions: {} },
  rejected: { label: 'rejected', decisions: {} },
  expired: { label: 'expired without a decision', decisions: {} },
  withdrawn: { label: 'withdrawn, as nothing is left to decide', decisions: {} },
} as const;

export type ApprovalState = keyof typeof APPROVAL_STATES;

/** Why a person may not decide, by the rule that says so. */
export const DECISION_RULES: Readonly<Record<string, string>> = {
  'requester-may-not-decide': 'Whoever asked for an approval cannot decide it.',
};
