import { describe, expect, test } from 'vitest';
import { EVERYWHERE, type Principal, type Reach } from './decide-access.ts';
import { rolesToGive, scopesToGive } from './giving.ts';
import { scopesOf, type Role } from './roles.ts';
import { SCOPE_NAMES } from './scopes.ts';

const giver = (roles: readonly Role[], reach: Partial<Reach> = {}): Principal => ({
  id: 'person:ines',
  kind: 'person',
  name: 'Ines',
  roles,
  scopes: scopesOf(roles),
  reach: { ...EVERYWHERE, ...reach },
});

describe('the roles that somebody gives to people', () => {
  test('are all of them for an admin who reaches everything', () => {
    expect(rolesToGive(giver(['admin']))).toBeUndefined();
  });

  test.each<[string, Partial<Reach>]>([
    ['nodes', { nodes: ['leeds'] }],
    ['channels', { channels: ['web'] }],
    ['regions', { regions: [] }],
    ['an amount', { amountMinor: 0n }],
  ])('have no scope that the giver lacks, once restricted by %s', (_name, reach) => {
    expect(rolesToGive(giver(['admin'], reach))).toEqual(['admin']);
    expect(rolesToGive(giver(['admin', 'warehouse'], reach))).toEqual(['warehouse', 'admin']);
  });
});

test('a key is given the scopes of its maker and no other, however far they reach', () => {
  expect(scopesToGive(giver(['admin']))).toEqual(scopesOf(['admin']));
  expect(scopesToGive({ ...giver([]), scopes: SCOPE_NAMES })).toBeUndefined();
});
