import type { Ledger } from '../connect.ts';
import { csvCell } from './csv-cell.ts';
import type { Page, PageRequest } from './page.ts';

/** An account of the chart, and its number in the merchant's own books on the day of the posting. */
interface NumberedAccount {
  readonly account: string;
  readonly number: string;
}

/** One posting. */
interface JournalRow {
  readonly id: string;
  /** The rows of one key are one journal entry. */
  readonly key: string;
  readonly event: string;
  readonly debit: NumberedAccount;
  readonly credit: NumberedAccount;
  readonly amount: { readonly amountMinor: string; readonly currency: string };
  readonly subjectId: string;
  readonly lineNo: number | null;
  readonly sourceRef: string | null;
  /** `yyyy-mm-dd`. */
  readonly postedOn: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
}

/** Which postings: those of an account (either side), of a subject, of days (`yyyy-mm-dd`, `until` exclusive). */
interface JournalFilter {
  readonly account?: string | undefined;
  readonly subject?: string | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

const EXPORT_PAGE = 200;

/** The journal, newest first. A long read. Errors: InvalidInput (cursor). */
export function listJournal(ledger: Ledger, request: PageRequest & JournalFilter) {
  return ledger.report<Page<JournalRow>>('list_journal', request);
}

/** The same postings as CSV with a line of names first; a page is read when its first row is asked for. */
export async function* journalAsCsv(
  ledger: Ledger,
  filter: JournalFilter,
): AsyncGenerator<string, void, undefined> {
  // With the first page, so that whoever has the line of names knows that the rows can be read.
  let names = lineOf(COLUMNS.map(([name]) => name));
  let cursor: string | undefined;
  do {
    const page = await listJournal(ledger, { ...filter, limit: EXPORT_PAGE, cursor });
    const rows = page.data.map((row) => lineOf(COLUMNS.map(([, of]) => of(row))));
    yield `${names}${rows.join('')}`;
    names = '';
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

const COLUMNS: readonly (readonly [string, (row: JournalRow) => string | number | null])[] = [
  ['id', ({ id }) => id],
  ['postedOn', ({ postedOn }) => postedOn],
  ['debitNumber', ({ debit }) => debit.number],
  ['creditNumber', ({ credit }) => credit.number],
  ['amountMinor', ({ amount }) => amount.amountMinor],
  ['currency', ({ amount }) => amount.currency],
  ['debit', ({ debit }) => debit.account],
  ['credit', ({ credit }) => credit.account],
  ['event', ({ event }) => event],
  ['subjectId', ({ subjectId }) => subjectId],
  ['lineNo', ({ lineNo }) => lineNo],
  ['sourceRef', ({ sourceRef }) => sourceRef],
  ['key', ({ key }) => key],
  ['occurredAt', ({ occurredAt }) => occurredAt],
  ['recordedAt', ({ recordedAt }) => recordedAt],
];

function lineOf(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}
