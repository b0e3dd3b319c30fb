import { describe, expect, test } from 'vitest';
import type { ScreeningPolicy } from '../policy/documents.ts';
import { checksFor, screenOrder } from './screen-order.ts';

const policy: ScreeningPolicy = {
  addressFromMinor: '1000',
  fraudFromMinor: '50000',
  holdHours: 48,
  paymentHours: 24,
};
const clear = { country: 'GB', postalCode: 'N1 1AA' };

describe('at acceptance', () => {
  test.each([
    { what: 'a clear address', totalMinor: 1_000n, shipTo: clear, checks: [] },
    { what: 'no postal code', totalMinor: 1_000n, shipTo: { country: 'GB' }, checks: ['address'] },
    {
      what: 'a blank one',
      totalMinor: 1_000n,
      shipTo: { country: 'GB', postalCode: ' ' },
      checks: ['address'],
    },
    { what: 'a country without them', totalMinor: 1_000n, shipTo: { country: 'HK' }, checks: [] },
    { what: 'less than is looked at', totalMinor: 999n, shipTo: { country: 'GB' }, checks: [] },
    { what: 'a large total', totalMinor: 50_000n, shipTo: clear, checks: ['fraud'] },
    { what: 'both', totalMinor: 50_000n, shipTo: { country: 'GB' }, checks: ['address', 'fraud'] },
  ])('$what leaves open: $checks', ({ totalMinor, shipTo, checks }) => {
    expect(checksFor(policy, { totalMinor, shipTo, trusted: false })).toEqual(checks);
  });

  test('history of a trusted channel is not checked', () => {
    const facts = { totalMinor: 50_000n, shipTo: { country: 'GB' }, trusted: true };
    expect(checksFor(policy, facts)).toEqual([]);
  });
});

describe('screening', () => {
  const facts = { ...clear, totalMinor: 50_000n, earlierOrders: 0 };

  test('holds what acceptance left open, and that alone', () => {
    expect(screenOrder(policy, { ...facts, checks: [] })).toEqual({ holds: [] });
    const { holds } = screenOrder(policy, {
      ...facts,
      country: 'GB',
      postalCode: null,
      checks: ['address', 'fraud'],
    });
    expect(holds.map(({ hold }) => hold)).toEqual(['address', 'fraud']);
  });

  test('whoever has bought before is not held for the size of the order', () => {
    expect(screenOrder(policy, { ...facts, checks: ['fraud'], earlierOrders: 1 })).toEqual({
      holds: [],
    });
  });
});
