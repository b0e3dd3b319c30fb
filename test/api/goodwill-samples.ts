import { BACK, driveOrder, placeOrder, sendOrder } from '../ledger/return-shop.ts';
import { fresh, type ApiShop } from './api-shop.ts';
import type { RouteWithBody } from './route-with-body.ts';
import { seg, type Body } from './samples.ts';

/** An order of 100.00 that was sent and captured. */
export async function paidOrder(shop: ApiShop): Promise<string> {
  const lines = [{ sku: 'MUG', quantity: 2, unitPrice: '50' }];
  const orderId = await placeOrder(shop, { id: fresh('g'), lines });
  await driveOrder(shop.ledger, orderId);
  await sendOrder(shop, orderId);
  return orderId;
}

/** Goodwill with every field. */
export const goodwill = (amountMinor = '500', rest: Body = {}): Body => ({
  externalRef: fresh('gw'),
  amount: { amountMinor, currency: 'GBP' },
  resolution: 'refund',
  reasonCode: 'late-delivery',
  occurredAt: BACK,
  ...rest,
});

export const GOODWILL_ROUTES: Readonly<Record<string, RouteWithBody>> = {
  'POST /v1/orders/{id}/goodwill': {
    status: 201,
    repeat: 'marked',
    change: { reasonCode: 'poor-service' },
    prepare: async (shop) => ({
      path: `/v1/orders/${seg(await paidOrder(shop))}/goodwill`,
      body: goodwill(),
    }),
    unknown: (call) => ({ ...call, path: `/v1/orders/${seg('order:web:none')}/goodwill` }),
  },
};
