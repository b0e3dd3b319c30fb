import { expect, test } from 'vitest';
import { DEFAULT_POLICIES } from '../policy/defaults.ts';
import { timeRefund } from './time-refund.ts';

const early = {
  earlyUpToMinor: '5000',
  earlyAt: 'receipt',
  inspectedReasons: ['damaged'],
} as const;

test.each([
  ['up to the amount when the goods arrive', early, 5_000n, ['changed-mind'], 'receipt', 'early'],
  ['above it after the inspection', early, 5_001n, [], 'inspection', 'amount-is-inspected'],
  [
    'after the inspection if one of its reasons asks for it',
    early,
    1n,
    ['changed-mind', 'damaged'],
    'inspection',
    'reason-is-inspected',
  ],
  [
    'of nothing after the inspection where none goes out early',
    { ...early, earlyUpToMinor: '0' },
    0n,
    [],
    'inspection',
    'amount-is-inspected',
  ],
  [
    'as we ship it after the inspection',
    DEFAULT_POLICIES['refund-timing'],
    1n,
    ['changed-mind'],
    'inspection',
    'amount-is-inspected',
  ],
] as const)('a refund goes out %s', (_name, policy, amountMinor, reasonCodes, release, rule) => {
  expect(
    timeRefund(
      { ...policy, inspectedReasons: [...policy.inspectedReasons] },
      { amountMinor, reasonCodes },
    ),
  ).toEqual({ release, rule });
});
