import { expect, test } from 'vitest';
import { EVERYWHERE, type Principal } from './decide-access.ts';
import { decideSight, type ApprovalPart } from './see-approval.ts';

const REQUIREMENT = { scope: 'stock:read', reach: ['amount'] } as const;

const reader = (scopes: Principal['scopes'], amountMinor: bigint | null): Principal => ({
  id: 'person:ada',
  kind: 'person',
  name: 'Ada',
  roles: [],
  scopes,
  reach: { ...EVERYWHERE, amountMinor },
});

test.each<[string, Principal['scopes'], bigint | null, ApprovalPart | null, string]>([
  ['the scope of what it is about', ['stock:read'], null, null, 'allowed'],
  ['another scope', ['finance:read'], null, null, 'scope-missing'],
  ['the scope, up to the amount', ['stock:read'], 100n, null, 'allowed'],
  ['the scope, and a penny above the amount', ['stock:read'], 99n, null, 'amount-above-limit'],
  ['no scope, asked as one of a role', [], null, 'asked', 'allowed'],
  ['asked above the amount', [], 99n, 'asked', 'amount-above-limit'],
  ['what is their own, above the amount', [], 99n, 'own', 'allowed'],
])('with %s', (_name, scopes, limit, part, wanted) => {
  const decision = decideSight(reader(scopes, limit), REQUIREMENT, { amountMinor: 100n }, part);
  expect(decision.outcome === 'refused' ? decision.rule : decision.outcome).toBe(wanted);
});
