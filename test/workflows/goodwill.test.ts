import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGoodwill } from '../../activities/ledger/read/goodwill.ts';
import { openLoopline, type TestLoopline } from '../support/loopline.ts';
import { proposeGoodwill } from './propose-goodwill.ts';
import { ReturnDesk } from './return-desk.ts';
import { describeReview } from './review-guarantees.ts';

let loopline: TestLoopline;
let desk: ReturnDesk;

beforeAll(async () => {
  loopline = await openLoopline();
  desk = new ReturnDesk(loopline);
  await desk.open();
  await loopline.startWorker();
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

const view = (goodwillId: string) => readGoodwill(loopline.ledger, { goodwillId });

/** What the gateway says was paid back to the payment. */
async function paidBack(goodwillId: string): Promise<number> {
  const [payment] = await loopline.owner<{ reference: string }[]>`
    select p.reference from ledger.payment p join ledger.goodwill g using (order_id)
    where g.goodwill_id = ${goodwillId}`;
  const known = (await desk.gateway.payments()).find(({ id }) => id === payment?.reference);
  return Number(known?.refundedMinor ?? 0);
}

describe('goodwill that people are asked about', () => {
  describeReview({
    desk: () => desk,
    propose: () => proposeGoodwill(desk),
    ends: { approved: 'closed', rejected: 'refused' },
    effects: async (goodwillId) => {
      const rows = await loopline.owner`
        select 1 from ledger.posting where subject_id = ${goodwillId} and event = 'goodwill'`;
      return rows.length;
    },
  });

  test('is paid through the gateway once it is approved, and once', async () => {
    const goodwillId = await proposeGoodwill(desk);
    const handle = await loopline.start(goodwillId);
    await desk.waits(handle);
    expect(await paidBack(goodwillId)).toBe(0);
    await desk.decide(goodwillId, 'approve');
    expect(await handle.result()).toBe('closed');
    expect(await paidBack(goodwillId)).toBe(5_000);
  });
});

describe('goodwill that asks nobody', () => {
  test('is paid at once', async () => {
    const goodwillId = await proposeGoodwill(desk, { amountMinor: '1500' });
    const handle = await loopline.start(goodwillId);
    expect(await handle.result()).toBe('closed');
    expect(await paidBack(goodwillId)).toBe(1_500);
  });

  test('that the gateway does not pay waits for a person, who may credit it instead', async () => {
    const goodwillId = await proposeGoodwill(desk, {
      amountMinor: '1500',
      token: 'tok_refund_fail',
    });
    const handle = await loopline.start(goodwillId);
    await desk.resolve(goodwillId, 'refund-failed', 'retry');
    await desk.resolve(goodwillId, 'refund-failed', 'credit-customer');
    expect(await handle.result()).toBe('closed');
    expect(await paidBack(goodwillId)).toBe(0);
    expect(await view(goodwillId)).toMatchObject({
      given: { amountMinor: '1500' },
      credited: { amountMinor: '1500' },
      refunds: [{ state: 'failed' }, { state: 'failed' }],
    });
  });
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
