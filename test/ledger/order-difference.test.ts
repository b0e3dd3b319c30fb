import { afterAll, beforeAll, expect, test } from 'vitest';
import * as steps from '../../activities/ledger/steps/order.ts';
import { takeReturn } from '../../api/return-intake.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { goods, openShop, PLACED_AT, shopDesk, stockUp } from './order-shop.ts';

let shop: TestLedger;
let desk: ReturnType<typeof shopDesk>;

beforeAll(async () => {
  shop = await openLedger();
  await openShop(shop.ledger, ['SKU-13']);
  desk = shopDesk(shop.ledger);
});

afterAll(() => shop.close());

test('an order cancelled whole at another price before it was authorized is authorized and the difference captured', async () => {
  await stockUp(shop.owner, { sku: 'SKU-13', node: 'north', quantity: 2, unitCost: '1' });
  const { id } = await desk.accepted({
    externalId: '4001',
    customer: { externalId: 'c-4001' },
    lines: [goods('SKU-13', 2, '10')],
    payment: { provider: 'gateway', status: 'none' },
  });
  const answer = await takeReturn(shop.ledger, {
    request: {
      channel: 'web',
      externalRef: 'C4001',
      occurredAt: PLACED_AT,
      customer: { externalId: 'c-4001' },
      resolution: 'refund',
      lines: [
        {
          externalLineId: '1',
          kind: 'goods',
          sku: 'SKU-13',
          quantity: 2,
          unitPrice: '9',
          reasonCode: 'unspecified',
        },
      ],
    },
    reference: undefined,
    now: PLACED_AT,
    actor: 'test',
  });
  expect(answer).toMatchObject({ return: { state: 'closed', lines: [] } });
  const begun = await steps.beginOrder(shop.ledger, { orderId: id });
  expect(begun).toMatchObject({ captures: [], authorize: { amountMinor: '2000' } });
  const authorized = await steps.recordAuthorization(shop.ledger, {
    orderId: id,
    paymentId: begun.authorize?.paymentId ?? '',
    key: begun.authorize?.key ?? '',
    outcome: 'authorized',
    reference: 'auth_4001',
  });
  expect(authorized.captures).toMatchObject([{ amountMinor: '200', reference: 'auth_4001' }]);
});
