import type { RefundTimingPolicy } from '../policy/documents.ts';

/** What the moment of a refund is decided from. */
export interface RefundTimingFacts {
  readonly amountMinor: bigint;
  readonly reasonCodes: readonly string[];
}

/** When the money goes back, and why then. */
export interface RefundTiming {
  readonly release: 'receipt' | 'inspection';
  readonly rule: 'early' | 'reason-is-inspected' | 'amount-is-inspected';
}

/** Whether a refund goes out when the goods arrive, or once they are inspected. */
export function timeRefund(policy: RefundTimingPolicy, facts: RefundTimingFacts): RefundTiming {
  const earlyUpToMinor = BigInt(policy.earlyUpToMinor);
  if (earlyUpToMinor === 0n || facts.amountMinor > earlyUpToMinor) {
    return { release: 'inspection', rule: 'amount-is-inspected' };
  }
  if (facts.reasonCodes.some((code) => policy.inspectedReasons.includes(code))) {
    return { release: 'inspection', rule: 'reason-is-inspected' };
  }
  return { release: 'receipt', rule: 'early' };
}
