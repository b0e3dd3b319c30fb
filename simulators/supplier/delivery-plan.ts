import { happens, seededFraction, seededInteger } from '../faults.ts';

const DAY_MS = 86_400_000;
const PRICE_PLACES = 6;

export type OrderedLine = {
  readonly lineNo: number;
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: string;
};

export type SupplierOrder = {
  readonly purchaseOrderId: string;
  readonly number: string;
  readonly supplier: string;
  readonly node: string;
  readonly orderedAt: string;
  readonly leadTimeDays: number;
  readonly deliverExactlyAt: string | null;
  readonly currency: string;
  readonly lines: readonly OrderedLine[];
};

export type Delivery = {
  readonly noticeId: string;
  readonly invoiceNumber: string;
  readonly shippedAt: string;
  readonly expectedAt: string;
  readonly final: boolean;
  readonly lines: readonly { lineNo: number; quantity: number; unitPrice: string }[];
};

export type SupplierHabits = {
  readonly seed: number;
  /** Share of lines that come in two deliveries. */
  readonly partialRate: number;
  /** Share of lines of which less is shipped than ordered; the rest never comes. */
  readonly shortRate: number;
  /** Share of orders of which everything comes some days late. */
  readonly lateRate: number;
  /** Share of deliveries' lines whose invoice asks for more than the ordered price. */
  readonly priceDifferenceRate: number;
  /** Days that a delivery may come early or late without counting as late. */
  readonly jitterDays: number;
  /** How long a planned day lasts: 1 on the business clock, less where a person watches. */
  readonly leadTimeScale: number;
};

/**
 * Everything a supplier will ever ship of an order, planned when the order is accepted.
 * Depends on the seed, the purchase order's id and the line numbers alone. At most two deliveries;
 * each line ships at least one unit, and never more than was ordered. The last delivery is final.
 */
export function planDeliveries(order: SupplierOrder, habits: SupplierHabits): readonly Delivery[] {
  if (order.deliverExactlyAt !== null) {
    return [wholeDelivery(order, order.deliverExactlyAt)];
  }
  const { seed, leadTimeScale } = habits;
  const id = order.purchaseOrderId;
  const jitterDays = seededInteger(-habits.jitterDays, habits.jitterDays, seed, id, 'jitter');
  const late = happens(habits.lateRate, seed, id, 'late');
  const lateDays = late ? seededInteger(3, 10, seed, id, 'late-days') : 0;
  const firstDays = Math.max(0, order.leadTimeDays + jitterDays + lateDays);
  const restDays = firstDays + seededInteger(2, 6, seed, id, 'rest-days');
  const shares = order.lines.map((line) => shareLine(id, line, habits));
  const waves = [
    { days: firstDays, lines: shares.map((share) => share.first) },
    { days: restDays, lines: shares.map((share) => share.rest) },
  ]
    .map((wave) => ({ ...wave, lines: wave.lines.filter((line) => line.quantity > 0) }))
    .filter((wave) => wave.lines.length > 0);
  return waves.map((wave, position) => {
    const arrivalMs = Date.parse(order.orderedAt) + wave.days * DAY_MS * leadTimeScale;
    const transitMs = Math.min(1, wave.days / 2) * DAY_MS * leadTimeScale;
    return {
      ...namesOf(order, position + 1),
      shippedAt: timestamp(arrivalMs - transitMs),
      expectedAt: timestamp(arrivalMs),
      final: position === waves.length - 1,
      lines: wave.lines.map((line) => ({
        ...line,
        unitPrice: invoicedPrice(line.unitPrice, id, line.lineNo, position + 1, habits),
      })),
    };
  });
}

/** When the supplier says it will deliver; it does not know yet that it will be late. */
export function promisedAt(order: SupplierOrder, leadTimeScale: number): string {
  return (
    order.deliverExactlyAt ??
    timestamp(Date.parse(order.orderedAt) + order.leadTimeDays * DAY_MS * leadTimeScale)
  );
}

function wholeDelivery(order: SupplierOrder, at: string): Delivery {
  return {
    ...namesOf(order, 1),
    shippedAt: timestamp(Math.min(Date.parse(order.orderedAt), Date.parse(at))),
    expectedAt: at,
    final: true,
    lines: order.lines.map(({ lineNo, quantity, unitPrice }) => ({ lineNo, quantity, unitPrice })),
  };
}

function namesOf(order: SupplierOrder, occurrence: number) {
  return {
    noticeId: `${order.purchaseOrderId}-n${occurrence}`,
    invoiceNumber: `INV-${order.number}-${occurrence}`,
  };
}

function shareLine(purchaseOrderId: string, line: OrderedLine, habits: SupplierHabits) {
  const { seed } = habits;
  const name = [purchaseOrderId, line.lineNo] as const;
  let shipped = line.quantity;
  if (line.quantity > 1 && happens(habits.shortRate, seed, ...name, 'short')) {
    const kept = 0.5 + seededFraction(seed, ...name, 'short-share') * 0.45;
    shipped = Math.min(line.quantity - 1, Math.max(1, Math.floor(line.quantity * kept)));
  }
  let first = shipped;
  if (shipped > 1 && happens(habits.partialRate, seed, ...name, 'partial')) {
    const kept = 0.3 + seededFraction(seed, ...name, 'partial-share') * 0.4;
    first = Math.min(shipped - 1, Math.max(1, Math.floor(shipped * kept)));
  }
  const { lineNo, unitPrice } = line;
  return {
    first: { lineNo, quantity: first, unitPrice },
    rest: { lineNo, quantity: shipped - first, unitPrice },
  };
}

/** By seed, 1 to 10 % above the ordered price; calculated in millionths, never in floats. */
function invoicedPrice(
  ordered: string,
  purchaseOrderId: string,
  lineNo: number,
  occurrence: number,
  habits: SupplierHabits,
): string {
  const name = [purchaseOrderId, lineNo, occurrence] as const;
  if (!happens(habits.priceDifferenceRate, habits.seed, ...name, 'price')) {
    return ordered;
  }
  const percent = BigInt(seededInteger(1, 10, habits.seed, ...name, 'price-percent'));
  const [whole = '0', decimals = ''] = ordered.split('.');
  const millionths = BigInt(whole + decimals.padEnd(PRICE_PLACES, '0'));
  const raised = (millionths * (100n + percent)) / 100n;
  const digits = raised.toString().padStart(PRICE_PLACES + 1, '0');
  const fraction = digits.slice(-PRICE_PLACES).replace(/0+$/, '');
  const integer = digits.slice(0, -PRICE_PLACES);
  return fraction === '' ? integer : `${integer}.${fraction}`;
}

function timestamp(ms: number): string {
  return new Date(Math.round(ms)).toISOString();
}
