import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { parseDecimal } from './decimal.ts';

/** The columns of an Online Retail file, in their order. */
const columnNames = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const;
type ColumnName = (typeof columnNames)[number];

/** One data row of an Online Retail file, checked and with its types. Amounts are in GBP. */
export interface SourceRow {
  /** The file's name without folder and without .csv or .csv.gz. */
  readonly fileStem: string;
  /** 1 for the first data row of the file. */
  readonly ordinal: number;
  readonly invoiceNo: string;
  readonly stockCodeAsWritten: string;
  /** The stock code trimmed and in upper case: codes that differ only by case are one SKU. */
  readonly sku: string;
  readonly description: string;
  readonly quantity: number;
  /** RFC 3339 in UTC, such as 2010-12-01T08:26:00.000Z. */
  readonly invoiceDate: string;
  /** Decimal string with up to six places. */
  readonly unitPrice: string;
  readonly customerId: string | null;
  readonly country: string;
}

/** A source file cannot be read or holds a malformed row; the message names file, line and column. */
export class SourceFileError extends Error {
  readonly file: string;
  /** Line of the file, 1 for the heading; null when the file as a whole is at fault. */
  readonly line: number | null;
  readonly column: string | null;

  constructor(file: string, line: number | null, column: string | null, problem: string) {
    const place = [
      file,
      line === null ? null : `line ${line}`,
      column === null ? null : `column ${column}`,
    ];
    super(`${place.filter((part) => part !== null).join(', ')}: ${problem}`);
    this.name = 'SourceFileError';
    this.file = file;
    this.line = line;
    this.column = column;
  }
}

/**
 * Reads a `.csv` or `.csv.gz` file row by row, without holding it in memory.
 * Throws SourceFileError at the first malformed row, or when the file cannot be read.
 */
export async function* readSourceFile(path: string): AsyncGenerator<SourceRow> {
  const file = basename(path);
  const fileStem = sourceFileStem(path);
  let ordinal = 0;
  let headingSeen = false;
  for await (const { line, fields } of readRecords(path)) {
    if (!headingSeen) {
      checkHeading(file, line, fields);
      headingSeen = true;
      continue;
    }
    ordinal += 1;
    yield parseRow({ file, fileStem, line, ordinal }, fields);
  }
  if (!headingSeen)
    throw new SourceFileError(file, null, null, 'The file is empty; a heading is expected.');
}

/**
 * Reads several files into one list of rows, in the order given.
 * Throws SourceFileError as readSourceFile does, and when two files have the same name,
 * because a row is known by its file's name and its ordinal.
 */
export async function readSourceFiles(paths: readonly string[]): Promise<SourceRow[]> {
  const stems = new Set<string>();
  for (const path of paths) {
    const stem = sourceFileStem(path);
    if (stems.has(stem)) {
      throw new SourceFileError(
        basename(path),
        null,
        null,
        'A file of this name is already in the list.',
      );
    }
    stems.add(stem);
  }
  const rows: SourceRow[] = [];
  for (const path of paths) {
    for await (const row of readSourceFile(path)) rows.push(row);
  }
  return rows;
}

/** The file's name without folder and ending; throws SourceFileError unless it ends in .csv or .csv.gz. */
function sourceFileStem(path: string): string {
  const match = /^(.+?)\.csv(\.gz)?$/i.exec(basename(path));
  if (match?.[1] === undefined) {
    throw new SourceFileError(basename(path), null, null, 'The name must end in .csv or .csv.gz.');
  }
  return match[1];
}

/** What the parser hands out when asked for its place in the file too. */
interface CsvItem {
  /** `lines` is the line on which the record ends. */
  readonly info: { readonly lines: number };
  readonly record: string[];
}

async function* readRecords(path: string): AsyncGenerator<{ line: number; fields: string[] }> {
  const file = basename(path);
  const parser = parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true });
  const source = createReadStream(path);
  const unpack = /\.gz$/i.test(path) ? createGunzip() : null;
  // Errors of the earlier streams end the parser too, so that the loop below sees them.
  source.on('error', (error) => parser.destroy(error));
  unpack?.on('error', (error) => parser.destroy(error));
  if (unpack === null) source.pipe(parser);
  else source.pipe(unpack).pipe(parser);
  try {
    for await (const item of parser) {
      const { info, record }: CsvItem = item;
      yield { line: info.lines, fields: record };
    }
  } catch (error) {
    throw describeReadError(file, error);
  } finally {
    source.destroy();
    unpack?.destroy();
  }
}

function describeReadError(file: string, error: unknown): Error {
  if (error instanceof CsvError) {
    const { lines, column } = error as CsvError & { lines?: unknown; column?: unknown };
    const name = typeof column === 'number' ? (columnNames[column] ?? null) : null;
    return new SourceFileError(file, typeof lines === 'number' ? lines : null, name, error.message);
  }
  if (error instanceof Error && 'code' in error)
    return new SourceFileError(file, null, null, error.message);
  return error instanceof Error ? error : new Error(String(error));
}

function checkHeading(file: string, line: number, fields: readonly string[]): void {
  for (const [index, name] of columnNames.entries()) {
    const found = fields[index];
    if (found?.trim() !== name) {
      throw new SourceFileError(
        file,
        line,
        name,
        `The heading says ${JSON.stringify(found ?? 'nothing')} here.`,
      );
    }
  }
  refuseFurtherColumns(file, line, fields);
}

function refuseFurtherColumns(file: string, line: number, fields: readonly string[]): void {
  if (fields.length <= columnNames.length) return;
  const problem = `There are ${fields.length} columns; ${columnNames.length} are expected.`;
  throw new SourceFileError(file, line, String(columnNames.length + 1), problem);
}

interface RowPlace {
  readonly file: string;
  readonly fileStem: string;
  readonly line: number;
  readonly ordinal: number;
}

function parseRow(place: RowPlace, fields: readonly string[]): SourceRow {
  refuseFurtherColumns(place.file, place.line, fields);
  const refuse = (column: ColumnName, problem: string): never => {
    throw new SourceFileError(place.file, place.line, column, problem);
  };
  const read = (column: ColumnName): string =>
    fields[columnNames.indexOf(column)] ?? refuse(column, 'The row ends before this column.');
  const readMatching = (column: ColumnName, pattern: RegExp, what: string): string => {
    const text = read(column).trim();
    return pattern.test(text) ? text : refuse(column, `${JSON.stringify(text)} is not ${what}.`);
  };

  const invoiceNo = readMatching(
    'InvoiceNo',
    /^[AC]?\d{1,20}$/,
    'an invoice number (digits, or C or A and digits)',
  );
  const stockCodeAsWritten = read('StockCode');
  const sku = stockCodeAsWritten.trim().toUpperCase();
  if (sku === '') refuse('StockCode', 'The stock code is empty.');
  const description = read('Description');
  const quantity = Number(
    readMatching('Quantity', /^-?0*[1-9]\d{0,8}$/, 'a whole number other than 0'),
  );
  const dateText = readMatching(
    'InvoiceDate',
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/,
    'a time such as 2010-12-01 08:26:00',
  );
  const invoiceDate =
    toUtc(dateText) ?? refuse('InvoiceDate', `${dateText} is not in the calendar.`);
  const unitPrice = read('UnitPrice').trim();
  const price =
    parseDecimal(unitPrice) ?? refuse('UnitPrice', `${JSON.stringify(unitPrice)} is not a price.`);
  const customer = readMatching('CustomerID', /^[A-Za-z0-9._-]{0,120}$/, "a customer's number");
  const country = readMatching('Country', /./, 'a country');

  // What follows is readable, but no class of rows has room for it, and wrong books would be worse than none.
  if (invoiceNo.startsWith('C') && quantity > 0)
    refuse('Quantity', 'A C invoice cannot have a positive quantity.');
  if (!invoiceNo.startsWith('A') && price < 0n)
    refuse('UnitPrice', 'Only an A invoice can have a negative price.');
  if (/^\d/.test(invoiceNo) && quantity < 0 && price > 0n) {
    refuse('Quantity', 'Only a C or A invoice can have a negative quantity at a price.');
  }
  return {
    fileStem: place.fileStem,
    ordinal: place.ordinal,
    invoiceNo,
    stockCodeAsWritten,
    sku,
    description,
    quantity,
    invoiceDate,
    unitPrice,
    customerId: customer === '' ? null : customer,
    country,
  };
}

/** The file's times are UTC. Null when the day or the hour does not exist. */
function toUtc(text: string): string | null {
  const candidate = `${text.replace(' ', 'T')}.000Z`;
  const time = new Date(candidate);
  return !Number.isNaN(time.getTime()) && time.toISOString() === candidate ? candidate : null;
}
