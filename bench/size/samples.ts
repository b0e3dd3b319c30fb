import { setTimeout as sleep } from 'node:timers/promises';
import { callersAtOnce } from '../measure.ts';
import { livesOf } from '../trade/lives.ts';
import { goodsOf, type Merchant } from '../trade/merchant.ts';

const DEADLINE_MS = 120_000;
const AT_ONCE = 8;

/** Lines of the orders that are copied: 1.75 on average, and every twelfth order comes back. */
const LINES = [1, 1, 2, 1, 3, 1, 1, 2, 1, 1, 2, 5] as const;

/** One finished life, and every word by which its rows name it. */
export interface Sample {
  readonly orderId: string;
  readonly lines: number;
  readonly words: readonly string[];
}

/** How many orders one round of {@link LINES} makes. */
export const SAMPLES = LINES.length;

/** Real orders, placed, sent, captured and completed; the first of them is also returned and refunded. */
export async function liveSamples(merchant: Merchant): Promise<Sample[]> {
  const samples: Sample[] = [];
  await callersAtOnce(AT_ONCE, LINES.length, async (index) => {
    const lines = LINES[index] ?? 1;
    const firstGoods = LINES.slice(0, index).reduce((sum, count) => sum + count, 0);
    const name = `sample-${String(index).padStart(2, '0')}`;
    const orderId = await liveOrder(merchant, {
      name,
      buyer: `regular-${index}`,
      lines,
      firstGoods,
    });
    const isReturned = index === 0;
    if (isReturned) await livesOf(merchant).return(orderId, firstGoods);
    samples[index] = { orderId, lines, words: await wordsOf(merchant, orderId) };
  });
  // Nobody is to be told of the copies.
  await seen('the end of the messages', async () => {
    const [row] = await merchant.owner<{ id: string }[]>`
      select 'told' as id where not exists (select from ledger.outbox where done_at is null)`;
    return row?.id;
  });
  return samples;
}

/** What an order is asked for: so many lines of one unit, of the goods from `firstGoods` on. */
export interface Sale {
  readonly name: string;
  readonly buyer: string;
  readonly lines: number;
  readonly firstGoods: number;
}

/** A sale through the API from its placement to its completed order; answers the order's id. */
export async function liveOrder(merchant: Merchant, sale: Sale): Promise<string> {
  const orderId = await placeSale(merchant, sale);
  const shipmentId = await seen(`the shipment of ${orderId}`, async () => {
    const [row] = await merchant.owner<{ id: string }[]>`
      select shipment_id as id from ledger.shipment where order_id = ${orderId}`;
    return row?.id;
  });
  await merchant.call('POST', `/v1/shipments/${encodeURIComponent(shipmentId)}/dispatches`, {
    dispatchId: `${shipmentId}-d1`,
    lines: Array.from({ length: sale.lines }, (_, index) => ({
      orderLineId: `${orderId}#${index + 1}`,
      quantity: 1,
    })),
    carrier: 'parcel',
    trackingNumber: `TRK-${sale.name}`,
  });
  await seen(`the end of ${orderId}`, async () => {
    const [row] = await merchant.owner<{ id: string }[]>`
      select process_id as id from ledger.process where process_id = ${orderId} and state = 'ended'
        and not exists (select from ledger.outbox where subject_id = ${orderId} and done_at is null)`;
    return row?.id;
  });
  return orderId;
}

/** Only the placement; answers the order's id. */
export async function placeSale(merchant: Merchant, sale: Sale): Promise<string> {
  const order = await merchant.call('POST', '/v1/orders', {
    channel: 'web',
    externalId: sale.name,
    currency: 'GBP',
    customer: { externalId: sale.buyer },
    shipTo: { country: 'GB', postalCode: 'N1 1AA' },
    lines: Array.from({ length: sale.lines }, (_, index) => ({
      externalLineId: String(index + 1),
      ...goodsOf(sale.firstGoods + index),
    })),
    payment: { provider: 'gateway', token: 'tok_visa', status: 'none' },
  });
  if (order['state'] === 'rejected') throw new Error(`${sale.name} was rejected`);
  return String(order['id']);
}

/** Every text of the ledger that no other order may have: ids, numbers of documents, the gateway's reference. */
async function wordsOf({ owner }: Merchant, orderId: string): Promise<string[]> {
  const rows = await owner<{ word: string }[]>`
    select ${orderId} as word
    union select replace(r.return_id, 'return:', '') from ledger.return_line l
      join ledger.returns r using (return_id) where l.order_id = ${orderId}
    union select n.credit_note_number from ledger.return_line l
      join ledger.credit_note n using (return_id) where l.order_id = ${orderId}
    union select d.invoice_number from ledger.dispatch d where d.order_id = ${orderId}
    union select d.tracking_number from ledger.dispatch d where d.order_id = ${orderId}
    union select p.reference from ledger.payment p where p.order_id = ${orderId}
    union select o.external_id from ledger.orders o where o.order_id = ${orderId}`;
  const words = rows.map(({ word }) => word);
  // A word within another would be renamed twice.
  return words.filter((word) => !words.some((other) => other !== word && word.includes(other)));
}

async function seen(what: string, look: () => Promise<string | undefined>): Promise<string> {
  const giveUpAt = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > giveUpAt) throw new Error(`${what} did not come`);
    await sleep(10);
  }
}
