import type { Target } from './target.ts';

/** A payment as the ledger knows it; `reference` is the gateway's id. Amounts in minor units. */
export interface LedgerPayment {
  readonly paymentId: string;
  readonly orderId: string;
  readonly provider: string;
  readonly reference: string | null;
  readonly capturedMinor: string;
  readonly refundedMinor: string;
}

/** A payment as the gateway's own book has it. */
export interface GatewayPayment {
  readonly id: string;
  readonly capturedMinor: string;
  readonly refundedMinor: string;
}

/** What the gateway says of the payments of some orders, and where the two books differ. */
export interface GatewayComparison {
  readonly capturedMinor: string;
  readonly refundedMinor: string;
  readonly payments: number;
  /** One line for each payment that differs, over all orders. */
  readonly differences: readonly string[];
}

/** Compares payment by payment; sums the gateway's amounts over the orders that `isOurs` names. */
export function comparePayments(
  ledger: readonly LedgerPayment[],
  gateway: readonly GatewayPayment[],
  isOurs: (orderId: string) => boolean,
): GatewayComparison {
  const book = new Map(gateway.map((payment) => [payment.id, payment]));
  const differences: string[] = [];
  let captured = 0n;
  let refunded = 0n;
  let payments = 0;
  for (const payment of ledger) {
    if (payment.provider !== 'gateway') continue;
    const { paymentId, reference } = payment;
    const theirs = reference === null ? undefined : book.get(reference);
    if (reference !== null) book.delete(reference);
    const their = {
      captured: theirs?.capturedMinor ?? '0',
      refunded: theirs?.refundedMinor ?? '0',
    };
    if (payment.capturedMinor !== their.captured || payment.refundedMinor !== their.refunded) {
      differences.push(
        `${paymentId}: captured ${payment.capturedMinor}, gateway ${their.captured}; ` +
          `refunded ${payment.refundedMinor}, gateway ${their.refunded}`,
      );
    }
    if (!isOurs(payment.orderId)) continue;
    payments += 1;
    captured += BigInt(their.captured);
    refunded += BigInt(their.refunded);
  }
  for (const { id, capturedMinor, refundedMinor } of book.values()) {
    if (capturedMinor === '0' && refundedMinor === '0') continue;
    differences.push(
      `${id}: captured ${capturedMinor} and refunded ${refundedMinor}, unknown to the ledger`,
    );
  }
  return {
    capturedMinor: captured.toString(),
    refundedMinor: refunded.toString(),
    payments,
    differences,
  };
}

/** Reads both books and compares them. */
export async function readGatewayComparison(
  { api, gateway }: Pick<Target, 'api' | 'gateway'>,
  isOurs: (orderId: string) => boolean,
): Promise<GatewayComparison> {
  const ours = (await api.list('/v1/payments')) as LedgerPayment[];
  const theirs = (await gateway.list('/_sim/payments', 1_000)) as GatewayPayment[];
  return comparePayments(ours, theirs, isOurs);
}
