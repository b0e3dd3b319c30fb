import { expect, test } from 'vitest';
import { decidingRoles } from './deciding-roles.ts';

test('whoever decides on one of the subjects is enough, and on any where none is named', () => {
  expect(decidingRoles(['policy-change'])).toEqual(['approver', 'ops', 'admin']);
  expect(decidingRoles(['supplier-change'])).toEqual(['finance', 'procurement', 'approver', 'ops']);
  expect(decidingRoles(['policy-change', 'supplier-change'])).toEqual(decidingRoles(null));
  expect(decidingRoles(null)).toEqual(['finance', 'procurement', 'approver', 'ops', 'admin']);
});
