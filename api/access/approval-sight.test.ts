import { expect, test } from 'vitest';
import { EVERYWHERE, type Principal } from '../../rules/access/decide-access.ts';
import { readerOf } from './approval-sight.ts';

const ABOUT = {
  by: 'kind of subject',
  cases: {
    return: { scope: 'returns:read', reach: ['amount'] },
    'stock-adjustment': { scope: 'stock:read', reach: ['amount'] },
  },
} as const;

const reader = (scopes: Principal['scopes'], amountMinor: bigint | null): Principal => ({
  id: 'person:ada',
  kind: 'person',
  name: 'Ada',
  roles: [],
  scopes,
  reach: { ...EVERYWHERE, amountMinor },
});

test.each([
  [
    'whoever sees every kind, however much, is not asked about',
    ['returns:read', 'stock:read'],
    null,
    undefined,
  ],
  [
    'a limit restricts who sees every kind',
    ['returns:read', 'stock:read'],
    0n,
    { limitMinor: '0' },
  ],
  ['who lacks a scope sees the other kinds', ['stock:read'], null, { kinds: ['stock-adjustment'] }],
  ['who has none sees no kind', ['orders:read'], 5n, { kinds: [], limitMinor: '5' }],
] as const)('%s', (_name, scopes, limit, expected) => {
  const found = readerOf(reader(scopes, limit), ABOUT);
  expect(found).toEqual(expected && { person: 'person:ada', ...expected });
});
