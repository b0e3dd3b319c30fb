import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  Connection,
  type WorkflowHandle,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { inject } from 'vitest';
import { httpCarrier } from '../../activities/carrier/http-carrier.ts';
import type { NotifyProvider } from '../../activities/notify/notify.ts';
import { webhookSender } from '../../activities/notify/send-webhook.ts';
import { smtpMail } from '../../activities/notify/smtp-mail.ts';
import { httpGateway } from '../../activities/payment/http-gateway.ts';
import { parseKeyRing } from '../../activities/sealing/key-ring.ts';
import { httpSupplier } from '../../activities/supplier/http-supplier.ts';
import { putSettings } from '../../bench/put-settings.ts';
import {
  startSimulators,
  type RunningSimulators,
  type SimulatorName,
} from '../../simulators/start-simulators.ts';
import { activityFailures } from '../../worker/activity-failures.ts';
import { createActivities } from '../../worker/compose.ts';
import { startDispatcher, type Dispatcher } from '../../worker/dispatcher.ts';
import { temporalEngine, type TemporalEngine } from '../../worker/engine.ts';
import { encryptingConverter } from '../../worker/payload-codec.ts';
import { ensureNamespace } from '../../worker/temporal-namespace.ts';
import { workflowBundle } from '../../worker/workflow-bundle.ts';
import { TASK_QUEUE, WORKFLOW_TYPES, type ProcessKind } from '../../workflows/process/messages.ts';
import { openLedger, type TestLedger } from './ledger.ts';

/** Every activity by name, as the worker runs them. */
export type Activities = ReturnType<typeof createActivities>;

/** Servers that run already; a test run provides them, other callers name them. */
export interface TestServers {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
}

/** Loopline around a ledger and a Temporal namespace of its own, with simulated providers. */
export interface TestLoopline extends TestLedger {
  readonly servers: TestServers;
  readonly namespace: string;
  readonly client: Client;
  readonly engine: TemporalEngine;
  /** Addresses of the simulators. */
  readonly simulators: Readonly<Record<SimulatorName, string>>;
  /** Where the simulated mail server takes mail. */
  readonly smtpUrl: string;
  readonly activities: Activities;
  /** Runs a worker until the test ends or stop() is called; `activities` and bundle may be replaced. */
  startWorker(options?: TestWorkerOptions): Promise<RunningWorker>;
  /** Does `act` while no worker runs, so that everything it sends waits together; then another worker takes over. */
  whilePaused(act: () => Promise<void>, next?: TestWorkerOptions): Promise<void>;
  /** Carries the ledger's messages to the workflows, as in production. */
  startDispatcher(): Dispatcher;
  /** Starts the process's workflow as the dispatcher does. */
  start(processId: string, kind?: ProcessKind): Promise<WorkflowHandle>;
  /** Tells the workflow to look at the ledger. */
  signal(processId: string, factId: string): Promise<boolean>;
  /** Lets the workflow's clock run ahead; returns once it has asked for it. */
  skipTime(workflowId: string, seconds: number): Promise<void>;
  /** Starts the process again under its id, as after the engine has forgotten it. */
  startAgain(processId: string): Promise<WorkflowHandle>;
  /** Starts the process where only workers of that queue see it; a task that a dead worker holds is lost after 4 s. */
  startOn(taskQueue: string, processId: string): Promise<WorkflowHandle>;
  /** Changes the settings of a simulator. */
  configure(simulator: SimulatorName, settings: object): Promise<void>;
}

export interface TestWorkerOptions {
  readonly taskQueue?: string;
  readonly activities?: object;
  readonly workflowBundle?: WorkerOptions['workflowBundle'];
  readonly maxCachedWorkflows?: number;
  /** As LOOPLINE_PAYLOAD_KEYS of this worker alone; those of the whole when left out. */
  readonly payloadKeys?: string;
}

export interface RunningWorker {
  stop(): Promise<void>;
}

let runtimeInstalled = false;

/**
 * Opens all of it; close() stops what was started, workers first. With `payloadKeys`, client and workers
 * encrypt what they tell Temporal, as LOOPLINE_PAYLOAD_KEYS does.
 */
export async function openLoopline(
  options: { servers?: TestServers; payloadKeys?: string } = {},
): Promise<TestLoopline> {
  quietRuntime();
  const servers = options.servers ?? providedServers();
  const shop = await openLedger({ connections: 20, databaseUrl: servers.databaseUrl });
  const namespace = await openNamespace(servers.temporalAddress);
  const simulators = await openSimulators();
  const connection = await NativeConnection.connect({ address: servers.temporalAddress });
  const client = new Client({ connection, namespace, ...converterOf(options.payloadKeys) });
  const engine = temporalEngine(() => ({ client, connection }), { eager: false });
  const { urls, smtpUrl } = simulators.running;
  const activities = createActivities(shop.ledger, {
    payment: httpGateway(urls.gateway),
    carrier: httpCarrier(urls.carrier),
    supplier: httpSupplier(urls.supplier),
  });
  const mail = smtpMail({ url: smtpUrl, from: 'shop@loopline.example' });
  const workers = new Set<RunningWorker>();
  const dispatchers = new Set<Dispatcher>();
  const loopline: TestLoopline = {
    ...shop,
    servers,
    namespace,
    client,
    engine,
    simulators: urls,
    smtpUrl,
    activities,
    async startWorker({ payloadKeys = options.payloadKeys, ...given } = {}) {
      const own = { connection, namespace, activities, ...converterOf(payloadKeys) };
      const started = await runWorker({ ...own, ...given });
      workers.add(started);
      return started;
    },
    async whilePaused(act, next) {
      await Promise.all([...workers].map((worker) => worker.stop()));
      workers.clear();
      await act();
      await loopline.startWorker(next);
    },
    startDispatcher() {
      const dispatcher = dispatcherOf(shop, engine, mail);
      dispatchers.add(dispatcher);
      return dispatcher;
    },
    async start(processId, kind = kindOf(processId)) {
      await engine.startNow({ processId, kind });
      return client.workflow.getHandle(processId);
    },
    signal: (processId, factId) => engine.signal(processId, factId),
    skipTime: (workflowId, seconds) => skipTime(connection, namespace, workflowId, seconds),
    startAgain: (processId) =>
      startAs(client, processId, { workflowIdReusePolicy: 'ALLOW_DUPLICATE' }),
    startOn: (taskQueue, processId) =>
      startAs(client, processId, { taskQueue, workflowTaskTimeout: '4 seconds' }),
    configure: (simulator, settings) => putSettings(urls[simulator], settings),
    close: async () => {
      await Promise.all([...dispatchers].map((dispatcher) => dispatcher.stop()));
      await Promise.all([...workers].map((worker) => worker.stop()));
      mail.close();
      await connection.close();
      await simulators.stop();
      await shop.close();
    },
  };
  return loopline;
}

/** Those of the test run. */
function providedServers(): TestServers {
  return { databaseUrl: inject('databaseUrl'), temporalAddress: inject('temporalAddress') };
}

/** Carries messages as in production, but for webhooks: these tests have no keys for their secrets. */
function dispatcherOf(
  { ledger }: TestLedger,
  engine: TemporalEngine,
  notify: NotifyProvider,
): Dispatcher {
  return startDispatcher({
    ledger,
    engine,
    notify,
    notices: {
      publicUrl: 'https://loopline.example',
      secrets: undefined,
      sendWebhook: webhookSender({ networks: 'loopback' }),
    },
    reportError: () => undefined,
  });
}

/** The option of clients and workers that a list of keys turns on. */
function converterOf(payloadKeys: string | undefined): Pick<WorkerOptions, 'dataConverter'> {
  if (payloadKeys === undefined) return {};
  const dataConverter = encryptingConverter(parseKeyRing(payloadKeys));
  return dataConverter === undefined ? {} : { dataConverter };
}

function startAs(
  client: Client,
  processId: string,
  options: Partial<WorkflowStartOptions>,
): Promise<WorkflowHandle> {
  return client.workflow.start(WORKFLOW_TYPES[kindOf(processId)], {
    workflowId: processId,
    taskQueue: TASK_QUEUE,
    args: [{ processId }],
    ...options,
  });
}

/** A process as the API and the dispatcher name it to the engine. */
export function processNamed(processId: string): { processId: string; kind: ProcessKind } {
  return { processId, kind: kindOf(processId) };
}

/** The kind is the id's first part: `order:web:1` is an order. */
function kindOf(processId: string): ProcessKind {
  const kind = processId.split(':', 1)[0] ?? '';
  if (!Object.hasOwn(WORKFLOW_TYPES, kind))
    throw new Error(`${processId} names no kind of process`);
  return kind as ProcessKind;
}

/** The SDK warns of every activity that a test makes fail; only its errors are worth reading. */
export function quietRuntime(): void {
  if (runtimeInstalled) return;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
    },
  });
  runtimeInstalled = true;
}

async function openNamespace(address: string): Promise<string> {
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    await eventually(() => ensureNamespace(connection, namespace));
  } finally {
    await connection.close();
  }
  return namespace;
}

async function openSimulators(): Promise<{ running: RunningSimulators; stop(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'loopline-simulators-'));
  const running = await startSimulators({
    ports: {},
    dataDir,
    seed: 1,
    mode: 'replay',
    apiUrl: 'http://127.0.0.1:9',
    apiKey: 'unused-by-these-tests',
  });
  // Nobody acts by himself here: a test says what the warehouse and the suppliers do.
  await putSettings(running.urls.warehouse, { auto: false });
  return {
    running,
    stop: async () => {
      await running.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function runWorker(
  options: {
    connection: NativeConnection;
    namespace: string;
    activities: object;
  } & Omit<TestWorkerOptions, 'payloadKeys'> &
    Pick<WorkerOptions, 'dataConverter'>,
): Promise<RunningWorker> {
  const worker = await Worker.create({
    taskQueue: TASK_QUEUE,
    interceptors: { activity: [activityFailures] },
    ...options,
    workflowBundle: options.workflowBundle ?? (await workflowBundle(options.dataConverter)),
    shutdownGraceTime: 1_000,
  });
  const running = worker.run();
  return {
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
    },
  };
}

async function skipTime(
  connection: NativeConnection,
  namespace: string,
  workflowId: string,
  seconds: number,
): Promise<void> {
  await connection.workflowService.updateWorkflowExecutionOptions({
    namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: {
      timeSkippingConfig: {
        enabled: true,
        fastForwardConfig: { id: randomUUID(), duration: msToTs(seconds * 1000) },
      },
    },
    updateMask: { paths: ['time_skipping_config'] },
  });
}

/** Repeats `act` until it does not throw; past the deadline its last error is thrown. */
export async function eventually<Result>(
  act: () => Promise<Result> | Result,
  options: { deadlineMs?: number; everyMs?: number } = {},
): Promise<Result> {
  const { deadlineMs = 20_000, everyMs = 50 } = options;
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(everyMs);
    }
  }
}
