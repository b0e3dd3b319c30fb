/** The books that are read and exported carry the merchant's account numbers, by the mapping in force at their time. */
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTrialBalance } from '../../activities/ledger/read/finance.ts';
import { journalAsCsv, listJournal } from '../../activities/ledger/read/journal.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';

const FIRST = '2026-03-01T00:00:00Z';
const SECOND = '2026-03-10T12:00:00Z';

let shop: TestLedger;

async function mapRevenue(number: string, from: string): Promise<void> {
  const { numbers } = DEFAULT_POLICIES['account-mapping'];
  await shop.owner`
    insert into ledger.policy_version (policy, version, channel, effective_from, document)
    select 'account-mapping', max(version) + 1, '*', ${from},
      ${shop.owner.json({ numbers: { ...numbers, revenue: number, receivables: '1100' } })}
    from ledger.policy_version where policy = 'account-mapping'`;
}

const post = (subject: string, at: string) => shop.owner`
  select ledger.post(${subject}, 'dispatched', 'receivables', 'revenue', 'GBP', 500, ${subject}, ${at})`;

beforeAll(async () => {
  shop = await openLedger();
  await mapRevenue('4000', FIRST);
  await mapRevenue('4100', SECOND);
  await post('a', '2026-02-28T23:59:00Z');
  await post('b', '2026-03-01T00:00:00Z');
  await post('c', '2026-03-10T13:00:00Z');
  await post('d', '2026-03-11T08:00:00Z');
});
afterAll(() => shop?.close());

test('a posting has the numbers that were in force when its day began', async () => {
  const { data } = await listJournal(shop.ledger, { limit: 10 });
  expect(
    data.map(({ subjectId, debit, credit }) => [subjectId, debit.number, credit.number]),
  ).toEqual([
    ['d', '1100', '4100'],
    ['c', '1100', '4000'],
    ['b', '1100', '4000'],
    ['a', 'receivables', 'revenue'],
  ]);
  expect(data[0]).toMatchObject({
    debit: { account: 'receivables' },
    credit: { account: 'revenue' },
    amount: { amountMinor: '500', currency: 'GBP' },
    postedOn: '2026-03-11',
  });
});

test('the journal is filtered by account, subject and days, page by page', async () => {
  const subjects = async (filter: object) =>
    (await listJournal(shop.ledger, { limit: 10, ...filter })).data.map(
      ({ subjectId }) => subjectId,
    );
  expect(await subjects({ account: 'revenue', from: '2026-03-01', until: '2026-03-11' })).toEqual([
    'c',
    'b',
  ]);
  expect(await subjects({ account: 'bank' })).toEqual([]);
  expect(await subjects({ subject: 'a' })).toEqual(['a']);
  const { data, nextCursor } = await listJournal(shop.ledger, { limit: 3 });
  const rest = await listJournal(shop.ledger, { limit: 3, cursor: nextCursor ?? '' });
  expect([...data, ...rest.data].map(({ subjectId }) => subjectId)).toEqual(['d', 'c', 'b', 'a']);
  expect(rest.nextCursor).toBeNull();
});

test('as CSV it is the same, with a line of names', async () => {
  let text = '';
  for await (const part of journalAsCsv(shop.ledger, { until: '2026-03-02' })) text += part;
  const rows: Record<string, string>[] = parse(text, { columns: true });
  expect(
    rows.map((row) => [
      row['postedOn'],
      row['debitNumber'],
      row['creditNumber'],
      row['amountMinor'],
    ]),
  ).toEqual([
    ['2026-03-01', '1100', '4000', '500'],
    ['2026-02-28', 'receivables', 'revenue', '500'],
  ]);
});

test('the trial balance has the numbers in force when it is read', async () => {
  const numberAt = async (at: string) =>
    (await readTrialBalance(shop.ledger, { at })).accounts.find(
      ({ account }) => account === 'revenue',
    )?.number;
  expect(await numberAt('2026-02-01T00:00:00Z')).toBe('revenue');
  expect(await numberAt(FIRST)).toBe('4000');
  expect(await numberAt(SECOND)).toBe('4100');
});
