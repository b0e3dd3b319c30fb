import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ApprovalFacts } from './evaluate-matrix.ts';
import { judgeChange } from './material-change.ts';

const POLICY = {
  amountToleranceBasisPoints: 500,
  quantityToleranceBasisPoints: 1_000,
  ignoredDetails: ['note'],
};

const ASKED: ApprovalFacts = {
  subject: 'purchase-order',
  amountMinor: 100_000n,
  currency: 'GBP',
  quantityEach: 100n,
  marginBasisPoints: 2_000,
  customerRisk: null,
  supplierRisk: 'normal',
  skuClasses: ['toys', 'books'],
  reasonCodes: null,
  channel: null,
  region: 'gb',
  details: { supplier: 'acme', note: 'soon' },
};

describe('changed facts', () => {
  test.each<[Partial<ApprovalFacts>, string | null]>([
    [{}, null],
    [{ amountMinor: 105_000n }, null],
    [
      { amountMinor: 105_001n },
      'the amount rose from 1000.00 GBP to 1050.01 GBP, more than the 5.00 % allowed',
    ],
    [{ amountMinor: 1n }, null],
    [{ currency: 'EUR' }, 'the currency is EUR and was GBP'],
    [{ quantityEach: 110n }, null],
    [{ quantityEach: 111n }, 'the quantity is 111 and was 100, more than the 10.00 % allowed'],
    [{ quantityEach: 89n }, 'the quantity is 89 and was 100, more than the 10.00 % allowed'],
    [{ quantityEach: null }, 'the quantity is not known and was 100'],
    [{ marginBasisPoints: 1_999 }, 'the margin is 19.99 % and was 20.00 %'],
    [{ marginBasisPoints: 2_001 }, null],
    [{ supplierRisk: 'high' }, 'the supplier risk is high and was normal'],
    [{ supplierRisk: 'low' }, null],
    [{ supplierRisk: null }, 'the supplier risk is not known and was normal'],
    [{ skuClasses: ['books', 'toys'] }, null],
    [{ skuClasses: [] }, 'the SKU class is none and was books and toys'],
    [{ details: { supplier: 'other', note: 'soon' } }, 'the supplier is other and was acme'],
    [{ details: { supplier: 'acme', note: 'later' } }, null],
    [
      { details: { supplier: 'acme', note: 'soon', bankAccount: 'GB00' } },
      'the bankAccount is GB00 and was none',
    ],
  ])('%o: %s', (change, reason) => {
    const judged = judgeChange(POLICY, ASKED, { ...ASKED, ...change });
    expect(judged.reasons).toEqual(reason === null ? [] : [reason]);
    expect(judged.material).toBe(reason !== null);
  });

  test('are named even where they are not material', () => {
    const judged = judgeChange(POLICY, ASKED, { ...ASKED, amountMinor: 90_000n });
    expect(judged.changes).toEqual([
      {
        fact: 'amountMinor',
        material: false,
        text: 'the amount fell from 1000.00 GBP to 900.00 GBP',
      },
    ]);
  });

  test('a larger amount is never less material', () => {
    const amounts = fc.bigInt({ min: 0n, max: 10_000_000n });
    fc.assert(
      fc.property(amounts, amounts, amounts, (amountMinor, one, more) => {
        const asked = { ...ASKED, amountMinor };
        const to = (today: bigint) => judgeChange(POLICY, asked, { ...asked, amountMinor: today });
        expect(to(one).material && !to(one + more).material).toBe(false);
      }),
    );
  });
});
