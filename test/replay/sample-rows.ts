import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { SourceRow } from '../../bench/replay/source/read-file.ts';

export const heading =
  'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

let nextOrdinal = 1;

/** A row of an invented file; what a test does not name is an ordinary sale. */
export function sampleRow(parts: Partial<SourceRow> = {}): SourceRow {
  const stockCodeAsWritten = parts.stockCodeAsWritten ?? parts.sku ?? '85123A';
  return {
    fileStem: 'sample',
    ordinal: nextOrdinal++,
    invoiceNo: '536365',
    description: 'WHITE HANGING HEART T-LIGHT HOLDER',
    quantity: 6,
    invoiceDate: '2010-12-01T08:26:00.000Z',
    unitPrice: '2.55',
    customerId: '17850',
    country: 'United Kingdom',
    ...parts,
    stockCodeAsWritten,
    sku: stockCodeAsWritten.trim().toUpperCase(),
  };
}

/** Writes the text to a file of its own, packed when the name ends in .gz, and hands the path to `use`. */
export async function withFile<T>(
  name: string,
  text: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'loopline-source-'));
  try {
    const path = join(folder, name);
    await writeFile(path, name.endsWith('.gz') ? gzipSync(text) : text);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}
