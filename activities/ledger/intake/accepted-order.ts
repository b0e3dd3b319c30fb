import { formatPrice } from '../../../rules/money/decimal.ts';
import type { OrderLineView, OrderView, PaymentView } from '../read/order.ts';
import type { OrderAcceptance } from './order-acceptance.ts';

/** Units of a line at a node. */
interface UnitsAtNode {
  readonly lineNo: number;
  readonly node: string;
  readonly quantity: number;
}

/** What the ledger decided on an order when it was placed. */
export interface Placement {
  readonly outcome: 'accepted' | 'rejected';
  readonly placedAt: string;
  /** Null where goods are waited for; absent of orders from before there were promises. */
  readonly promisedDispatchAt?: string | null;
  readonly recordedAt: string;
  readonly allocations: readonly UnitsAtNode[];
  readonly backorders: readonly UnitsAtNode[];
  /** A refused order's payment is kept, and a process gives it back. Absent otherwise. */
  readonly givesBack?: boolean;
}

/**
 * The order as it was right after its acceptance, from its payload and what the ledger decided: what
 * `read_order` shows at that moment, composed here, so that the ledger need not read back what it wrote.
 */
export function acceptedOrder(order: OrderAcceptance, placement: Placement): OrderView {
  const { customer } = order;
  const { outcome } = placement;
  const given = unitsByLine(placement.allocations);
  const waiting = unitsByLine(placement.backorders);
  const isAccepted = outcome === 'accepted';
  const hasProcess = isAccepted || placement.givesBack === true;
  return {
    id: order.orderId,
    channel: order.channel,
    externalId: order.externalId,
    class: order.class,
    state: outcome,
    process: hasProcess ? 'pending' : null,
    currency: order.currency,
    totalMinor: order.totalMinor,
    placedAt: placement.placedAt,
    promisedDispatchAt: placement.promisedDispatchAt ?? null,
    recordedAt: placement.recordedAt,
    endedAt: null,
    customer:
      customer?.externalId === undefined
        ? null
        : { externalId: customer.externalId, name: customer.name ?? null },
    lines: order.lines.map((line) =>
      lineOf(order.orderId, line, {
        given: given.get(line.lineNo) ?? [],
        waiting: waiting.get(line.lineNo) ?? [],
        isAccepted,
      }),
    ),
    holds: [],
    payments: hasProcess ? paymentsOf(order) : [],
    shipments: [],
    invoices: [],
  };
}

/** Units at nodes. */
type Units = OrderLineView['allocations'];

function lineOf(
  orderId: string,
  line: OrderAcceptance['lines'][number],
  { given, waiting, isAccepted }: { given: Units; waiting: Units; isAccepted: boolean },
): OrderLineView {
  return {
    orderLineId: `${orderId}#${line.lineNo}`,
    externalLineId: line.externalLineId,
    kind: line.kind,
    code: line.code,
    quantity: line.quantity,
    unitPrice: formatPrice(line.unitPrice),
    amountMinor: line.amountMinor,
    taxMinor: line.taxMinor,
    allocated: sumOf(given),
    backordered: sumOf(waiting),
    short: isAccepted ? 0 : line.quantity,
    shipped: 0,
    cancelled: 0,
    returning: 0,
    invoicedMinor: '0',
    allocations: given,
    backorders: waiting,
  };
}

function unitsByLine(all: readonly UnitsAtNode[]): ReadonlyMap<number, Units> {
  const byLine = new Map<number, Units>();
  for (const { lineNo, node, quantity } of all) {
    const units = byLine.get(lineNo);
    if (units === undefined) byLine.set(lineNo, [{ node, quantity }]);
    else units.push({ node, quantity });
  }
  return byLine;
}

function sumOf(units: Units): number {
  return units.reduce((sum, { quantity }) => sum + quantity, 0);
}

const PAYMENT_STATES = { none: 'due', authorized: 'authorized', captured: 'captured' };

function paymentsOf({ orderId, payment }: OrderAcceptance): PaymentView[] {
  if (payment === null) return [];
  const { provider, reference, status, requestedMinor } = payment;
  return [
    {
      paymentId: `payment:${orderId}:1`,
      provider,
      state: PAYMENT_STATES[status],
      reference: reference ?? null,
      requestedMinor,
      authorizedMinor: status === 'none' ? '0' : requestedMinor,
      capturedMinor: status === 'captured' ? requestedMinor : '0',
      refundedMinor: '0',
    },
  ];
}
