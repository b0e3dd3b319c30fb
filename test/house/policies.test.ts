/** docs/POLICIES.md shows the matrix that a new shop starts with. A row that is added or changed has to be shown there too. */
import { expect, test } from 'vitest';
import type { ApprovalConditions, ApprovalRow } from '../../rules/policy/approval-matrix.ts';
import { DEFAULT_APPROVAL_MATRIX } from '../../rules/policy/default-approval-matrix.ts';
import { POLICY_SCOPES } from '../../rules/policy/check-draft.ts';
import { tablesOf } from './doc-tables.ts';

const tableOf = tablesOf('docs/POLICIES.md');
const { rows, separatedDuties } = DEFAULT_APPROVAL_MATRIX;

test('docs/POLICIES.md has every row of the approval matrix: when it applies, and who is asked', () => {
  expect(tableOf('row', 'when')).toEqual(
    rows.map((row) => [row.id, whenText(row.when), askedText(row), row.because]),
  );
});

test('it has every pair of duties that are kept apart', () => {
  expect(tableOf('duty', 'other duty')).toEqual(
    separatedDuties.map(({ duties, because }) => [...duties, because]),
  );
});

test('it has every policy, and whether channels and regions may have their own', () => {
  expect(
    tableOf('policy', 'says').map(([policy, , channel, region]) => [
      policy,
      channel !== 'no',
      region !== 'no',
    ]),
  ).toEqual(
    expect.arrayContaining(
      Object.entries(POLICY_SCOPES).map(([policy, { channel, region }]) => [
        policy,
        channel,
        region,
      ]),
    ),
  );
});

/** Amounts of the base currency, whose penny is its hundredth. */
function whenText(when: ApprovalConditions): string {
  const {
    amountAboveMinor,
    amountUpToMinor,
    marginBelowBasisPoints,
    customerRisks,
    supplierRisks,
    fields,
  } = when;
  const said = [
    amountAboveMinor && `above ${poundText(amountAboveMinor)}`,
    amountUpToMinor && `up to ${poundText(amountUpToMinor)}`,
    marginBelowBasisPoints && `margin below ${marginBelowBasisPoints / 100} %`,
    customerRisks && `customer risk ${customerRisks.join(' or ')}`,
    supplierRisks && `supplier risk ${supplierRisks.join(' or ')}`,
    fields && `changed is ${fields.join(' or ')}`,
  ].filter((text) => typeof text === 'string');
  expect(said).toHaveLength(Object.keys(when).length);
  return said.length === 0 ? 'else' : said.join(', ');
}

function poundText(minor: string): string {
  return (Number(minor) / 100).toLocaleString('en-GB', { minimumFractionDigits: 2 });
}

function askedText({ levels }: ApprovalRow): string {
  return levels.length === 0
    ? 'nobody'
    : levels.map(({ roles }) => roles.join(' or ')).join(', then ');
}
