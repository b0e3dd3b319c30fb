import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelOrder } from '../../activities/ledger/intake/cancel-order.ts';
import { eraseCustomer } from '../../activities/ledger/intake/erase-customer.ts';
import { exportCustomer } from '../../activities/ledger/intake/export-customer.ts';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { listAudit, verifyAudit } from '../../activities/ledger/read/audit.ts';
import { listExceptions } from '../../activities/ledger/read/exception.ts';
import { listCustomers } from '../../activities/ledger/read/master-data.ts';
import { readOrder } from '../../activities/ledger/read/order.ts';
import { sealAudit } from '../../activities/ledger/steps/seal-audit.ts';
import { orderIntake } from '../../api/order-intake.ts';
import { orderRequest } from '../../api/order-schemas.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import {
  askReturn,
  BACK,
  bringBack,
  driveOrder,
  expectSound,
  seedReturnShop,
  sendOrder,
  settleReturn,
  stockIn,
} from './return-shop.ts';

/** Whatever says one of these says who the customer is. */
const PERSON = /markerwood|c-marker|MK1 7MK/i;
const CUSTOMER = {
  externalId: 'c-marker',
  name: 'Ada Markerwood',
  email: 'ada@markerwood.example',
};

let shop: TestLedger;
let customerId: string;

beforeEach(async () => {
  shop = await openLedger();
  await seedReturnShop(shop.owner);
  await stockIn(shop.owner, 'MUG', 100, '2', 'po-1');
});
afterEach(() => shop.close());

/** Places an order of the person with all that an order may say of them. */
async function place(externalId: string, more: Record<string, unknown> = {}) {
  const order = orderRequest.parse({
    channel: 'web',
    externalId,
    placedAt: '2010-12-01T10:00:00Z',
    currency: 'GBP',
    customer: CUSTOMER,
    shipTo: {
      country: 'GB',
      postalCode: 'MK1 7MK',
      name: CUSTOMER.name,
      line1: '7 Markerwood Lane',
      city: 'Markerwood',
    },
    lines: [{ externalLineId: '1', sku: 'MUG', quantity: 2, unitPrice: '5' }],
    payment: { provider: 'gateway', status: 'none', token: 'tok-markerwood' },
    ...more,
  });
  return orderIntake(shop.ledger)({ order, actor: 'shop', receivedAt: BACK });
}

const cancellation = (orderId: string) => ({
  orderId,
  cancellationId: `c-${orderId}`,
  reason: 'changed-mind',
  actor: 'shop',
  at: BACK,
});

/**
 * A whole life: an order that was sent, one part of it returned; one that was cancelled; one that came again with
 * another address. Nothing is under way at the end.
 */
async function live(): Promise<void> {
  for (const externalId of ['1001', '1002']) {
    expect(await place(externalId)).toMatchObject({ outcome: 'accepted' });
    await driveOrder(shop.ledger, `order:web:${externalId}`);
  }
  const changed = { shipTo: { country: 'FR', name: CUSTOMER.name, line1: '8 Markerwood Road' } };
  expect(await place('1001', changed)).toMatchObject({ outcome: 'mismatch' });
  await cancelOrder(shop.ledger, cancellation('order:web:1002'));
  await driveOrder(shop.ledger, 'order:web:1002');
  await sendOrder(shop, 'order:web:1001');
  const asked = await askReturn(shop, {
    externalRef: 'r-1',
    customer: { externalId: CUSTOMER.externalId },
    lines: [{ sku: 'MUG', quantity: 1, orderLineId: 'order:web:1001#1' }],
  });
  await bringBack(shop, asked.return);
  expect(await settleReturn(shop, asked.return.id)).toMatchObject({ state: 'closed' });
  const { data } = await listCustomers(shop.ledger, { limit: 10, externalId: CUSTOMER.externalId });
  customerId = data[0]?.id ?? '';
  // What support and the dispatcher would have done since.
  for (const { id } of (await listExceptions(shop.ledger, { limit: 10, state: 'open' })).data) {
    const resolution = { exceptionId: id, resolutionId: id, action: 'accept', actor: 'shop' };
    await resolveException(shop.ledger, { ...resolution, at: BACK });
  }
  await shop.owner`update ledger.outbox set done_at = clock_timestamp() where done_at is null`;
}

const erase = (erasureId = 'ticket-1', reason = 'ticket-1') =>
  eraseCustomer(shop.ledger, { customerId, erasureId, reason, actor: 'dpo', at: BACK });

/** `table.column` of every value in the ledger that says who the person is. */
async function whereHeld(): Promise<string[]> {
  const columns = await shop.owner<{ table: string; column: string }[]>`
    select table_name as table, column_name as column from information_schema.columns
    where table_schema = 'ledger' and data_type in ('text', 'jsonb', 'ARRAY')`;
  expect(columns.length).toBeGreaterThan(100);
  const parts = columns.map(
    ({ table, column }) =>
      `select '${table}.${column}' as held where exists (select from ledger."${table}" t where t."${column}"::text ~* '${PERSON.source}')`,
  );
  const rows = await shop.owner.unsafe<{ held: string }[]>(parts.join(' union all '));
  return rows.map(({ held }) => held).toSorted();
}

describe('what is held of a customer', () => {
  it('stands only in columns that docs/PRIVACY.md says are erased, after a whole life of orders', async () => {
    await live();
    const held = await whereHeld();
    expect(held).toEqual([
      'customer.email',
      'customer.external_id',
      'customer.name',
      'intake_refusal_person.person',
      'orders.ship_to',
      'outbox.payload',
      'payment.token',
    ]);
    const text = await readFile(new URL('../../docs/PRIVACY.md', import.meta.url), 'utf8');
    for (const column of held) {
      expect(text, column).toMatch(
        new RegExp(`^\\| \`${column.replace('.', '[.]')}\` .*erased`, 'm'),
      );
    }
  });

  it('is exported whole, for the one row that the first export leaves', async () => {
    await live();
    const asked = { customerId, exportId: 'x-1', reason: 'ticket-9', actor: 'dpo', at: BACK };
    const document = await exportCustomer(shop.ledger, asked);
    expect(document).toMatchObject({
      customer: { id: customerId, ...CUSTOMER, erasedAt: null },
      orders: [
        { id: 'order:web:1001', shipTo: { line1: '7 Markerwood Lane', postalCode: 'MK1 7MK' } },
        { id: 'order:web:1002', state: 'cancelled' },
      ],
      returns: [{ state: 'closed', customer: { externalId: CUSTOMER.externalId } }],
      mails: [{ to: CUSTOMER.email }],
      refusedOrders: [{ shipTo: { line1: '8 Markerwood Road' } }],
      exceptions: [{ subjectId: 'order:web:1001', kind: 'intake-changed', state: 'resolved' }],
      replayed: false,
    });
    expect(await exportCustomer(shop.ledger, asked)).toEqual({ ...document, replayed: true });
    await expect(exportCustomer(shop.ledger, { ...asked, actor: 'eve' })).rejects.toMatchObject({
      type: 'IdempotencyMismatch',
    });
    const { data } = await listAudit(shop.ledger, { act: 'export_customer', limit: 10 });
    expect(data).toMatchObject([{ subjectId: customerId, reason: 'ticket-9' }]);
  });
});

describe('an erasure', () => {
  it('takes the person out of every row, and leaves amounts, ids, the books and the chain', async () => {
    await live();
    await sealAudit(shop.ledger);
    const [before] = await books();
    expect(await erase()).toMatchObject({
      applied: true,
      state: 'erased',
      erased: { orders: 2, payments: 2, mails: 1, refusedOrders: 1 },
      replayed: false,
    });
    expect(await whereHeld()).toEqual([]);
    expect(await books()).toEqual([before]);
    await expectSound(shop);
    expect(await readOrder(shop.ledger, 'order:web:1001')).toMatchObject({
      id: 'order:web:1001',
      totalMinor: '1000',
      customer: { name: null },
      invoices: [{ amountMinor: '1000' }],
    });
    const [place] = await shop.owner`select ship_to from ledger.orders where external_id = '1001'`;
    expect(place).toEqual({ ship_to: { country: 'GB' } });
    await sealAudit(shop.ledger);
    expect(await verifyAudit(shop.ledger)).toMatchObject({ bad: null, unsealed: { rows: 0 } });
    const { data } = await listAudit(shop.ledger, { act: 'erase_customer', limit: 10 });
    expect(data).toMatchObject([
      { subjectId: customerId, actor: 'test', after: { orders: 2 }, reason: 'ticket-1' },
    ]);
  });

  it('is answered the same when it is asked for again, and done once', async () => {
    await live();
    const first = await erase();
    expect(await erase()).toEqual({ ...first, replayed: true });
    expect(await erase('ticket-2', 'ticket-2')).toMatchObject({
      applied: false,
      state: 'erased',
      erasedAt: first.erasedAt,
    });
    await expect(erase('ticket-1', 'another reason')).rejects.toMatchObject({
      type: 'IdempotencyMismatch',
    });
    await expect(
      eraseCustomer(shop.ledger, {
        customerId: 'customer:999',
        erasureId: 'x',
        reason: 'x',
        actor: 'dpo',
        at: BACK,
      }),
    ).rejects.toMatchObject({ type: 'NotFound' });
  });

  it('leaves no first answer that still knows the name', async () => {
    await live();
    const request = cancellation('order:web:1002');
    expect(await cancelOrder(shop.ledger, request)).toMatchObject({
      replayed: true,
      order: { customer: { name: CUSTOMER.name } },
    });
    await erase();
    const again = await cancelOrder(shop.ledger, request);
    expect(again).toMatchObject({ replayed: true, order: { customer: { name: null } } });
    expect(JSON.stringify(again)).not.toMatch(PERSON);
  });

  it.each([
    ['an order', async () => void (await place('2001')), ['order:web:2001']],
    [
      'an exception of theirs',
      async () => void (await place('1001', { shipTo: { country: 'DE' } })),
      ['exception:'],
    ],
    [
      'a mail that was not sent',
      async () =>
        void (await shop.owner`update ledger.outbox set done_at = null where kind = 'mail'`),
      ['mail:'],
    ],
    [
      'credit that they can spend',
      async () =>
        void (await shop.owner`insert into ledger.customer_credit (customer_id, currency, balance_minor)
          select customer_id, 'GBP', 500 from ledger.customer where external_id = 'c-marker'`),
      ['customer-credit:GBP'],
    ],
  ])('is refused while %s is under way, and says so', async (_what, begin, expected) => {
    await live();
    await begin();
    const refused = await erase();
    expect(refused).toMatchObject({ applied: false, state: 'under-way', erased: null });
    expect(refused.underWay).toHaveLength(1);
    expect(refused.underWay[0]).toContain(expected[0]);
    expect(await whereHeld()).toContain('customer.name');
    const { data } = await listAudit(shop.ledger, { act: 'erase_customer', limit: 10 });
    expect(data).toEqual([]);
  });

  it('and an order that comes at the same moment do not miss each other', async () => {
    await live();
    const request = { customerId, erasureId: 'e-1', reason: 'ticket-1', actor: 'dpo', at: BACK };
    let placed: ReturnType<typeof place> | undefined;
    await shop.owner.begin(async (sql) => {
      await sql`select loopline.erase_customer(${sql.json({ ...request, by: { actor: 'dpo' } })})`;
      placed = place('3001');
      await untilSomebodyWaits();
    });
    expect(await placed).toMatchObject({ outcome: 'accepted' });
    const rows = await shop.owner<{ erased: boolean; orders: string[] }[]>`
      select c.erased_at is not null as erased, array_agg(o.external_id order by o.external_id) as orders
      from ledger.customer c join ledger.orders o using (customer_id) group by c.customer_id order by c.customer_id`;
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { erased: true, orders: ['1001', '1002'] },
      { erased: false, orders: ['3001'] },
    ]);
  });
});

/** What tax law asks for: invoices, credit notes, payments and postings. */
async function books() {
  return shop.owner<{ books: string }[]>`
    select md5(concat(
      (select string_agg(d::text, '|' order by d.dispatch_id) from ledger.dispatch d),
      (select string_agg(n::text, '|' order by n.credit_note_number) from ledger.credit_note n),
      (select string_agg(p::text, '|' order by p.posting_id) from ledger.posting p),
      (select string_agg((p.payment_id, p.reference, p.captured_minor, p.refunded_minor)::text, '|' order by p.payment_id)
       from ledger.payment p),
      (select string_agg((l.order_id, l.line_no, l.code, l.quantity, l.amount_minor, l.tax_minor)::text, '|'
         order by l.order_id, l.line_no) from ledger.order_line l))) as books`;
}

/** Looks until a statement of the application waits for a lock; a second of looking is far more than enough. */
async function untilSomebodyWaits(): Promise<void> {
  await expect
    .poll(
      async () => {
        const [row] = await shop.owner<{ waiting: number }[]>`
          select count(*)::int as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`;
        return row?.waiting ?? 0;
      },
      { timeout: 20_000 },
    )
    .toBeGreaterThan(0);
}
