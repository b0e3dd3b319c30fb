/**
 * docs/EXCEPTIONS.md explains what people find on the board and what they can do about it. A kind, an action, a
 * limit, a cause or a step that is added or changed has to be explained there too.
 */
import { describe, expect, test } from 'vitest';
import { REPAIRS } from '../../rules/exception/repairs.ts';
import { SKIPPABLE_STEPS } from '../../rules/exception/skippable-steps.ts';
import { DEFAULT_EXCEPTION_CATALOGUE } from '../../rules/policy/default-exception-catalogue.ts';
import { exceptionPolicy } from '../../rules/policy/exception-catalogue.ts';
import { REASON_CODES } from '../../rules/policy/reason-codes.ts';
import { tablesOf } from './doc-tables.ts';

const kinds = Object.entries(DEFAULT_EXCEPTION_CATALOGUE.kinds);
const tableOf = tablesOf('docs/EXCEPTIONS.md');
/** The page says of these once that every kind has them. */
const EVERYWHERE = ['not-investigated', 'wrong-setting', 'software-defect'];

const hoursOrNever = (hours: number) => (hours === 0 ? 'never' : `${hours} h`);

describe('docs/EXCEPTIONS.md', () => {
  test('has every kind with its owner, severity and SLA, and no other', () => {
    const written = tableOf('kind', 'owner', 'severity').map((row) => row.slice(0, 5));
    expect(written).toEqual(
      kinds.map(([kind, { owner, severity, slaHours, slaHoursByClass }]) => {
        const classes = Object.entries(slaHoursByClass).map(
          ([name, hours]) => `${name} ${hours} h`,
        );
        const byClass = classes.length === 0 ? '–' : classes.join(', ');
        return [kind, owner, severity, `${slaHours} h`, byClass];
      }),
    );
  });

  test('says of every kind when it is raised and when it ends by itself', () => {
    for (const [kind, , , , , raised, ends] of tableOf('kind', 'owner', 'severity')) {
      expect(raised, kind).toMatch(/^\S.*\.$/);
      expect(ends, kind).toMatch(/\S/);
    }
  });

  test('has the limits and causes of every kind', () => {
    expect(tableOf('kind', 'put aside at most')).toEqual(
      kinds.map(([kind, { snoozeHours, reopenHours, escalateTo, rootCauses }]) => [
        kind,
        hoursOrNever(snoozeHours),
        hoursOrNever(reopenHours),
        escalateTo,
        rootCauses
          .filter((cause) => !EVERYWHERE.includes(cause))
          .map((cause) => `\`${cause}\``)
          .join(', ')
          .replace(/^`([^`]+)`$/, '$1'),
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

  test('has every repair, and every step that can be left out', () => {
    expect(tableOf('action', 'what it does').map(([action]) => action)).toEqual(
      Object.keys(REPAIRS),
    );
    expect(tableOf('step that can be left out')).toEqual(Object.entries(SKIPPABLE_STEPS));
  });
});

describe('the exception catalogue', () => {
  test('is as its schema wants it', () => {
    expect(exceptionPolicy.parse(DEFAULT_EXCEPTION_CATALOGUE)).toEqual(DEFAULT_EXCEPTION_CATALOGUE);
  });

  test('has causes that are reason codes of exceptions, each of which some kind has or is our own', () => {
    const codes = REASON_CODES.filter(({ subject }) => subject === 'exception').map(
      ({ reason_code: code }) => code as string,
    );
    const used = new Set(kinds.flatMap(([, { rootCauses }]) => rootCauses));
    expect([...used, 'resolved-itself'].toSorted()).toEqual(codes.toSorted());
    for (const [kind, { rootCauses }] of kinds) {
      expect(rootCauses, kind).toEqual(expect.arrayContaining(EVERYWHERE));
      expect(new Set(rootCauses).size, kind).toBe(rootCauses.length);
    }
  });

  test('escalates to another role than the one that has it already', () => {
    for (const [kind, { owner, escalateTo }] of kinds) expect(escalateTo, kind).not.toBe(owner);
  });

  test('has the kinds that merchants meet', () => {
    const wanted = [
      'payment',
      'fraud',
      'address',
      'stock-short',
      'oversold-channel',
      'carrier',
      'delivery',
      'return-receipt',
      'inspection',
      'refund-failed',
      'supplier-late',
      'receipt-short',
      'invoice-mismatch',
      'settlement-mismatch',
      'connector',
      'workflow-failed',
      'compensation-failed',
    ];
    expect(Object.keys(DEFAULT_EXCEPTION_CATALOGUE.kinds)).toEqual(expect.arrayContaining(wanted));
  });
});
