import type { Backlog } from './backlog.ts';

const REDRAW_MS = 100;
const BAR_WIDTH = 20;

/** Shows how far the replay is. */
export interface Progress {
  beginDay(date: string): void;
  endDay(): void;
  orderPosted(): void;
  waiting(backlog: Backlog): void;
  finish(): void;
}

/** What can be shown at one moment. */
export interface ProgressState {
  readonly date: string;
  readonly day: number;
  readonly days: number;
  readonly orders: number;
  readonly allOrders: number;
  readonly seconds: number;
  readonly backlog: Pick<Backlog, 'ordersOpen' | 'ordersWaitingForStock'> | null;
}

/** One line: bar, day, orders, orders per second, what waits. */
export function progressLine(state: ProgressState): string {
  const { date, day, days, orders, allOrders, seconds, backlog } = state;
  const share = allOrders === 0 ? Math.min(1, day / Math.max(1, days)) : orders / allOrders;
  const filled = Math.round(BAR_WIDTH * Math.min(1, share));
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
  const dayText = day > days ? `${day - days} days after the last` : `day ${day} of ${days}`;
  const rate = seconds === 0 ? '0.0' : (orders / seconds).toFixed(1);
  const open =
    backlog === null
      ? ''
      : `, ${backlog.ordersOpen} open, ${backlog.ordersWaitingForStock} wait for stock`;
  return `${bar} ${date} (${dayText}), ${orders} of ${allOrders} orders, ${rate}/s${open}`;
}

/** A line that is rewritten on a terminal; elsewhere a line per day. */
export function showProgress(
  output: NodeJS.WriteStream,
  totals: { readonly days: number; readonly orders: number },
): Progress {
  const startedAt = performance.now();
  let date = '';
  let day = 0;
  let orders = 0;
  let backlog: Backlog | null = null;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const line = () =>
    progressLine({
      date,
      day,
      days: totals.days,
      orders,
      allOrders: totals.orders,
      seconds: (performance.now() - startedAt) / 1_000,
      backlog,
    });
  const draw = () => {
    const now = performance.now();
    if (!output.isTTY || now - drawnAt < REDRAW_MS) return;
    drawnAt = now;
    output.write(`\r${line().slice(0, Math.max(1, output.columns - 1))}\u001B[K`);
  };
  return {
    beginDay: (begun) => {
      date = begun;
      day += 1;
      draw();
    },
    endDay: () => {
      if (!output.isTTY) output.write(`${line()}\n`);
    },
    orderPosted: () => {
      orders += 1;
      draw();
    },
    waiting: (seen) => {
      backlog = seen;
      draw();
    },
    finish: () => {
      if (output.isTTY) output.write('\r\u001B[K');
    },
  };
}
