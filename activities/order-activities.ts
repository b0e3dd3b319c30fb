import { screenOrder as judge } from '../rules/order/screen-order.ts';
import { screeningPolicy } from '../rules/policy/documents.ts';
import type { Ledger } from './ledger/connect.ts';
import { cancelOrder } from './ledger/intake/cancel-order.ts';
import { PROCESSES } from './ledger/process-actors.ts';
import * as steps from './ledger/steps/order.ts';
import type { GiveBackOutcome, OrderProgress } from './ledger/steps/order.ts';
import type { PaymentProvider } from './payment/payment.ts';

/** The order's steps on the ledger: local activities. */
export function createOrderLedgerSteps(parts: { ledger: Ledger }) {
  const ledger = parts.ledger.as(PROCESSES.worker);
  return {
    beginOrder: (request: { orderId: string }) => steps.beginOrder(ledger, request),
    advanceOrder: (request: { orderId: string; occurrence: string }) =>
      steps.advanceOrder(ledger, request),
    expireOrderWait: (request: { orderId: string; dueId: string }) =>
      steps.expireOrderWait(ledger, request),
    recordAuthorization: (request: Parameters<typeof steps.recordAuthorization>[1]) =>
      steps.recordAuthorization(ledger, request),
    recordCapture: (request: Parameters<typeof steps.recordCapture>[1]) =>
      steps.recordCapture(ledger, request),
    recordGiveBack: (request: Parameters<typeof steps.recordGiveBack>[1]) =>
      steps.recordGiveBack(ledger, request),
    /** Facts → rule → record; the rule's word is stored and stands, whatever the policy says later. */
    async screenOrder({ orderId }: { orderId: string }): Promise<OrderProgress> {
      const facts = await steps.readScreeningFacts(ledger, { orderId });
      const decision = judge(screeningPolicy.parse(facts.policy), {
        ...facts,
        totalMinor: BigInt(facts.totalMinor),
      });
      return steps.recordScreening(ledger, { orderId, decision });
    },
    /** The order's process gives up: what is not shipped is released. Safe when nothing was reserved. */
    async undoOrder(request: {
      orderId: string;
      reason: string;
      occurrence: string;
    }): Promise<OrderProgress> {
      await cancelOrder(ledger, {
        orderId: request.orderId,
        cancellationId: request.occurrence,
        reason: request.reason,
        actor: 'loopline',
      });
      return steps.advanceOrder(ledger, {
        orderId: request.orderId,
        occurrence: `undo:${request.occurrence}`,
      });
    },
  };
}

/** The order's calls to the payment provider: a local activity first, then a normal one. */
export function createOrderProviderSteps({ payment }: { payment: PaymentProvider }) {
  return {
    authorizePayment: (request: NonNullable<OrderProgress['authorize']>) =>
      payment.authorize({
        reference: request.paymentId,
        amountMinor: request.amountMinor,
        currency: request.currency,
        token: request.token,
        idempotencyKey: request.key,
      }),
    capturePayment: (request: OrderProgress['captures'][number]) =>
      payment.capture({ ...request, idempotencyKey: request.captureId }),
    /**
     * Voids what was never captured and refunds a deposit that no invoice used. Idempotency keys: `voidKey`
     * and the refund's id, so that no repeat pays twice.
     */
    async giveBackPayment(
      request: NonNullable<OrderProgress['giveBack']>,
    ): Promise<GiveBackOutcome> {
      const { paymentId, reference, authorizeKey, currency, refundId, refundMinor } = request;
      if (request.voidMinor !== '0' || reference === null) {
        await payment.voidAuthorization({
          reference,
          authorizeKey,
          idempotencyKey: request.voidKey ?? `${paymentId}:void`,
        });
      }
      if (refundId === null || reference === null) return { voided: true };
      const refund = await payment.refund({
        reference,
        amountMinor: refundMinor,
        currency,
        idempotencyKey: refundId,
        note: 'deposit that no invoice used',
      });
      const outcome = refund.status === 'succeeded' ? 'refunded' : 'failed';
      return {
        voided: true,
        refund: { refundId, amountMinor: refundMinor, outcome, providerId: refund.providerId },
      };
    },
  };
}

export type OrderLedgerSteps = ReturnType<typeof createOrderLedgerSteps>;
export type OrderProviderSteps = ReturnType<typeof createOrderProviderSteps>;
