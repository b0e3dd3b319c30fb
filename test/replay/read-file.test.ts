import { writeFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainCount } from '../../bench/replay/source/plain-count.ts';
import {
  readSourceFile,
  readSourceFiles,
  SourceFileError,
} from '../../bench/replay/source/read-file.ts';
import type { SourceRow } from '../../bench/replay/source/read-file.ts';
import { heading, withFile } from './sample-rows.ts';

const goodRow = '536365,85123a ,"HEART, ""WHITE""",6,2010-12-01 08:26:00,2.55,17850,United Kingdom';

async function readText(text: string, name = 'month.csv'): Promise<SourceRow[]> {
  return withFile(name, text, (path) => readSourceFiles([path]));
}

async function problemOf(work: Promise<unknown>): Promise<SourceFileError> {
  const problem: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(problem instanceof SourceFileError)) {
    throw new Error(`expected a SourceFileError, got ${String(problem)}`);
  }
  return problem;
}

describe('reading a source file', () => {
  test.each(['month.csv', 'month.csv.gz'])('%s gives typed rows', async (name) => {
    expect(await readText(`${heading}\n${goodRow}\n`, name)).toEqual([
      {
        fileStem: 'month',
        ordinal: 1,
        invoiceNo: '536365',
        stockCodeAsWritten: '85123a ',
        sku: '85123A',
        description: 'HEART, "WHITE"',
        quantity: 6,
        invoiceDate: '2010-12-01T08:26:00.000Z',
        unitPrice: '2.55',
        customerId: '17850',
        country: 'United Kingdom',
      },
    ]);
  });

  test('a byte order mark, Windows line ends and a missing last line end change nothing', async () => {
    const plain = await readText(`${heading}\n${goodRow}\n${goodRow}\n`);
    expect(await readText(`\uFEFF${heading}\r\n${goodRow}\r\n${goodRow}`)).toEqual(plain);
  });

  test('equal rows are all kept, each with its ordinal', async () => {
    const rows = await readText([heading, goodRow, goodRow, goodRow].join('\n'));
    expect(rows.map((row) => row.ordinal)).toEqual([1, 2, 3]);
  });

  test('an empty customer is no customer, and an empty description is kept', async () => {
    const [row] = await readText(`${heading}\n536414,22139,,56,2010-12-01 11:52:00,0.0,,France\n`);
    expect(row).toMatchObject({ customerId: null, description: '', unitPrice: '0.0' });
  });

  test.each([
    ['InvoiceNo', 'X536365,85123A,A,6,2010-12-01 08:26:00,2.55,17850,UK'],
    ['InvoiceNo', ',85123A,A,6,2010-12-01 08:26:00,2.55,17850,UK'],
    ['StockCode', '536365,  ,A,6,2010-12-01 08:26:00,2.55,17850,UK'],
    ['Quantity', '536365,85123A,A,six,2010-12-01 08:26:00,2.55,17850,UK'],
    ['Quantity', '536365,85123A,A,1.5,2010-12-01 08:26:00,2.55,17850,UK'],
    ['Quantity', '536365,85123A,A,0,2010-12-01 08:26:00,2.55,17850,UK'],
    ['Quantity', 'C536365,85123A,A,6,2010-12-01 08:26:00,2.55,17850,UK'],
    ['Quantity', '536365,85123A,A,-6,2010-12-01 08:26:00,2.55,17850,UK'],
    ['InvoiceDate', '536365,85123A,A,6,2010-12-01,2.55,17850,UK'],
    ['InvoiceDate', '536365,85123A,A,6,2011-02-29 08:26:00,2.55,17850,UK'],
    ['InvoiceDate', '536365,85123A,A,6,2010-12-01 24:26:00,2.55,17850,UK'],
    ['UnitPrice', '536365,85123A,A,6,2010-12-01 08:26:00,2.5x,17850,UK'],
    ['UnitPrice', '536365,85123A,A,6,2010-12-01 08:26:00,,17850,UK'],
    ['UnitPrice', '536365,85123A,A,6,2010-12-01 08:26:00,0.0000001,17850,UK'],
    ['UnitPrice', '536365,85123A,A,6,2010-12-01 08:26:00,-1.00,17850,UK'],
    ['CustomerID', '536365,85123A,A,6,2010-12-01 08:26:00,2.55,a b,UK'],
    ['Country', '536365,85123A,A,6,2010-12-01 08:26:00,2.55,17850,'],
    ['UnitPrice', '536365,85123A,A,6,2010-12-01 08:26:00'],
    ['9', '536365,85123A,A,6,2010-12-01 08:26:00,2.55,17850,UK,more'],
  ])('a malformed %s is named with file, line and column: %s', async (column, line) => {
    const text = [heading, goodRow, line, goodRow].join('\n');
    const problem = await problemOf(readText(text, 'month.csv.gz'));
    expect(problem).toMatchObject({ file: 'month.csv.gz', line: 3, column });
    expect(problem.message).toMatch(`month.csv.gz, line 3, column ${column}: `);
  });

  test('an adjustment invoice may have a negative price', async () => {
    const [row] = await readText(
      `${heading}\nA563186,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,UK`,
    );
    expect(row).toMatchObject({ invoiceNo: 'A563186', unitPrice: '-11062.06' });
  });

  test('a line end inside quotes does not shift the line that a later error names', async () => {
    const twoLines = '536365,85123A,"A\nB",6,2010-12-01 08:26:00,2.55,17850,UK';
    const problem = await problemOf(
      readText([heading, twoLines, goodRow.replace(',6,', ',x,')].join('\n')),
    );
    expect(problem).toMatchObject({ line: 4, column: 'Quantity' });
  });

  test('an unclosed quote, another heading, and an empty file are named', async () => {
    const unclosed = `${heading}\n536365,85123A,"A,6,2010-12-01 08:26:00,2.55,17850,UK`;
    expect(await problemOf(readText(unclosed))).toMatchObject({
      file: 'month.csv',
      column: 'Description',
    });
    const renamed = heading.replace('UnitPrice', 'Price');
    expect(await problemOf(readText(renamed))).toMatchObject({ line: 1, column: 'UnitPrice' });
    expect(await problemOf(readText(''))).toMatchObject({ file: 'month.csv', line: null });
  });

  test('a file that is missing, broken, of another kind or named twice is named', async () => {
    expect(await problemOf(readSourceFiles(['/nowhere/gone.csv']))).toMatchObject({
      file: 'gone.csv',
    });
    expect(await problemOf(readSourceFiles(['/nowhere/gone.csv.gz']))).toMatchObject({
      file: 'gone.csv.gz',
    });
    expect(await problemOf(readSourceFiles(['month.xlsx']))).toMatchObject({ file: 'month.xlsx' });
    expect(await problemOf(readSourceFiles(['a/m.csv', 'b/m.csv.gz']))).toMatchObject({
      file: 'm.csv.gz',
    });
    const broken = withFile('month.csv.gz', heading, async (path) => {
      await writeFile(path, 'not packed');
      return readSourceFiles([path]);
    });
    expect(await problemOf(broken)).toMatchObject({ file: 'month.csv.gz' });
  });

  test('rows come one by one: what a caller has not reached yet is not judged', async () => {
    await withFile('month.csv', [heading, goodRow, 'malformed'].join('\n'), async (path) => {
      const rows = readSourceFile(path);
      expect(await rows.next()).toMatchObject({ done: false, value: { ordinal: 1 } });
      await expect(rows.next()).rejects.toThrow('line 3, column InvoiceNo');
    });
  });

  test('any description survives quoting, and the plain count sees the same rows', async () => {
    const descriptions = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(descriptions, async (texts) => {
        const lines = texts.map(
          (text) => `536365,85123A,"${text.replaceAll('"', '""')}",6,2010-12-01 08:26:00,2.55,,UK`,
        );
        await withFile('month.csv', [heading, ...lines].join('\n'), async (path) => {
          const rows = await readSourceFiles([path]);
          expect(rows.map((row) => row.description)).toEqual(texts);
          expect((await plainCount([path])).rows).toBe(texts.length);
        });
      }),
      { numRuns: 30 },
    );
  });
});
