import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLoopline, type TestLoopline } from '../support/loopline.ts';
import { OrderDesk, openOrderShop } from './order-desk.ts';

const HOUR = 3_600;

let loopline: TestLoopline;
let desk: OrderDesk;

beforeAll(async () => {
  loopline = await openLoopline();
  await openOrderShop(loopline);
  desk = new OrderDesk(loopline);
  await loopline.startWorker();
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

describe('the straight way', () => {
  test('authorized, screened, released, sent, invoiced and captured', async () => {
    const { orderId, handle } = await desk.run();
    await desk.dispatch(orderId);
    expect(await handle.result()).toEqual({ state: 'completed' });
    expect(await desk.order(orderId)).toMatchObject({ state: 'completed', invoices: [{ amountMinor: '2000' }] });
    expect(await desk.payment(orderId)).toMatchObject({ capturedMinor: '2000', refundedMinor: '0' });
    await desk.expectClean(orderId);
  });
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
