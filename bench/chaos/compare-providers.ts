import type postgres from 'postgres';
import type { ChaosStack } from './chaos-stack.ts';
import { compareGateway } from './compare-gateway.ts';
import { compareMaps, repeated, type Comparison } from './comparison.ts';
import { factsOf, mapOf, SIDES, textIn, type Ask } from './provider-book.ts';
import { readBook, type BookFact } from './sim-books.ts';

/** Line numbers and units, as `quantitiesText` writes them. */
const PER_LINE = `string_agg(l.line_no || ' ' || l.quantity, ', ' order by l.line_no)`;

/** The warehouse's own name of a dispatch. */
const DISPATCH = `split_part(d.dispatch_id, ':dispatch:', 2)`;

/** Charges, refunds, labels, purchase orders, mails and what suppliers and warehouse reported, both ways. */
export async function compareProviders(
  sql: postgres.Sql,
  { simulators }: ChaosStack,
): Promise<Comparison[]> {
  const ask: Ask = async (query) => mapOf(await sql.unsafe<{ id: string; value: string }[]>(query));
  return [
    ...(await compareGateway(ask, await readBook(simulators.gateway))),
    ...(await compareCarrier(ask, await readBook(simulators.carrier))),
    ...(await compareSupplier(ask, await readBook(simulators.supplier))),
    ...(await compareWarehouse(ask, await readBook(simulators.warehouse))),
    ...(await compareMail(ask, await readBook(simulators.mail))),
  ];
}

async function compareCarrier(ask: Ask, book: readonly BookFact[]): Promise<Comparison[]> {
  const labels = factsOf(book, 'label').map(({ label }) => label as BookFact);
  return Promise.all(
    (['outbound', 'return'] as const).map(async (direction) => {
      const ofDirection = labels.filter((label) => label['direction'] === direction);
      const theirs = mapOf(
        ofDirection.map((label) => ({
          id: textIn(label, 'reference'),
          value: textIn(label, 'trackingNumber'),
        })),
      );
      const ours = await ask(
        direction === 'return'
          ? `select return_id as id, tracking_number as value from ledger.returns where tracking_number is not null`
          : `select ${DISPATCH} as id, d.tracking_number as value from ledger.dispatch d`,
      );
      // The warehouse may have a label whose shipment was cancelled before it left.
      const isUnused = (line: string) =>
        direction === 'outbound' && line.endsWith(`${SIDES.ours} has none`);
      return {
        name: `carrier: ${direction} labels`,
        count: theirs.size,
        differences: [
          ...repeated(ofDirection.map((label) => textIn(label, 'reference'))),
          ...compareMaps(ours, theirs, SIDES).filter((line) => !isUnused(line)),
        ],
      };
    }),
  );
}

async function compareSupplier(ask: Ask, book: readonly BookFact[]): Promise<Comparison[]> {
  const orders = factsOf(book, 'order');
  const ids = orders.map((fact) => textIn(fact['order'] as BookFact, 'purchaseOrderId'));
  const theirs = mapOf(
    orders.map(({ order }, index) => ({ id: ids[index] ?? '', value: linesText(order) })),
  );
  const ours = await ask(`select p.purchase_order_id as id,
      string_agg(concat_ws(' ', l.line_no, l.sku, l.quantity), ', ' order by l.line_no) as value
    from ledger.purchase_order p join ledger.purchase_order_line l using (purchase_order_id)
    where p.state in ('acknowledged', 'closed') group by 1`);
  return [
    {
      name: 'supplier: purchase orders',
      count: theirs.size,
      differences: [...repeated(ids), ...compareMaps(ours, theirs, SIDES)],
    },
    ...(await compareDeliveries(ask, book)),
  ];
}

/** Every delivery that the supplier planned has its notice, its receipt and its invoice, and no other one has. */
async function compareDeliveries(ask: Ask, book: readonly BookFact[]): Promise<Comparison[]> {
  const deliveries = factsOf(book, 'order').flatMap(
    ({ deliveries: planned }) => planned as BookFact[],
  );
  const units = deliveries.map((delivery) => ({
    noticeId: textIn(delivery, 'noticeId'),
    invoiceNumber: textIn(delivery, 'invoiceNumber'),
    value: quantitiesText(delivery['lines']),
  }));
  const byNotice = mapOf(units.map(({ noticeId: id, value }) => ({ id, value })));
  const byInvoice = mapOf(units.map(({ invoiceNumber: id, value }) => ({ id, value })));
  const notices = await ask(`select l.notice_id as id, ${PER_LINE} as value
    from ledger.shipping_notice_line l group by 1`);
  const receipts = await ask(`select l.notice_id as id, ${PER_LINE} as value
    from (select notice_id, line_no, sum(quantity) as quantity from ledger.receipt
      where notice_id is not null group by 1, 2) l group by 1`);
  const invoices = await ask(`select i.invoice_number as id, ${PER_LINE} as value
    from ledger.supplier_invoice i,
      jsonb_to_recordset(i.lines) j("lineNo" integer, quantity bigint),
      lateral (select j."lineNo" as line_no, j.quantity) l
    group by 1`);
  const givenUp = factsOf(book, 'post-refused').filter((fact) => fact['givenUp'] === true);
  const unsettled =
    await ask(`select invoice_number as id, state as value from ledger.supplier_invoice
    where state not in ('matched', 'disputed')
      and not exists (select from ledger.exception e where e.kind = 'invoice-mismatch'
        and e.evidence ->> 'invoiceNumber' = invoice_number)`);
  const count = units.length;
  return [
    {
      name: 'supplier: shipping notices',
      count,
      differences: [
        ...compareMaps(notices, byNotice, SIDES),
        ...givenUp.map((fact) => `the supplier gave up: ${JSON.stringify(fact)}`),
      ],
    },
    {
      name: 'supplier: goods received',
      count,
      differences: compareMaps(receipts, byNotice, SIDES),
    },
    {
      name: 'supplier: invoices',
      count,
      differences: [
        ...compareMaps(invoices, byInvoice, SIDES),
        ...[...unsettled].map(([id, state]) => `${id} is ${state} and nobody was told`),
      ],
    },
  ];
}

/** What the warehouse was told is booked; each of its reports is in the ledger once, with its units. */
async function compareWarehouse(ask: Ask, book: readonly BookFact[]): Promise<Comparison[]> {
  const reports = [
    {
      kind: 'dispatched',
      units: (body: BookFact) => sumOf(body['lines']),
      query: `select ${DISPATCH} as id, sum(m.quantity)::text as value
        from ledger.dispatch d join ledger.stock_move m on m.key = d.dispatch_id and m.event = 'dispatched'
        group by 1`,
    },
    {
      kind: 'received',
      units: (body: BookFact) => sumOf(body['lines']),
      query: `select receipt_id as id, sum(quantity)::text as value from ledger.receipt group by 1`,
    },
    {
      kind: 'returnsReceived',
      units: (body: BookFact) => sumOf(body['lines']),
      query: `select receipt_id as id, sum(quantity)::text as value from ledger.return_receipt group by 1`,
    },
    {
      kind: 'inspected',
      units: (body: BookFact) => sumOf(body['units']),
      query: `select inspection_id as id, sum(quantity)::text as value from ledger.inspection group by 1`,
    },
  ];
  const comparisons: Comparison[] = [];
  for (const { kind, units, query } of reports) {
    const theirs = mapOf(
      factsOf(book, kind).map((fact) => ({
        id: textIn(fact, 'id'),
        value: units(fact['body'] as BookFact),
      })),
    );
    const ledger = await ask(query);
    // The warehouse may have died before it wrote down an answer: then the ledger knows more.
    const ours = new Map([...ledger].filter(([id]) => theirs.has(id)));
    const differences = compareMaps(ours, theirs, SIDES);
    comparisons.push({ name: `warehouse: ${kind}`, count: theirs.size, differences });
  }
  return comparisons;
}

async function compareMail(ask: Ask, book: readonly BookFact[]): Promise<Comparison[]> {
  const messages = factsOf(book, 'message');
  const ids = messages.map((fact) => textIn(fact, 'messageId'));
  const theirs = mapOf(
    messages.map((fact, index) => ({
      id: ids[index] ?? '',
      value: `${textIn(fact, 'template')} to ${textIn(fact, 'to')}`,
    })),
  );
  const ours = await ask(`select o.payload ->> 'messageId' as id,
      (o.payload ->> 'template') || ' to ' || (o.payload ->> 'to') as value
    from ledger.outbox o where o.kind in ('mail', 'channel-notice') and o.payload ->> 'to' is not null
      and (o.done_at is not null or o.attempts > 0 or o.available_at < clock_timestamp())
    union all select n.delivery_id, 'digest to ' || p.email
    from ledger.notice_attempt n join ledger.outbox o using (outbox_id) join ledger.person p on p.person_id = n.target
    where o.kind = 'digest' and n.outcome = 'delivered'`);
  return [
    {
      name: 'mail: messages',
      count: theirs.size,
      differences: [...repeated(ids), ...compareMaps(ours, theirs, SIDES)],
    },
  ];
}

interface Line {
  readonly lineNo: number;
  readonly sku: string;
  readonly quantity: number;
}

function linesText(order: unknown): string {
  const { lines } = order as { lines: readonly Line[] };
  return lines.map(({ lineNo, sku, quantity }) => `${lineNo} ${sku} ${quantity}`).join(', ');
}

function quantitiesText(lines: unknown): string {
  return (lines as readonly Line[])
    .toSorted((a, b) => a.lineNo - b.lineNo)
    .map(({ lineNo, quantity }) => `${lineNo} ${quantity}`)
    .join(', ');
}

function sumOf(lines: unknown): string {
  const quantities = (lines as readonly { readonly quantity?: number }[]).map(
    ({ quantity = 1 }) => quantity,
  );
  return String(quantities.reduce((sum, quantity) => sum + quantity, 0));
}
