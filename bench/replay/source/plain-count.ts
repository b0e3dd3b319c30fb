import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { SourceCounts } from './summary.ts';

/**
 * Counts files for the report's `source` block a second time, straight from their text.
 * It shares no code with the reader, the classes or the decimal arithmetic, so that an error in one of them shows
 * as a difference. It expects files that the reader has accepted.
 */
export async function plainCount(paths: readonly string[]): Promise<SourceCounts> {
  const tally = newTally();
  for (const path of paths) {
    const bytes = await readFile(path);
    const text = (path.toLowerCase().endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    let heading = true;
    for (const fields of splitRecords(text.replace(/^\uFEFF/, ''))) {
      if (!heading) addRecord(tally, fields);
      heading = false;
    }
  }
  return {
    rows: tally.rows,
    invoices: tally.invoices.size,
    cancelInvoices: [...tally.invoices].filter((number) => number[0] === 'C').length,
    cancelRows: tally.cancelRows,
    adjustInvoicesA: [...tally.invoices].filter((number) => number[0] === 'A').length,
    unitsSoldPositive: tally.unitsSoldPositive,
    unitsNegative: tally.unitsNegative,
    negativeQtyRowsWithoutC: tally.negativeQtyRowsWithoutC,
    grossSum: writeSum(tally.cancelSum + tally.nonCancelSum),
    nonCancelSum: writeSum(tally.nonCancelSum),
    cancelSum: writeSum(tally.cancelSum),
    zeroPriceRows: tally.zeroPriceRows,
    rowsWithoutCustomer: tally.rowsWithoutCustomer,
    customers: tally.customers.size,
    stockCodes: tally.stockCodes.size,
  };
}

interface Tally {
  rows: number;
  cancelRows: number;
  unitsSoldPositive: number;
  unitsNegative: number;
  negativeQtyRowsWithoutC: number;
  zeroPriceRows: number;
  rowsWithoutCustomer: number;
  /** Sums in ten-thousandths of a penny. */
  nonCancelSum: bigint;
  cancelSum: bigint;
  readonly invoices: Set<string>;
  readonly customers: Set<string>;
  readonly stockCodes: Set<string>;
}

function newTally(): Tally {
  return {
    rows: 0,
    cancelRows: 0,
    unitsSoldPositive: 0,
    unitsNegative: 0,
    negativeQtyRowsWithoutC: 0,
    zeroPriceRows: 0,
    rowsWithoutCustomer: 0,
    nonCancelSum: 0n,
    cancelSum: 0n,
    invoices: new Set(),
    customers: new Set(),
    stockCodes: new Set(),
  };
}

function addRecord(tally: Tally, fields: readonly string[]): void {
  const [invoiceNo = '', stockCode = '', , quantityText = '', , priceText = '', customer = ''] =
    fields;
  const cancels = invoiceNo.trim().startsWith('C');
  const quantity = Number.parseInt(quantityText, 10);
  const price = priceText.trim();
  const [whole = '', fraction = ''] = price.split('.');
  const amount = BigInt(quantity) * BigInt(whole + fraction) * 10n ** BigInt(6 - fraction.length);
  tally.rows += 1;
  tally.invoices.add(invoiceNo.trim());
  tally.stockCodes.add(stockCode);
  if (customer.trim() === '') tally.rowsWithoutCustomer += 1;
  else tally.customers.add(customer.trim());
  if (!/[1-9]/.test(price)) tally.zeroPriceRows += 1;
  if (quantity > 0) tally.unitsSoldPositive += quantity;
  if (quantity < 0) tally.unitsNegative += quantity;
  if (quantity < 0 && !cancels) tally.negativeQtyRowsWithoutC += 1;
  if (cancels) {
    tally.cancelRows += 1;
    tally.cancelSum += amount;
  } else {
    tally.nonCancelSum += amount;
  }
}

/** Splits the text of a CSV file; a quoted field may hold commas, line ends and doubled quotes. */
function* splitRecords(text: string): Generator<string[]> {
  const token = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  let fields: string[] = [];
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (match === null) return;
    const [, quoted, plain = '', end] = match;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') {
      // A comma at the very end of the file leaves one more, empty field.
      if (token.lastIndex === text.length) fields.push('');
      else continue;
    }
    if (fields.length > 1 || fields[0] !== '') yield fields;
    fields = [];
  }
}

/** Pounds with two to six places. */
function writeSum(sum: bigint): string {
  const digits = (sum < 0n ? -sum : sum).toString().padStart(7, '0');
  const pounds = digits.slice(0, -6);
  const places = digits.slice(-6).replace(/0{1,4}$/, '');
  return `${sum < 0n ? '-' : ''}${pounds}.${places}`;
}
