import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import { cancelOrder } from '../../activities/ledger/intake/cancel-order.ts';
import { dispatchShipment } from '../../activities/ledger/intake/dispatch-shipment.ts';
import { putChannels, putSkus } from '../../activities/ledger/intake/master-data.ts';
import { recordFact } from '../../activities/ledger/intake/record-fact.ts';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { runDues } from '../../activities/ledger/intake/run-dues.ts';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { listExceptions, type BoardException } from '../../activities/ledger/read/exception.ts';
import { readOrder, type OrderView } from '../../activities/ledger/read/order.ts';
import { goods, openShop, PLACED_AT, shopDesk, stockUp } from '../ledger/order-shop.ts';
import { eventually, type TestLoopline } from '../support/loopline.ts';
import { GatewayDesk, type GatewayPayment } from './gateway-desk.ts';

/** What a test says of an order; everything else gets a default. */
export interface Wish {
  /** Units ordered; 2 at 10.00 unless told otherwise. */
  readonly quantity?: number;
  readonly unitPrice?: string;
  /** Units in stock beforehand; as many as ordered unless told otherwise. */
  readonly inStock?: number;
  /** `checked` screens and refuses what is short, `patient` screens and waits, `web` trusts. */
  readonly channel?: 'checked' | 'patient' | 'web';
  /** The gateway's test token; `null` for an order that brings its own payment. */
  readonly token?: string;
  readonly payment?: object | null;
  readonly postalCode?: string | null;
}

/** Who buys here; none of it may appear in a history. */
export const BUYER = {
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  street: '12 Analytical Row',
  postalCode: 'N1 1AA',
};

/** Opens the shop's master data; every order below is placed in it. */
export async function openOrderShop(loopline: TestLoopline): Promise<void> {
  await openShop(loopline.ledger, ['ANY']);
  await putChannels(loopline.ledger, [
    { channel: 'checked', name: 'Checked shop', kind: 'web-shop', backorder: 'refuse' },
    { channel: 'patient', name: 'Patient shop', kind: 'b2b-portal', backorder: 'allow' },
  ]);
}

/** Places orders and plays the people and machines around them. */
export class OrderDesk {
  readonly loopline: TestLoopline;
  readonly #place: ReturnType<typeof shopDesk>['place'];
  readonly gateway: GatewayDesk;

  constructor(loopline: TestLoopline) {
    this.loopline = loopline;
    this.#place = shopDesk(loopline.ledger).place;
    this.gateway = new GatewayDesk(loopline.simulators.gateway);
  }

  /** Takes an order in; its process waits to be started. Answers the order's id. */
  place(wish: Wish = {}): Promise<string> {
    return this.#placed('accepted', wish);
  }

  /** Places an order that is refused as short: there is nothing in stock. Answers the order's id. */
  placeShort(wish: Wish = {}): Promise<string> {
    return this.#placed('rejected', { ...wish, inStock: 0 });
  }

  async #placed(outcome: 'accepted' | 'rejected', wish: Wish): Promise<string> {
    const {
      quantity = 2,
      unitPrice = '10',
      inStock = quantity,
      channel = 'checked',
      token,
      postalCode = BUYER.postalCode,
    } = wish;
    const externalId = randomUUID();
    const sku = `SKU-${externalId}`;
    await this.#addSku(sku);
    if (inStock > 0) await this.stock(sku, inStock);
    const {
      payment = { provider: 'gateway', status: 'none', ...(token === undefined ? {} : { token }) },
    } = wish;
    const result = await this.#place({
      externalId,
      channel,
      customer: { externalId: `c-${externalId}`, name: BUYER.name, email: BUYER.email },
      shipTo: {
        country: 'GB',
        name: BUYER.name,
        line1: BUYER.street,
        ...(postalCode === null ? {} : { postalCode }),
      },
      lines: [goods(sku, quantity, unitPrice)],
      ...(payment === null ? {} : { payment }),
    });
    if (result.outcome !== outcome) throw new Error(`the order was ${JSON.stringify(result)}`);
    return result.orderId;
  }

  /** Places an order and starts its workflow. */
  async run(wish: Wish = {}): Promise<{ orderId: string; handle: WorkflowHandle }> {
    const orderId = await this.place(wish);
    return { orderId, handle: await this.loopline.start(orderId) };
  }

  /** Puts units on hand; orders that wait for them get them. */
  async stock(sku: string, quantity: number): Promise<void> {
    await stockUp(this.loopline.owner, { sku, node: 'north', quantity, unitCost: '4' });
    this.loopline.engine.nudge();
  }

  async stockFor(orderId: string, quantity: number): Promise<void> {
    const order = await this.order(orderId);
    await this.stock(order.lines[0]?.code ?? '', quantity);
  }

  async order(orderId: string): Promise<OrderView> {
    const order = await readOrder(this.loopline.ledger, orderId);
    if (order === null) throw new Error(`${orderId} does not exist`);
    return order;
  }

  /** Waits until the order looks as described. */
  async becomes(orderId: string, expected: object): Promise<OrderView> {
    return eventually(async () => {
      const order = await this.order(orderId);
      expect(order).toMatchObject(expected);
      return order;
    });
  }

  /** Waits until the order has a released shipment, then sends everything on it, or `quantity` of it. */
  async dispatch(orderId: string, quantity?: number): Promise<void> {
    await eventually(async () => {
      expect(await this.dispatchReleased(orderId, quantity)).toBeGreaterThan(0);
    });
  }

  /** Sends what stands at the warehouse now; answers how many shipments. */
  async dispatchReleased(orderId: string, quantity?: number): Promise<number> {
    const { ledger, engine } = this.loopline;
    const page = await ledger.call<{
      data: {
        id: string;
        lines: { orderLineId: string; quantity: number; dispatchedQuantity: number }[];
      }[];
    }>('list_shipments', { orderId, state: 'released', limit: 50 });
    let sent = 0;
    for (const { id, lines } of page.data) {
      const open = lines.map((line) => ({
        lineNo: Number(line.orderLineId.split('#')[1]),
        quantity: quantity ?? line.quantity - line.dispatchedQuantity,
      }));
      const dispatchId = `dispatch-${lines[0]?.dispatchedQuantity ?? 0}`;
      const result = await dispatchShipment(ledger, {
        shipmentId: id,
        dispatchId,
        occurredAt: PLACED_AT,
        lines: open,
        actor: 'warehouse',
      });
      if (result.applied) sent += 1;
    }
    engine.nudge();
    return sent;
  }

  async cancel(orderId: string): Promise<void> {
    await cancelOrder(this.loopline.ledger, {
      orderId,
      cancellationId: 'c1',
      reason: 'customer-request',
      actor: 'customer',
    });
    this.loopline.engine.nudge();
  }

  /** Open exceptions of the order. */
  async exceptions(orderId: string): Promise<BoardException[]> {
    const page = await listExceptions(this.loopline.ledger, {
      limit: 50,
      state: 'open',
      subjectId: orderId,
    });
    return page.data;
  }

  /** Waits for an exception of the kind and lets its owner resolve it. */
  async resolve(orderId: string, kind: string, action: string): Promise<void> {
    const { id, reopened } = await this.exception(orderId, kind);
    await resolveException(this.loopline.ledger, {
      exceptionId: id,
      resolutionId: `r${reopened}`,
      action,
      actor: 'support',
    });
    this.loopline.engine.nudge();
  }

  async exception(orderId: string, kind: string): Promise<BoardException> {
    return eventually(async () => {
      const found = (await this.exceptions(orderId)).find((exception) => exception.kind === kind);
      if (found === undefined) throw new Error(`${orderId} has no open exception of kind ${kind}`);
      return found;
    });
  }

  /** The gateway's book on the order's payment; undefined when it never heard of it. */
  async payment(orderId: string): Promise<GatewayPayment | undefined> {
    const order = await this.order(orderId);
    const [own] = order.payments;
    const payments = await this.gateway.payments();
    return (
      payments.find(({ id }) => id === own?.reference) ??
      payments.find(({ reference }) => reference === own?.paymentId)
    );
  }

  /** The buyer passes the challenge, and the gateway's webhook says so. */
  async passChallenge(orderId: string): Promise<void> {
    const { id } = (await this.payment(orderId)) ?? { id: '' };
    await this.gateway.passChallenge(id);
    await recordFact(this.loopline.ledger, 'gateway', {
      id: `evt-${id}`,
      type: 'authorization.succeeded',
      occurredAt: PLACED_AT,
      data: { authorizationId: id, amountMinor: '2000', currency: 'GBP', operationId: id },
    });
    this.loopline.engine.nudge();
  }

  /** The payer's card is changed to one that works, and finance lets it be tried again. */
  async payWithAnotherCard(orderId: string): Promise<void> {
    await this.loopline
      .owner`update ledger.payment set token = 'tok_ok' where order_id = ${orderId}`;
    await this.resolve(orderId, 'payment', 'retry');
  }

  /** The business clock comes to the order's first open deadline, or is so many hours on. */
  async reachDeadline(orderId: string, hours?: number): Promise<void> {
    const [due] = await this.loopline.owner<{ at: Date }[]>`
      select min(due_at) as at from ledger.due where subject_id = ${orderId} and state = 'open'`;
    const until =
      hours === undefined ? due?.at : new Date(Date.parse(PLACED_AT) + hours * 3_600_000);
    if (until)
      await runDues(this.loopline.ledger, {
        until: until.toISOString(),
        subjectId: orderId,
        limit: 1000,
      });
    this.loopline.engine.nudge();
  }

  /** Units still reserved or waited for by the order. */
  async held(orderId: string): Promise<number> {
    const [row] = await this.loopline.owner<{ held: number }[]>`
      select coalesce((select sum(quantity) from ledger.reservation where owner_id = ${orderId}), 0)::int
        + coalesce((select sum(quantity) from ledger.backorder where order_id = ${orderId}), 0)::int as held`;
    return row?.held ?? 0;
  }

  /** What the order's invoices and captures leave open, minor units. */
  async receivable(orderId: string): Promise<number> {
    const [row] = await this.loopline.owner<{ minor: number }[]>`
      select coalesce(sum(case when debit = 'receivables' then amount_minor else -amount_minor end), 0)::int as minor
      from ledger.posting where subject_id = ${orderId} and 'receivables' in (debit, credit)`;
    return row?.minor ?? 0;
  }

  /** The ended order left nothing behind: no stock, no blocked money, no charge without goods. */
  async expectClean(orderId: string): Promise<void> {
    return expectClean(this, orderId);
  }

  async expectSound(): Promise<void> {
    return expectSound(this.loopline);
  }

  /** Each order gets a SKU of its own, so that tests cannot take stock from each other. */
  async #addSku(sku: string): Promise<void> {
    await putSkus(this.loopline.ledger, [
      {
        sku,
        description: sku,
        unitOfMeasure: 'each',
        class: 'B',
        costMethod: 'fifo',
        supplier: 'acme',
        supplierPrice: '1.5',
      },
    ]);
  }
}

async function expectClean(desk: OrderDesk, orderId: string): Promise<void> {
  expect(await desk.held(orderId)).toBe(0);
  expect(await desk.receivable(orderId)).toBe(0);
  const order = await desk.order(orderId);
  expect(order.process).toBe('ended');
  const invoiced = order.invoices.reduce((sum, invoice) => sum + Number(invoice.amountMinor), 0);
  const payment = await desk.payment(orderId);
  const kept = Number(payment?.capturedMinor ?? 0) - Number(payment?.refundedMinor ?? 0);
  expect(kept, 'money kept is what was invoiced').toBe(invoiced);
  if (payment?.status === 'authorized' && payment.capturedMinor === '0')
    expect(payment.voided).toBe(true);
}

async function expectSound(loopline: TestLoopline): Promise<void> {
  expect(await checkLedger(loopline.ledger)).toMatchObject({ ok: true, drift: [] });
}
