import type { CarrierProvider } from './carrier/carrier.ts';
import type { Ledger } from './ledger/connect.ts';
import { PROCESSES } from './ledger/process-actors.ts';
import * as steps from './ledger/steps/return.ts';
import type { PaymentProvider } from './payment/payment.ts';

/** The return's steps on the ledger: local activities. */
export function createReturnLedgerSteps(parts: { ledger: Ledger }) {
  const ledger = parts.ledger.as(PROCESSES.worker);
  return {
    beginReturn: (request: { processId: string }) => steps.beginReturn(ledger, request),
    advanceReturn: (request: { returnId: string }) => steps.advanceReturn(ledger, request),
    recordReturnLabel: (request: Parameters<typeof steps.recordReturnLabel>[1]) =>
      steps.recordReturnLabel(ledger, request),
    skipReturnLabel: (request: Parameters<typeof steps.skipReturnLabel>[1]) =>
      steps.skipReturnLabel(ledger, request),
    closeReturnReceipt: (request: { returnId: string; dueId: string }) =>
      steps.closeReturnReceipt(ledger, request),
    remindInspection: (request: { returnId: string; dueId: string }) =>
      steps.remindInspection(ledger, request),
    remindCapture: (request: { returnId: string; dueId: string }) =>
      steps.remindCapture(ledger, request),
    recordRefund: (request: Parameters<typeof steps.recordRefund>[1]) =>
      steps.recordRefund(ledger, request),
    abandonReturn: (request: { returnId: string }) => steps.abandonReturn(ledger, request),
  };
}

/** The return's calls to carrier and payment provider: a local activity first, then a normal one. */
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
