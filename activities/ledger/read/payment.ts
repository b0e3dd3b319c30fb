import type { Ledger } from '../connect.ts';
import type { Page, PageRequest } from './page.ts';
import type { Within } from './within.ts';

/** A payment with its ceilings, minor units; `reference` is the provider's id of the authorization. */
export interface PaymentView {
  paymentId: string;
  orderId: string;
  provider: string;
  reference: string | null;
  currency: string;
  authorizedMinor: string;
  capturedMinor: string;
  refundedMinor: string;
  state: string;
  recordedAt: string;
}

/** Payments, newest first. */
export function listPayments(
  ledger: Ledger,
  request: PageRequest & {
    orderId?: string | undefined;
    state?: string | undefined;
    within?: Within | undefined;
  },
) {
  return ledger.call<Page<PaymentView>>('list_payments', request);
}
