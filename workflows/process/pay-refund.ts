import { isCancellation } from '@temporalio/workflow';
import type { ReturnProviderSteps } from '../../activities/return-activities.ts';
import { causeOf } from './cause.ts';
import { isRefusal } from './refusal.ts';

type RefundPayment = ReturnProviderSteps['refundPayment'];

/** What the provider said of a refund, as the ledger records it. */
export interface RefundOutcome {
  readonly outcome: 'succeeded' | 'failed' | 'unknown';
  readonly providerId: string | undefined;
  readonly decision: { readonly failure?: string | undefined };
}

/** An answer that never came is unknown, not failed: only the same refund may be tried again then. */
export async function payRefund(
  provider: { readonly refundPayment: RefundPayment },
  refund: Parameters<RefundPayment>[0],
): Promise<RefundOutcome> {
  const answer = await provider.refundPayment(refund).catch((error: unknown) => {
    if (isCancellation(error)) throw error;
    return {
      status: isRefusal(error) ? ('failed' as const) : ('unknown' as const),
      failure: causeOf(error),
    };
  });
  const providerId = 'providerId' in answer ? answer.providerId : undefined;
  const { status: outcome, failure } = answer;
  return { outcome, providerId, decision: { failure } };
}
