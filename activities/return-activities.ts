import type { CarrierProvider } from './carrier/carrier.ts';
import type { Ledger } from './ledger/connect.ts';
import * as steps from './ledger/steps/return.ts';
import type { PaymentProvider } from './payment/payment.ts';

/** The return's steps on the ledger: local activities. */
export function createReturnLedgerSteps({ ledger }: { ledger: Ledger }) {
  return {
    beginReturn: (request: { processId: string }) => steps.beginReturn(ledger, request),
    readReturnPosition: (request: { returnId: string }) =>
      steps.readReturnPosition(ledger, request),
    recordReturnLabel: (request: Parameters<typeof steps.recordReturnLabel>[1]) =>
      steps.recordReturnLabel(ledger, request),
    skipReturnLabel: (request: Parameters<typeof steps.skipReturnLabel>[1]) =>
      steps.skipReturnLabel(ledger, request),
    closeReturnReceipt: (request: { returnId: string; dueId: string }) =>
      steps.closeReturnReceipt(ledger, request),
    remindInspection: (request: { returnId: string; dueId: string }) =>
      steps.remindInspection(ledger, request),
    issueCreditNote: (request: { returnId: string }) => steps.issueCreditNote(ledger, request),
    planRefunds: (request: Parameters<typeof steps.planRefunds>[1]) =>
      steps.planRefunds(ledger, request),
    recordRefund: (request: Parameters<typeof steps.recordRefund>[1]) =>
      steps.recordRefund(ledger, request),
    resumeRefunds: (request: { returnId: string }) => steps.resumeRefunds(ledger, request),
    closeReturn: (request: { returnId: string }) => steps.closeReturn(ledger, request),
    abandonReturn: (request: { returnId: string }) => steps.abandonReturn(ledger, request),
  };
}

/** The return's calls to carrier and payment provider: normal activities. */
export function createReturnProviderSteps({
  carrier,
  payment,
}: {
  carrier: CarrierProvider;
  payment: PaymentProvider;
}) {
  return {
    /** Idempotency key: `<return id>:label:1`. */
    async buyReturnLabel(request: { returnId: string; fromCountry: string; toCountry: string }) {
      const { labelId, trackingNumber } = await carrier.buyLabel({
        reference: request.returnId,
        direction: 'return',
        fromCountry: request.fromCountry,
        toCountry: request.toCountry,
        idempotencyKey: `${request.returnId}:label:1`,
      });
      return { labelId, trackingNumber };
    },
    /** Idempotency key: the refund's id, so that no repeat pays twice. */
    refundPayment: (request: {
      refundId: string;
      reference: string;
      amountMinor: string;
      currency: string;
    }) =>
      payment.refund({
        reference: request.reference,
        amountMinor: request.amountMinor,
        currency: request.currency,
        idempotencyKey: request.refundId,
        note: request.refundId,
      }),
  };
}

/** The activities by name, for the workflow's proxies. */
export type ReturnLedgerSteps = ReturnType<typeof createReturnLedgerSteps>;
export type ReturnProviderSteps = ReturnType<typeof createReturnProviderSteps>;
