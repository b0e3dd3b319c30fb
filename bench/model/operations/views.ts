import type { OrderView } from '../../../activities/ledger/read/order.ts';
import type { ReturnPosition } from '../../../activities/ledger/steps/return.ts';
import type { OrderProgress } from '../../../activities/ledger/steps/order.ts';
import type { Answer } from '../plain/world.ts';

/** An order as the ledger shows it, in the model's words. */
export function orderAnswer(order: OrderView): Answer {
  return {
    state: order.state,
    holds: order.holds.map(({ hold }) => hold).toSorted(),
    lines: order.lines.map((line) => ({
      lineNo: lineNoOf(line.orderLineId),
      allocated: line.allocations.map(({ node, quantity }) => `${node} ${quantity}`).toSorted(),
      backordered: line.backordered,
      short: line.short,
      shipped: line.shipped,
      cancelled: line.cancelled,
    })),
    shipments: order.shipments.map(({ id, state }) => `${id} ${state}`).toSorted(),
  };
}

function lineNoOf(orderLineId: string): number {
  return Number(orderLineId.split('#')[1]);
}

/** What comes next for an order; the holds of an ended one hold nothing. */
export function progressAnswer(progress: OrderProgress): Answer {
  const { authorize, giveBack } = progress;
  return {
    state: progress.state,
    holds: progress.ended ? [] : progress.holds.toSorted(),
    authorize: authorize?.amountMinor ?? null,
    screening: progress.screening,
    captures: progress.captures.map(({ amountMinor }) => amountMinor).toSorted(),
    giveBack: giveBack === null ? null : `${giveBack.voidMinor} ${giveBack.refundMinor}`,
    backordered: progress.backorderedEach,
    openShipments: progress.openShipments,
  };
}

/**
 * What of a progress is of one moment. What the order waits for is counted last: whoever brings stock meanwhile
 * has given it some by then, and has told the process to look again.
 */
export function firmProgress({ backordered: _later, ...progress }: Answer): Answer {
  return progress;
}

/** What comes next for a return. */
export function positionAnswer(position: ReturnPosition): Answer {
  return {
    applied: position.applied,
    state: position.state,
    refunds: position.refunds.map(({ amountMinor }) => amountMinor).toSorted(),
    trouble: position.refundTrouble,
  };
}
