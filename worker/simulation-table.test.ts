import { expect, test } from 'vitest';
import type { SimulationReport, SumsReport } from '../rules/policy/simulation-report.ts';
import { simulationTable } from './simulation-table.ts';

const sums = (returns: number, approvalsAsked: number): SumsReport => ({
  returns,
  approvalsAsked,
  decisionsNeeded: approvalsAsked,
  refundsAutomatic: returns - approvalsAsked,
  refundsEarly: 0,
  refused: 0,
  moneyAtRisk: [{ amountMinor: '1200', currency: 'GBP' }],
  waitingHours: '12.5',
});

const report: SimulationReport = {
  before: sums(10, 1),
  after: sums(10, 4),
  changedReturns: 3,
  otherwiseThen: 0,
  outcomes: [{ before: 'automatic', after: 'asked', returns: 3 }],
  segments: {
    reason: [{ name: 'damaged', before: sums(10, 1), after: sums(10, 4) }],
    orderClass: [],
    channel: [],
    region: [],
  },
  examples: [
    {
      returnId: 'return:R-000001',
      href: '/v1/returns/return%3AR-000001',
      requestedAt: '2026-09-01T10:00:00.000Z',
      amount: { amountMinor: '2000', currency: 'GBP' },
      before: { outcome: 'automatic', rule: 'within-policy' },
      after: { outcome: 'asked', rule: 'amount-above-threshold' },
      text: '20.00 GBP: asked.',
    },
  ],
  summary: ['3 of 10 returns would have gone another way.'],
};

test('a simulation is told in sentences, tables and examples, without what is empty', () => {
  expect(simulationTable(report).split('\n')).toEqual([
    '3 of 10 returns would have gone another way.',
    '',
    '        returns  automatic  early  asked  decisions  refused  hours  at risk (minor)',
    'before       10          9      0      1          1        0   12.5  1200 GBP',
    'after        10          6      0      4          4        0   12.5  1200 GBP',
    '',
    'reason          returns  automatic  early  asked  decisions  refused  hours  at risk (minor)',
    'damaged before       10          9      0      1          1        0   12.5  1200 GBP',
    'damaged after        10          6      0      4          4        0   12.5  1200 GBP',
    '',
    'example          requested                 opens at                       what would have happened',
    'return:R-000001  2026-09-01T10:00:00.000Z  /v1/returns/return%3AR-000001  20.00 GBP: asked.',
  ]);
});
