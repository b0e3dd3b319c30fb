import type { TrialBalance } from '../activities/ledger/read/finance.ts';

/**
 * The trial balance as columns, with the figures of the route: both sides of each account, its balance
 * on its normal side, and per currency the sums of the sides with their difference.
 */
export function trialBalanceTable({ accounts, totals }: TrialBalance): string {
  if (accounts.length === 0) return 'Trial balance: nothing has been posted yet.';
  const rows = [
    ['account', 'number', 'currency', 'debit', 'credit', 'balance'],
    ...accounts.map((row) => [
      row.account,
      row.number,
      row.currency,
      row.debitMinor,
      row.creditMinor,
      row.balanceMinor,
    ]),
    ...totals.map((row) => [
      'total',
      '',
      row.currency,
      row.debitMinor,
      row.creditMinor,
      row.differenceMinor,
    ]),
  ];
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < 3 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return ['Trial balance in minor units', ...lines].join('\n');
}
