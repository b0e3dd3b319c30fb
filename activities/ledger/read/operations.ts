import type { Json, Ledger } from '../connect.ts';
import type { Page, PageRequest } from './page.ts';

/** Counts of everything that is not at rest, by kind or state; ages in wall-clock seconds. */
export interface Backlog {
  processesPending: Record<string, number>;
  processesRunning: Record<string, number>;
  outbox: Record<string, number>;
  returns: Record<string, number>;
  purchaseOrders: Record<string, number>;
  exceptions: Record<string, number>;
  ordersOpen: number;
  ordersWaitingForStock: number;
  backorderedUnits: number;
  shipmentsReleased: number;
  capturesDue: number;
  refundsDue: number;
  approvalsOpen: number;
  shippingNoticesOpen: number;
  duesOpen: number;
  /** Orders that an open hold (payment, fraud, address) keeps back. */
  ordersHeld: number;
  stockHoldsOpen: number;
  oldestPendingSeconds: number;
  oldestOutboxSeconds: number;
}

/** A wait with its deadline in business time and its next step. */
export interface DueView {
  dueId: string;
  subjectId: string;
  processId: string;
  kind: string;
  nextStep: string;
  dueAt: string;
  state: string;
}

/** A process as the ledger knows it. */
export interface ProcessView {
  processId: string;
  kind: string;
  state: 'pending' | 'running' | 'ended';
  attributes: Json;
  attempts: number;
  recordedAt: string;
  startedAt: string | null;
  endedAt: string | null;
}

/** What the whole house still has to do. */
export function readBacklog(ledger: Ledger) {
  return ledger.call<Backlog>('read_backlog', {});
}

/** Open waits, the one due first at the top; `before` is a business time. */
export function listDues(ledger: Ledger, request: PageRequest & { before?: string | undefined }) {
  return ledger.call<Page<DueView>>('list_dues', request);
}

/** Processes by id, kind, state or start, newest first. */
export function readProcesses(
  ledger: Ledger,
  request: PageRequest & {
    processIds?: readonly string[] | undefined;
    kind?: string | undefined;
    state?: string | undefined;
    startedBefore?: string | undefined;
  },
) {
  return ledger.call<Page<ProcessView>>('read_processes', request);
}

/** Answers when the database does. Errors: LedgerUnavailable. */
export function pingLedger(ledger: Ledger) {
  return ledger.call<{ ok: true }>('ping', {});
}
