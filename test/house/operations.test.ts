/**
 * docs/OPERATIONS.md explains what people find on the board, in the policies and in the lists of
 * reasons. A kind, action, default or code that is added or changed has to be explained there too.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { REASON_CODES } from '../../rules/policy/reason-codes.ts';

const { exceptions, ...thresholds } = DEFAULT_POLICIES;
const kinds = Object.entries(exceptions.kinds);
const rows = readFileSync('docs/OPERATIONS.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split('|').slice(1, -1))
  .map((cells) => cells.map((cell) => cell.trim()));

/** The table with these first headings: its rows without heading and rule, code marks removed. */
function tableOf(...headings: readonly string[]): string[][] {
  const head = rows.findIndex((row) => headings.every((heading, at) => row[at] === heading));
  if (head < 0) return [];
  // A row before a rule is the head of the next table.
  const end = rows.findIndex((_row, at) => at > head && isRule(rows[at + 1]));
  return rows
    .slice(head + 2, end < 0 ? undefined : end)
    .map((row) => row.map((cell) => cell.replace(/^`([^`]+)`$/, '$1')));
}

function isRule(row: readonly string[] | undefined): boolean {
  return row !== undefined && row.every((cell) => /^-+$/.test(cell));
}

describe('docs/OPERATIONS.md', () => {
  test('has every kind of exception with its owner, severity and SLA, and no other', () => {
    const written = tableOf('kind', 'owner').map((row) => row.slice(0, 4));
    expect(written).toEqual(
      kinds.map(([kind, { owner, severity, slaHours }]) => [
        kind,
        owner,
        severity,
        `${slaHours} h`,
      ]),
    );
  });

  test('says of every action of every kind what it does, and of no other', () => {
    const written = tableOf('kind', 'action');
    expect(written.map((row) => row.slice(0, 2))).toEqual(
      kinds.flatMap(([kind, { actions }]) => actions.map((action) => [kind, action])),
    );
    expect(written.filter((row) => (row[2] ?? '') === '')).toEqual([]);
  });

  test('has every default of every policy with its value', () => {
    const written = tableOf('setting', 'default').map((row) => row.slice(0, 2));
    expect(written).toEqual(
      Object.entries(thresholds).flatMap(([policy, document]) =>
        Object.entries(document).map(([field, value]) => [`${policy}.${field}`, String(value)]),
      ),
    );
  });

  test('has every reason code', () => {
    const written = tableOf('subject', 'code').map((row) => `${row[0]}/${row[1]}`);
    expect(written.toSorted()).toEqual(
      REASON_CODES.map(({ subject, reason_code: code }) => `${subject}/${code}`).toSorted(),
    );
  });
});
