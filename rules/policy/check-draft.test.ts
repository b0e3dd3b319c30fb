import { describe, expect, test } from 'vitest';
import { checkDraft, POLICY_SCOPES } from './check-draft.ts';
import { DEFAULT_POLICIES } from './defaults.ts';
import { POLICY_NAMES, type PolicyName } from './documents.ts';

/** The paths and messages of what is wrong with a document. */
function troubles(policy: PolicyName, document: unknown): string[] {
  const checked = checkDraft(policy, document);
  if (!('issues' in checked)) return [];
  return checked.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test.each(POLICY_NAMES)('what we ship can be drafted again: %s', (policy) => {
  expect(checkDraft(policy, structuredClone(DEFAULT_POLICIES[policy]))).toEqual({
    document: DEFAULT_POLICIES[policy],
  });
  expect(Object.keys(POLICY_SCOPES[policy])).toEqual(['channel', 'region']);
});

test.each(POLICY_NAMES)('a field that nobody knows is refused: %s', (policy) => {
  const checked = checkDraft(policy, { ...DEFAULT_POLICIES[policy], surprise: 1 });
  expect(checked).toMatchObject({ issues: [{ code: 'unrecognized_keys', keys: ['surprise'] }] });
});

describe('what does not exist is named', () => {
  const { return: returns, exceptions } = DEFAULT_POLICIES;
  const matrix = DEFAULT_POLICIES['approval-matrix'];
  const { payment, ...others } = exceptions.kinds;
  if (payment === undefined) throw new Error('there is such a kind');

  test('a role', () => {
    expect(troubles('return', { ...returns, approvalRole: 'boss' })[0]).toMatch(
      /^approvalRole: boss is no role; there are warehouse, support/,
    );
    const rows = matrix.rows.map((row) => ({
      ...row,
      levels: row.levels.map((level) => ({ ...level, roles: ['boss'] })),
    }));
    expect(troubles('approval-matrix', { ...matrix, rows })[0]).toMatch(
      /^rows\.1\.levels\.0\.roles: boss/,
    );
    expect(troubles('approval-matrix', { ...matrix, reassignRoles: ['boss'] })).toHaveLength(1);
  });

  test('a subject that nothing asks about, where a row would ask somebody', () => {
    const asking = matrix.rows.find(({ levels }) => levels.length > 0);
    const rows = matrix.rows.map((row) =>
      row.subject === 'price-override' ? { ...row, levels: asking?.levels ?? [] } : row,
    );
    const at = rows.findIndex(({ subject }) => subject === 'price-override');
    expect(troubles('approval-matrix', { ...matrix, rows })).toEqual([
      `rows.${at}.subject: price-override is reserved: nothing asks for it yet, so nobody would be asked; leave its levels empty`,
    ]);
  });

  test('a cause', () => {
    const kinds = { ...others, payment: { ...payment, rootCauses: ['damaged'] } };
    expect(troubles('exceptions', { ...exceptions, kinds })).toEqual([
      'kinds.payment.rootCauses: damaged is no reason code of the subject exception',
    ]);
  });

  test('a kind of exception, and an action', () => {
    expect(troubles('exceptions', { ...exceptions, kinds: others })).toEqual([
      'kinds.payment: is raised, so it needs an entry',
    ]);
    const more = { ...exceptions.kinds, theft: { ...payment, actions: ['accept'] } };
    expect(troubles('exceptions', { ...exceptions, kinds: more })).toEqual([
      'kinds.theft: is raised by nothing',
    ]);
    const kinds = { ...others, payment: { ...payment, actions: ['shrug'] } };
    expect(troubles('exceptions', { ...exceptions, kinds })[0]).toMatch(
      /^kinds\.payment\.actions: shrug is not carried out for it/,
    );
  });
});

test('whoever gives no reason for a return still has one', () => {
  const { adjustment } = DEFAULT_POLICIES['reason-codes'];
  expect(troubles('reason-codes', { return: { allergy: 'Allergic' }, adjustment })).toEqual([
    'return: unspecified is what is meant where no reason is given, so it stays',
  ]);
  expect(troubles('reason-codes', { return: { unspecified: 'None' }, adjustment: {} })).toEqual([
    'adjustment: must offer a reason',
  ]);
});

test('a mapping has a number for each account, and no others', () => {
  const { revenue: _revenue, ...numbers } = DEFAULT_POLICIES['account-mapping'].numbers;
  expect(troubles('account-mapping', { numbers: { ...numbers, sales: '4000' } })).toEqual([
    'numbers.revenue: is posted to, so it needs a number',
    'numbers.sales: is no account of the chart',
  ]);
  expect(troubles('account-mapping', { numbers: { ...numbers, revenue: ' 4000' } })).toEqual([
    'numbers.revenue: must be 1 to 32 letters, digits, blanks, dots, slashes, underscores or dashes',
  ]);
});

test('no refund goes out before its goods are here, and the draft says why', () => {
  const timing = { ...DEFAULT_POLICIES['refund-timing'], earlyUpToMinor: '1' };
  expect(troubles('refund-timing', { ...timing, earlyAt: 'first-scan' })).toEqual([
    'earlyAt: must be receipt: a scan of the carrier says that a parcel travels, and a credit note is of goods that are here',
  ]);
  expect(troubles('refund-timing', timing)).toEqual([]);
});
