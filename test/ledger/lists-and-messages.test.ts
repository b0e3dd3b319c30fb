import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimOutbox, finishOutbox } from '../../activities/ledger/steps/outbox.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { openSmallShop } from './small-shop.ts';

interface Page {
  readonly data: readonly { readonly id: string }[];
  readonly nextCursor: string | null;
}

let test: TestLedger;
beforeAll(async () => {
  test = await openLedger();
  await openSmallShop(test);
});
afterAll(async () => test?.close());

it('a delivered signal leaves nothing behind, a mail stays as evidence', async () => {
  await test.owner`
    insert into ledger.outbox (kind, subject_id, payload) values ('signal', 's:1', '{}'), ('mail', 's:1', '{}')`;
  const { messages } = await claimOutbox(test.ledger, { limit: 10, leaseSeconds: 30 });
  const ids = messages.map(({ outboxId }) => outboxId);
  expect(ids).toHaveLength(2);
  await finishOutbox(test.ledger, ids);
  await finishOutbox(test.ledger, ids);
  const left = await test.owner<{ kind: string; done: boolean }[]>`
    select kind, done_at is not null as done from ledger.outbox`;
  expect([...left]).toEqual([{ kind: 'mail', done: true }]);
});

it('pages of filtered orders hold each order once, in order, whatever else is in the ledger', async () => {
  await test.owner`insert into ledger.customer (channel, external_id) values ('web', 'rare'), ('web', 'busy')`;
  await test.owner`
    insert into ledger.orders (order_id, channel, external_id, customer_id, currency, ship_to, state, total_minor, placed_at,
      recorded_at)
    select 'order:web:p' || n, 'web', 'p' || n, c.customer_id, 'GBP', '{}',
      case when n % 5 = 0 then 'cancelled' else 'completed' end, 100, now(), now() - n / 3 * interval '1 second'
    from generate_series(1, 60) n
    join ledger.customer c on c.external_id = case when n % 10 = 0 then 'rare' else 'busy' end`;
  const all = async (filter: Record<string, string>) => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Page = await test.ledger.call('list_orders', { limit: 4, cursor, ...filter });
      ids.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    return ids;
  };
  const expected = async (state: string | null, customer: string | null) => {
    const rows = await test.owner<{ id: string }[]>`
      select o.order_id as id from ledger.orders o join ledger.customer c using (customer_id)
      where (${state}::text is null or o.state = ${state}) and (${customer}::text is null or c.external_id = ${customer})
        and o.order_id like 'order:web:p%'
      order by o.recorded_at desc, o.order_id desc`;
    return rows.map(({ id }) => id);
  };
  expect(await all({ state: 'cancelled' })).toEqual(await expected('cancelled', null));
  expect(await all({ customer: 'rare' })).toEqual(await expected(null, 'rare'));
  expect(await all({ customer: 'busy', state: 'cancelled' })).toEqual(
    await expected('cancelled', 'busy'),
  );
  expect(await all({ customer: 'nobody' })).toEqual([]);
});
