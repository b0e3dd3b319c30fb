import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schemaText } from '../../activities/ledger/schema-text.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';

const FILE = new URL('../../docs/schema.sql', import.meta.url);

describe('docs/schema.sql', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await openLedger();
  });
  afterAll(async () => {
    await test?.close();
  });

  it('tells what a freshly migrated ledger consists of', async () => {
    const written = await readFile(FILE, 'utf8').catch(() => '');
    const found = await schemaText(test.owner);
    expect(written === found, firstDifference(written, found)).toBe(true);
  });

  it('names every function that the application may call', async () => {
    const functions = await test.owner<{ name: string }[]>`
      select format('%s.%s(', n.nspname, p.proname) as name
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where has_function_privilege('loopline_app', p.oid, 'execute') and n.nspname = 'loopline'`;
    const text = await schemaText(test.owner);
    expect(functions.length).toBeGreaterThan(0);
    expect(functions.filter(({ name }) => !text.includes(name))).toEqual([]);
  });
});

/** What to do, and where to look. */
function firstDifference(written: string, found: string): string {
  const [old, now] = [written.split('\n'), found.split('\n')];
  const at = now.findIndex((line, index) => line !== old[index]);
  const line = at === -1 ? now.length : at;
  return `run npm run schema: line ${line + 1} of docs/schema.sql is "${old[line] ?? ''}", the database says "${now[line] ?? ''}"`;
}
