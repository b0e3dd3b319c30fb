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

/** Update: a person has decided; the update id is the decision id. */
export const DECIDE_UPDATE = 'decide';

export interface DecisionMessage {
  readonly decisionId: string;
  readonly approvalId: string;
}

/** What the ledger says of a decision: `applied` false when the approval was not open any more. */
export interface DecisionOutcome {
  readonly applied: boolean;
  readonly state: string;
}
