/**
 * Records the histories that the replay tests replay: `npx tsx test/workflows/record-histories.ts [TYPE…]`.
 * What went a way that is kept already is not written again; see keepRecording.
 */
import type { WorkflowHandle } from '@temporalio/client';
import type { TestProject } from 'vitest/node';
import { seedAdjustmentShop } from '../ledger/adjustment-shop.ts';
import { seedPurchasing } from '../ledger/purchasing.ts';
import { openLoopline, type TestLoopline, type TestServers } from '../support/loopline.ts';
import { setup } from '../support/stack.ts';
import { OrderDesk, openOrderShop } from './order-desk.ts';
import { ProcessDesk } from './process-desk.ts';
import { PurchaseDesk } from './purchase-desk.ts';
import { Outage, type HistoryCase } from './recording/history-case.ts';
import { orderCases } from './recording/order-cases.ts';
import {
  adjustmentCases,
  approvalCases,
  financeCases,
  goodwillCases,
  purchaseCases,
  replenishmentCases,
} from './recording/other-cases.ts';
import { returnCases } from './recording/return-cases.ts';
import { bundleForReplay, historyAsJson, keepRecording, replay } from './replay.ts';
import { ReturnDesk } from './return-desk.ts';

type Prepare = (loopline: TestLoopline, outage: Outage) => Promise<HistoryCase[]>;

/** The shop that each workflow type needs, and its cases. */
const TYPES: Record<string, Prepare> = {
  orderProcess: async (loopline, outage) => {
    await openOrderShop(loopline);
    return orderCases({ loopline, outage, desk: new OrderDesk(loopline) });
  },
  returnProcess: async (loopline, outage) => {
    const desk = new ReturnDesk(loopline);
    await desk.open();
    return returnCases({ loopline, outage, desk });
  },
  purchaseOrderProcess: async (loopline, outage) => {
    await seedPurchasing(loopline.owner);
    return purchaseCases({ loopline, outage, desk: new PurchaseDesk(loopline) });
  },
  replenishmentProcess: async (loopline, outage) => {
    await seedPurchasing(loopline.owner);
    return replenishmentCases({ loopline, outage, desk: new ProcessDesk(loopline) });
  },
  stockAdjustmentProcess: async (loopline, outage) => {
    await seedAdjustmentShop(loopline.owner);
    return adjustmentCases({ loopline, outage, desk: new ProcessDesk(loopline) });
  },
  financeEntryProcess: async (loopline, outage) => {
    await seedAdjustmentShop(loopline.owner);
    return financeCases({ loopline, outage, desk: new ProcessDesk(loopline) });
  },
  approvalProcess: async (loopline, outage) => {
    await seedAdjustmentShop(loopline.owner);
    return approvalCases({ loopline, outage, desk: new ProcessDesk(loopline) });
  },
  goodwillProcess: async (loopline, outage) => {
    const desk = new ReturnDesk(loopline);
    await desk.open();
    return goodwillCases({ loopline, outage, desk });
  },
};

const wanted = process.argv.slice(2);
const servers = new Map<string, string>();
const provide = (name: string, value: string) => void servers.set(name, value);
const stop = await setup({ provide } as unknown as TestProject);
try {
  const bundle = await bundleForReplay();
  for (const [type, prepare] of Object.entries(TYPES)) {
    if (wanted.length === 0 || wanted.includes(type)) await recordType(type, prepare, bundle);
  }
} finally {
  await stop();
}

async function recordType(type: string, prepare: Prepare, bundle: { code: string }): Promise<void> {
  const loopline = await openLoopline({
    servers: {
      databaseUrl: servers.get('databaseUrl') ?? '',
      temporalAddress: servers.get('temporalAddress') ?? '',
    } satisfies TestServers,
  });
  try {
    const outage = new Outage();
    const activities = outage.wrap(loopline.activities);
    const cases = await prepare(
      { ...loopline, whilePaused: (act) => loopline.whilePaused(act, { activities }) },
      outage,
    );
    await loopline.startWorker({ activities });
    loopline.startDispatcher();
    for (const { name, run } of cases) {
      const handle = await run();
      for (const [index, history] of (await historiesOf(loopline, handle)).entries()) {
        const caseName = index === 0 ? name : `${name}-second-run`;
        await record(type, caseName, history, bundle);
      }
    }
  } finally {
    await loopline.close();
  }
}

/** The histories of all runs, oldest first. */
async function historiesOf(loopline: TestLoopline, handle: WorkflowHandle): Promise<object[]> {
  const { raw } = await handle.describe();
  const firstRunId = raw.workflowExecutionInfo?.firstRunId ?? undefined;
  const histories: object[] = [];
  let runId: string | undefined = firstRunId;
  while (runId !== undefined && runId !== '') {
    const history = await loopline.client.workflow
      .getHandle(handle.workflowId, runId)
      .fetchHistory();
    histories.push(historyAsJson(history));
    const last = history.events?.at(-1);
    runId = last?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
  }
  return histories;
}

async function record(
  type: string,
  caseName: string,
  history: object,
  bundle: { code: string },
): Promise<void> {
  const name = `${type}/${caseName}`;
  const replayed = (await replay(bundle, [{ name, history }])).get(name);
  if (replayed === undefined || replayed.error !== undefined) {
    throw new Error(`${name} cannot be replayed`, { cause: replayed?.error });
  }
  const file = await keepRecording(type, caseName, { history, inputs: replayed.inputs });
  console.log(file === undefined ? `${name}: as kept` : `${name}: kept in ${file}`);
}
