import { test, expect, inject, afterAll } from 'vitest';
import { NativeConnection, Worker } from '@temporalio/worker';
import { Client, Connection } from '@temporalio/client';
import { openLedger } from '../support/ledger.ts';
import { createReturnLedgerSteps, createReturnProviderSteps } from '../../activities/return-activities.ts';
import { createDecisionActivities } from '../../activities/decision-activities.ts';
import { ApplicationFailure } from '@temporalio/common';
import { Failure, FAILURES } from '../../activities/failures.ts';
import { submitDecision } from '../../activities/ledger/intake/submit-decision.ts';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { askReturn, bringBack, expectSound, placeOrder, seedReturnShop, sendOrder, stockIn } from '../ledger/return-shop.ts';
import { readReturn } from '../../activities/ledger/read/return.ts';

test('return workflow on a real server', async () => {
  const shop = await openLedger(); const { ledger, owner } = shop;
  await seedReturnShop(owner); await stockIn(owner, 'MUG', 100, '2', 'po');
  const address = process.env['RT_TEMPORAL'] ?? inject('temporalAddress');
  const nc = await NativeConnection.connect({ address });
  const calls: string[] = [];
  let failRefund = true;
  const carrier = { async buyLabel(r: { idempotencyKey: string }) { calls.push(r.idempotencyKey); throw new Failure('ProviderRefused', 'no such country'); } };
  const payment = { refund: async (r: { idempotencyKey: string }) => { calls.push(r.idempotencyKey); if (failRefund) { failRefund = false; return { status: 'failed' as const, failure: 'card closed' }; } return { status: 'succeeded' as const, providerId: 'x' }; } };
  const worker = await Worker.create({ connection: nc, taskQueue: 'rt', workflowsPath: new URL('../../workflows/return/workflow.ts', import.meta.url).pathname,
    interceptors: { activity: [() => ({ inbound: { async execute(input, next) { try { return await next(input); } catch (e) { if (e instanceof Failure) throw ApplicationFailure.create({ message: e.message, type: e.type, nonRetryable: !FAILURES[e.type].retryable, cause: e }); throw e; } } } })] },
    activities: { ...createReturnLedgerSteps({ ledger }), ...createReturnProviderSteps({ carrier, payment } as never), ...createDecisionActivities({ ledger }) } });
  const running = worker.run();
  const client = new Client({ connection: await Connection.connect({ address }) });
  const orderId = await placeOrder(shop, { id: '1', lines: [{ sku: 'MUG', quantity: 40, unitPrice: '5' }] });
  await sendOrder(shop, orderId);
  const { return: asked } = await askReturn(shop, { externalRef: 'r1', lines: [{ sku: 'MUG', quantity: 30 }] });
  expect(asked.state).toBe('in-review');
  const id = asked.id;
  const handle = await client.workflow.start('returnProcess', { args: [{ processId: id }], workflowId: id, taskQueue: 'rt' });
  const approvalId = asked.approvals[0]?.approvalId ?? '';
  await submitDecision(ledger, { approvalId, decisionId: 'd1', decision: 'approve', actor: 'boss' });
  const out = await handle.executeUpdate('decide', { args: [{ decisionId: 'd1', approvalId }], updateId: 'd1' });
  expect(out).toMatchObject({ applied: true, state: 'approved' });
  const until = async (f: () => Promise<boolean>) => { for (let i = 0; i < 100; i++) { if (await f()) return; await new Promise((r) => setTimeout(r, 100)); } throw new Error('never ' + JSON.stringify((await handle.fetchHistory()).events?.slice(-4))); };
  await until(async () => (await owner`select 1 from ledger.exception where kind = 'carrier'`).length > 0);
  await bringBack(shop, await readReturn(ledger, id));
  await handle.signal('look', { factId: 'x' });
  await until(async () => (await owner`select 1 from ledger.exception where kind = 'refund-failed'`).length > 0);
  const [ex] = await owner`select exception_id as id from ledger.exception where kind = 'refund-failed'`;
  await resolveException(ledger, { exceptionId: ex?.['id'], resolutionId: 'q', action: 'retry', actor: 'boss' } as never);
  await handle.signal('look', { factId: ex?.['id'] });
  expect(await handle.result()).toBe('closed');
  expect(calls).toEqual([`${id}:label:1`, `${id}:refund:1`, `${id}:refund:2`]);
  expect(await readReturn(ledger, id)).toMatchObject({ state: 'closed', refunds: [{ state: 'failed' }, { state: 'refunded', amountMinor: '15000' }] });
  await expectSound(shop);
  const h = await handle.fetchHistory();
  console.log('events', h.events?.length);

  // cancelled from outside before anything came back
  const second = (await askReturn(shop, { externalRef: 'r2', lines: [{ sku: 'MUG', quantity: 2 }] })).return;
  const h2 = await client.workflow.start('returnProcess', { args: [{ processId: second.id }], workflowId: second.id, taskQueue: 'rt' });
  await until(async () => (await owner`select 1 from ledger.step where key = ${second.id + ':label-skipped:1'}`).length > 0);
  await h2.cancel();
  await expect(h2.result()).rejects.toThrow();
  expect(await readReturn(ledger, second.id)).toMatchObject({ state: 'expired' });
  expect((await owner`select state from ledger.process where process_id = ${second.id}`)[0]).toEqual({ state: 'ended' });
  worker.shutdown(); await running; await nc.close(); await shop.close();
}, 60000);
