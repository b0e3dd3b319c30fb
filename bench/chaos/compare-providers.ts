import type postgres from 'postgres';
import type { ChaosStack } from './chaos-stack.ts';
import { compareMaps, repeated, type Comparison } from './comparison.ts';
import { readBook, type BookFact } from './sim-books.ts';

type Pairs = readonly { readonly id: string; readonly value: string }[];

/** The warehouse's own name of a dispatch. */
const DISPATCH = `split_part(dispatch_id, ':dispatch:', 2)`;
const SIDES = { ours: 'the ledger', theirs: 'the provider' };

/** Charges, refunds, labels, purchase orders and what suppliers and warehouse reported, both ways. */
export async function compareProviders(
  sql: postgres.Sql,
  { simulators }: ChaosStack,
): Promise<Comparison[]> {
  const ask = async (query: string) => mapOf(await sql.unsafe<Pairs[number][]>(query));
  return [
    ...(await compareGateway(ask, await readBook(simulators.gateway))),
    ...(await compareCarrier(ask, await readBook(simulators.carrier))),
    ...(await compareSupplier(ask, await readBook(simulators.supplier))),
    ...(await compareWarehouse(ask, await readBook(simulators.warehouse))),
    ...(await compareMail(ask, await readBook(simulators.mail))),
  ];
}

type Ask = (query: string) => Promise<Map<string, string>>;

function mapOf(pairs: Pairs): Map<string, string> {
  return new Map(pairs.map(({ id, value }) => [id, value]));
}

function factsOf(book: readonly BookFact[], kind: string): BookFact[] {
  return book.filter((fact) => fact['kind'] === kind);
}

function field(fact: BookFact, name: string): string {
  const value = fact[name];
  return typeof value === 'string' ? value : '';
}

/** An operation's name at the gateway is the ledger's id of it, so it can be found twice there. */
async function compareGateway(ask: Ask, book: readonly BookFact[]): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const kind of ['capture', 'refund'] as const) {
    const done = factsOf(book, kind).filter((fact) => fact['status'] === 'succeeded');
    const theirs = mapOf(
      done.map((fact) => ({ id: field(fact, 'reference'), value: field(fact, 'amountMinor') })),
    );
    const state = kind === 'capture' ? 'captured' : 'refunded';
    const ours = await ask(
      `select ${kind}_id as id, amount_minor::text as value from ledger.${kind} where state = '${state}'`,
    );
    comparisons.push({
      name: `gateway: ${kind}s`,
      count: theirs.size,
      differences: [
        ...repeated(done.map((fact) => field(fact, 'reference'))),
        ...compareMaps(ours, theirs, SIDES),
      ],
    });
  }
  return [...comparisons, await compareAuthorizations(ask, book)];
}

/** What the gateway holds of a buyer's money is held for an order that is open, or is known on the board. */
async function compareAuthorizations(ask: Ask, book: readonly BookFact[]): Promise<Comparison> {
  const held = new Map<string, bigint>();
  const references = new Map<string, string>();
  for (const fact of book) {
    const id =
      fact['kind'] === 'authorization' ? field(fact, 'id') : field(fact, 'authorizationId');
    const amount = BigInt(field(fact, 'amountMinor') || '0');
    const before = held.get(id) ?? 0n;
    if (fact['kind'] === 'authorization') {
      references.set(id, `${field(fact, 'reference')} ${amount}`);
      if (fact['status'] === 'authorized') held.set(id, amount);
    } else if (fact['kind'] === 'challenge' && fact['passed'] === true) {
      held.set(id, BigInt(references.get(id)?.split(' ').at(-1) ?? '0'));
    } else if (fact['kind'] === 'void') held.set(id, before - amount);
    else if (fact['kind'] === 'capture' && fact['status'] === 'succeeded') {
      held.set(id, before - amount);
    }
  }
  const open = await ask(`select p.reference as id, o.state as value
    from ledger.payment p join ledger.orders o using (order_id)
    where p.reference is not null and (o.state in ('accepted', 'released')
      or exists (select from ledger.exception e where e.subject_id = o.order_id and e.kind = 'late-fact'))`);
  const differences: string[] = [];
  for (const [id, amount] of held) {
    if (amount === 0n || open.has(id)) continue;
    // A channel's own authorization whose order never came is the channel's affair.
    if (references.get(id)?.startsWith('channel-') && !(await isKnown(ask, id))) continue;
    differences.push(`${id} for ${references.get(id)}: ${amount} held for nobody`);
  }
  return { name: 'gateway: money held', count: held.size, differences };
}

async function isKnown(ask: Ask, reference: string): Promise<boolean> {
  const query = `select payment_id as id, '' as value from ledger.payment where reference = '${reference}'`;
  return (await ask(query)).size > 0;
}

async function compareCarrier(ask: Ask, book: readonly BookFact[]): Promise<Comparison[]> {
  const labels = factsOf(book, 'label').map(({ label }) => label as BookFact);
  return Promise.all(
    (['outbound', 'return'] as const).map(async (direction) => {
      const ofDirection = labels.filter((label) => label['direction'] === direction);
      const theirs = mapOf(
        ofDirection.map((label) => ({
          id: field(label, 'reference'),
          value: field(label, 'trackingNumber'),
        })),
      );
      const ours = await ask(
        direction === 'return'
          ? `select return_id as id, tracking_number as value from ledger.returns where tracking_number is not null`
          : `select ${DISPATCH} as id, tracking_number as value from ledger.dispatch`,
      );
      // The warehouse may have a label whose shipment was cancelled before it left.
      const isUnused = (line: string) =>
        direction === 'outbound' && line.endsWith('the ledger has none');
      return {
        name: `carrier: ${direction} labels`,
        count: theirs.size,
        differences: [
          ...repeated(ofDirection.map((label) => field(label, 'reference'))),
          ...compareMaps(ours, theirs, SIDES).filter((line) => !isUnused(line)),
        ],
      };
    }),
  );
}

async function compareSupplier(ask: Ask, book: readonly BookFact[]): Promise<Comparison[]> {
  const orders = factsOf(book, 'order').map(({ order }) => order as BookFact);
  const theirs = mapOf(
    orders.map((order) => ({ id: field(order, 'purchaseOrderId'), value: linesOf(order) })),
  );
  const ours = await ask(`select p.purchase_order_id as id,
      string_agg(concat_ws(' ', l.line_no, l.sku, l.quantity), ', ' order by l.line_no) as value
    from ledger.purchase_order p join ledger.purchase_order_line l using (purchase_order_id)
    where p.state in ('acknowledged', 'closed') group by 1`);
  const posted = new Set(factsOf(book, 'notice-posted').map((fact) => field(fact, 'noticeId')));
  const notices = await ask(`select notice_id as id, state as value from ledger.shipping_notice`);
  const givenUp = factsOf(book, 'post-refused').filter((fact) => fact['givenUp'] === true);
  return [
    {
      name: 'supplier: purchase orders',
      count: theirs.size,
      differences: [
        ...repeated(orders.map((order) => field(order, 'purchaseOrderId'))),
        ...compareMaps(ours, theirs, SIDES),
      ],
    },
    {
      name: 'supplier: notices and invoices',
      count: posted.size,
      differences: [
        ...[...posted].filter((id) => !notices.has(id)).map((id) => `notice ${id} is lost`),
        ...givenUp.map((fact) => `the supplier gave up: ${JSON.stringify(fact)}`),
      ],
    },
  ];
}

/** What the warehouse was told is booked; each of its reports is in the ledger once. */
async function compareWarehouse(ask: Ask, book: readonly BookFact[]): Promise<Comparison[]> {
  const reports = [
    { kind: 'dispatched', query: `select ${DISPATCH} as id, '' as value from ledger.dispatch` },
    { kind: 'received', query: `select receipt_id as id, '' as value from ledger.receipt` },
    {
      kind: 'returnsReceived',
      query: `select receipt_id as id, '' as value from ledger.return_receipt`,
    },
    { kind: 'inspected', query: `select inspection_id as id, '' as value from ledger.inspection` },
  ];
  const comparisons: Comparison[] = [];
  for (const { kind, query } of reports) {
    const ids = factsOf(book, kind).map((fact) => field(fact, 'id'));
    const ledger = await ask(query);
    const lost = ids
      .filter((id) => !ledger.has(id))
      .map((id) => `${id} was acknowledged and is lost`);
    comparisons.push({ name: `warehouse: ${kind}`, count: ids.length, differences: lost });
  }
  return comparisons;
}

async function compareMail(ask: Ask, book: readonly BookFact[]): Promise<Comparison[]> {
  const messages = factsOf(book, 'message').map((fact) => field(fact, 'messageId'));
  const sent = await ask(
    `select outbox_id::text as id, kind as value from ledger.outbox where kind in ('mail', 'channel-notice') and done_at is not null`,
  );
  const differences = repeated(messages);
  if (messages.length !== sent.size) {
    differences.push(`${sent.size} sent by the ledger, ${messages.length} taken in`);
  }
  return [{ name: 'mail: messages', count: messages.length, differences }];
}

function linesOf(order: BookFact): string {
  const lines = order['lines'] as { lineNo: number; sku: string; quantity: number }[];
  return lines.map(({ lineNo, sku, quantity }) => `${lineNo} ${sku} ${quantity}`).join(', ');
}
