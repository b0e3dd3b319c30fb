import type { Merchant } from '../trade/merchant.ts';

const PAGES = 10;

/** What is looked at: something that every ledger of this bench has. */
export interface Sights {
  readonly orderId: string;
  readonly buyer: string;
}

/** One read of the API: its name in the findings, and a path; lists are also read at their tenth page. */
export interface Read {
  readonly name: string;
  readonly path: string;
  readonly isList: boolean;
}

/** Every list with its filters, and one order. */
export function readsOf({ orderId, buyer }: Sights): Read[] {
  const id = encodeURIComponent(orderId);
  const list = (path: string, ...filters: string[]): Read[] => [
    { name: path, path: `/v1/${path}`, isList: true },
    ...filters.map((filter) => one(`${path}?${nameOf(filter)}`, `/v1/${path}?${filter}`)),
  ];
  return [
    one('one order', `/v1/orders/${id}`),
    one("one order's timeline", `/v1/orders/${id}/timeline`),
    ...list(
      'orders',
      'state=completed',
      'state=released',
      'state=rejected',
      'channel=web',
      `customer=${buyer}`,
      'customer=nobody',
    ),
    ...list('shipments', 'state=released', 'state=cancelled', 'node=main', `orderId=${id}`),
    ...list('payments', 'state=due', 'state=challenged', `orderId=${id}`),
    ...list('returns', 'state=in-review', `orderId=${id}`, `customer=${buyer}`, 'customer=nobody'),
    ...list('dues'),
    ...list('exceptions', 'state=open', `subjectId=${id}`),
    ...list('approvals', 'state=open'),
    ...list('purchase-orders'),
    ...list('shipping-notices'),
    ...list('finance/entries'),
    ...list('stock/adjustments'),
    ...list('stock', 'sku=SKU-001'),
    ...list('skus'),
    ...list(
      'customers',
      `channel=web&externalId=${buyer}`,
      `externalId=${buyer}`,
      'externalId=nobody',
    ),
    one('operations/backlog', '/v1/operations/backlog'),
  ];
}

function one(name: string, path: string): Read {
  return { name, path, isList: false };
}

/** Of a filter, what it filters by; an id says nothing. */
function nameOf(filter: string): string {
  return filter
    .split('&')
    .map((part) =>
      /^(orderId|subjectId)=|=(buyer|regular)-/.test(part) ? part.replace(/=.*/, '') : part,
    )
    .join('&');
}

/** The path of a list's tenth page, or of its last one where it has fewer. */
export async function tenthPage({ call }: Merchant, path: string): Promise<string> {
  let page = path;
  for (let number = 1; number < PAGES; number += 1) {
    const { nextCursor } = await call('GET', page);
    if (typeof nextCursor !== 'string') return page;
    page = `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(nextCursor)}`;
  }
  return page;
}
