import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import { Failure } from '../../activities/failures.ts';
import { receiveGoods } from '../../activities/ledger/intake/receive-goods.ts';
import { recordShippingNotice } from '../../activities/ledger/intake/record-shipping-notice.ts';
import { recordSupplierInvoice } from '../../activities/ledger/intake/record-supplier-invoice.ts';
import {
  readPurchaseOrder,
  type PurchaseOrder,
} from '../../activities/ledger/read/purchase-order.ts';
import {
  createPurchaseOrderLedgerSteps,
  createPurchaseOrderProviderSteps,
} from '../../activities/purchase-order-activities.ts';
import { httpSupplier } from '../../activities/supplier/http-supplier.ts';
import type { SupplierProvider } from '../../activities/supplier/supplier.ts';
import { EXPECTED, placeOrder } from '../ledger/purchasing.ts';
import { eventually, type TestLoopline } from '../support/loopline.ts';
import { ProcessDesk } from './process-desk.ts';

const QUANTITY = 10;
const PRICE = '1.25';

/** Places purchase orders of 10 units at 1.25 and plays their supplier. */
export class PurchaseDesk extends ProcessDesk {
  /** Takes one in; its process waits to be started. */
  place(options: { inReview?: boolean } = {}): Promise<string> {
    const lines = [{ sku: 'FIFO', quantity: QUANTITY, unitPrice: PRICE }];
    return placeOrder(
      this.loopline.ledger,
      lines,
      options.inReview === true ? { approvalAboveMinor: '0' } : {},
    );
  }

  /** Places one, starts its workflow and waits until the supplier has acknowledged. */
  async run(): Promise<{ orderId: string; handle: WorkflowHandle }> {
    const orderId = await this.place();
    const handle = await this.loopline.start(orderId);
    await this.becomes(orderId, { state: 'acknowledged' });
    return { orderId, handle };
  }

  async order(orderId: string): Promise<PurchaseOrder> {
    const order = await readPurchaseOrder(this.loopline.ledger, { id: orderId });
    if (order === null) throw new Error(`${orderId} does not exist`);
    return order;
  }

  /** Waits until the order looks as described. */
  async becomes(orderId: string, expected: object): Promise<PurchaseOrder> {
    return eventually(async () => {
      const order = await this.order(orderId);
      expect(order).toMatchObject(expected);
      return order;
    });
  }

  /** The supplier has shipped; `final` when it ships no more of this order. */
  async ship(orderId: string, noticeNo: number, quantity: number, final: boolean): Promise<void> {
    const notice = {
      noticeId: `${orderId}-n${noticeNo}`,
      shippedAt: EXPECTED,
      expectedAt: EXPECTED,
      final,
    };
    await recordShippingNotice(this.loopline.ledger, {
      purchaseOrderId: orderId,
      ...notice,
      lines: [{ lineNo: 1, quantity }],
      actor: 'S1',
    });
    this.loopline.engine.nudge();
  }

  /** Goods have arrived, of a notice or unannounced. */
  async receive(
    orderId: string,
    receiptId: string,
    quantity: number,
    noticeNo?: number,
  ): Promise<void> {
    await receiveGoods(this.loopline.ledger, {
      purchaseOrderId: orderId,
      receiptId,
      ...(noticeNo === undefined ? {} : { noticeId: `${orderId}-n${noticeNo}` }),
      occurredAt: EXPECTED,
      lines: [{ lineNo: 1, quantity }],
      actor: 'warehouse',
    });
    this.loopline.engine.nudge();
  }

  async invoice(
    orderId: string,
    invoiceNumber: string,
    quantity: number,
    unitPrice = PRICE,
  ): Promise<void> {
    await recordSupplierInvoice(this.loopline.ledger, {
      purchaseOrderId: orderId,
      invoiceNumber,
      occurredAt: EXPECTED,
      lines: [{ lineNo: 1, quantity, unitPrice }],
      actor: 'S1',
    });
    this.loopline.engine.nudge();
  }

  /** Everything comes as ordered, once the supplier has acknowledged. Safe to repeat. */
  async deliver(orderId: string): Promise<void> {
    const { state } = await this.order(orderId);
    if (state !== 'acknowledged') return;
    await this.receive(orderId, 'all', QUANTITY);
    await this.invoice(orderId, 'INV-ALL', QUANTITY);
  }

  /** Waits for the acknowledgement first. */
  async deliverWhenAcknowledged(orderId: string): Promise<void> {
    await this.becomes(orderId, { state: 'acknowledged' });
    await this.deliver(orderId);
  }

  /** The book of the suppliers: how often they accepted this order. */
  async accepted(orderId: string): Promise<number> {
    const response = await fetch(`${this.loopline.simulators.supplier}/_sim/book?limit=1000`);
    const { data } = (await response.json()) as { data: unknown[] };
    return data.filter((line) => {
      const text = JSON.stringify(line);
      return text.includes('"kind":"order"') && text.includes(`"${orderId}"`);
    }).length;
  }

  /** The closed order left nothing open: no goods on their way, nothing received and not invoiced. */
  async expectClosed(orderId: string): Promise<void> {
    return expectClosed(this, orderId);
  }
}

async function expectClosed(desk: PurchaseDesk, orderId: string): Promise<void> {
  const order = await desk.order(orderId);
  expect(order).toMatchObject({ state: 'closed', process: 'ended' });
  expect(order.lines.every(({ openQuantity }) => openQuantity === 0)).toBe(true);
  expect(order.shippingNotices.every(({ state }) => state === 'received')).toBe(true);
  const [open] = await desk.loopline.owner<{ minor: number }[]>`
    select coalesce(sum(case when credit = 'goods-received-not-invoiced' then amount_minor else -amount_minor end), 0)::int as minor
    from ledger.posting where subject_id = ${orderId} and 'goods-received-not-invoiced' in (debit, credit)`;
  expect(open).toEqual({ minor: 0 });
  const [due] = await desk.loopline.owner<{ open: number }[]>`
    select count(*)::int as open from ledger.due where subject_id = ${orderId} and state in ('open', 'reached')`;
  expect(due).toEqual({ open: 0 });
}

/** Activities whose supplier refuses what the test names, and accepts it when it is asked again. */
export class MoodySupplier {
  readonly #refusals = new Map<string, number>();

  /** The next `times` submissions of the order are refused for good. */
  refuse(orderId: string, times: number): void {
    this.#refusals.set(orderId, times);
  }

  activities(loopline: TestLoopline): object {
    const real = httpSupplier(loopline.simulators.supplier);
    const supplier: SupplierProvider = {
      submitOrder: async (order, key) => {
        const left = this.#refusals.get(order.purchaseOrderId) ?? 0;
        if (left === 0) return real.submitOrder(order, key);
        this.#refusals.set(order.purchaseOrderId, left - 1);
        throw new Failure('ProviderRefused', 'supplier refused: the account is blocked');
      },
    };
    return {
      ...loopline.activities,
      ...createPurchaseOrderLedgerSteps({ ledger: loopline.ledger }),
      ...createPurchaseOrderProviderSteps({ ledger: loopline.ledger, supplier }),
    };
  }
}
