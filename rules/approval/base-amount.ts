import type { ApprovalMatrix } from '../policy/approval-matrix.ts';
import { isInBase, type ApprovalFacts } from './evaluate-matrix.ts';

/**
 * Facts with their amount in the base currency, rounded half up, and what was stated kept beside it. As they are
 * where they are in it already, or where the policy has no rate: then their amount is not known to the matrix.
 */
export function inBaseCurrency(
  { exchangeRates }: Pick<ApprovalMatrix, 'exchangeRates'>,
  facts: ApprovalFacts,
): ApprovalFacts {
  const { amountMinor, currency } = facts;
  const rate = exchangeRates?.rates[currency];
  if (exchangeRates === undefined || rate === undefined || isInBase({ exchangeRates }, facts)) {
    return facts;
  }
  const [whole = '0', decimals = ''] = rate.split('.');
  const scale = 10n ** BigInt(decimals.length);
  const scaled = amountMinor * BigInt(whole + decimals);
  return {
    ...facts,
    amountMinor: (2n * scaled + scale) / (2n * scale),
    currency: exchangeRates.base,
    stated: { amountMinor, currency, rate },
  };
}
