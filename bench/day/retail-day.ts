import { join } from 'node:path';
import { PROJECT_FOLDER } from '../../worker/stack/paths.ts';
import { requestOf } from '../replay/requests.ts';
import { classifyRows } from '../replay/source/classify.ts';
import { readSourceFiles } from '../replay/source/read-file.ts';
import { tradeDays, type OrderEvent } from '../replay/source/trade-day.ts';

const MONTH = join(PROJECT_FOLDER, '../shared/data/online_retail/online_retail_2010-12.csv.gz');
/** Above this, in major units, a return may need a person. */
const DEAREST_RETURNED = 50;

/** The orders of a real month, and which share of them came in which hour of the day. */
export interface RetailMonth {
  readonly orders: readonly OrderEvent[];
  readonly hours: readonly { readonly hour: number; readonly share: number }[];
}

/** Reads December 2010 of Online Retail, whose files lie in `../shared/data` beside the checkout. */
export async function readRetailMonth(): Promise<RetailMonth> {
  const events = tradeDays(classifyRows(await readSourceFiles([MONTH]))).flatMap(
    (day) => day.events,
  );
  const orders = events
    .filter((event) => event.type === 'order')
    .filter(({ goods, totalMinor }) => goods.length > 0 && totalMinor > 0n);
  const byHour = new Map<number, number>();
  for (const { placedAt } of orders) {
    const hour = new Date(placedAt).getUTCHours();
    byHour.set(hour, (byHour.get(hour) ?? 0) + 1);
  }
  const hours = [...byHour]
    .toSorted(([a], [b]) => a - b)
    .map(([hour, count]) => ({ hour, share: count / orders.length }));
  return { orders, hours };
}

/** The units that a month's orders ask for at most, by SKU. */
export function unitsBySku({ orders }: RetailMonth): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  for (const { sku, quantity } of orders.flatMap(({ goods }) => goods))
    units.set(sku, (units.get(sku) ?? 0) + quantity);
  return units;
}

/** When an order is to be sent, in milliseconds after the beginning, and the hour of the day that it stands for. */
export interface Slot {
  readonly atMs: number;
  readonly hour: number;
}

/** Every hour of trade takes as long, and has its share of the orders, evenly; whatever becomes of those before. */
export function scheduleOf(month: RetailMonth, count: number, durationMs: number): Slot[] {
  const perHour = durationMs / month.hours.length;
  let ended = 0;
  let reached = 0;
  return month.hours.flatMap(({ hour, share }, position) => {
    reached += share;
    const first = ended;
    ended = position === month.hours.length - 1 ? count : Math.round(reached * count);
    return Array.from({ length: ended - first }, (_, index) => ({
      atMs: (position + index / (ended - first)) * perHour,
      hour,
    }));
  });
}

/** The external id of the `index`-th order of a part of the bench. */
export function externalIdOf(part: string, index: number): string {
  return `${part}-${String(index).padStart(5, '0')}`;
}

/** The order as a shop's connector posts it now; the month's orders come in turn. */
export function orderBody(month: RetailMonth, part: string, index: number): object {
  const { body } = requestOf(eventOf(month, index), () => '');
  return { ...body, externalId: externalIdOf(part, index), placedAt: new Date().toISOString() };
}

/** One unit of the order's first line that costs little enough to come back without a person. */
export function returnedLine(
  month: RetailMonth,
  index: number,
): { readonly lineNo: number; readonly sku: string } | undefined {
  const { goods } = eventOf(month, index);
  const position = goods.findIndex(
    ({ unitPrice }) => Number(unitPrice) > 0 && Number(unitPrice) <= DEAREST_RETURNED,
  );
  const line = goods[position];
  return line === undefined ? undefined : { lineNo: position + 1, sku: line.sku };
}

function eventOf({ orders }: RetailMonth, index: number): OrderEvent {
  const event = orders[index % orders.length];
  if (event === undefined) throw new Error('the month has no orders');
  return event;
}
