import { askApproval, type ApprovalAsk, type MatrixVersion } from '../approval/ask-approval.ts';
import { evaluateMatrix } from '../approval/evaluate-matrix.ts';
import { masterDataFacts } from '../approval/subject-facts.ts';
import { formatPrice } from '../money/decimal.ts';
import type { Risk } from '../policy/approval-matrix.ts';
import { isSame } from '../policy/is-same.ts';
import { RECORD_FIELDS, type RecordNoun } from './record-fields.ts';

/** The fields of a record by their names on the wire; what is not known is null. */
export type MasterRecord = Readonly<Record<string, unknown>>;

/** A record as somebody wants it, and as it is; `before` null for one that is new. */
export interface RecordEdit {
  readonly noun: RecordNoun;
  readonly before: MasterRecord | null;
  readonly after: MasterRecord;
  /** Where it lies, for the matrix; null where that is everywhere. */
  readonly channel: string | null;
  readonly region: string | null;
  /** Of a supplier; null of all else. */
  readonly risk: Risk | null;
  /** The base currency. */
  readonly currency: string;
  /** Business time, milliseconds since 1970. */
  readonly atMs: number;
  readonly actor: string;
}

/** What people are asked about; `after` holds just the fields that wait. */
export interface AskedChange {
  readonly fields: readonly string[];
  readonly after: MasterRecord;
  readonly approval: ApprovalAsk;
}

/** The record as it may be written at once, and what of it waits; null when nothing does. */
export interface JudgedEdit {
  readonly apply: MasterRecord;
  readonly change: AskedChange | null;
}

/**
 * Which fields of an edit are written at once and which wait for people: the matrix is asked about each changed
 * field by itself, and the row that asks most decides who is asked. A record that is new asks nobody: nothing
 * rests on it before another record names it.
 */
export function judgeEdit(matrix: MatrixVersion, edit: RecordEdit): JudgedEdit {
  const { noun, before } = edit;
  const after = normalRecord(noun, edit.after);
  if (before === null) return { apply: after, change: null };
  const changed = changedFields(noun, before, after);
  const asking = rowsAsking(matrix, edit, changed);
  const [most] = asking.toSorted((a, b) => b.levels - a.levels);
  if (most === undefined) return { apply: after, change: null };

  const held = withTied(
    noun,
    changed,
    asking.map(({ field }) => field),
  );
  const approval = askApproval(
    matrix,
    masterDataFacts({
      ...edit,
      fields: asking.flatMap(({ field, row }) => (row === most.row ? [`${noun}.${field}`] : [])),
      skuClass: classOf(before),
    }),
    { atMs: edit.atMs, requestedBy: edit.actor, wantedBy: null },
  );
  if (approval === null) throw new Error(`The row ${most.row} asks and asks nobody`);
  return {
    apply: { ...after, ...picked(before, held) },
    change: { fields: held, after: picked(after, held), approval },
  };
}

/** Each changed field that the matrix asks somebody about, with the row that does. */
function rowsAsking({ document }: MatrixVersion, edit: RecordEdit, changed: readonly string[]) {
  return changed.flatMap((field) => {
    const facts = masterDataFacts({
      ...edit,
      fields: [`${edit.noun}.${field}`],
      skuClass: edit.before === null ? null : classOf(edit.before),
    });
    const { outcome, plan } = evaluateMatrix(document, facts);
    return outcome === 'approval' ? [{ field, row: plan.row, levels: plan.levels.length }] : [];
  });
}

/** A price belongs to its supplier, and a standard cost to its method: the one does not change without the other. */
const TIED: Readonly<Partial<Record<RecordNoun, readonly (readonly string[])[]>>> = {
  sku: [
    ['supplier', 'supplierPrice', 'minimumQuantity', 'multipleQuantity'],
    ['costMethod', 'standardCost'],
  ],
};

const PRICE_FIELDS: readonly string[] = ['supplierPrice', 'minimumQuantity', 'multipleQuantity'];

/** What waits with the fields that people are asked about. */
function withTied(
  noun: RecordNoun,
  changed: readonly string[],
  asked: readonly string[],
): readonly string[] {
  const groups = (TIED[noun] ?? []).filter((group) => group.some((field) => asked.includes(field)));
  return changed.filter(
    (field) => asked.includes(field) || groups.some((group) => group.includes(field)),
  );
}

/** A price that is not told stays as it is; of another supplier it is a price by itself, however alike. */
function changedFields(noun: RecordNoun, before: MasterRecord, after: MasterRecord): string[] {
  const isPriced = noun === 'sku' && after['supplierPrice'] !== null;
  const isOtherSupplier = noun === 'sku' && before['supplier'] !== after['supplier'];
  return RECORD_FIELDS[noun].filter((field) => {
    if (noun === 'sku' && PRICE_FIELDS.includes(field)) {
      return isPriced && (isOtherSupplier || !isSame(before[field], after[field]));
    }
    return !isSame(before[field], after[field]);
  });
}

/** A record with every field that it can have, written as the ledger writes it. */
function normalRecord(noun: RecordNoun, record: MasterRecord): MasterRecord {
  const isPriced = noun === 'sku' && typeof record['supplierPrice'] === 'string';
  return Object.fromEntries(
    RECORD_FIELDS[noun].map((field) => {
      const value = record[field] ?? null;
      if (value === null) return [field, defaultOf(field, isPriced)];
      const isPrice = field === 'standardCost' || field === 'supplierPrice';
      return [field, isPrice && typeof value === 'string' ? formatPrice(value) : value];
    }),
  );
}

/** What a field says that was left out. */
function defaultOf(field: string, isPriced: boolean): unknown {
  if (field === 'trustsFile') return false;
  const isCount = field === 'minimumQuantity' || field === 'multipleQuantity';
  return isCount && isPriced ? 1 : null;
}

function classOf(record: MasterRecord): string | null {
  return typeof record['class'] === 'string' ? record['class'] : null;
}

function picked(record: MasterRecord, fields: readonly string[]): MasterRecord {
  return Object.fromEntries(fields.map((field) => [field, record[field]]));
}
