import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import { eventually, type TestLoopline } from '../../support/loopline.ts';
import type { ReturnDesk } from '../return-desk.ts';
import {
  crashed,
  reviewCases,
  untilContinuedAsNew,
  type HistoryCase,
  type Outage,
} from './history-case.ts';

const DAY = 86_400;
/** Above the approval threshold. */
const DEAR = { unitPrice: '100' };

interface Stage {
  readonly loopline: TestLoopline;
  readonly desk: ReturnDesk;
  readonly outage: Outage;
}

/** Every way of a return that its replay tests need. */
export function returnCases(stage: Stage): HistoryCase[] {
  const { desk } = stage;
  const finish = async (returnId: string) => {
    await desk.becomes(returnId, { state: 'awaiting-receipt' });
    await desk.bringBack(returnId);
  };
  return [
    ...reviewCases({ desk, propose: () => desk.ask(DEAR), finish }),
    ...goodsCases(stage),
    ...moneyCases(stage),
    ...troubleCases(stage),
  ];
}

async function labelled({ desk }: Stage, wish: Parameters<ReturnDesk['ask']>[0] = {}) {
  const { returnId, handle } = await desk.run(wish);
  await desk.waits(handle);
  return { returnId, handle };
}

async function broughtBack(
  { desk }: Stage,
  returnId: string,
  handle: WorkflowHandle,
): Promise<WorkflowHandle> {
  await desk.bringBack(returnId);
  await handle.result();
  return handle;
}

function goodsCases(stage: Stage): HistoryCase[] {
  const { desk, loopline } = stage;
  return [
    {
      name: 'straight',
      run: async () => {
        const { returnId, handle } = await labelled(stage);
        return broughtBack(stage, returnId, handle);
      },
    },
    {
      name: 'nothing-came-in-time',
      run: async () => {
        const { returnId, handle } = await labelled(stage);
        await loopline.skipTime(returnId, 31 * DAY);
        await handle.result();
        return handle;
      },
    },
    {
      name: 'inspection-late',
      run: async () => {
        const { returnId, handle } = await labelled(stage);
        await desk.receive(returnId);
        await untilDetails(loopline, returnId, 'awaiting-inspection');
        await loopline.skipTime(returnId, 4 * DAY);
        await desk.exception(returnId, 'inspection');
        await desk.inspect(returnId);
        await handle.result();
        return handle;
      },
    },
    {
      name: 'cancelled-in-the-engine',
      run: async () => {
        const { handle } = await labelled(stage);
        await handle.cancel();
        await handle.result().catch(() => undefined);
        return handle;
      },
    },
    {
      name: 'cancelled-in-the-engine-in-review',
      run: async () => {
        const { handle } = await labelled(stage, DEAR);
        await handle.cancel();
        await handle.result().catch(() => undefined);
        return handle;
      },
    },
  ];
}

function moneyCases(stage: Stage): HistoryCase[] {
  const { desk, loopline } = stage;
  return [
    {
      name: 'refund-failed-then-credited',
      run: async () => {
        const { returnId, handle } = await labelled(stage, { token: 'tok_refund_fail' });
        await desk.bringBack(returnId);
        await desk.resolve(returnId, 'refund-failed', 'retry');
        await desk.resolve(returnId, 'refund-failed', 'credit-customer');
        await handle.result();
        return handle;
      },
    },
    {
      name: 'capture-settled-while-waiting',
      run: async () => {
        const { returnId, handle } = await labelled(stage, { captureUnderWay: true });
        await desk.bringBack(returnId);
        await desk.awaitsCapture(returnId);
        await desk.settleCaptures(returnId);
        await handle.result();
        return handle;
      },
    },
    {
      name: 'capture-overdue',
      run: async () => {
        const { returnId, handle } = await labelled(stage, { captureUnderWay: true });
        await desk.bringBack(returnId);
        await desk.awaitsCapture(returnId);
        await loopline.skipTime(returnId, 4 * 3_600);
        await desk.resolve(returnId, 'capture-overdue', 'accept');
        await handle.result();
        return handle;
      },
    },
  ];
}

/** The workflow itself says in Temporal's UI that it waits in this state. */
async function untilDetails(
  loopline: TestLoopline,
  workflowId: string,
  state: string,
): Promise<void> {
  await eventually(async () => {
    const details = await loopline.client.workflow
      .getHandle(workflowId)
      .query<string>('__temporal_workflow_metadata');
    expect(JSON.stringify(details)).toContain(`**${state}**`);
  });
}

function troubleCases(stage: Stage): HistoryCase[] {
  const { desk, loopline, outage } = stage;
  return [
    {
      name: 'ledger-away-across-a-timer',
      run: async () => {
        const returnId = await desk.ask();
        outage.set(returnId, 'advanceReturn');
        const handle = await loopline.start(returnId);
        await desk.waits(handle);
        return broughtBack(stage, returnId, handle);
      },
    },
    {
      name: 'task-again-after-a-crash',
      run: async () => {
        const returnId = await desk.ask();
        const handle = await crashed(loopline, returnId, 'recordReturnLabel');
        await desk.waits(handle);
        return broughtBack(stage, returnId, handle);
      },
    },
    {
      name: 'continued-as-new',
      run: async () => {
        const { returnId, handle } = await labelled(stage);
        await untilContinuedAsNew(handle);
        return broughtBack(stage, returnId, handle);
      },
    },
  ];
}
