import { createStopList } from '../../worker/stack/stop-list.ts';
import {
  percentile,
  type Bench,
  type BenchOptions,
  type Figure,
  type Findings,
} from '../measure.ts';
import { assertExact } from './exact.ts';
import { openHouse, type House } from './house.ts';
import { watchMemory } from './memory.ts';
import { runPart, type PartPlan, type PartResult } from './part.ts';
import { readRetailMonth, type RetailMonth } from './retail-day.ts';
import { startSender } from './sender.ts';

const ORDERS = 8_000;
const ORDERS_QUICK = 300;
/** Ten times the rate is a tenth of the time. */
const DAY_MS = 280_000;
const DAY_MS_QUICK = 20_000;
const FASTER = 10;
const WARM_UP: PartPlan = { name: 'warm', count: 40, durationMs: 4_000 };

/** A merchant's day with its peak hours, then the same orders at ten times the rate. */
export const day: Bench = {
  name: 'day',
  summary: '8,000 real orders in a day compressed to minutes, then at ten times the rate',
  run,
};

async function run(options: BenchOptions): Promise<Findings> {
  const { quick, log } = options;
  const month = await readRetailMonth();
  const count = quick ? ORDERS_QUICK : ORDERS;
  const durationMs = quick ? DAY_MS_QUICK : DAY_MS;
  const parts = createStopList(log);
  const sender = startSender();
  parts.add({ name: 'sender', quiet: true, stop: () => sender.stop() });
  try {
    const house = await openHouse(options, month, parts);
    await runPart(house, month, sender, WARM_UP, log);
    const memory = watchMemory(house.programs);
    const normal = await runPart(house, month, sender, { name: 'day', count, durationMs }, log);
    const faster = durationMs / FASTER;
    const plan = { name: 'promotion', count, durationMs: faster };
    const promotion = await runPart(house, month, sender, plan, log);
    await memory.stop();
    await assertExact(house, WARM_UP.count + 2 * count);
    return {
      figures: [
        ...dayFigures(normal),
        ...promotionFigures(promotion),
        ...[...memory.peaks].map(([name, peak]) => one(`memory at its peak, ${name}`, 'MB', peak)),
      ],
      notes: await notesOf(house, month, normal, promotion),
    };
  } finally {
    await parts.stop();
  }
}

/** What is measured once: a day is long, and its hours stand beside each other instead of rounds. */
function one(measure: string, unit: string, value: number, target?: string): Figure {
  return { measure, unit, rounds: [value], ...(target === undefined ? {} : { target }) };
}

/** How long each order's answer took, counted from the instant it was to be sent. */
function latenciesOf({ sent }: PartResult): number[] {
  return sent.scheduledAt.map((at, index) => (sent.answeredAt[index] ?? Number.NaN) - at);
}

function byHour(result: PartResult): ReadonlyMap<number, readonly number[]> {
  const hours = new Map<number, number[]>();
  for (const [index, taken] of latenciesOf(result).entries()) {
    const hour = result.sent.hours[index] ?? 0;
    hours.set(hour, [...(hours.get(hour) ?? []), taken]);
  }
  return hours;
}

function dayFigures(result: PartResult): Figure[] {
  const hours = [...byHour(result).values()];
  const beganAt = Math.min(...result.sent.scheduledAt);
  const endedAt = Math.max(result.ordersEndedAt, result.returnsEndedAt);
  return [
    one('day, whole, returns refunded', 's', (endedAt - beganAt) / 1_000, '< 360'),
    {
      measure: 'day, accepted, p50 of each hour',
      unit: 'ms',
      rounds: hours.map((taken) => percentile(taken, 0.5)),
    },
    {
      measure: 'day, accepted, p99 of each hour',
      unit: 'ms',
      rounds: hours.map((taken) => percentile(taken, 0.99)),
    },
    {
      measure: 'day, accepted, the longest of each hour',
      unit: 'ms',
      rounds: hours.map((taken) => Math.max(...taken)),
    },
    one('day, orders accepted and not ended, at most', '', result.deepestLag),
  ];
}

function promotionFigures(result: PartResult): Figure[] {
  const taken = latenciesOf(result);
  const { scheduledAt, answeredAt, servedMs, refusedMs } = result.sent;
  const beganAt = Math.min(...scheduledAt);
  const acceptedAt = Math.max(...answeredAt);
  const rate = (until: number) => (scheduledAt.length * 1_000) / (until - beganAt);
  return [
    one('promotion, orders sent', '/s', rate(Math.max(...scheduledAt))),
    one('promotion, orders accepted', '/s', rate(acceptedAt)),
    one('promotion, accepted, p50', 'ms', percentile(taken, 0.5)),
    one('promotion, accepted, p99', 'ms', percentile(taken, 0.99), '< 250 while the engine lags'),
    one('promotion, with the server, p50', 'ms', percentile(servedMs, 0.5)),
    one('promotion, with the server, p99', 'ms', percentile(servedMs, 0.99)),
    one('promotion, asked to come again', '', refusedMs.length),
    ...(refusedMs.length === 0
      ? []
      : [one('promotion, asked to come again, p99', 'ms', percentile(refusedMs, 0.99))]),
    one('promotion, orders accepted and not ended, at most', '', result.deepestLag),
    one('promotion, until the lag has drained', 's', (result.ordersEndedAt - acceptedAt) / 1_000),
  ];
}

async function notesOf(
  { owner }: House,
  month: RetailMonth,
  normal: PartResult,
  promotion: PartResult,
): Promise<string[]> {
  const lines = month.orders.reduce((sum, { goods }) => sum + goods.length, 0);
  const [returned] = await owner<{ count: number }[]>`
    select count(*)::int as count from ledger.returns`;
  const hours = [...byHour(normal)].map(
    ([hour, taken]) =>
      `${hour}:00 ${taken.length} orders, p50 ${percentile(taken, 0.5).toFixed(0)}, longest ${Math.max(...taken).toFixed(0)} ms`,
  );
  return [
    `Orders of a real December in turn, ${(lines / month.orders.length).toFixed(1)} lines of goods each on average; ${returned?.count ?? 0} returns over all parts, refunded. One round: what varies is shown by hour.`,
    'Latencies count from the instant an order was to be sent, whether or not the ones before were answered. Gateway, carrier and warehouse answer after 2 ms.',
    `The day by its hours: ${hours.join('; ')}.`,
    `The promotion's lag began to drain when all ${promotion.sent.scheduledAt.length} were accepted.`,
  ];
}
