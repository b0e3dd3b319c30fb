import { checkLedger } from '../../activities/ledger/read/check.ts';
import type { House } from './house.ts';

/** Throws unless every order is completed and paid, every return refunded, and goods sold are goods gone. */
export async function assertExact(house: House, orders: number): Promise<void> {
  const { owner, ledger, openingEach } = house;
  const [books] = await owner<Books[]>`
    select (select count(*)::int from ledger.orders where state = 'completed') as completed,
      (select count(*)::int from ledger.orders) as orders,
      (select count(*)::int from ledger.returns where state <> 'closed') as "returnsOpen",
      (select count(*)::int from ledger.return_line l
       where not exists (select from ledger.refund f where f.subject_id = l.return_id and f.state = 'refunded'))
        as "returnsUnpaid",
      (select coalesce(sum(total_minor), 0)::text from ledger.orders) as total,
      (select coalesce(sum(captured_minor), 0)::text from ledger.payment) as captured,
      (select coalesce(sum(quantity), 0)::text from ledger.order_line where kind = 'goods') as sold,
      (select coalesce(sum(quantity), 0)::text from ledger.stock_move where to_bucket = 'customer') as gone,
      (select coalesce(sum(quantity), 0)::text from ledger.stock_move where from_bucket = 'customer') as back,
      (select coalesce(sum(quantity), 0)::text from ledger.stock_balance) as left`;
  if (books === undefined) throw new Error('the ledger answered nothing');
  const expected = BigInt(openingEach) - BigInt(books.gone) + BigInt(books.back);
  const isExact =
    books.orders === orders &&
    books.completed === orders &&
    books.returnsOpen === 0 &&
    books.returnsUnpaid === 0 &&
    books.sold === books.gone &&
    books.captured === books.total &&
    expected === BigInt(books.left);
  if (!isExact) throw new Error(`of ${orders} orders the books say ${JSON.stringify(books)}`);
  const check = await checkLedger(ledger);
  if (!check.ok) throw new Error(`the ledger's check found ${JSON.stringify(check.drift)}`);
}

interface Books {
  readonly orders: number;
  readonly completed: number;
  readonly returnsOpen: number;
  readonly returnsUnpaid: number;
  readonly total: string;
  readonly captured: string;
  readonly sold: string;
  readonly gone: string;
  readonly back: string;
  readonly left: string;
}
