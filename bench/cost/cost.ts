import {
  callersAtOnce,
  summarize,
  type Bench,
  type BenchOptions,
  type Figure,
  type Findings,
} from '../measure.ts';
import { livesOf, type Lives } from '../trade/lives.ts';
import { openMerchant, type Merchant } from '../trade/merchant.ts';
import { costOf, type Cost } from './meter.ts';

const MANY_CALLERS = 32;
/** Asked again and again whether there is work or not, and what follows when there was; many at once share them. */
const POLLS: ReadonlyMap<string, string> = new Map([
  ['claim_outbox', 'finish_outbox'],
  ['claim_processes', 'mark_started'],
  ['claim_webhooks', 'record_delivery'],
]);
const PLACEMENT = new Set(['read_order_snapshot', 'accept_orders']);

type Fact = keyof Lives;

const TARGETS: Readonly<Record<Fact, Readonly<Record<string, string>>>> = {
  order: { statements: '≤ 8', actions: '≤ 9', events: '≤ 40' },
  return: { statements: '≤ 12' },
  purchaseOrder: {},
};

const NAMES: Readonly<Record<Fact, string>> = {
  order: 'order',
  return: 'return',
  purchaseOrder: 'purchase order',
};

/** What one business fact costs from its first request to its end. */
export const cost: Bench = {
  name: 'cost',
  summary: 'statements, WAL, actions, events and history of an order, a return, a purchase order',
  run,
};

async function run({ dataDir, quick, rounds, log }: BenchOptions): Promise<Findings> {
  const merchant = await openMerchant({ dataDir, log });
  try {
    const meter = meterOf(merchant);
    await meter({ name: 'warm-up', callers: MANY_CALLERS, count: MANY_CALLERS });
    await merchant.settle();
    const modes = [
      { title: 'one at a time', callers: 1, count: quick ? 10 : 50 },
      { title: `${MANY_CALLERS} at once`, callers: MANY_CALLERS, count: quick ? 64 : 320 },
    ];
    const figures: Figure[] = [];
    const notes: string[] = [];
    for (const { title, callers, count } of modes) {
      const found: Record<Fact, Cost>[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        found.push(await meter({ name: `${callers}-${round}`, callers, count }));
        log(`${title}, round ${round} of ${rounds} done`);
      }
      figures.push(...figuresOf(title, found, callers > 1));
      notes.push(...notesOf(title, found));
    }
    const check = await merchant.call('GET', '/v1/ledger/check');
    if (check['ok'] !== true) throw new Error(`the ledger's check found ${JSON.stringify(check)}`);
    return { figures, notes: [...notes, ...READING, ...besidePeers(figures)] };
  } finally {
    await merchant.close();
  }
}

const READING = [
  'One at a time, polls of the dispatcher (claim_outbox, claim_processes, claim_webhooks) that found nothing are not counted; at once, everything is.',
  'WAL: what these statements wrote, without the records of their commits.',
];

interface Measurement {
  /** Names what is placed. */
  readonly name: string;
  readonly callers: number;
  readonly count: number;
}

/** Answers the costs of so many orders, of their returns, and of as many purchase orders. */
function meterOf(merchant: Merchant) {
  const lives = livesOf(merchant);
  return async ({ name, callers, count }: Measurement): Promise<Record<Fact, Cost>> => {
    const each = async (live: (number: number) => Promise<string>): Promise<string[]> => {
      const ids: string[] = [];
      await callersAtOnce(callers, count, async (number) => {
        ids[number] = await live(number);
      });
      return ids;
    };
    let orders: string[] = [];
    const order = await costOf(merchant, async () => {
      orders = await each((number) => lives.order(`o-${name}-${number}`, number));
      return orders;
    });
    const back = await costOf(merchant, () =>
      each((number) => lives.return(orders[number] ?? '', number)),
    );
    const purchaseOrder = await costOf(merchant, () =>
      each((number) => lives.purchaseOrder(`p-${name}-${number}`, number)),
    );
    return { order, return: back, purchaseOrder };
  };
}

function figuresOf(title: string, found: readonly Record<Fact, Cost>[], polls: boolean): Figure[] {
  const placement: Figure = {
    measure: `order, ${title}: placement`,
    unit: 'statements',
    rounds: found.map(({ order }) =>
      sum(order, (name, calls) => (PLACEMENT.has(name) ? calls : 0)),
    ),
    target: '≤ 2, amortized',
  };
  const lives = (Object.keys(NAMES) as Fact[]).flatMap((fact): Figure[] => {
    const figure = (unit: string, valueOf: (costs: Cost) => number): Figure => {
      const target = TARGETS[fact][unit];
      return {
        measure: `${NAMES[fact]}, ${title}: whole life`,
        unit,
        rounds: found.map((round) => valueOf(round[fact])),
        ...(target === undefined ? {} : { target }),
      };
    };
    return [
      figure('statements', (costs) =>
        sum(costs, (name, calls) => (polls ? calls : withWork(costs, name, calls))),
      ),
      figure('WAL kB', ({ walBytes }) => walBytes / 1000),
      figure('actions', ({ actions }) => actions),
      figure('events', ({ events }) => events),
      figure('history kB', ({ historyBytes }) => historyBytes / 1000),
    ];
  });
  return [placement, ...lives];
}

/** Beside what users have today. Source: measured in November 2026 on the reference machine. */
function besidePeers(figures: readonly Figure[]): string[] {
  const ours = figures
    .filter(({ measure }) => measure.endsWith(': placement'))
    .map(({ measure, rounds }) => {
      const mode = /, (.*):/.exec(measure)?.[1] ?? '';
      return `Loopline ${summarize(rounds).median.toFixed(1)} (${mode})`;
    });
  return [`SQL statements per order placed: ${ours.join(', ')}, Vendure 3 300, Medusa 2 403.`];
}

function sum({ statements }: Cost, counted: (name: string, calls: number) => number): number {
  return [...statements].reduce((all, [name, calls]) => all + counted(name, calls), 0);
}

/** Of these calls those that found work, where they are polls. */
function withWork({ statements }: Cost, name: string, calls: number): number {
  const then = POLLS.get(name);
  return then === undefined ? calls : Math.min(calls, statements.get(then) ?? 0);
}

/** Which functions the last round's statements called. */
function notesOf(title: string, found: readonly Record<Fact, Cost>[]): string[] {
  const last = found.at(-1);
  if (last === undefined) return [];
  return (Object.keys(NAMES) as Fact[]).map((fact) => {
    const calls = [...last[fact].statements].map(([name, each]) => `${name} ${each.toFixed(2)}`);
    return `${NAMES[fact]}, ${title}: ${calls.join(', ')}.`;
  });
}
