import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICIES } from '../policy/defaults.ts';
import type { ReturnPolicy } from '../policy/documents.ts';
import { decideReturn, type ReturnFacts } from './decide-return.ts';
import type { Cover, SaleLine } from './match-cover.ts';
import type { PricedPart } from './price-parts.ts';
import { DISPOSITIONS, RETURN_STATES } from './states.ts';

const policy: ReturnPolicy = {
  ...DEFAULT_POLICIES.return,
  windowDays: 60,
  approvalAboveMinor: '10000',
  blind: 'review',
};

function part(
  cover: Cover,
  amountMinor: bigint,
  ageDays = 1,
  policyVersion: number | null = null,
): PricedPart {
  const sale: SaleLine = {
    orderId: 'order:web:1',
    lineNo: 1,
    kind: 'goods',
    code: 'MUG',
    placedAt: '2010-12-01T10:00:00.000Z',
    ageDays,
    open: 1,
    returnable: 1,
    shipped: 1,
    returning: 0,
    unitPrice: '1',
    amountMinor: '100',
    invoicedMinor: '100',
    taxMinor: '0',
    policyVersion,
  };
  return {
    line: 0,
    cover,
    quantity: 1,
    sale: cover === 'blind' ? undefined : sale,
    unitPrice: '1',
    amountMinor,
    taxMinor: 0n,
    belowMinor: '0',
  };
}

function decide(parts: PricedPart[], facts: Partial<ReturnFacts> = {}, by = policy) {
  const { outcome, rule } = decideReturn(by, new Map([[2, { ...policy, windowDays: 400 }]]), {
    trusted: false,
    parts,
    reasonCodes: ['unspecified'],
    ...facts,
  });
  return [outcome, rule];
}

describe('a return is', () => {
  test.each([
    [
      'authorized within the policy',
      [part('sale', 10_000n, 60)],
      {},
      policy,
      'authorized',
      'within-policy',
    ],
    [
      'reviewed above the amount',
      [part('sale', 10_001n)],
      {},
      policy,
      'in-review',
      'amount-above-threshold',
    ],
    [
      'not judged by what is only cancelled',
      [part('cancelled', 99_999n, 99)],
      {},
      policy,
      'authorized',
      'cancelled-before-shipment',
    ],
    [
      'refused outside the window',
      [part('sale', 1n, 60.01)],
      {},
      policy,
      'refused',
      'outside-window',
    ],
    [
      'reviewed outside the window when the seller is at fault',
      [part('sale', 1n, 61)],
      { reasonCodes: ['defective'] },
      policy,
      'in-review',
      'fault-outside-window',
    ],
    [
      'judged by the policy that its sale was made under',
      [part('sale', 1n, 300, 2)],
      {},
      policy,
      'authorized',
      'within-policy',
    ],
    [
      'reviewed at a price above the sale, however small',
      [{ ...part('sale', 101n), unitPrice: '1.01' }],
      {},
      policy,
      'in-review',
      'price-above-sale',
    ],
    [
      'authorized at a price below the sale',
      [{ ...part('sale', 99n), unitPrice: '0.99' }],
      {},
      policy,
      'authorized',
      'within-policy',
    ],
    ['reviewed when blind', [part('blind', 1n)], {}, policy, 'in-review', 'blind-review'],
    [
      'refused when blind and the policy says so',
      [part('blind', 1n)],
      {},
      { ...policy, blind: 'refuse' },
      'refused',
      'blind-refused',
    ],
    [
      'accepted when blind and the policy says so',
      [part('blind', 1n)],
      {},
      { ...policy, blind: 'accept' },
      'authorized',
      'within-policy',
    ],
    [
      'refused before it is reviewed',
      [part('blind', 99_999n), part('sale', 1n, 61)],
      {},
      policy,
      'refused',
      'outside-window',
    ],
    [
      'believed from a trusted channel',
      [part('blind', 1n), part('sale', 1n, 999)],
      { trusted: true },
      { ...policy, blind: 'refuse' },
      'authorized',
      'trusted-channel',
    ],
    [
      'reviewed by amount even from a trusted channel',
      [part('blind', 10_001n)],
      { trusted: true },
      policy,
      'in-review',
      'amount-above-threshold',
    ],
  ] as const)('%s', (_name, parts, facts, by, outcome, rule) => {
    expect(decide([...parts], facts, by)).toEqual([outcome, rule]);
  });

  test('every state leads to known states, and ended ones lead nowhere', () => {
    for (const { next, ended } of Object.values(RETURN_STATES)) {
      for (const state of next) expect(RETURN_STATES).toHaveProperty(state);
      expect(next.length === 0).toBe(ended);
    }
    expect(Object.keys(DISPOSITIONS)).toHaveLength(6);
  });
});
