import { expect, test } from 'vitest';
import { assumeWaits } from './assume-waits.ts';
import { pastPart, pastReturn } from './past-return-sample.ts';

const arrived = { receiptMinutes: 100, inspectionMinutes: 100, decisionMinutes: 0 };

test.each([
  ['nothing', { decisionMinutes: null, inspectionMinutes: null }, 0, 100],
  ['a decision', { decisionMinutes: 240, inspectionMinutes: null }, 240, 100],
  ['an inspection, from the arrival on', { decisionMinutes: null, inspectionMinutes: 60 }, 0, 160],
])('assuming %s', (_name, assumed, decisionMinutes, inspectionMinutes) => {
  const past = pastReturn(arrived);
  expect(assumeWaits(past, assumed)).toEqual({ ...past, decisionMinutes, inspectionMinutes });
});

test('what is not goods is not inspected, whatever is assumed', () => {
  const past = pastReturn({
    parts: [pastPart({ kind: 'shipping' })],
    receiptMinutes: 0,
    inspectionMinutes: 0,
  });
  const assumed = { decisionMinutes: null, inspectionMinutes: 60 };
  expect(assumeWaits(past, assumed).inspectionMinutes).toBe(0);
});
