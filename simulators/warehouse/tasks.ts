import { createHash } from 'node:crypto';
import type { CallResult } from '../loopline-api.ts';
import { arrivingLines, inspectedUnits } from './inspection.ts';
import type { GoodsReturn, Shipment, ShippingNotice, WarehouseSettings } from './requests.ts';

export type TaskKind = 'dispatched' | 'received' | 'returnsReceived' | 'inspected';

/** One thing to do: a post to the merchant's API whose id and content follow from what it told. */
export type Task = {
  readonly kind: TaskKind;
  /** Also the id of the fact, so that doing it twice is doing it once. */
  readonly id: string;
  readonly path: string;
  readonly body: object;
  /** Set where the parcel needs a label before the body is complete. */
  readonly needsLabel: boolean;
};

/** All open quantities of a shipment. The id counts what was dispatched before: nothing makes d1. */
export function dispatchTask(shipment: Shipment, settings: WarehouseSettings): Task | undefined {
  const lines = shipment.lines
    .map(({ orderLineId, quantity, dispatchedQuantity }) => ({
      orderLineId,
      quantity: quantity - dispatchedQuantity,
    }))
    .filter((line) => line.quantity > 0);
  if (lines.length === 0) {
    return undefined;
  }
  const before = shipment.lines.reduce((sum, line) => sum + line.dispatchedQuantity, 0);
  const dispatchId = `${shipment.id}-d${before + 1}`;
  return {
    kind: 'dispatched',
    id: dispatchId,
    path: `/v1/shipments/${encodeURIComponent(shipment.id)}/dispatches`,
    body: {
      dispatchId,
      ...inItsOwnTime(settings, shipment.releasedAt),
      lines,
      carrier: settings.carrierName,
      trackingNumber: derivedTrackingNumber(dispatchId),
    },
    needsLabel: settings.carrierUrl !== null,
  };
}

/** What has not arrived yet of a notice. The id counts what had: nothing makes no suffix. */
export function receiptTask(notice: ShippingNotice): Task | undefined {
  const lines = notice.lines
    .map(({ lineNo, quantity, receivedQuantity }) => ({
      lineNo,
      quantity: quantity - receivedQuantity,
    }))
    .filter((line) => line.quantity > 0);
  if (lines.length === 0) {
    return undefined;
  }
  const before = notice.lines.reduce((sum, line) => sum + line.receivedQuantity, 0);
  const receiptId = `${notice.noticeId}-r${before === 0 ? '' : before + 1}`;
  return {
    kind: 'received',
    id: receiptId,
    path: `/v1/purchase-orders/${encodeURIComponent(notice.purchaseOrderId)}/receipts`,
    body: {
      receiptId,
      noticeId: notice.noticeId,
      occurredAt: notice.expectedAt,
      lines,
    },
    needsLabel: false,
  };
}

/** Undefined when nothing of the return arrives. */
export function returnReceiptTask(
  goodsReturn: GoodsReturn,
  settings: WarehouseSettings,
): Task | undefined {
  const lines = arrivingLines(goodsReturn, settings);
  if (lines.length === 0) {
    return undefined;
  }
  const before = goodsReturn.lines.reduce((sum, line) => sum + line.receivedQuantity, 0);
  const receiptId = `${goodsReturn.id}-r${before + 1}`;
  const occurredAt = goodsReturn.authorizedAt ?? goodsReturn.requestedAt;
  return {
    kind: 'returnsReceived',
    id: receiptId,
    path: `/v1/returns/${encodeURIComponent(goodsReturn.id)}/receipts`,
    body: { receiptId, ...inItsOwnTime(settings, occurredAt), complete: true, lines },
    needsLabel: false,
  };
}

export function inspectionTask(
  goodsReturn: GoodsReturn,
  settings: WarehouseSettings,
): Task | undefined {
  const units = inspectedUnits(goodsReturn, settings.seed, settings.dispositions);
  if (units.length === 0) {
    return undefined;
  }
  const before = goodsReturn.lines.reduce((sum, line) => sum + line.inspectedQuantity, 0);
  const inspectionId = `${goodsReturn.id}-i${before + 1}`;
  const { receivedAt, authorizedAt, requestedAt } = goodsReturn;
  return {
    kind: 'inspected',
    id: inspectionId,
    path: `/v1/returns/${encodeURIComponent(goodsReturn.id)}/inspections`,
    body: {
      inspectionId,
      ...inItsOwnTime(settings, receivedAt ?? authorizedAt ?? requestedAt),
      units,
    },
    needsLabel: false,
  };
}

/** Old trade is handled at its own time. In live work it happens now, which the API knows best. */
function inItsOwnTime(
  { clock }: WarehouseSettings,
  occurredAt: string,
): { readonly occurredAt?: string } {
  return clock === 'wall' ? {} : { occurredAt };
}

/** The body with the tracking number of a label; a label of the same task is the same label. */
export function withTrackingNumber(task: Task, label: CallResult): object | undefined {
  const answer = label.kind === 'done' ? label.body : null;
  if (typeof answer !== 'object' || answer === null || !('trackingNumber' in answer)) {
    return undefined;
  }
  return { ...task.body, trackingNumber: answer.trackingNumber };
}

function derivedTrackingNumber(dispatchId: string): string {
  const digest = createHash('sha256').update(dispatchId).digest('hex');
  return `TRK-${digest.slice(0, 12).toUpperCase()}`;
}
