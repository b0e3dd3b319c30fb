import type { Ledger } from '../../activities/ledger/connect.ts';
import { inspectReturn } from '../../activities/ledger/intake/inspect-return.ts';
import { receiveReturn } from '../../activities/ledger/intake/receive-return.ts';
import * as steps from '../../activities/ledger/steps/return.ts';
import { takeReturn } from '../../api/return-intake.ts';
import { returnRequest } from '../../api/return-schemas.ts';
import { goodsOf } from '../trade/merchant.ts';

/**
 * The floor: a return's calls of the ledger, all that API and workflow make, one after the other from
 * here. No HTTP, no workflow, no carrier, no gateway. Throws unless the return is closed.
 */
export async function returnStraight(
  ledger: Ledger,
  orderId: string,
  number: number,
): Promise<void> {
  const returnId = await request(ledger, orderId, number);
  await steps.beginReturn(ledger, { processId: returnId });
  const label = { labelId: `${returnId}-label`, trackingNumber: `${returnId}-parcel` };
  await steps.recordReturnLabel(ledger, { returnId, ...label });
  await bringBack(ledger, returnId, number);
  let position = await steps.advanceReturn(ledger, { returnId });
  const { refunds } = position;
  for (const { refundId, occurrence } of refunds) {
    position = await steps.recordRefund(ledger, {
      refundId,
      occurrence,
      outcome: 'succeeded',
      providerId: `${refundId}-paid`,
      decision: {},
    });
  }
  if (position.state !== 'closed' || refunds.length !== 1)
    throw new Error(`${returnId} is ${position.state} after ${refunds.length} refunds`);
}

async function request(ledger: Ledger, orderId: string, number: number): Promise<string> {
  const { sku, quantity } = goodsOf(number);
  const answer = await takeReturn(ledger, {
    request: returnRequest.parse({
      channel: 'web',
      externalRef: orderId.replaceAll(':', '-'),
      orderId,
      lines: [{ sku, quantity, orderLineId: `${orderId}#1` }],
    }),
    reference: undefined,
    now: new Date().toISOString(),
    actor: 'bench',
  });
  if (answer.outcome !== 'authorized')
    throw new Error(`the return of ${orderId} is ${answer.outcome}`);
  return answer.return.id;
}

/** Receipt and inspection, and the look that the workflow takes in between. */
async function bringBack(ledger: Ledger, returnId: string, number: number): Promise<void> {
  const { sku, quantity } = goodsOf(number);
  const at = new Date().toISOString();
  await receiveReturn(ledger, {
    returnId,
    receiptId: `${returnId}-r1`,
    at,
    complete: true,
    lines: [{ lineNo: 1, sku, quantity }],
    actor: 'bench',
  });
  await steps.advanceReturn(ledger, { returnId });
  await inspectReturn(ledger, {
    returnId,
    inspectionId: `${returnId}-i1`,
    at,
    units: [{ lineNo: 1, quantity, grade: 'A', disposition: 'restock' }],
    actor: 'bench',
  });
}
