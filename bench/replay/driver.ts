import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiAnswer, HttpService } from './api-client.ts';
import { isOver, waitUntilQuiet, type Backlog } from './backlog.ts';
import { startPeople, type People } from './people.ts';
import { postEvents } from './post-day.ts';
import type { Progress } from './progress.ts';
import { nodeNames, orderOpeningStock, placeOf, putMasterData } from './shop.ts';
import { applySettings } from './simulator-settings.ts';
import type { ClassifiedRow } from './source/classify.ts';
import { addDays, type TradeDay, type TradeEvent } from './source/trade-day.ts';
import type { Target } from './target.ts';

/** Source: no simulated supplier takes longer than 6 + 1 + 10 + 6 days, and cycles may order anew for what stays short. */
const MOST_DAYS_AFTER = 120;
const ADVANCE_DEADLINE_MS = 120_000;
const MOST_ADVANCES = 200;

export interface DriverOptions {
  readonly target: Target;
  readonly rows: readonly ClassifiedRow[];
  readonly days: readonly TradeDay[];
  readonly seed: number;
  readonly concurrency: number;
  readonly nodes: number;
  readonly progress: Progress;
}

/** What the driver waits for, in the order of a day. */
type Phase = 'posting' | 'settling' | 'due dates' | 'replenishment' | 'deliveries';

/** How long the replay took, and how long each order was under way in this run, milliseconds. */
export interface DriveResult {
  readonly wallSeconds: number;
  readonly orderMs: readonly number[];
  /** Where the time went. */
  readonly phaseSeconds: ReadonlyMap<string, number>;
}

/**
 * Carries the whole trade through the API, day by day on a business clock. Every call has a natural
 * key, so after a crash the same way is gone again and what was done before answers its first result.
 */
export async function drive(options: DriverOptions): Promise<DriveResult> {
  const startedAt = performance.now();
  const restore = await applySettings(options.target, options.seed);
  const people = startPeople(options.target);
  const driver = new Driver(options, people);
  try {
    await driver.run();
  } finally {
    await people.stop();
  }
  const wallSeconds = (performance.now() - startedAt) / 1_000;
  await restore();
  return { wallSeconds, orderMs: driver.orderMs, phaseSeconds: driver.phaseSeconds };
}

class Driver {
  readonly #options: DriverOptions;
  readonly #people: People;
  readonly #nodes: readonly string[];
  readonly orderMs: number[] = [];
  readonly phaseSeconds = new Map<Phase, number>();

  constructor(options: DriverOptions, people: People) {
    this.#options = options;
    this.#people = people;
    this.#nodes = nodeNames(options.nodes);
  }

  async run(): Promise<void> {
    const { target, rows, days, progress } = this.#options;
    await putMasterData(target.api, rows, this.#nodes);
    const openedBy = await orderOpeningStock(target.api, rows, this.#nodes);
    if (openedBy !== null) {
      await this.#quiet();
      await this.#advance(openedBy);
    }
    let last = '';
    for (const day of days) {
      progress.beginDay(day.date);
      await this.#timed('posting', () => this.#postDay(day));
      await this.#endDay(day.date, true);
      progress.endDay();
      last = day.date;
    }
    if (last !== '') await this.#finish(last);
    progress.finish();
  }

  async #postDay({ events }: TradeDay): Promise<void> {
    const { target, concurrency } = this.#options;
    await postEvents(events, {
      api: target.api,
      concurrency,
      nodeOf: (sku) => this.#nodes[placeOf(sku, this.#nodes.length)] ?? '',
      onAnswer: (event, answer) => this.#answered(event, answer),
    });
  }

  #answered(event: TradeEvent, answer: ApiAnswer): void {
    this.#people.assertWell();
    if (event.type !== 'order') return;
    // What was accepted by an earlier run says nothing of how long it takes.
    if (!answer.replayed) this.orderMs.push(answer.milliseconds);
    this.#options.progress.orderPosted();
  }

  /** Midnight: what is due is reached, each warehouse orders, and by morning suppliers have delivered. */
  async #endDay(date: string, cycles: boolean): Promise<Backlog> {
    const nextDate = addDays(date, 1);
    await this.#timed('settling', () => this.#quiet());
    await this.#timed('due dates', () => this.#runDues(`${date}T23:59:59.999Z`));
    if (cycles) await this.#timed('replenishment', () => this.#replenish(nextDate));
    return this.#timed('deliveries', () => this.#advance(`${nextDate}T06:00:00.000Z`));
  }

  async #replenish(date: string): Promise<void> {
    const { api } = this.#options.target;
    const businessTime = `${date}T00:00:00.000Z`;
    const options = { deadlineMs: ADVANCE_DEADLINE_MS };
    for (const node of this.#nodes) {
      await api.call('POST', '/v1/replenishment/cycles', { node, date, businessTime }, options);
    }
    await this.#quiet();
  }

  async #runDues(until: string): Promise<void> {
    for (let more = true; more;) {
      const { body } = await this.#options.target.api.call('POST', '/v1/dues/run', { until });
      more = (body as { more: boolean }).more;
    }
    await this.#quiet();
  }

  /** Suppliers deliver until no order waits; warehouses order while one does. */
  async #finish(lastDate: string): Promise<void> {
    let date = lastDate;
    let backlog = await this.#quiet();
    for (let day = 1; !isOver(backlog); day += 1) {
      if (day > MOST_DAYS_AFTER) {
        throw new Error(
          `${MOST_DAYS_AFTER} days after the last day of trade the replay is not over: ${JSON.stringify(backlog)}`,
        );
      }
      date = addDays(date, 1);
      this.#options.progress.beginDay(date);
      backlog = await this.#endDay(date, backlog.ordersWaitingForStock > 0);
      this.#options.progress.endDay();
    }
  }

  /** Suppliers ship what is due by then, and the warehouses receive what has arrived. */
  async #advance(until: string): Promise<Backlog> {
    const { supplier, warehouse } = this.#options.target;
    await this.#advanceOne(supplier, until, 'suppliers have deliveries to post');
    await this.#advanceOne(warehouse, until, 'the warehouse has work left');
    return this.#quiet();
  }

  async #advanceOne(simulator: HttpService, until: string, stuck: string): Promise<void> {
    for (let round = 1; ; round += 1) {
      this.#people.assertWell();
      const options = { deadlineMs: ADVANCE_DEADLINE_MS };
      const { body } = await simulator.call('POST', '/_sim/advance', { until }, options);
      if ((body as { left: number }).left === 0) return;
      if (round === MOST_ADVANCES) {
        throw new Error(
          `The business clock cannot get to ${until}: ${stuck}: ${JSON.stringify(body)}`,
        );
      }
      await sleep(Math.min(50 * round, 500));
    }
  }

  async #timed<Result>(phase: Phase, work: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    const result = await work();
    const seconds = (performance.now() - startedAt) / 1_000;
    this.phaseSeconds.set(phase, (this.phaseSeconds.get(phase) ?? 0) + seconds);
    return result;
  }

  async #quiet(): Promise<Backlog> {
    const { target, progress } = this.#options;
    return waitUntilQuiet({
      api: target.api,
      people: this.#people,
      onLook: (backlog) => progress.waiting(backlog),
    });
  }
}
