import { randomUUID } from 'node:crypto';
import { giveGoodwill } from '../../activities/ledger/intake/give-goodwill.ts';
import { readGoodwillSnapshot } from '../../activities/ledger/read/goodwill.ts';
import { approveGoodwill } from '../../rules/goodwill/approve-goodwill.ts';
import type { ReturnDesk, ReturnWish } from './return-desk.ts';

/** A Wednesday, so that two business days are two days. */
const ASKED_AT = '2010-12-08T12:00:00Z';

/** Sells for 200.00 and asks for goodwill, of 50.00 unless told otherwise, as the API does. Answers its id. */
export async function proposeGoodwill(
  desk: ReturnDesk,
  { amountMinor = '5000', ...wish }: ReturnWish & { amountMinor?: string } = {},
): Promise<string> {
  const { ledger } = desk.loopline;
  const { orderId } = await desk.sell({ unitPrice: '100', ...wish });
  const asked = {
    orderId,
    resolution: 'refund',
    reasonCode: 'poor-service',
    actor: 'support',
  } as const;
  const order = await readGoodwillSnapshot(ledger, { orderId, askedAt: ASKED_AT });
  const { goodwill } = await giveGoodwill(ledger, {
    ...asked,
    externalRef: randomUUID(),
    amountMinor,
    currency: 'GBP',
    occurredAt: ASKED_AT,
    askedAt: ASKED_AT,
    policyVersion: order.approvalMatrix.version,
    approval: approveGoodwill(order, {
      ...asked,
      amountMinor: BigInt(amountMinor),
      atMs: Date.parse(ASKED_AT),
    }),
  });
  return goodwill.id;
}
