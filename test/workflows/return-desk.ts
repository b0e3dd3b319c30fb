import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import { inspectReturn } from '../../activities/ledger/intake/inspect-return.ts';
import { receiveReturn } from '../../activities/ledger/intake/receive-return.ts';
import { readReturn, type ReturnView } from '../../activities/ledger/read/return.ts';
import type { OrderProgress } from '../../activities/ledger/steps/order.ts';
import { createOrderLedgerSteps } from '../../activities/order-activities.ts';
import { orderIntake } from '../../api/order-intake.ts';
import { orderRequest } from '../../api/order-schemas.ts';
import { takeReturn } from '../../api/return-intake.ts';
import { returnRequest } from '../../api/return-schemas.ts';
import {
  BACK,
  dispatchOrder,
  driveOrder,
  seedReturnShop,
  sendOrder,
  stockIn,
} from '../ledger/return-shop.ts';
import { eventually, type TestLoopline } from '../support/loopline.ts';
import { GatewayDesk } from './gateway-desk.ts';
import { BUYER } from './order-desk.ts';
import { ProcessDesk } from './process-desk.ts';

const SOLD = '2010-12-01T10:00:00Z';

/** What a test says of a return; everything else gets a default. */
export interface ReturnWish {
  /** 2 units at 10.00 unless told otherwise; from 100.00 on a person decides. */
  readonly quantity?: number;
  readonly unitPrice?: string;
  /** Token of the sale's payment. */
  readonly token?: string;
  /** The sale was authorized and sent, and its capture has no answer yet; nobody carries its order on. */
  readonly captureUnderWay?: boolean;
}

type DueCapture = OrderProgress['captures'][number] & { readonly orderId: string };

/** Sells, asks for returns and plays the people and machines around them. */
export class ReturnDesk extends ProcessDesk {
  readonly gateway: GatewayDesk;

  constructor(loopline: TestLoopline) {
    super(loopline);
    this.gateway = new GatewayDesk(loopline.simulators.gateway);
  }

  async open(): Promise<void> {
    await seedReturnShop(this.loopline.owner);
  }

  /** Sells and sends goods, paid at the checkout. */
  async sell(wish: ReturnWish = {}) {
    const { quantity = 2, unitPrice = '10', token, captureUnderWay = false } = wish;
    const { ledger, owner } = this.loopline;
    const externalId = randomUUID();
    const sku = `SKU-${externalId}`;
    await owner`insert into ledger.sku (sku, cost_method, supplier) values (${sku}, 'fifo', 'acme')`;
    await stockIn(owner, sku, quantity, '4', `receipt:${externalId}`);
    const total = (BigInt(unitPrice) * 100n * BigInt(quantity)).toString();
    const payment = await this.gateway.paidAtCheckout(total, {
      captured: !captureUnderWay,
      ...(token === undefined ? {} : { token }),
    });
    const customer = { externalId: `c-${externalId}`, name: BUYER.name, email: BUYER.email };
    const order = orderRequest.parse({
      channel: 'web',
      externalId,
      placedAt: SOLD,
      currency: 'GBP',
      customer,
      shipTo: {
        country: 'GB',
        name: BUYER.name,
        line1: BUYER.street,
        postalCode: BUYER.postalCode,
      },
      lines: [
        { externalLineId: '1', sku, quantity, unitPrice, sourceRef: `t:goods:${externalId}` },
      ],
      payment,
    });
    const placed = await orderIntake(ledger)({ order, actor: 'shop', receivedAt: BACK });
    if (placed.outcome !== 'accepted') throw new Error(JSON.stringify(placed));
    await driveOrder(ledger, placed.orderId);
    if (captureUnderWay) await this.#sendUncaptured(placed.orderId);
    else await sendOrder(this.loopline, placed.orderId);
    return { orderId: placed.orderId, externalId, customer, sku, quantity };
  }

  /** The same, and asks for all of them to go back. Answers the return's id. */
  async ask(wish: ReturnWish = {}): Promise<string> {
    const { ledger } = this.loopline;
    const { orderId, externalId, customer, sku, quantity } = await this.sell(wish);
    const line = { orderLineId: `${orderId}#1`, sku, quantity };
    const request = returnRequest.parse({
      channel: 'web',
      externalRef: `r-${externalId}`,
      customer: { externalId: customer.externalId },
      occurredAt: BACK,
      lines: [line],
    });
    const answer = await takeReturn(ledger, {
      request,
      reference: undefined,
      now: BACK,
      actor: 'shop',
    });
    if (answer.outcome === 'invalid' || answer.outcome === 'stale')
      throw new Error(JSON.stringify(answer));
    return answer.return.id;
  }

  async run(wish: ReturnWish = {}): Promise<{ returnId: string; handle: WorkflowHandle }> {
    const returnId = await this.ask(wish);
    return { returnId, handle: await this.loopline.start(returnId) };
  }

  async view(returnId: string): Promise<ReturnView> {
    return readReturn(this.loopline.ledger, returnId);
  }

  async becomes(returnId: string, expected: object): Promise<ReturnView> {
    return eventually(async () => {
      const view = await this.view(returnId);
      expect(view).toMatchObject(expected);
      return view;
    });
  }

  /** Everything comes back and is restocked. */
  async bringBack(returnId: string): Promise<void> {
    await this.receive(returnId);
    await this.inspect(returnId);
  }

  /** Everything arrives; nobody has looked at it yet. */
  async receive(returnId: string): Promise<void> {
    await receiveReturn(this.loopline.ledger, {
      returnId,
      receiptId: `${returnId}-r1`,
      occurredAt: BACK,
      at: BACK,
      complete: true,
      lines: await this.#lines(returnId),
      actor: 'warehouse',
    });
    this.loopline.engine.nudge();
  }

  /** Everything that arrived is restocked. */
  async inspect(returnId: string): Promise<void> {
    const lines = await this.#lines(returnId);
    await inspectReturn(this.loopline.ledger, {
      returnId,
      inspectionId: `${returnId}-i1`,
      occurredAt: BACK,
      at: BACK,
      units: lines.map(({ lineNo: line, quantity }) => ({
        lineNo: line,
        quantity,
        grade: 'A',
        disposition: 'restock' as const,
      })),
      actor: 'warehouse',
    });
    this.loopline.engine.nudge();
  }

  /** An order whose process has ended is told nothing, so no dispatcher starts it. */
  async #sendUncaptured(orderId: string): Promise<void> {
    await this.loopline
      .owner`update ledger.process set state = 'ended' where process_id = ${orderId}`;
    await dispatchOrder(this.loopline, orderId);
  }

  /** Waits until the return waits for the capture of its sale, with a deadline. */
  async awaitsCapture(returnId: string): Promise<void> {
    await eventually(async () => {
      const [due] = await this.loopline.owner`
        select state, next_step as step from ledger.due where subject_id = ${returnId} and kind = 'capture'`;
      expect(due).toEqual({ state: 'open', step: 'remindCapture' });
      const details = await this.loopline.client.workflow
        .getHandle(returnId)
        .query('__temporal_workflow_metadata');
      expect(JSON.stringify(details)).toContain('Waits for: the capture of its sale, at most 3 h');
    });
  }

  /** The gateway answers the captures of the return's sales; does nothing when none is under way. */
  async settleCaptures(returnId: string): Promise<void> {
    const { ledger, owner, activities } = this.loopline;
    const captures = await owner<DueCapture[]>`
      select c.order_id as "orderId", c.capture_id as "captureId", p.reference, p.currency,
        c.amount_minor::text as "amountMinor"
      from ledger.capture c join ledger.payment p using (payment_id)
      where c.state = 'due'
        and c.order_id in (select order_id from ledger.return_line where return_id = ${returnId})`;
    const { recordCapture } = createOrderLedgerSteps({ ledger });
    for (const { orderId, ...capture } of captures) {
      const { providerId } = await activities.capturePayment(capture);
      const { captureId } = capture;
      await recordCapture({ orderId, captureId, outcome: 'captured', providerId });
    }
    this.loopline.engine.nudge();
  }

  async #lines(returnId: string) {
    const { lines } = await this.view(returnId);
    return lines.map(({ returnLineId, code, quantity }) => ({
      lineNo: Number(returnLineId.split('#')[1]),
      sku: code,
      quantity,
    }));
  }

  /** What the gateway says was paid back for the return's sale. */
  async refunded(returnId: string): Promise<number> {
    const [payment] = await this.loopline.owner<{ reference: string }[]>`
      select p.reference from ledger.payment p join ledger.return_line l using (order_id) where l.return_id = ${returnId} limit 1`;
    const known = (await this.gateway.payments()).find(({ id }) => id === payment?.reference);
    return Number(known?.refundedMinor ?? 0);
  }

  /** What the customer was credited and not paid yet by this return, minor units. */
  async payable(returnId: string): Promise<number> {
    const [row] = await this.loopline.owner<{ minor: number }[]>`
      select coalesce(sum(case when credit = 'refunds-payable' then amount_minor else -amount_minor end), 0)::int as minor
      from ledger.posting where subject_id = ${returnId} and 'refunds-payable' in (debit, credit)`;
    return row?.minor ?? 0;
  }

  /** Units of sales that are still promised to an ended return. */
  async promised(returnId: string): Promise<number> {
    const [row] = await this.loopline.owner<{ units: number }[]>`
      select coalesce(sum(o."returning"), 0)::int as units
      from ledger.return_line l join ledger.order_line o on o.order_id = l.order_id and o.line_no = l.order_line_no
      where l.return_id = ${returnId}`;
    return row?.units ?? 0;
  }
}
