import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { finishRepair, requestRepair } from '../../activities/ledger/intake/repair-process.ts';
import { listExceptions, readException } from '../../activities/ledger/read/exception.ts';
import { reportFailure } from '../../activities/ledger/steps/failure.ts';
import type { RepairAction } from '../../rules/exception/repairs.ts';
import { SKIPPABLE_STEPS } from '../../rules/exception/skippable-steps.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { adjust, NOON, seedAdjustmentShop } from './adjustment-shop.ts';
import { hoursOn } from './board.ts';

let shop: TestLedger;
let processId: string;

beforeEach(async () => {
  shop = await openLedger({ connections: 6 });
  await seedAdjustmentShop(shop.owner);
  const { adjustment } = await adjust(shop.ledger, {
    externalRef: 'f1',
    kind: 'found',
    quantity: 100,
  });
  processId = adjustment.id;
});
afterEach(() => shop.close());

const fail = (step: string, compensation = false, process = processId) =>
  reportFailure(shop.ledger, { processId: process, step, compensation, message: 'broken' });

const repair = (repairId: string, action: RepairAction, step?: string, process = processId) =>
  requestRepair(shop.ledger, {
    processId: process,
    repairId,
    action,
    step,
    reason: 'mended',
    actor: 'olga',
    at: hoursOn(1),
  });

async function board(process = processId) {
  return (await listExceptions(shop.ledger, { limit: 10, subjectId: process })).data;
}

async function signals() {
  return shop.owner<{ subject: string; payload: unknown }[]>`
    select subject_id as subject, payload from ledger.outbox where kind = 'signal' order by outbox_id`;
}

async function timeline(event: string) {
  return shop.owner<{ reason: string; actor: string; detail: unknown }[]>`
    select reason, actor, detail from ledger.timeline where subject_id = ${processId} and event = ${event}`;
}

describe('a retry', () => {
  test('settles what stands, tells the process to go on, and is on the board and the timeline', async () => {
    await fail('endStockAdjustment');
    const answer = await repair('x1', 'retry');
    const [one] = await board();
    expect(answer).toMatchObject({
      applied: true,
      replayed: false,
      repair: { state: 'done', exceptionIds: [one?.id], actor: 'olga', reason: 'mended' },
    });
    expect(one).toMatchObject({
      state: 'resolved',
      resolution: 'retry',
      resolvedBy: 'olga',
      note: 'mended',
    });
    const { events } = await readException(shop.ledger, { exceptionId: one?.id ?? '' });
    expect(events.map(({ event }) => event)).toEqual(['raised', 'repaired']);
    expect((await signals()).map((row) => ({ ...row }))).toEqual([
      { subject: processId, payload: { factId: 'repair:x1', again: true } },
    ]);
    expect((await timeline('process-repaired')).map((row) => ({ ...row }))).toEqual([
      { reason: 'mended', actor: 'olga', detail: { action: 'retry' } },
    ]);
  });

  test('of one step leaves the others, but what was seen from outside', async () => {
    await fail('beginStockAdjustment');
    await fail('endStockAdjustment');
    await fail('watched from outside');
    await repair('x1', 'retry', 'endStockAdjustment');
    const open = (await board()).filter(({ state }) => state === 'open');
    expect(open.map(({ evidence }) => evidence['step'])).toEqual(['beginStockAdjustment']);
  });

  test('sent ten times at once is done once; other content under its name is refused', async () => {
    await fail('endStockAdjustment');
    const answers = await Promise.all(Array.from({ length: 10 }, () => repair('x1', 'retry')));
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await signals()).toHaveLength(1);
    await expect(repair('x1', 'reset', 'endStockAdjustment')).rejects.toMatchObject({
      type: 'IdempotencyMismatch',
    });
  });

  test('of an unknown process is not found, and of an ended one that is well it is not made', async () => {
    await expect(repair('x1', 'retry', undefined, 'order:none:1')).rejects.toMatchObject({
      type: 'NotFound',
    });
    await shop.owner`update ledger.process set state = 'ended' where process_id = ${processId}`;
    expect(await repair('x1', 'retry')).toMatchObject({ applied: false });
    expect(await shop.owner`select from ledger.process_repair`).toHaveLength(0);
  });

  test('leaves alone what another process and what a payment has to do with it', async () => {
    await fail('endStockAdjustment');
    await shop.owner`
      select ledger.raise_exception('compensation-failed', ${processId}, ${processId}, 'pay-1',
        '{"failure": "not voided"}', ${NOON})`;
    await repair('x1', 'retry');
    const open = (await board()).filter(({ state }) => state === 'open');
    expect(open).toMatchObject([{ kind: 'compensation-failed' }]);
  });
});

describe('a reset', () => {
  test('waits for the engine, and settles what stands when that has said so', async () => {
    await fail('endStockAdjustment');
    expect(await repair('x1', 'reset', 'beginStockAdjustment')).toMatchObject({
      repair: { state: 'pending', endedAt: null },
    });
    expect(await board()).toMatchObject([{ state: 'open' }]);
    expect(await repair('x1', 'reset', 'beginStockAdjustment')).toMatchObject({
      replayed: true,
      repair: { state: 'pending' },
    });
    const finish = {
      processId,
      repairId: 'x1',
      state: 'done' as const,
      outcome: { runId: 'run-2' },
      actor: 'olga',
      at: hoursOn(2),
    };
    expect(await finishRepair(shop.ledger, finish)).toMatchObject({
      repair: { state: 'done', outcome: { runId: 'run-2' } },
    });
    expect(await finishRepair(shop.ledger, { ...finish, state: 'failed' })).toMatchObject({
      replayed: true,
      repair: { state: 'done' },
    });
    expect(await board()).toMatchObject([{ state: 'resolved', resolution: 'reset' }]);
    expect(await signals()).toEqual([]);
    expect(await timeline('process-repaired')).toMatchObject([
      {
        detail: {
          action: 'reset',
          step: 'beginStockAdjustment',
          outcome: { runId: 'run-2' },
        },
      },
    ]);
  });

  test('that comes to nothing leaves the entry open, with why', async () => {
    await fail('endStockAdjustment');
    await repair('x1', 'reset', 'noSuchStep');
    await finishRepair(shop.ledger, {
      processId,
      repairId: 'x1',
      state: 'failed',
      outcome: { message: 'its history has no step noSuchStep' },
      actor: 'olga',
      at: hoursOn(2),
    });
    const [one] = await board();
    expect(one).toMatchObject({ state: 'open' });
    const { events } = await readException(shop.ledger, { exceptionId: one?.id ?? '' });
    expect(events.at(-1)).toMatchObject({
      event: 'repair-failed',
      actor: 'olga',
      detail: { outcome: { message: 'its history has no step noSuchStep' } },
    });
    expect(await timeline('process-repair-failed')).toHaveLength(1);
  });

  test('after which the step fails again at once does not hide that', async () => {
    await fail('endStockAdjustment');
    await repair('x1', 'reset', 'endStockAdjustment');
    await fail('endStockAdjustment');
    await finishRepair(shop.ledger, {
      processId,
      repairId: 'x1',
      state: 'done',
      outcome: { runId: 'run-2' },
      actor: 'olga',
      at: hoursOn(2),
    });
    expect(await board()).toMatchObject([{ state: 'open', seen: 2 }]);
  });
});

describe('a step that is left out', () => {
  test('is one at which the process stands', async () => {
    await expect(repair('x1', 'skip', 'remindInspection')).rejects.toMatchObject({
      type: 'InvalidInput',
      path: 'step',
      message: `${processId} does not stand at remindInspection`,
    });
  });

  test('is none that books anything: the answer names those that can be left out', async () => {
    await fail('endStockAdjustment');
    const refused = repair('x1', 'skip', 'endStockAdjustment');
    await expect(refused).rejects.toMatchObject({ type: 'InvalidInput', path: 'step' });
    const message = await refused.catch((error: unknown) => String(error));
    for (const step of Object.keys(SKIPPABLE_STEPS)) expect(message).toContain(step);
    expect(await board()).toMatchObject([{ state: 'open' }]);
    expect(await shop.owner`select from ledger.process_repair`).toHaveLength(0);
  });

  test.each(['remindInspection', 'remindCapture'])(
    '%s: its deadline is over, and nobody is told',
    async (step) => {
      const kind = step === 'remindInspection' ? 'inspection' : 'capture';
      await shop.owner`
        insert into ledger.due (due_id, subject_id, process_id, kind, next_step, due_at, state)
        values (${`${processId}:${kind}:1`}, ${processId}, ${processId}, ${kind}, ${step}, ${NOON}, 'reached'),
          (${`${processId}:other:1`}, ${processId}, ${processId}, 'other', 'other', ${NOON}, 'open')`;
      await fail(step);
      expect(await repair('x1', 'skip', step)).toMatchObject({ repair: { state: 'done' } });
      const dues = await shop.owner<{ kind: string; state: string }[]>`
        select kind, state from ledger.due where subject_id = ${processId} and kind in (${kind}, 'other') order by kind = 'other'`;
      expect(dues.map((due) => ({ ...due }))).toEqual([
        { kind, state: 'met' },
        { kind: 'other', state: 'open' },
      ]);
      expect(await board()).toMatchObject([{ state: 'resolved', resolution: 'skip' }]);
      expect(await signals()).toHaveLength(1);
    },
  );
});
