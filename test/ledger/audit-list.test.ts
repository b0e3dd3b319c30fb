import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  auditAsCsv,
  auditAsJsonLines,
  listAudit,
  type AuditFilter,
  type AuditRow,
} from '../../activities/ledger/read/audit.ts';
import { sealAudit } from '../../activities/ledger/steps/seal-audit.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { act } from './audit-acts.ts';

const ROWS = 450;
const NASTY = '=HYPERLINK("http://x","y"), two\nlines and "quotes"';

let test: TestLedger;

beforeAll(async () => {
  test = await openLedger();
  // Several rows share a recorded time, as rows of one batch do.
  await test.owner`
    insert into ledger.audit (actor, act, subject_kind, subject_id, occurred_at, recorded_at, before, reason)
    select case when n % 10 = 0 then 'anna' else 'ben' end, case when n % 3 = 0 then 'approve' else 'adjust' end, 'order',
      'order:web:' || n % 50, now(), '2026-11-20T10:00:00Z'::timestamptz + n / 4 * interval '1 minute',
      jsonb_build_object('n', n), case when n = 1 then ${NASTY} end
    from generate_series(1, ${ROWS}) n`;
  await sealAudit(test.ledger);
});
afterAll(() => test.close());

async function everyPage(filter: AuditFilter, limit: number): Promise<AuditRow[]> {
  const rows: AuditRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await listAudit(test.ledger, { ...filter, limit, cursor });
    rows.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

async function expectedIds(condition: string): Promise<string[]> {
  const rows = await test.owner.unsafe<{ id: string }[]>(
    `select audit_id as id from ledger.audit where ${condition} order by recorded_at desc, audit_id desc`,
  );
  return rows.map(({ id }) => id);
}

describe('the list of acts', () => {
  it.each<[AuditFilter, string]>([
    [{}, 'true'],
    [{ actor: 'anna' }, `actor = 'anna'`],
    [{ subject: 'order:web:7' }, `subject_id = 'order:web:7'`],
    [{ act: 'approve' }, `act = 'approve'`],
    [{ actor: 'anna', act: 'approve' }, `actor = 'anna' and act = 'approve'`],
    [
      { from: '2026-11-20T10:30:00Z', until: '2026-11-20T11:00:00Z' },
      `recorded_at >= '2026-11-20T10:30:00Z' and recorded_at < '2026-11-20T11:00:00Z'`,
    ],
    [
      { actor: 'ben', subject: 'order:web:3', act: 'adjust', from: '2026-11-20T10:10:00Z' },
      `actor = 'ben' and subject_id = 'order:web:3' and act = 'adjust' and recorded_at >= '2026-11-20T10:10:00Z'`,
    ],
  ])('holds what %o asks for once each, newest first, in pages', async (filter, condition) => {
    const expected = await expectedIds(condition);
    expect(expected.length).toBeGreaterThan(0);
    for (const limit of [3, 200]) {
      expect((await everyPage(filter, limit)).map(({ id }) => id)).toEqual(expected);
    }
  });

  it('is empty for somebody who did nothing, and refuses a cursor of another list', async () => {
    expect(await listAudit(test.ledger, { limit: 10, actor: 'nobody' })).toEqual({
      data: [],
      nextCursor: null,
    });
    await expect(listAudit(test.ledger, { limit: 10, cursor: 'xyz' })).rejects.toMatchObject({
      type: 'InvalidInput',
    });
  });

  it('shows a row at once, and its place in the chain once it is sealed', async () => {
    await act(test.owner, 'fresh');
    const look = () => listAudit(test.ledger, { limit: 1, act: 'fresh' });
    expect((await look()).data).toMatchObject([
      { actor: 'anna', credential: 'key_1', reason: 'because', sequence: null, rowHash: null },
    ]);
    await sealAudit(test.ledger);
    const [row] = (await look()).data;
    expect(row?.sequence).toBe(ROWS + 1);
    expect(row?.rowHash).toMatch(/^[\da-f]{64}$/);
  });
});

describe('the export', () => {
  it('as lines of JSON is the list, row by row', async () => {
    const rows: unknown[] = [];
    for await (const line of auditAsJsonLines(test.ledger, { actor: 'ben' })) {
      expect(line.endsWith('\n')).toBe(true);
      rows.push(JSON.parse(line));
    }
    expect(rows.length).toBeGreaterThan(200);
    expect(rows).toEqual(await everyPage({ actor: 'ben' }, 50));
  });

  it('as CSV is the list, quoted, and starts no formula', async () => {
    let text = '';
    for await (const line of auditAsCsv(test.ledger, { actor: 'ben' })) text += line;
    const rows: Record<string, string>[] = parse(text, { columns: true });
    const listed = await everyPage({ actor: 'ben' }, 200);
    expect(rows.map(({ id, before, rowHash }) => ({ id, before, rowHash }))).toEqual(
      listed.map(({ id, before, rowHash }) => ({ id, before: JSON.stringify(before), rowHash })),
    );
    expect(rows.find(({ before }) => before === '{"n":1}')?.['reason']).toBe(`'${NASTY}`);
  });

  it('reads no further than it is asked for', async () => {
    let pages = 0;
    const counting = {
      ...test.ledger,
      report: <Result>(name: string, request: unknown) => {
        pages += 1;
        return test.ledger.report<Result>(name, request);
      },
    };
    for await (const line of auditAsJsonLines(counting, {})) {
      if (line !== '') break;
    }
    expect(pages).toBe(1);
  });
});
