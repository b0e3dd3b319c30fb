import { describe, expect, test } from 'vitest';
import { keyScopes, ROLE_NAMES, ROLES, rolesWith, scopesOf, type Role } from './roles.ts';
import { isForPeople, isReading, SCOPE_NAMES, SCOPES, type Scope } from './scopes.ts';

test('scopes are a noun and a verb of small letters, and say what they let do', () => {
  for (const [scope, meaning] of Object.entries(SCOPES)) {
    expect(scope).toMatch(/^[a-z]+(-[a-z]+)*:[a-z]+(-[a-z]+)*$/);
    // The text of a refusal begins "To …".
    expect(meaning, scope).toMatch(/^[a-z].*[^.]$/);
  }
  expect(SCOPE_NAMES.length).toBeGreaterThan(50);
});

test('decisions and rights are for people alone, all else also for programs', () => {
  const others = SCOPE_NAMES.filter((scope) => isForPeople(scope) && !scope.endsWith(':approve'));
  expect(others).toEqual(['approvals:delegate-others', 'people:edit', 'keys:edit']);
  expect(SCOPE_NAMES.filter((scope) => scope.endsWith(':approve') && !isForPeople(scope))).toEqual(
    [],
  );
});

test('every scope belongs to a role, and no role names one twice', () => {
  for (const scope of SCOPE_NAMES) expect(rolesWith(scope), scope).not.toEqual([]);
  for (const role of ROLE_NAMES) {
    const { scopes, why } = ROLES[role];
    expect(new Set(scopes).size, role).toBe(scopes.length);
    expect(why, role).toMatch(/^[A-Z].{30,}\.$/);
  }
});

describe('separation of duties within one role', () => {
  /** Who may do the first must not have the second by the same role. */
  const APART: readonly (readonly [Scope, Scope])[] = [
    ['returns:request', 'refunds:approve'],
    ['stock:adjust', 'stock:approve'],
    ['orders:edit', 'orders:approve'],
    ['suppliers:edit', 'supplier-invoices:resolve'],
    ['skus:edit', 'master-data:approve'],
    ['purchase-orders:receive', 'purchase-orders:approve'],
    ['purchase-orders:create', 'supplier-invoices:resolve'],
    ['purchase-orders:receive', 'supplier-invoices:resolve'],
    ['people:edit', 'refunds:approve'],
    ['keys:edit', 'orders:place'],
  ];

  test.each(APART)('%s and %s', (asks, decides) => {
    const both = rolesWith(asks).filter((role) => rolesWith(decides).includes(role));
    expect(both).toEqual([]);
  });
});

test.each<[Role, readonly Scope[], readonly Scope[]]>([
  ['warehouse', ['shipments:dispatch', 'stock:adjust'], ['orders:read', 'customers:read']],
  ['support', ['orders:cancel', 'returns:request'], ['refunds:approve', 'finance:read']],
  ['finance', ['journals:post', 'ledger:read'], ['stock:adjust', 'returns:request']],
  ['procurement', ['replenishment:plan'], ['purchase-orders:receive', 'customers:read']],
  ['approver', ['refunds:approve', 'stock:approve'], ['stock:adjust', 'returns:request']],
  ['ops', ['processes:repair'], ['stock:adjust', 'customers:read']],
  ['admin', ['keys:edit', 'audit:read'], ['refunds:approve', 'orders:place', 'orders:cancel']],
  ['connector', ['orders:place'], ['exceptions:work', 'approvals:read', 'keys:read']],
])('%s may %s and not %s', (role, has, lacks) => {
  expect(scopesOf([role])).toEqual(expect.arrayContaining([...has]));
  for (const scope of lacks) expect(scopesOf([role]), scope).not.toContain(scope);
});

test('admin sees everything, and a connector decides nothing', () => {
  const admin = scopesOf(['admin']);
  for (const scope of SCOPE_NAMES.filter(isReading)) expect(admin).toContain(scope);
  const connector = scopesOf(['connector']);
  expect(connector.filter((scope) => scope.endsWith(':approve'))).toEqual([]);
});

test('several roles have each scope once, in the order of the table', () => {
  const both = scopesOf(['support', 'warehouse']);
  expect(both).toEqual(SCOPE_NAMES.filter((scope) => both.includes(scope)));
  expect(new Set(both)).toEqual(new Set([...scopesOf(['warehouse']), ...scopesOf(['support'])]));
  expect(scopesOf([])).toEqual([]);
});

test('a key has of the scopes asked for those of its roles, and no other', () => {
  expect(keyScopes(['connector'], ['orders:place', 'refunds:approve', 'orders:read'])).toEqual([
    'orders:read',
    'orders:place',
  ]);
  expect(keyScopes([], SCOPE_NAMES)).toEqual([]);
});
