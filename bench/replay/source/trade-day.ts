import { chargeKind } from './classify.ts';
import type { ClassifiedRow, CodeKind, RowClass } from './classify.ts';
import { lineAmount, toMinor } from './decimal.ts';

/** What every event says of its origin. `ordinal` is that of its first row. */
interface EventOrigin {
  readonly fileStem: string;
  readonly invoiceNo: string;
  readonly ordinal: number;
  readonly customerId: string | null;
  readonly country: string;
}

/** What every line, charge and entry says: one row of the file. `amountMinor` is signed like `quantity`. */
interface EventRow {
  readonly ordinal: number;
  readonly quantity: number;
  readonly unitPrice: string;
  /** Quantity times unit price, in pence, rounded half away from zero. */
  readonly amountMinor: bigint;
  readonly rowClass: RowClass;
}

export interface OrderLine extends EventRow {
  readonly sku: string;
}

export interface OrderCharge extends EventRow {
  readonly kind: OrderChargeKind;
  readonly code: string;
}
export type OrderChargeKind = 'shipping' | 'discount' | 'manual' | 'voucher';

/** A sale: one invoice without `C` and its rows of goods and charges. */
export interface OrderEvent extends EventOrigin {
  readonly type: 'order';
  /** The invoice's earliest time. */
  readonly placedAt: string;
  readonly goods: readonly OrderLine[];
  readonly charges: readonly OrderCharge[];
  /** Sum of the rounded amounts of goods and charges: what there is to pay. */
  readonly totalMinor: bigint;
}

export interface ReturnLine extends EventRow {
  readonly kind: 'goods' | OrderChargeKind;
  /** The SKU of goods, else the code. */
  readonly code: string;
}

/** One `C` invoice; quantities and amounts of its lines are positive. Its lines may go back to several sales. */
export interface ReturnEvent extends EventOrigin {
  readonly type: 'return';
  readonly occurredAt: string;
  readonly lines: readonly ReturnLine[];
}

/** One row that is neither goods nor a charge; the signs are the file's. */
export interface FinanceEntryEvent extends EventOrigin, EventRow {
  readonly type: 'financeEntry';
  readonly occurredAt: string;
  readonly kind: 'fee' | 'bank-charge' | 'donation' | 'sample' | 'bad-debt';
  readonly code: string;
  readonly description: string;
}

/** One row of stock written off (negative quantity) or found (positive quantity). */
export interface StockAdjustmentEvent extends EventOrigin {
  readonly type: 'stockAdjustment';
  readonly occurredAt: string;
  readonly sku: string;
  readonly quantity: number;
  readonly rowClass: 'stockWriteOff' | 'stockFound';
  readonly description: string;
}

export type TradeEvent = OrderEvent | ReturnEvent | FinanceEntryEvent | StockAdjustmentEvent;

/** One calendar day (UTC) and its events by time, then by the file's order. */
export interface TradeDay {
  /** Such as 2010-12-01. */
  readonly date: string;
  readonly events: readonly TradeEvent[];
}

/**
 * Turns classified rows into the events that a connector would post, by calendar day.
 * Every day from the first to the last is there, also those without events. Each row is in exactly one event.
 * Throws SplitInvoiceError when an invoice lies in two files or names two customers.
 */
export function tradeDays(rows: readonly ClassifiedRow[]): TradeDay[] {
  const events: TradeEvent[] = [];
  for (const invoice of groupByInvoice(rows)) events.push(...invoiceEvents(invoice));
  const place = new Map(rows.map((row, index) => [rowKey(row), index]));
  const placeOf = (event: TradeEvent): number => place.get(rowKey(event)) ?? 0;
  events.sort((a, b) => compareText(eventTime(a), eventTime(b)) || placeOf(a) - placeOf(b));

  const byDate = new Map<string, TradeEvent[]>();
  const first = events[0];
  const last = events.at(-1);
  if (first === undefined || last === undefined) return [];
  const lastDate = calendarDate(eventTime(last));
  for (let date = calendarDate(eventTime(first)); date <= lastDate; date = addDays(date, 1))
    byDate.set(date, []);
  for (const event of events) byDate.get(calendarDate(eventTime(event)))?.push(event);
  return [...byDate].map(([date, ofDay]) => ({ date, events: ofDay }));
}

/** When the event took place, RFC 3339 in UTC. */
export function eventTime(event: TradeEvent): string {
  return event.type === 'order' ? event.placedAt : event.occurredAt;
}

/** The calendar day (UTC) of a time, such as 2010-12-01. */
export function calendarDate(time: string): string {
  return time.slice(0, 10);
}

/** The calendar day that lies `days` after `date`, or before it when negative. */
export function addDays(date: string, days: number): string {
  const time = new Date(`${date}T00:00:00.000Z`);
  time.setUTCDate(time.getUTCDate() + days);
  return calendarDate(time.toISOString());
}

/** The rows of one invoice cannot be one document. */
export class SplitInvoiceError extends Error {
  constructor(invoiceNo: string, problem: string) {
    super(`Invoice ${invoiceNo} ${problem}.`);
    this.name = 'SplitInvoiceError';
  }
}

type Invoice = [ClassifiedRow, ...ClassifiedRow[]];

function groupByInvoice(rows: readonly ClassifiedRow[]): Iterable<Invoice> {
  const invoices = new Map<string, Invoice>();
  for (const row of rows) {
    const invoice = invoices.get(row.invoiceNo);
    if (invoice === undefined) {
      invoices.set(row.invoiceNo, [row]);
      continue;
    }
    const [first] = invoice;
    if (first.fileStem !== row.fileStem) {
      throw new SplitInvoiceError(
        row.invoiceNo,
        `is in two files, ${first.fileStem} and ${row.fileStem}`,
      );
    }
    if (first.customerId !== row.customerId) {
      throw new SplitInvoiceError(
        row.invoiceNo,
        `names two customers, rows ${first.ordinal} and ${row.ordinal}`,
      );
    }
    invoice.push(row);
  }
  return invoices.values();
}

/** One invoice can be a sale or a return, and besides hold rows that are entries or adjustments of their own. */
function invoiceEvents(invoice: Invoice): TradeEvent[] {
  const events: TradeEvent[] = [];
  const goods: OrderLine[] = [];
  const charges: OrderCharge[] = [];
  const returned: ReturnLine[] = [];
  const documentRows: ClassifiedRow[] = [];
  for (const row of invoice) {
    const kind = row.rowClass === 'badDebt' ? 'bad-debt' : chargeKind(row.sku);
    if (row.rowClass === 'stockWriteOff' || row.rowClass === 'stockFound') {
      events.push(stockAdjustment(row, row.rowClass));
    } else if (isFinanceKind(kind)) {
      events.push(financeEntry(row, kind));
    } else {
      documentRows.push(row);
      if (row.coverage !== null)
        returned.push({ ...eventRow(row, -1), kind: kind ?? 'goods', code: row.sku });
      else if (kind === null) goods.push({ ...eventRow(row, 1), sku: row.sku });
      else charges.push({ ...eventRow(row, 1), kind, code: row.sku });
    }
  }
  const [first] = documentRows;
  if (first === undefined) return events;
  const startedAt = invoice.map((row) => row.invoiceDate).reduce((a, b) => (a < b ? a : b));
  if (returned.length > 0)
    events.push({ type: 'return', ...origin(first), occurredAt: startedAt, lines: returned });
  if (goods.length + charges.length > 0) {
    const totalMinor = orderTotal(goods, charges);
    events.push({
      type: 'order',
      ...origin(first),
      placedAt: startedAt,
      goods,
      charges,
      totalMinor,
    });
  }
  return events;
}

/** Amounts keep the file's signs, so the orders of a file add up to its rows. */
function orderTotal(goods: readonly OrderLine[], charges: readonly OrderCharge[]): bigint {
  const rows: readonly EventRow[] = [...goods, ...charges];
  return rows.reduce((total, row) => total + row.amountMinor, 0n);
}

type FinanceKind = FinanceEntryEvent['kind'];

const financeKinds: ReadonlySet<string> = new Set<FinanceKind>([
  'fee',
  'bank-charge',
  'donation',
  'sample',
  'bad-debt',
]);

function isFinanceKind(kind: CodeKind | 'bad-debt' | null): kind is FinanceKind {
  return kind !== null && financeKinds.has(kind);
}

function financeEntry(row: ClassifiedRow, kind: FinanceKind): FinanceEntryEvent {
  return {
    type: 'financeEntry',
    ...origin(row),
    ...eventRow(row, 1),
    occurredAt: row.invoiceDate,
    kind,
    code: row.sku,
    description: row.description.trim(),
  };
}

function stockAdjustment(
  row: ClassifiedRow,
  rowClass: StockAdjustmentEvent['rowClass'],
): StockAdjustmentEvent {
  return {
    type: 'stockAdjustment',
    ...origin(row),
    occurredAt: row.invoiceDate,
    sku: row.sku,
    quantity: row.quantity,
    rowClass,
    description: row.description.trim(),
  };
}

function origin(row: ClassifiedRow): EventOrigin {
  const { fileStem, invoiceNo, ordinal, customerId, country } = row;
  return { fileStem, invoiceNo, ordinal, customerId, country };
}

function eventRow(row: ClassifiedRow, sign: 1 | -1): EventRow {
  const quantity = sign * row.quantity;
  const { ordinal, unitPrice, rowClass } = row;
  return {
    ordinal,
    quantity,
    unitPrice,
    amountMinor: toMinor(lineAmount(quantity, unitPrice)),
    rowClass,
  };
}

function rowKey(row: { readonly fileStem: string; readonly ordinal: number }): string {
  return `${row.ordinal} ${row.fileStem}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
