import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordFact } from '../../activities/ledger/intake/record-fact.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { DAY, openSmallShop, writeOrder } from './small-shop.ts';

let test: TestLedger;
beforeAll(async () => {
  test = await openLedger();
  await openSmallShop(test);
});
afterAll(() => test?.close());

describe("the gateway's event", () => {
  it.each([
    { name: 'was booked so', booked: 'captured', amountMinor: '400', raised: null },
    { name: 'has failed in our books', booked: 'failed', amountMinor: '400', raised: '0' },
    { name: 'is another amount in our books', booked: 'due', amountMinor: '500', raised: '400' },
    { name: 'comes without an amount', booked: 'failed', amountMinor: undefined, raised: null },
  ])('of a capture that $name: on the board as $raised booked', async ({ name, ...said }) => {
    const captureId = `capture ${name}`;
    const paid = `order:web:${said.booked}-${said.amountMinor ?? 'none'}`;
    await writeOrder(test.owner, { orderId: paid, sku: 'MUG', quantity: 1 });
    await test.owner`
      insert into ledger.payment (payment_id, order_id, provider, reference, currency, state, requested_minor, authorized_minor)
      values (${captureId}, ${paid}, 'simulated', ${captureId}, 'GBP', 'authorized', 900, 900)`;
    await test.owner`
      insert into ledger.capture (capture_id, payment_id, order_id, amount_minor, state, occurred_at)
      values (${captureId}, ${captureId}, ${paid}, 400, ${said.booked}, ${DAY})`;
    const { amountMinor } = said;
    await recordFact(test.ledger, 'gateway', {
      id: `evt ${name}`,
      type: 'capture.succeeded',
      occurredAt: DAY,
      data: {
        authorizationId: captureId,
        reference: captureId,
        ...(amountMinor === undefined ? {} : { amountMinor }),
      },
    });
    const found = await test.owner<{ owner: string; evidence: object }[]>`
      select owner, evidence from ledger.exception where subject_id = ${paid} and kind = 'settlement-mismatch'`;
    const evidence = { bookedMinor: said.raised, providerMinor: amountMinor, reference: captureId };
    expect(found).toMatchObject(said.raised === null ? [] : [{ owner: 'finance', evidence }]);
  });
});
