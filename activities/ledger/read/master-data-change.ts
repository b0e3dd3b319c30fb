import type { MasterRecord } from '../../../rules/master-data/judge-edit.ts';
import type { RecordNoun } from '../../../rules/master-data/record-fields.ts';
import type { ApprovalMatrix, Risk } from '../../../rules/policy/approval-matrix.ts';
import type { Ledger } from '../connect.ts';
import type { Approval } from './approval.ts';
import type { Page, PageRequest } from './page.ts';

/** What the rule needs to judge edits: each record as it is, and the matrix in force where it lies. */
export interface MasterDataSnapshot {
  /** The base currency. */
  readonly currency: string;
  /** By version. */
  readonly matrices: Readonly<Record<string, ApprovalMatrix>>;
  /** One for each key, in the order given. */
  readonly elements: readonly {
    readonly record: MasterRecord | null;
    readonly channel: string | null;
    readonly region: string | null;
    /** Of a supplier. */
    readonly risk: Risk | null;
    readonly matrix: string;
  }[];
}

export const CHANGE_STATES = [
  'waiting',
  'applied',
  'rejected',
  'expired',
  'withdrawn',
  'overtaken',
] as const;

/** A change of a record that people were asked about; `before` and `after` hold its fields alone. */
export interface MasterDataChange {
  readonly id: string;
  readonly noun: RecordNoun;
  readonly record: string;
  readonly fields: string[];
  readonly before: Record<string, unknown>;
  readonly after: Record<string, unknown>;
  readonly state: (typeof CHANGE_STATES)[number];
  /** Why one that was approved could not be carried out. */
  readonly refusal: string | null;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly recordedAt: string;
  readonly approval: Approval;
}

/** One change with everything that happened to it, oldest first. */
export interface MasterDataChangeReview extends MasterDataChange {
  readonly timeline: {
    readonly event: string;
    readonly actor: string;
    readonly cause: string | null;
    readonly reason: string | null;
    readonly detail: Record<string, unknown>;
    readonly occurredAt: string;
    readonly recordedAt: string;
  }[];
}

/** Records as they are with the matrix by which edits of them are judged at a business time. */
export function readMasterDataSnapshot(
  ledger: Ledger,
  request: { noun: RecordNoun; keys: readonly string[]; at: string },
): Promise<MasterDataSnapshot> {
  return ledger.call('read_master_data_snapshot', request);
}

/** Changes of one kind of record, newest first. Errors: InvalidInput (cursor). */
export function listChanges(
  ledger: Ledger,
  request: PageRequest & {
    noun: RecordNoun;
    state?: MasterDataChange['state'] | undefined;
    record?: string | undefined;
  },
): Promise<Page<MasterDataChange>> {
  return ledger.call('list_changes', request);
}

/** One change. Errors: NotFound. */
export function readChange(
  ledger: Ledger,
  request: { noun: RecordNoun; changeId: string },
): Promise<MasterDataChangeReview> {
  return ledger.call('read_change', request);
}
