/**
 * docs/OPERATIONS.md explains what people find in the policies and in the lists of reasons. A default or code
 * that is added or changed has to be explained there too.
 */
import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { REASON_CODES } from '../../rules/policy/reason-codes.ts';
import { tablesOf } from './doc-tables.ts';

// The matrix is explained in docs/POLICIES.md, the catalogue of exceptions in docs/EXCEPTIONS.md, the numbers of
// the accounts in docs/ACCOUNTING.md, and the reasons have a table of their own.
const {
  exceptions: _exceptions,
  'approval-matrix': _matrix,
  'account-mapping': _mapping,
  'reason-codes': _reasons,
  ...thresholds
} = DEFAULT_POLICIES;
const tableOf = tablesOf('docs/OPERATIONS.md');

describe('docs/OPERATIONS.md', () => {
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
