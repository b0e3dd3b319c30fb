import type { z } from 'zod';
import { advanceBody } from '../fields.ts';
import { ApiAway, LooplineApi } from '../loopline-api.ts';
import type { CallResult } from '../loopline-api.ts';
import { PassLoop } from '../pass-loop.ts';
import type { PassResult } from '../pass-loop.ts';
import { jsonResponse, parseWith } from '../problem.ts';
import { runLimited } from '../run-limited.ts';
import { ProviderService } from '../service.ts';
import { noticeShape, returnShape, shipmentShape, warehouseSettings } from './requests.ts';
import type { WarehouseSettings } from './requests.ts';
import {
  dispatchTask,
  inspectionTask,
  receiptTask,
  returnReceiptTask,
  withTrackingNumber,
} from './tasks.ts';
import type { Task, TaskKind } from './tasks.ts';

const MOST_TASKS_A_PASS = 5_000;
/** What was answered and is still listed is asked again after this, in case the answer was lost. */
const PAUSE_AFTER_DONE_MS = 5_000;
const FIRST_PAUSE_AFTER_REFUSAL_MS = 1_000;
const LONGEST_PAUSE_AFTER_REFUSAL_MS = 60_000;
const MOST_PAUSES = 20_000;

type WarehouseFact =
  | { readonly kind: 'clock'; readonly until: string }
  | { readonly kind: TaskKind; readonly id: string; readonly path: string; readonly body: object }
  | {
      readonly kind: 'refused';
      readonly id: string;
      readonly path: string;
      readonly status: number;
      readonly detail: string;
    }
  | { readonly kind: 'unreadable'; readonly list: string; readonly detail: string };

type Counts = Record<TaskKind, number> & { refused: number; left: number };

/** The wall time before which a task is not tried again, and how often it was refused. */
type Pause = { readonly until: number; readonly refusals: number };

/**
 * People with scanners: they dispatch what is released, receive what arrives, and inspect returns,
 * all through the merchant's API. What is to be done is read from the API's lists each time, and
 * ids follow from it, so the warehouse may be killed anywhere; its book only tells what it did.
 */
export class WarehouseSimulator {
  readonly #service: ProviderService<WarehouseSettings, WarehouseFact>;
  readonly #api: LooplineApi;
  readonly #passes: PassLoop;
  readonly #pauses = new Map<string, Pause>();
  readonly #firstSeen = new Map<string, number>();
  #clock: string | null = null;
  #pending = 0;
  #working = false;

  constructor(options: { readonly dataDir: string; readonly settings: WarehouseSettings }) {
    this.#service = new ProviderService<WarehouseSettings, WarehouseFact>({
      name: 'warehouse',
      dataDir: options.dataDir,
      settingsSchema: warehouseSettings,
      settings: options.settings,
      secretFields: ['apiKey'],
      apply: (fact) => {
        this.#clock = fact.kind === 'clock' ? fact.until : this.#clock;
      },
      clear: () => this.#clear(),
    });
    this.#api = new LooplineApi(() => this.#service.settings);
    this.#passes = new PassLoop({
      enabled: () => this.#service.settings.auto,
      intervalMs: () => this.#service.settings.pollMs,
      idleMs: () => this.#service.settings.idlePollMs,
      pass: () => this.#pass(this.#businessTime(), noCounts()),
    });
    this.#addRoutes();
  }

  get app() {
    return this.#service.app;
  }

  start(): void {
    this.#passes.start();
  }

  async stopWork(): Promise<void> {
    this.#api.stop();
    await this.#passes.stop();
  }

  close(): void {
    this.#service.close();
  }

  #addRoutes(): void {
    const { app } = this.#service;
    app.post('/_sim/advance', async (c) => {
      const { until } = parseWith(advanceBody, await this.#service.readJson(c));
      return jsonResponse(200, await this.#advance(until));
    });
    app.get('/_sim/idle', () =>
      jsonResponse(200, { idle: !this.#working && this.#pending === 0, pending: this.#pending }),
    );
  }

  async #advance(until: string): Promise<Counts> {
    const deadlineAt = Date.now() + this.#service.settings.advanceDeadlineMs;
    const counts = noCounts();
    await this.#passes.exclusive(async () => {
      this.#service.record({ kind: 'clock', until });
      await this.#passes.untilSettled(
        () => this.#pass(Date.parse(until), counts, deadlineAt),
        deadlineAt,
      );
    });
    return counts;
  }

  #businessTime(): number {
    if (this.#service.settings.clock === 'wall') {
      return Date.now();
    }
    return this.#clock === null ? Number.NEGATIVE_INFINITY : Date.parse(this.#clock);
  }

  /** One look at every list and one try of everything that is due. */
  async #pass(
    businessTime: number,
    counts: Counts,
    deadlineAt = Number.POSITIVE_INFINITY,
  ): Promise<PassResult> {
    this.#working = true;
    this.#api.tryAgain();
    try {
      const { tasks, away } = await this.#dueTasks(businessTime);
      let finished = 0;
      this.#pending = tasks.length;
      await runLimited(
        tasks,
        this.#service.settings.concurrency,
        () => this.#passes.stopped || this.#api.seemsAway || Date.now() > deadlineAt,
        async (task) => {
          if (await this.#try(task, counts)) {
            finished += 1;
            this.#pending -= 1;
          }
        },
      );
      // A list that could not be read hides work, so it counts as one thing left.
      this.#pending = tasks.length - finished + (away ? 1 : 0);
      counts.left = this.#pending;
      return { progress: finished, left: this.#pending };
    } finally {
      this.#working = false;
    }
  }

  async #dueTasks(businessTime: number): Promise<{ tasks: readonly Task[]; away: boolean }> {
    const now = Date.now();
    try {
      const lists = await Promise.all([
        this.#dispatches(now),
        this.#receipts(businessTime),
        this.#returnReceipts(now),
        this.#inspections(),
      ]);
      const tasks = lists.flat().filter((task) => (this.#pauses.get(task.id)?.until ?? 0) <= now);
      return { tasks, away: false };
    } catch (error) {
      if (error instanceof ApiAway) {
        return { tasks: [], away: true };
      }
      throw error;
    }
  }

  async #dispatches(now: number): Promise<readonly Task[]> {
    const { settings } = this.#service;
    const shipments = await this.#read('/v1/shipments?state=released', shipmentShape);
    return shipments
      .filter(({ recordedAt }) => Date.parse(recordedAt) + settings.handlingMs <= now)
      .toSorted((a, b) => Date.parse(a.releasedAt) - Date.parse(b.releasedAt))
      .flatMap((shipment) => dispatchTask(shipment, settings) ?? []);
  }

  async #receipts(businessTime: number): Promise<readonly Task[]> {
    const notices = await this.#read('/v1/shipping-notices?state=open', noticeShape);
    return notices
      .filter(({ expectedAt }) => Date.parse(expectedAt) <= businessTime)
      .toSorted((a, b) => Date.parse(a.expectedAt) - Date.parse(b.expectedAt))
      .flatMap((notice) => receiptTask(notice) ?? []);
  }

  async #returnReceipts(now: number): Promise<readonly Task[]> {
    const { settings } = this.#service;
    const returns = await this.#read('/v1/returns?state=awaiting-receipt', returnShape);
    const tasks = returns.flatMap((goodsReturn) => returnReceiptTask(goodsReturn, settings) ?? []);
    return tasks.filter((task) => this.#seenFor(task.id, now) >= settings.handlingMs);
  }

  async #inspections(): Promise<readonly Task[]> {
    const { settings } = this.#service;
    const returns = await this.#read('/v1/returns?state=awaiting-inspection', returnShape);
    return returns.flatMap((goodsReturn) => inspectionTask(goodsReturn, settings) ?? []);
  }

  /** How long ago a return was first listed: a parcel takes its time, like a shipment. */
  #seenFor(id: string, now: number): number {
    const firstSeen = this.#firstSeen.get(id) ?? now;
    this.#firstSeen.set(id, firstSeen);
    return now - firstSeen;
  }

  /** A list without what does not have the agreed shape; that is booked and left alone. */
  async #read<Shape>(path: string, shape: z.ZodType<Shape>): Promise<readonly Shape[]> {
    const elements = await this.#api.list(path, MOST_TASKS_A_PASS);
    const readable: Shape[] = [];
    for (const element of elements) {
      const parsed = shape.safeParse(element);
      if (parsed.success) {
        readable.push(parsed.data);
      } else if (!this.#pauses.has(`unreadable ${path}`)) {
        this.#pauses.set(`unreadable ${path}`, { until: 0, refusals: 0 });
        const detail = `${parsed.error.message}: ${JSON.stringify(element).slice(0, 300)}`;
        this.#service.record({ kind: 'unreadable', list: path, detail });
      }
    }
    return readable;
  }

  /** True when the task is over for now: done, or refused and booked. */
  async #try(task: Task, counts: Counts): Promise<boolean> {
    const body = task.needsLabel ? await this.#withLabel(task) : task.body;
    if (body === undefined) {
      return false;
    }
    const result = await this.#api.post(task.path, body, task.id);
    if (result.kind === 'away') {
      return false;
    }
    if (result.kind === 'done') {
      const { kind, id, path } = task;
      this.#service.record({ kind, id, path, body });
      this.#firstSeen.delete(id);
      this.#pause(id, PAUSE_AFTER_DONE_MS, 0);
      counts[kind] += 1;
      return true;
    }
    this.#refused(task, result);
    counts.refused += 1;
    return true;
  }

  async #withLabel(task: Task): Promise<object | undefined> {
    const { carrierUrl } = this.#service.settings;
    const label = await this.#api.call(`${carrierUrl}/v1/labels`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': task.id },
      body: JSON.stringify({
        reference: task.id,
        from: { country: 'GB' },
        to: { country: 'GB' },
        parcels: [{}],
        direction: 'outbound',
      }),
    });
    return withTrackingNumber(task, label);
  }

  #refused(task: Task, result: Exclude<CallResult, { kind: 'done' }>): void {
    const refusals = (this.#pauses.get(task.id)?.refusals ?? 0) + 1;
    const pauseMs = FIRST_PAUSE_AFTER_REFUSAL_MS * 2 ** (refusals - 1);
    this.#pause(task.id, Math.min(pauseMs, LONGEST_PAUSE_AFTER_REFUSAL_MS), refusals);
    if (refusals === 1) {
      const { id, path } = task;
      const { status, detail } = result;
      this.#service.record({ kind: 'refused', id, path, status, detail });
    }
  }

  #pause(id: string, ms: number, refusals: number): void {
    const now = Date.now();
    if (this.#pauses.size > MOST_PAUSES) {
      for (const [other, pause] of this.#pauses) {
        if (pause.until < now) {
          this.#pauses.delete(other);
        }
      }
    }
    this.#pauses.set(id, { until: now + ms, refusals });
  }

  #clear(): void {
    this.#pauses.clear();
    this.#firstSeen.clear();
    this.#clock = null;
    this.#pending = 0;
  }
}

function noCounts(): Counts {
  return { dispatched: 0, received: 0, returnsReceived: 0, inspected: 0, refused: 0, left: 0 };
}
