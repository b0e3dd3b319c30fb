import { expect, test } from 'vitest';
import { trialBalanceTable } from './trial-balance-table.ts';

test('the columns are those of the route, with the sums and their difference at the end', () => {
  const table = trialBalanceTable({
    accounts: [
      {
        account: 'inventory',
        number: '1400',
        name: 'Inventory',
        kind: 'asset',
        currency: 'GBP',
        debitMinor: '120000',
        creditMinor: '3400',
        balanceMinor: '116600',
      },
      {
        account: 'sales',
        number: '4000',
        name: 'Sales',
        kind: 'income',
        currency: 'GBP',
        debitMinor: '0',
        creditMinor: '116600',
        balanceMinor: '116600',
      },
    ],
    totals: [
      { currency: 'GBP', debitMinor: '120000', creditMinor: '120000', differenceMinor: '0' },
    ],
  });

  expect(table.split('\n')).toEqual([
    'Trial balance in minor units',
    'account    number  currency   debit  credit  balance',
    'inventory  1400    GBP       120000    3400   116600',
    'sales      4000    GBP            0  116600   116600',
    'total              GBP       120000  120000        0',
  ]);
});

test('books without a posting have no table', () => {
  expect(trialBalanceTable({ accounts: [], totals: [] })).toBe(
    'Trial balance: nothing has been posted yet.',
  );
});
