/** Workflows that do nothing, from start to end in one process; one task a line, see engine-floor.ts. */
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { type InjectedSinks, Worker } from '@temporalio/worker';
import { quietEngineLog } from '../../worker/engine-log.ts';
import { connectTemporal } from '../../worker/temporal-connection.ts';
import { callersAtOnce } from '../measure.ts';
import type { FloorResult, FloorTask } from './engine-floor.ts';
import { SHIPPED, type FloorActivities, type FloorSinks } from './floor-workflows.ts';
import { answerAll } from '../talking-process.ts';

const TASK_QUEUE = 'placement-floor';
/** As many as a dispatcher of Loopline claims. */
const SIGNALS_AT_ONCE = 100;

type Run = Extract<FloorTask, { workflow: string }>;

/** When each workflow came so far, by the name of the point. */
const reached = { ran: new Map<string, number>(), waits: 0, settled: 0 };
let client: Client | undefined;
let stop = async (): Promise<void> => undefined;

quietEngineLog((line) => console.error(line));
await answerAll<FloorTask>(async (task) => {
  if ('temporalAddress' in task) return connect(task.temporalAddress, task.namespace);
  if (client === undefined) throw new Error('nobody has said where Temporal is');
  return task.workflow === 'empty' ? runEmpty(client, task) : runSameSteps(client, task);
});
await stop();

async function connect(address: string, namespace: string): Promise<object> {
  const connection = await connectTemporal(address);
  const activities: FloorActivities = {
    begin: async () => {
      reached.waits += 1;
    },
    advance: nothing,
    capture: nothing,
    settle: async () => {
      reached.settled += 1;
    },
  };
  const sinks: InjectedSinks<FloorSinks> = {
    floor: {
      ran: {
        fn: ({ workflowId }) => {
          reached.ran.set(workflowId, performance.now());
        },
      },
    },
  };
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUE,
    workflowsPath: fileURLToPath(new URL('./floor-workflows.ts', import.meta.url)),
    activities: { ...activities },
    sinks,
    maxCachedWorkflows: 2_000,
  });
  const running = worker.run();
  client = new Client({ connection, namespace });
  stop = async () => {
    worker.shutdown();
    await running;
    await connection.close();
  };
  return {};
}

async function nothing(): Promise<void> {
  await Promise.resolve();
}

async function runEmpty(engine: Client, task: Run): Promise<FloorResult> {
  reached.ran.clear();
  const askedAt: number[] = [];
  const startedAt = performance.now();
  await callersAtOnce(task.callers, task.count, async (index) => {
    askedAt[index] = performance.now();
    await start(engine, task, index);
    if (task.pauseMs > 0) await sleep(task.pauseMs);
  });
  await until(() => reached.ran.size === task.count);
  const ranAt = (index: number) => reached.ran.get(`${task.name}-${index}`) ?? Number.NaN;
  return {
    seconds: (Math.max(...reached.ran.values()) - startedAt) / 1_000,
    milliseconds: askedAt.map((asked, index) => ranAt(index) - asked),
  };
}

/** All are started, and when all wait the goods of all are shipped: as a burst of orders is measured. */
async function runSameSteps(engine: Client, task: Run): Promise<FloorResult> {
  reached.waits = 0;
  reached.settled = 0;
  const startedAt = performance.now();
  await callersAtOnce(task.callers, task.count, (index) => start(engine, task, index));
  await until(() => reached.waits === task.count);
  await callersAtOnce(SIGNALS_AT_ONCE, task.count, (index) =>
    engine.workflow.getHandle(`${task.name}-${index}`).signal(SHIPPED),
  );
  await until(() => reached.settled === task.count);
  return { seconds: (performance.now() - startedAt) / 1_000, milliseconds: [] };
}

/** As Loopline starts an order's workflow, but for summary and search attributes. */
async function start(engine: Client, { workflow, name }: Run, index: number): Promise<void> {
  const workflowId = `${name}-${index}`;
  await engine.workflow.start(workflow, {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [workflowId],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    requestEagerStart: true,
  });
}

async function until(isReached: () => boolean): Promise<void> {
  while (!isReached()) await sleep(2);
}
