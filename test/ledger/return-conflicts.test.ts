import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  requestReturn,
  type ReturnRequestDecision,
} from '../../activities/ledger/intake/request-return.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import {
  BACK,
  askReturn,
  placeOrder,
  returnOfMugs,
  seedReturnShop,
  sendOrder,
  stockIn,
} from './return-shop.ts';

let shop: TestLedger;

beforeEach(async () => {
  shop = await openLedger();
  await seedReturnShop(shop.owner);
  await stockIn(shop.owner, 'MUG', 10, '2', 'po-1');
});
afterEach(() => shop.close());

describe('two returns at once', () => {
  test('of the same line never bring back more than was sent', async () => {
    const orderId = await placeOrder(shop, {
      id: '1',
      lines: [{ sku: 'MUG', quantity: 6, unitPrice: '1' }],
    });
    await sendOrder(shop, orderId);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        askReturn(shop, {
          externalRef: `r${index}`,
          lines: [{ sku: 'MUG', quantity: 2, unitPrice: '1' }],
        }),
      ),
    );
    const covered = answers
      .flatMap((answer) => answer.return.lines)
      .filter(({ cover }) => cover === 'sale');
    expect(covered.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(6);
    const [line] = await shop.owner`select "returning"::int from ledger.order_line`;
    expect(line).toEqual({ returning: 6 });
    expect(new Set(answers.map((answer) => answer.return.id)).size).toBe(8);
  });

  test('under the same reference are one return', async () => {
    const orderId = await placeOrder(shop, {
      id: '1',
      lines: [{ sku: 'MUG', quantity: 6, unitPrice: '1' }],
    });
    await sendOrder(shop, orderId);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        askReturn(shop, { externalRef: 'same', lines: [{ sku: 'MUG', quantity: 2 }] }),
      ),
    );
    expect(new Set(answers.map((answer) => answer.return.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  });

  test('judged on facts that have changed are sent back to be judged again', async () => {
    const asked = await returnOfMugs(shop, 2);
    const decision: ReturnRequestDecision = {
      requestedAt: BACK,
      outcome: 'authorized',
      rule: 'within-policy',
      reasons: [],
      policyVersion: 1,
      amountMinor: '500',
      approval: null,
      parts: [
        {
          externalLineId: '1',
          kind: 'goods',
          code: 'MUG',
          cover: 'sale',
          orderId: 'order:web:1',
          orderLineNo: 1,
          quantity: 1,
          unitPrice: '5',
          amountMinor: '500',
          taxMinor: '0',
          belowMinor: '0',
          reasonCode: 'unspecified',
        },
      ],
    };
    const request = {
      externalRef: 'late',
      channel: 'web',
      customer: { externalId: 'c-1' },
      resolution: 'refund' as const,
      lines: [],
    };
    expect(await requestReturn(shop.ledger, { request, decision, actor: 'shop' })).toEqual({
      outcome: 'stale',
    });
    expect(asked.state).toBe('awaiting-receipt');
  });
});

describe('what cannot be', () => {
  test.each([
    [{ lines: [{ sku: 'NOPE', quantity: 1 }] }, 'lines[0].sku'],
    [{ lines: [{ sku: 'CUP', quantity: 1, reasonCode: 'counted' }] }, 'lines[0].reasonCode'],
    [
      { lines: [{ sku: 'CUP', quantity: 1, orderLineId: 'order:web:1#9' }] },
      'lines[0].orderLineId',
    ],
    [{ orderId: 'order:web:none', lines: [{ sku: 'CUP', quantity: 1 }] }, 'orderId'],
    [{ channel: 'nowhere', lines: [{ sku: 'CUP', quantity: 1 }] }, 'channel'],
  ])('%j is refused by the field %s', async (body, path) => {
    await returnOfMugs(shop, 1);
    await expect(askReturn(shop, { externalRef: 'x', ...body })).rejects.toMatchObject({
      type: 'InvalidInput',
      path,
    });
  });

  test('blind units without a price name the field', async () => {
    await expect(
      askReturn(shop, { externalRef: 'x', lines: [{ sku: 'CUP', quantity: 1 }] }),
    ).rejects.toThrow('lines[0].unitPrice');
  });

  test("another customer's order line covers nothing", async () => {
    await returnOfMugs(shop, 1);
    const body = {
      externalRef: 'x',
      customer: { externalId: 'c-2' },
      lines: [{ sku: 'MUG', quantity: 1, orderLineId: 'order:web:1#1' }],
    };
    await expect(askReturn(shop, body)).rejects.toMatchObject({ type: 'InvalidInput' });
  });
});
