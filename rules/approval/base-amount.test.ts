import { describe, expect, test } from 'vitest';
import { DEFAULT_APPROVAL_MATRIX } from '../policy/default-approval-matrix.ts';
import { SAMPLE_FACTS } from './approval-sample.ts';
import { askApproval } from './ask-approval.ts';
import { inBaseCurrency } from './base-amount.ts';
import { evaluateMatrix } from './evaluate-matrix.ts';

const exchangeRates = { base: 'GBP', rates: { EUR: '0.85', SEK: '0.078', CHF: '0.25' } };
const MATRIX = { ...DEFAULT_APPROVAL_MATRIX, exchangeRates };
const ASKING = { atMs: 0, requestedBy: 'rita', wantedBy: null };

function stated(amountMinor: bigint, currency: string) {
  return { ...SAMPLE_FACTS, subject: 'return', amountMinor, currency } as const;
}

describe('an amount in another currency', () => {
  test.each([
    [11_765n, 'EUR', 10_000n],
    [11_766n, 'EUR', 10_001n],
    // Half a penny is one.
    [30n, 'EUR', 26n],
    [100_000n, 'SEK', 7_800n],
    [2n, 'CHF', 1n],
    [0n, 'EUR', 0n],
  ])('%d of %s is %d of the base currency', (amountMinor, currency, base) => {
    expect(inBaseCurrency(MATRIX, stated(amountMinor, currency))).toMatchObject({
      amountMinor: base,
      currency: 'GBP',
      stated: { amountMinor, currency },
    });
  });

  test('is held against limits as that, and told so', () => {
    const version = { version: 'approval-matrix@2', document: MATRIX };
    expect(askApproval(version, stated(11_765n, 'EUR'), ASKING)).toBeNull();
    const asked = askApproval(version, stated(11_766n, 'EUR'), ASKING);
    expect(asked).toMatchObject({
      rule: 'return-medium',
      facts: { amountMinor: 10_001n, currency: 'GBP', stated: { rate: '0.85' } },
    });
    expect(asked?.text).toContain('the amount 100.01 GBP is above 100.00 GBP');
  });

  test('without a rate is not known, so that the row that asks most is taken', () => {
    const facts = inBaseCurrency(MATRIX, stated(1n, 'USD'));
    expect(facts.stated).toBeUndefined();
    const { applied, text } = evaluateMatrix(MATRIX, facts);
    expect(applied.row).toBe('return-large');
    expect(text).toContain('as not all is known');
    expect(text).toContain('return-small (there is no exchange rate for the amount 0.01 USD)');
  });

  test('that is the base currency stays as it is', () => {
    const facts = stated(12_345n, 'GBP');
    expect(inBaseCurrency(MATRIX, facts)).toBe(facts);
  });
});
