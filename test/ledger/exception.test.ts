import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { listExceptions, readException } from '../../activities/ledger/read/exception.ts';
import { reportFailure } from '../../activities/ledger/steps/failure.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { adjust, seedAdjustmentShop } from './adjustment-shop.ts';

let shop: TestLedger;
let processId: string;

beforeEach(async () => {
  shop = await openLedger();
  await seedAdjustmentShop(shop.owner);
  const { adjustment } = await adjust(shop.ledger, {
    externalRef: 'f1',
    kind: 'found',
    quantity: 100,
  });
  processId = adjustment.id;
});
afterEach(() => shop.close());

const fail = (step: string, compensation = false) =>
  reportFailure(shop.ledger, { processId, step, compensation, message: 'x'.repeat(900) });

async function board() {
  return (await listExceptions(shop.ledger, { limit: 10, subjectId: processId })).data;
}

describe('a failed step', () => {
  test('is one exception with an owner, however often it is reported', async () => {
    await Promise.all([
      fail('beginStockAdjustment'),
      fail('beginStockAdjustment'),
      fail('beginStockAdjustment'),
    ]);
    const [only, ...others] = await board();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ kind: 'workflow-failed', owner: 'ops', state: 'open', processId });
    expect(only?.evidence).toEqual({ step: 'beginStockAdjustment', message: 'x'.repeat(500) });
  });

  test('and a failed undoing of it are two exceptions', async () => {
    await fail('capture');
    await fail('capture', true);
    expect((await board()).map(({ kind }) => kind)).toEqual([
      'compensation-failed',
      'workflow-failed',
    ]);
  });

  test('of an unknown process is not found', async () => {
    const unknown = { processId: 'order:none:1', step: 's', compensation: false, message: 'm' };
    await expect(reportFailure(shop.ledger, unknown)).rejects.toMatchObject({ type: 'NotFound' });
  });
});

describe('an exception', () => {
  let exceptionId: string;

  beforeEach(async () => {
    await fail('endStockAdjustment');
    exceptionId = (await board())[0]?.id ?? '';
  });

  const resolve = (resolutionId: string, action = 'retry') =>
    resolveException(shop.ledger, {
      exceptionId,
      resolutionId,
      action,
      note: 'seen to',
      actor: 'olga',
    });

  test('is resolved when the person acts, and a later repeat changes nothing', async () => {
    const resolution = { exceptionId, resolutionId: 'r1', action: 'retry', actor: 'olga' };
    const first = await resolveException(shop.ledger, {
      ...resolution,
      at: '2010-12-02T08:00:00Z',
    });
    expect(first.exception).toMatchObject({ resolvedAt: '2010-12-02T08:00:00.000Z' });
    const again = await resolveException(shop.ledger, {
      ...resolution,
      at: '2010-12-05T08:00:00Z',
    });
    expect(again).toMatchObject({ replayed: true, exception: first.exception });
  });

  test('is resolved only by an action that it offers', async () => {
    await expect(resolve('r1', 'cancel-order')).rejects.toMatchObject({
      type: 'InvalidInput',
      path: 'action',
      message: `${exceptionId} offers retry, accept`,
    });
    expect(await readException(shop.ledger, { exceptionId })).toMatchObject({ state: 'open' });
  });

  test('is resolved once: its process is told to look, and repeats answer the same', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => resolve('r1')));
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(answers.every(({ resolved }) => resolved)).toBe(true);
    expect(await readException(shop.ledger, { exceptionId })).toMatchObject({
      state: 'resolved',
      resolution: 'retry',
      resolvedBy: 'olga',
      note: 'seen to',
    });
    const signals = await shop.owner<{ subject_id: string; payload: unknown }[]>`
      select subject_id, payload from ledger.outbox where kind = 'signal'`;
    expect(signals.map((signal) => [signal.subject_id, signal.payload])).toEqual([
      [processId, { factId: exceptionId, again: true }],
    ]);
  });

  test('that is resolved answers others with who resolved it, and is opened again when the trouble comes back', async () => {
    await resolve('r1');
    expect(await resolve('r2', 'accept')).toMatchObject({
      resolved: false,
      exception: { resolution: 'retry' },
    });
    await expect(resolve('r1', 'accept')).rejects.toMatchObject({ type: 'IdempotencyMismatch' });
    await fail('endStockAdjustment');
    const open = await listExceptions(shop.ledger, { limit: 10, state: 'open', owner: 'ops' });
    expect(open.data).toMatchObject([{ id: exceptionId, reopened: 1, resolution: null }]);
  });
});
