import type { z } from 'zod';
import { stableId } from '../faults.ts';
import { advanceBody } from '../fields.ts';
import { LooplineApi } from '../loopline-api.ts';
import type { CallResult } from '../loopline-api.ts';
import { PassLoop } from '../pass-loop.ts';
import type { PassResult } from '../pass-loop.ts';
import { jsonResponse, parseWith, Problem } from '../problem.ts';
import { runLimited } from '../run-limited.ts';
import { ProviderService } from '../service.ts';
import type { Outcome } from '../service.ts';
import { Deliveries } from './deliveries.ts';
import type { OpenDelivery, SupplierFact } from './deliveries.ts';
import { planDeliveries, promisedAt } from './delivery-plan.ts';
import { orderBody, supplierSettings } from './requests.ts';
import type { SupplierSettings } from './requests.ts';

/** After that many 404 or 409 answers the supplier stops asking; the book says so. */
const CONFLICTS_BEFORE_GIVING_UP = 20;
/** And not before this time has passed since the first of them. */
const SHORTEST_PATIENCE_MS = 60_000;
const LONGEST_WAIT_AFTER_CONFLICT_MS = 30_000;

type Counts = { shipped: number; invoiced: number; refused: number; left: number };

/**
 * One service that plays every supplier: acknowledges orders, plans their deliveries once, and
 * ships and invoices what is due through the merchant's API.
 * A killed supplier goes on where its book ends; what it may have posted before is posted again
 * with the same noticeId or invoiceNumber and the same content.
 */
export class SupplierSimulator {
  readonly #deliveries = new Deliveries();
  readonly #service: ProviderService<SupplierSettings, SupplierFact>;
  readonly #api: LooplineApi;
  readonly #passes: PassLoop;

  constructor(options: { readonly dataDir: string; readonly settings: SupplierSettings }) {
    this.#service = new ProviderService<SupplierSettings, SupplierFact>({
      name: 'supplier',
      dataDir: options.dataDir,
      settingsSchema: supplierSettings,
      settings: options.settings,
      secretFields: ['apiKey'],
      apply: (fact) => this.#deliveries.apply(fact),
      clear: () => this.#deliveries.clear(),
    });
    this.#api = new LooplineApi(() => this.#service.settings);
    this.#passes = new PassLoop({
      enabled: () => this.#service.settings.auto,
      intervalMs: () => this.#service.settings.intervalMs,
      pass: () => {
        const now = Date.now();
        return this.#pass(now, now, noCounts());
      },
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
    app.post('/v1/orders', async (c) => {
      const rawBody = await this.#service.readJson(c);
      const body = parseWith(orderBody, rawBody);
      return this.#service.mutate(c, {
        rawBody,
        naturalKey: body.purchaseOrderId,
        perform: () => this.#accept(body),
      });
    });
    app.get('/v1/orders/:id', async (c) => {
      await this.#service.latency();
      const state = this.#deliveries.order(c.req.param('id'));
      if (!state) {
        throw new Problem(404, 'no such order');
      }
      return jsonResponse(200, {
        ...state.order,
        deliveries: state.deliveries.map(deliveryView),
      });
    });
    app.post('/_sim/advance', async (c) => {
      const { until } = parseWith(advanceBody, await this.#service.readJson(c));
      return jsonResponse(200, await this.#advance(Date.parse(until)));
    });
  }

  #accept(body: z.infer<typeof orderBody>): Outcome<SupplierFact> {
    const { settings } = this.#service;
    const order = { ...body, deliverExactlyAt: body.deliverExactlyAt ?? null };
    const expectedAt = promisedAt(order, settings.leadTimeScale);
    return {
      status: 200,
      body: {
        acknowledgementId: stableId('ack_', body.purchaseOrderId),
        state: 'accepted',
        lines: body.lines.map(({ lineNo, quantity }) => ({ lineNo, quantity, expectedAt })),
      },
      fact: { kind: 'order', order, deliveries: planDeliveries(order, settings) },
    };
  }

  async #advance(until: number): Promise<object> {
    const deadlineAt = Date.now() + this.#service.settings.advanceDeadlineMs;
    const counts = noCounts();
    await this.#passes.exclusive(() =>
      this.#passes.untilSettled(() => this.#pass(until, null, counts, deadlineAt), deadlineAt),
    );
    counts.left = this.#deliveries.dueByOrder(until, null).flat().length;
    return { ...counts, ...this.#deliveries.outlook() };
  }

  /** Ships and invoices what is due. `now` limits it to what need not wait after a conflict. */
  async #pass(
    until: number,
    now: number | null,
    counts: Counts,
    deadlineAt = Number.POSITIVE_INFINITY,
  ): Promise<PassResult> {
    this.#api.tryAgain();
    const orders = this.#deliveries.dueByOrder(until, now);
    const before = counts.shipped + counts.invoiced + counts.refused;
    await runLimited(
      orders,
      this.#service.settings.concurrency,
      () => this.#passes.stopped || this.#api.seemsAway || Date.now() > deadlineAt,
      async (sameOrder) => {
        for (const open of sameOrder) {
          if (!(await this.#deliver(open, counts))) {
            // A later delivery of the same order never overtakes an earlier one.
            return;
          }
        }
      },
    );
    return {
      progress: counts.shipped + counts.invoiced + counts.refused - before,
      left: this.#deliveries.dueByOrder(until, now).length,
    };
  }

  /** True when nothing of this delivery is left to do. */
  async #deliver(open: OpenDelivery, counts: Counts): Promise<boolean> {
    const { noticeId } = open.delivery;
    if (!open.noticePosted) {
      const result = await this.#post(open, 'shipping-notices', noticeBody(open));
      if (result.kind !== 'done') {
        return this.#refused(open, 'notice', result, counts);
      }
      this.#service.record({ kind: 'notice-posted', noticeId });
      counts.shipped += 1;
    }
    const result = await this.#post(open, 'invoices', invoiceBody(open));
    if (result.kind !== 'done') {
      return this.#refused(open, 'invoice', result, counts);
    }
    this.#service.record({ kind: 'invoice-posted', noticeId });
    counts.invoiced += 1;
    return true;
  }

  #post(open: OpenDelivery, route: string, body: object): Promise<CallResult> {
    const id = encodeURIComponent(open.purchaseOrderId);
    const key = `${open.delivery.noticeId}:${route}`;
    return this.#api.post(`/v1/purchase-orders/${id}/${route}`, body, key);
  }

  #refused(
    open: OpenDelivery,
    what: 'notice' | 'invoice',
    result: Exclude<CallResult, { kind: 'done' }>,
    counts: Counts,
  ): boolean {
    if (result.kind === 'away') {
      return false;
    }
    open.conflicts += 1;
    // The merchant may not have noted our acknowledgement yet, so a conflict is no last word.
    open.firstConflictAt ??= Date.now();
    const patient =
      open.conflicts < CONFLICTS_BEFORE_GIVING_UP ||
      Date.now() - open.firstConflictAt < SHORTEST_PATIENCE_MS;
    const givenUp = result.kind === 'refused' || !patient;
    open.tryAgainAt =
      Date.now() + Math.min(250 * 2 ** open.conflicts, LONGEST_WAIT_AFTER_CONFLICT_MS);
    if (givenUp || open.conflicts === 1) {
      const { status, detail } = result;
      const { noticeId } = open.delivery;
      this.#service.record({ kind: 'post-refused', what, noticeId, status, detail, givenUp });
    }
    counts.refused += givenUp ? 1 : 0;
    return givenUp;
  }
}

function noCounts(): Counts {
  return { shipped: 0, invoiced: 0, refused: 0, left: 0 };
}

function noticeBody({ delivery }: OpenDelivery): object {
  const { noticeId, shippedAt, expectedAt, final } = delivery;
  const lines = delivery.lines.map(({ lineNo, quantity }) => ({ lineNo, quantity }));
  return { noticeId, shippedAt, expectedAt, final, lines };
}

function invoiceBody({ delivery }: OpenDelivery): object {
  const { invoiceNumber, shippedAt: occurredAt, lines } = delivery;
  return { invoiceNumber, occurredAt, lines };
}

function deliveryView({ delivery, noticePosted, invoicePosted, givenUp }: OpenDelivery): object {
  return { ...delivery, noticePosted, invoicePosted, givenUp };
}
