import { describe, expect, test } from 'vitest';
import { APPROVAL_SUBJECTS, RISKS, type ApprovalMatrix } from './approval-matrix.ts';
import { DEFAULT_APPROVAL_MATRIX } from './default-approval-matrix.ts';
import { DEFAULT_POLICIES } from './defaults.ts';
import { diffInWords, scopeInWords } from './diff-in-words.ts';
import { POLICY_NAMES, type PolicyDocument, type PolicyName } from './documents.ts';
import { SETTING_WORDS } from './policy-words.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const defaultOf = (policy: PolicyName): Json => structuredClone(DEFAULT_POLICIES[policy]) as Json;

/** Every document that differs from another one in one place: a value changed, or an item or field taken out. */
function* variants(value: Json, path = ''): Generator<{ path: string; value: Json }> {
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      // Two duties are a pair.
      if (!path.endsWith('.duties'))
        yield { path: `${path}[${at}] taken out`, value: value.toSpliced(at, 1) };
      for (const variant of variants(item, `${path}[${at}]`))
        yield { path: variant.path, value: value.with(at, variant.value) };
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) {
      for (const variant of variants(part, `${path}.${name}`))
        yield { path: variant.path, value: { ...value, [name]: variant.value } };
    }
  } else {
    yield { path, value: other(value) };
  }
}

const CHOICES: readonly (readonly string[])[] = [
  APPROVAL_SUBJECTS,
  RISKS,
  ['reject', 'approve', 'escalate'],
  ['sequence', 'parallel'],
  ['all', 'any'],
];

function other(value: null | boolean | number | string): Json {
  const choices = CHOICES.find((all) => all.some((choice) => choice === value));
  if (choices !== undefined) return choices.find((choice) => choice !== value) ?? '';
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (value === null) return { roles: ['ops'], people: [], deadlineHours: 8, onExpiry: 'reject' };
  return /^\d+$/.test(value) ? String(BigInt(value) + 7n) : `${value}-other`;
}

/** How a sentence ends by its measure. */
const TOLD: Readonly<Record<string, RegExp>> = {
  money: /from [\d.]+ GBP to [\d.]+ GBP\.$/,
  days: /from \d+ days? to \d+ days?\.$/,
  hours: /from \d+ hours? to \d+ hours?\.$/,
};

/** Another value of the same kind. */
function changedValue(value: Json): Json {
  if (Array.isArray(value)) return [...value, 'more'];
  return typeof value === 'object' && value !== null ? { ...value, more: 'More' } : other(value);
}

const say = (policy: PolicyName, before: Json, after: Json): string[] =>
  diffInWords(policy, before as PolicyDocument, after as PolicyDocument, 'GBP');

describe.each(POLICY_NAMES)('the policy %s', (policy) => {
  const document = defaultOf(policy);

  test('says nothing of itself, whatever the order of its fields', () => {
    expect(say(policy, document, defaultOf(policy))).toEqual([]);
    const turned = Object.fromEntries(Object.entries(document as object).toReversed());
    expect(say(policy, document, turned)).toEqual([]);
  });

  test('leaves no change unsaid, there and back', () => {
    const silent: string[] = [];
    let count = 0;
    for (const { path, value } of variants(document)) {
      count += 1;
      for (const [before, after] of [
        [document, value],
        [value, document],
      ] as const) {
        const said = say(policy, before, after).join(' ');
        if (said === '' || /no words for|undefined|\[object/.test(said))
          silent.push(`${path}: ${said}`);
      }
    }
    expect(count).toBeGreaterThan(1);
    expect(silent).toEqual([]);
  });
});

describe.each(Object.entries(SETTING_WORDS))('each setting of %s', (policy, words) => {
  test('is told by its name with its old and its new value', () => {
    const document = defaultOf(policy as PolicyName) as Record<string, Json>;
    expect(Object.keys(words).toSorted()).toEqual(Object.keys(document).toSorted());
    for (const [field, { name, measure }] of Object.entries<{ name: string; measure: string }>(
      words,
    )) {
      const value = document[field] ?? null;
      const changed = changedValue(value);
      const [sentence, ...others] = say(policy as PolicyName, document, {
        ...document,
        [field]: changed,
      });
      expect(others, field).toEqual([]);
      expect(sentence?.toLowerCase(), field).toContain(name.toLowerCase());
      expect(sentence, field).toMatch(TOLD[measure] ?? /\.$/);
    }
  });
});

describe('a merchant reads', () => {
  const change = <Name extends PolicyName>(policy: Name, fields: Partial<PolicyDocument<Name>>) =>
    say(policy, defaultOf(policy), { ...(defaultOf(policy) as object), ...fields } as Json);

  test('amounts as money, windows as days', () => {
    expect(change('return', { approvalAboveMinor: '5000', windowDays: 1 })).toEqual([
      'The return window falls from 60 days to 1 day.',
      'The amount above which a return needs an approval falls from 100.00 GBP to 50.00 GBP.',
    ]);
  });

  test('choices in words, switches as what is allowed', () => {
    expect(change('return', { blind: 'refuse' })).toEqual([
      'What becomes of goods that no sale covers changes from “a person decides” to “they are refused”.',
    ]);
    expect(change('sourcing', { split: false })).toEqual([
      'Serving one order from several warehouses is not allowed any more.',
    ]);
  });

  test('what is added to a list and taken from it', () => {
    expect(change('refund-timing', { inspectedReasons: ['damaged', 'counterfeit'] })).toEqual([
      'The reasons for which the inspection is always waited for: counterfeit is added, defective and wrong-item are taken away; now damaged and counterfeit.',
    ]);
  });

  test('account numbers: those that change', () => {
    const { numbers } = DEFAULT_POLICIES['account-mapping'];
    expect(
      change('account-mapping', { numbers: { ...numbers, revenue: '4000', bank: '1200' } }),
    ).toEqual([
      "The numbers of the accounts in the merchant's books: bank 1200 instead of bank and revenue 4000 instead of revenue.",
    ]);
  });

  test('what a name means, and meant', () => {
    const codes = { changed: 'New', 'of-old': 'Old' };
    const before = { return: codes, adjustment: codes };
    expect(
      say('reason-codes', before, { ...before, return: { changed: 'Newer', allergy: 'Allergic' } }),
    ).toEqual([
      'The reasons for a return: changed now means “Newer” instead of “New”, of-old is taken away and allergy (“Allergic”) is added; now changed and allergy.',
    ]);
  });

  test('exceptions by their kind', () => {
    const fraud = {
      owner: 'support',
      severity: 'high',
      slaHours: 8,
      slaHoursByClass: { express: 2 },
      actions: ['release', 'cancel-order'],
    };
    const payment = { ...fraud, owner: 'finance', actions: ['retry'] };
    const slower = { ...payment, slaHours: 9, slaHoursByClass: { express: 1, bulk: 20 } };
    const changed = { kinds: { payment: slower, theft: fraud }, snoozes: 2 };
    expect(say('exceptions', { kinds: { payment, fraud }, snoozes: 3 }, changed)).toEqual([
      'Exceptions “payment”: The time to settle it rises from 8 hours to 9 hours.',
      'Exceptions “payment”: The time to settle it by class of order changes from express 2 hours to express 1 hour and bulk 20 hours.',
      'Exceptions “fraud” are taken away: owned by support, severity high, to be settled within 8 hours by release and cancel-order.',
      'Exceptions “theft” are new: owned by support, severity high, to be settled within 8 hours by release and cancel-order.',
      'How often an exception may be put off falls from 3 to 2.',
    ]);
  });

  test('where it holds', () => {
    expect(scopeInWords('*', '*')).toBe('everywhere');
    expect(scopeInWords('web', '*')).toBe('on the channel web');
    expect(scopeInWords('*', 'GB')).toBe('in GB');
    expect(scopeInWords('web', 'GB')).toBe('on the channel web in GB');
  });
});

describe('an approval matrix is told row by row', () => {
  const matrix = DEFAULT_APPROVAL_MATRIX;
  const withRows = (rows: ApprovalMatrix['rows']): string[] =>
    diffInWords('approval-matrix', matrix, { ...matrix, rows }, 'GBP');
  const [first, second] = matrix.rows.filter(({ subject }) => subject === 'goodwill');
  if (first === undefined || second === undefined) throw new Error('the default has such rows');

  test('a condition with its old and new limit', () => {
    const rows = matrix.rows.map((row) =>
      row.id === first.id ? { ...row, when: { amountUpToMinor: '500' } } : row,
    );
    expect(withRows(rows)).toEqual([
      'The row goodwill-small: it applies when the amount is up to 5.00 GBP instead of when the amount is up to 20.00 GBP.',
    ]);
  });

  test('a row that is gone, and one that is new', () => {
    expect(withRows(matrix.rows.filter((row) => row !== first))).toEqual([
      'Taken away: the row goodwill-small for goodwill, when the amount is up to 20.00 GBP: nobody is asked. Little is at stake.',
    ]);
    const row = { ...second, id: 'goodwill-abroad', when: { regions: ['FR', 'DE'] } };
    const [said] = withRows([row, ...matrix.rows]);
    expect(said).toMatch(
      /^New: the row goodwill-abroad for goodwill, when the region is FR or DE: asked is approver: one of the role approver within 16 business hours/,
    );
  });

  test('exchange rates, each by its currency', () => {
    const base = 'GBP';
    const of = (rates: Record<string, string>) => ({ ...matrix, exchangeRates: { base, rates } });
    const [was, is] = [of({ EUR: '0.85', USD: '0.75' }), of({ EUR: '0.9', CHF: '0.95' })];
    expect(diffInWords('approval-matrix', was, is, 'GBP')).toEqual([
      'The exchange rate of EUR is now: 0.9 GBP. It was: 0.85 GBP.',
      'The exchange rate of USD is taken away (0.75 GBP).',
      'The exchange rate of CHF is new: 0.95 GBP.',
    ]);
  });

  test('another order, where it decides and where it does not', () => {
    const turned = matrix.rows.map((row) =>
      row === first ? second : row === second ? first : row,
    );
    expect(withRows(turned)).toEqual([
      'The rows for goodwill are looked at in another order: goodwill-medium, then goodwill-small, then goodwill-large.',
    ]);
    const apart = matrix.rows.filter(({ subject }) => subject === 'goodwill');
    expect(withRows([...apart, ...matrix.rows.filter((row) => !apart.includes(row))])).toEqual([
      'The rows stand in another order, which changes no decision.',
    ]);
  });
});
