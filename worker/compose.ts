import type { AddressInfo } from 'node:net';
import { serve, type ServerType } from '@hono/node-server';
import { Worker } from '@temporalio/worker';
import { httpCarrier } from '../activities/carrier/http-carrier.ts';
import { createDecisionActivities } from '../activities/decision-activities.ts';
import { createFinanceEntryActivities } from '../activities/finance-entry-activities.ts';
import { createGoodwillLedgerSteps } from '../activities/goodwill-activities.ts';
import { connectLedger, type Ledger } from '../activities/ledger/connect.ts';
import {
  createOrderLedgerSteps,
  createOrderProviderSteps,
} from '../activities/order-activities.ts';
import { httpGateway } from '../activities/payment/http-gateway.ts';
import {
  createPurchaseOrderLedgerSteps,
  createPurchaseOrderProviderSteps,
} from '../activities/purchase-order-activities.ts';
import { createReplenishmentActivities } from '../activities/replenishment-activities.ts';
import {
  createReturnLedgerSteps,
  createReturnProviderSteps,
} from '../activities/return-activities.ts';
import type { KeyRing } from '../activities/sealing/key-ring.ts';
import { createStockAdjustmentActivities } from '../activities/stock-adjustment-activities.ts';
import { httpSupplier } from '../activities/supplier/http-supplier.ts';
import { createApi } from '../api/app.ts';
import { type Load, type LoadLimits, measureLoad } from '../api/load.ts';
import { TASK_QUEUE } from '../workflows/process/messages.ts';
import { activityFailures } from './activity-failures.ts';
import {
  openApiAccess,
  webhookSecret,
  type ApiAccess,
  type ApiAccessSettings,
} from './api-access.ts';
import { startDispatcher } from './dispatcher.ts';
import { drainable, type Drain } from './drain-server.ts';
import { temporalEngine, type TemporalEngine } from './engine.ts';
import { firstAttempts } from './first-attempts.ts';
import { HTTP_LIMITS } from './http-limits.ts';
import { inOneLine } from './in-one-line.ts';
import { startAuditSealer } from './audit-sealer.ts';
import { openNoticeParts, type NoticeParts, type NoticePartsSettings } from './notice-parts.ts';
import { encryptingConverter } from './payload-codec.ts';
import { type LinkedParts, openTemporalSession, type TemporalLink } from './temporal-session.ts';
import { startWallClock } from './wall-clock.ts';
import { startRushReports } from './rush-reports.ts';
import { startWatcher } from './watcher.ts';
import { withoutSecrets } from './without-secrets.ts';
import { workflowBundle } from './workflow-bundle.ts';

/** Where the providers are reached. */
export interface ProviderUrls {
  readonly gateway: string;
  readonly carrier: string;
  readonly supplier: string;
}

export interface LooplineOptions {
  /** The application role's URL. */
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly providers: ProviderUrls;
  /** How people and programs are reached. */
  readonly notices: NoticePartsSettings;
  /** Encrypts what Temporal keeps; left out, it is readable. */
  readonly payloadKeys?: KeyRing | undefined;
  readonly api: ApiAccessSettings & { readonly host: string; readonly port: number };
  /** Which parts run in this process; any combination. */
  readonly roles: { readonly api: boolean; readonly worker: boolean; readonly dispatcher: boolean };
  /** What the API takes on at once; its defaults when left out. */
  readonly limits?: LoadLimits;
  /** How long stop() waits for requests under way, and then for tasks of the worker. */
  readonly drainMs?: number;
  readonly log: (line: string) => void;
}

/** Loopline in one process; stop() goes in order: API and dispatcher, watcher and worker, connections. */
export interface Loopline {
  readonly apiUrl: string;
  readonly ledger: Ledger;
  stop(): Promise<void>;
}

/** With so many orders under way the ledger has more than one call's worth to do. */
const BUSY_ORDERS = 24;
const DEFAULT_DRAIN_MS = 10_000;
/** After the drain time activities are told to stop; those that do not are given up: their keys make that safe. */
const GIVE_UP_MS = 2_000;

/** What a caller met is a defect of ours, with its stack; what the loops meet passes, and comes again. */
const inFull = (error: unknown) =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/**
 * Starts the chosen parts over one ledger pool and one connection to Temporal. Without Temporal they start
 * as well: what needs it waits in the ledger, and the worker follows when it is reached.
 */
export async function startLoopline(options: LooplineOptions): Promise<Loopline> {
  const { roles } = options;
  const log = (line: string) => options.log(withoutSecrets(line));
  const ledger = connectLedger(options.databaseUrl);
  const load = measureLoad(options.limits);
  const reportError = (error: unknown, requestId?: string) => {
    log(
      `${requestId ?? 'background'}: ${requestId === undefined ? inOneLine(error) : inFull(error)}`,
    );
  };
  // What is wrong with the workflows themselves shows at the start, whether or not Temporal is there.
  const dataConverter = encryptingConverter(options.payloadKeys);
  const bundle = roles.worker ? await workflowBundle(dataConverter) : undefined;
  const providers = connectProviders(options.providers);
  const people = openNoticeParts(options.notices);
  const temporal = await openTemporalSession({
    address: options.temporalAddress,
    namespace: options.namespace,
    dataConverter,
    run: (link) => runOverLink(options, { link, ledger, providers, bundle, reportError }),
    log,
  });
  const isIntakeBusy = () => load.ordersLately() >= BUSY_ORDERS;
  const engine = temporalEngine(() => temporal.link(), { eager: roles.worker, isIntakeBusy });
  const dispatcher = roles.dispatcher
    ? startDispatcher({ ledger, engine, notify: people.mail, notices: people.notices, reportError })
    : undefined;
  const clock = roles.dispatcher ? startWallClock({ ledger, reportError }) : undefined;
  const rush = roles.api ? startRushReports({ ledger, isIntakeBusy, reportError }) : undefined;
  const sealer = roles.worker ? startAuditSealer({ ledger, log, reportError }) : undefined;
  const api = roles.api
    ? await startApi(options, { ledger, engine, people, load, reportError })
    : undefined;
  return {
    apiUrl: api?.url ?? '',
    ledger,
    stop: async () => {
      const drainMs = options.drainMs ?? DEFAULT_DRAIN_MS;
      await Promise.all([api?.drain.close(drainMs), dispatcher?.stop(), clock?.stop()]);
      people.mail.close();
      await api?.access.close();
      await rush?.stop();
      await temporal.stop();
      await sealer?.stop();
      await ledger.close();
    },
  };
}

function connectProviders(urls: ProviderUrls) {
  return {
    payment: httpGateway(urls.gateway),
    carrier: httpCarrier(urls.carrier),
    supplier: httpSupplier(urls.supplier),
  };
}

type Providers = ReturnType<typeof connectProviders>;

/** Every step that leaves the house, by name. */
function createProviderSteps(ledger: Ledger, providers: Providers) {
  return {
    ...createOrderProviderSteps(providers),
    ...createReturnProviderSteps(providers),
    ...createPurchaseOrderProviderSteps({ ledger, supplier: providers.supplier }),
  };
}

/** Every activity of every noun, by name. */
export function createActivities(ledger: Ledger, providers: Providers) {
  return {
    ...createOrderLedgerSteps({ ledger }),
    ...createReturnLedgerSteps({ ledger }),
    ...createPurchaseOrderLedgerSteps({ ledger }),
    ...createReplenishmentActivities({ ledger }),
    ...createDecisionActivities({ ledger }),
    ...createStockAdjustmentActivities({ ledger }),
    ...createFinanceEntryActivities({ ledger }),
    ...createGoodwillLedgerSteps({ ledger }),
    ...createProviderSteps(ledger, providers),
  };
}

type Bundle = Awaited<ReturnType<typeof workflowBundle>>;

interface LinkParts {
  readonly link: TemporalLink;
  readonly ledger: Ledger;
  readonly providers: Providers;
  /** Undefined when no worker runs here. */
  readonly bundle: Bundle | undefined;
  readonly reportError: (error: unknown) => void;
}

/** What can only run once Temporal is reached: the worker, and the watcher over workflows. */
async function runOverLink(options: LooplineOptions, parts: LinkParts): Promise<LinkedParts> {
  const { link, ledger, bundle, reportError } = parts;
  const worker =
    bundle === undefined ? undefined : await createWorker(options, { ...parts, bundle });
  const watcher = options.roles.dispatcher
    ? startWatcher({ ledger, client: link.client, reportError })
    : undefined;
  const released = new AbortController();
  const untilStopped = new Promise<void>((resolve) => {
    released.signal.addEventListener('abort', () => {
      resolve();
    });
  });
  const watchUntilEnded = async () => {
    try {
      await (worker?.run() ?? untilStopped);
    } finally {
      await watcher?.stop();
    }
  };
  const ended = watchUntilEnded();
  return {
    ended,
    stop: async () => {
      await watcher?.stop();
      if (worker?.getState() === 'RUNNING') worker.shutdown();
      released.abort();
      await ended;
    },
  };
}

function createWorker(
  options: LooplineOptions,
  { link, ledger, providers, bundle }: LinkParts & { readonly bundle: Bundle },
): Promise<Worker> {
  const drainMs = options.drainMs ?? DEFAULT_DRAIN_MS;
  return Worker.create({
    connection: link.connection,
    namespace: options.namespace,
    taskQueue: TASK_QUEUE,
    workflowBundle: bundle,
    ...(link.dataConverter === undefined ? {} : { dataConverter: link.dataConverter }),
    activities: createActivities(ledger, providers),
    interceptors: {
      activity: [activityFailures, firstAttempts(createProviderSteps(ledger, providers))],
    },
    maxCachedWorkflows: 2_000,
    shutdownGraceTime: drainMs,
    shutdownForceTime: drainMs + GIVE_UP_MS,
  });
}

interface ApiParts {
  readonly ledger: Ledger;
  readonly engine: TemporalEngine;
  readonly people: NoticeParts;
  readonly load: Load;
  readonly reportError: (error: unknown, requestId?: string) => void;
}

async function startApi(
  options: LooplineOptions,
  { ledger, engine, people, load, reportError }: ApiParts,
): Promise<{ url: string; drain: Drain; access: ApiAccess }> {
  const { host, port, ...settings } = options.api;
  const context = {
    ledger,
    engine,
    now: () => new Date().toISOString(),
    webhookSecret: webhookSecret(settings.apiKey),
    webhooks: people.webhooks,
  };
  const { databaseUrl } = options;
  const access = openApiAccess(settings, { ledger, databaseUrl, reportError });
  const app = createApi(context, { ...access.options, reportError, load });
  return new Promise((resolve, reject) => {
    const served = { fetch: app.fetch, hostname: host, port, serverOptions: HTTP_LIMITS };
    const server = serve(served, () => resolve({ url: addressOf(server), drain, access }));
    const drain = drainable(server);
    server.on('error', (error) => {
      void access.close();
      reject(error);
    });
  });
}

function addressOf(server: ServerType): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}
