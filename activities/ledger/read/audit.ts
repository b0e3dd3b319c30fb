import type { Json, Ledger } from '../connect.ts';
import { csvCell } from './csv-cell.ts';
import type { Page, PageRequest } from './page.ts';

/** One act: who did what to which subject, why, and through which request. */
export interface AuditRow {
  readonly id: string;
  /** A person, the holder of a key, or a process. */
  readonly actor: string;
  readonly onBehalfOf: string | null;
  /** The id of the key or session. */
  readonly credential: string | null;
  readonly act: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  /** What the act changed, where it matters. */
  readonly before: Json;
  readonly after: Json;
  readonly reason: string | null;
  readonly requestId: string | null;
  readonly sourceAddress: string | null;
  readonly occurredAt: string;
  readonly recordedAt: string;
  /** Its place in the chain and its seal's hash (64 hex digits); null for about a second. */
  readonly sequence: number | null;
  readonly rowHash: string | null;
}

/** Which acts; `from` inclusive and `until` exclusive, by recorded time. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  /** The subject's id. */
  readonly subject?: string | undefined;
  readonly act?: string | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

/** An end of the chain: what one has to note elsewhere to notice a chain that was made anew. */
export interface ChainEnd {
  readonly sequence: number;
  /** 64 hex digits. */
  readonly rowHash: string;
}

/** The first place at which the chain is not what was sealed; verify-audit.sql names the faults. */
export interface AuditFault {
  readonly sequence: number;
  readonly auditId: string | null;
  readonly fault: string;
}

/** What a verification found. `bad` null: every sealed row is as it was written, and none is missing. */
export interface AuditVerification {
  /** Seals that were recomputed. */
  readonly checked: number;
  readonly bad: AuditFault | null;
  readonly end: ChainEnd;
  /** Rows that no seal covers yet: nothing is said of them. */
  readonly unsealed: { readonly rows: number; readonly oldestAt: string | null };
}

interface VerifiedPart {
  readonly checked: number;
  readonly bad: AuditFault | null;
  readonly nextAfter: number | null;
  readonly sequence: number;
  readonly rowHash: string;
  readonly unsealed: { readonly rows: number; readonly oldestAt: string | null };
}

const SEALS_AT_ONCE = 50_000;
/** As many as there are connections for long reads. */
const PARTS_AT_ONCE = 2;
const EXPORT_PAGE = 200;

/** Acts newest first; a long read, as two filters that hardly meet are. Errors: InvalidInput (cursor). */
export function listAudit(ledger: Ledger, request: PageRequest & AuditFilter) {
  return ledger.report<Page<AuditRow>>('list_audit', request);
}

/**
 * Recomputes the whole chain in parts, from the first seal to the last, and names the first fault. `known` is
 * an end that was noted earlier; `progress` hears how many seals of how many were looked at. After a fault no
 * further part is begun. Errors: LedgerUnavailable.
 */
export async function verifyAudit(
  ledger: Ledger,
  options: {
    readonly known?: ChainEnd | undefined;
    readonly limit?: number;
    readonly progress?: (checked: number, of: number) => void;
  } = {},
): Promise<AuditVerification> {
  const { known, limit = SEALS_AT_ONCE, progress } = options;
  const parts: VerifiedPart[] = [];
  let next = 0;
  let over = false;
  const verifyParts = async () => {
    while (!over) {
      const after = next;
      next += limit;
      const part = await ledger.report<VerifiedPart>('verify_audit', { after, limit, known });
      parts.push(part);
      over ||= part.bad !== null || part.nextAfter === null;
      progress?.(sumOf(parts), part.sequence);
    }
  };
  await Promise.all(Array.from({ length: PARTS_AT_ONCE }, verifyParts));
  // What was sealed meanwhile lengthens the chain: the part that saw most of it speaks for its end.
  const last = parts.reduce((a, b) => (b.sequence > a.sequence ? b : a));
  const faults = parts.flatMap(({ bad }) => bad ?? []);
  return {
    checked: sumOf(parts),
    bad: faults.toSorted((a, b) => a.sequence - b.sequence)[0] ?? null,
    end: { sequence: last.sequence, rowHash: last.rowHash },
    unsealed: last.unsealed,
  };
}

function sumOf(parts: readonly VerifiedPart[]): number {
  return parts.reduce((sum, { checked }) => sum + checked, 0);
}

/** The same acts as lines of JSON, each with its line end; a page is read when its first line is asked for. */
export async function* auditAsJsonLines(
  ledger: Ledger,
  filter: AuditFilter,
): AsyncGenerator<string, void, undefined> {
  for await (const row of everyRow(ledger, filter)) yield `${JSON.stringify(row)}\n`;
}

/**
 * The same acts as CSV (RFC 4180) with a line of names first. Text that a spreadsheet would take for a
 * formula has an apostrophe before it; the lines of JSON are exact.
 */
export async function* auditAsCsv(
  ledger: Ledger,
  filter: AuditFilter,
): AsyncGenerator<string, void, undefined> {
  // With the first row, so that whoever has the line of names knows that the rows can be read.
  let names = `${COLUMNS.join(',')}\r\n`;
  for await (const row of everyRow(ledger, filter)) {
    yield `${names}${COLUMNS.map((column) => csvCell(row[column])).join(',')}\r\n`;
    names = '';
  }
  if (names !== '') yield names;
}

const COLUMNS = [
  'id',
  'sequence',
  'recordedAt',
  'occurredAt',
  'actor',
  'onBehalfOf',
  'credential',
  'act',
  'subjectKind',
  'subjectId',
  'reason',
  'before',
  'after',
  'requestId',
  'sourceAddress',
  'rowHash',
] as const satisfies readonly (keyof AuditRow)[];

async function* everyRow(
  ledger: Ledger,
  filter: AuditFilter,
): AsyncGenerator<AuditRow, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await listAudit(ledger, { ...filter, limit: EXPORT_PAGE, cursor });
    yield* page.data;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
