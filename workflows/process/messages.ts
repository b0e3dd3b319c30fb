/** The one task queue of Loopline's workflows and activities. */
export const TASK_QUEUE = 'loopline';

/** Workflow type of each kind of process; the workflow id is the process id. */
export const WORKFLOW_TYPES = {
  order: 'orderProcess',
  return: 'returnProcess',
  'purchase-order': 'purchaseOrderProcess',
  replenishment: 'replenishmentProcess',
  'stock-adjustment': 'stockAdjustmentProcess',
  'finance-entry': 'financeEntryProcess',
  approval: 'approvalProcess',
  goodwill: 'goodwillProcess',
} as const;

export type ProcessKind = keyof typeof WORKFLOW_TYPES;

/** Every workflow's input: its id; what it needs to know it reads from the ledger. */
export interface ProcessInput {
  readonly processId: string;
}

/** Signal: the ledger has something new for you. May be lost, repeated, reordered. */
export const LOOK_SIGNAL = 'look';

/** Names the newest fact, and older ones that are told with it, oldest first. */
export interface LookMessage {
  readonly factId: string;
  readonly olderFactIds?: readonly string[];
}

/**
 * Update: a person has said something about an approval, and it is stored; the update id is the decision id. Its
 * validator refuses what the process knows to be wrong, with a failure of the type DECISION_REFUSED whose first
 * detail is a DecisionRefusal.
 */
export const DECIDE_UPDATE = 'decide';

export const DECISION_REFUSED = 'DecisionRefused';

/** What was stored. Who said what, about which run, is told so that the validator can judge it. */
export interface DecisionMessage {
  readonly decisionId: string;
  readonly approvalId: string;
  readonly kind?: string;
  readonly by?: string;
  readonly run?: number;
}

/** What the ledger says of a word: `applied` false when it changed nothing. */
export interface DecisionOutcome {
  readonly applied: boolean;
  readonly state: string;
  /** Who closed the approval and when; null while it is open. */
  readonly closing?: DecisionClosing | null;
}

/** `by` is null where a deadline did it; `at` RFC 3339. */
export interface DecisionClosing {
  readonly by: string | null;
  readonly onBehalfOf: string | null;
  readonly at: string;
}

/** Why a word is not taken: 403 by a rule, 409 somebody was first, 410 withdrawn. */
export interface DecisionRefusal {
  readonly status: 403 | 409 | 410;
  readonly rule: string;
  readonly text: string;
  readonly by?: string | null;
  readonly onBehalfOf?: string | null;
  readonly at?: string | null;
}
