import { expect, test } from 'vitest';
import { EVERYWHERE } from '../../rules/access/decide-access.ts';
import { actReach, rowsWithin } from './rows-within.ts';

const places = { scope: 'shipments:read', reach: ['node', 'channel', 'region'] } as const;

test('whoever reaches everything gets a list without a filter, also with a limit of amount', () => {
  expect(rowsWithin(EVERYWHERE, places)).toBeUndefined();
  expect(rowsWithin({ ...EVERYWHERE, amountMinor: 0n }, places)).toBeUndefined();
});

test('a filter has the restricted dimensions that the list asks for, and no other', () => {
  const reach = { ...EVERYWHERE, nodes: ['LON'], channels: [] };
  expect(rowsWithin(reach, places)).toEqual({ nodes: ['LON'], channels: [] });
  expect(rowsWithin(reach, { scope: 'orders:read', reach: ['channel', 'region'] })).toEqual({
    channels: [],
  });
  expect(rowsWithin(reach, { scope: 'skus:read', reach: [] })).toBeUndefined();
});

const named = [
  { kind: 'return', id: 'return:R-000001', by: 'path' },
  { told: { channels: ['web'] } },
] as const;
const subjects = [{ kind: 'return', id: 'return:R-000001' }];

test('an act is held once more against what is restricted, of what the ledger knows', () => {
  const reach = { ...EVERYWHERE, nodes: ['LON'], amountMinor: 500n };
  expect(actReach({ reach }, places, named)).toEqual({ subjects, nodes: ['LON'] });
  const amount = { scope: 'refunds:approve', reach: ['amount'] } as const;
  expect(actReach({ reach }, amount, named)).toEqual({ subjects, limitMinor: '500' });
});

test('and against nothing where nothing is restricted, or nothing is there yet', () => {
  expect(actReach({ reach: EVERYWHERE }, places, named)).toBeUndefined();
  const reach = { ...EVERYWHERE, nodes: ['LON'] };
  expect(actReach({ reach }, places, named.slice(1))).toBeUndefined();
});
