import { CarrierSimulator } from './carrier/carrier.ts';
import { HANG_MS, NO_FAULTS } from './fields.ts';
import { GatewaySimulator } from './gateway/gateway.ts';
import { IdentitySimulator } from './identity/identity.ts';
import { listen } from './listen.ts';
import type { Listening, SimulatorApp } from './listen.ts';
import { MailSimulator } from './mail/mail.ts';
import type { SupplierSettings } from './supplier/requests.ts';
import { SupplierSimulator } from './supplier/supplier.ts';
import { startingWarehouseSettings } from './warehouse/requests.ts';
import { WarehouseSimulator } from './warehouse/warehouse.ts';

export type SimulatorName = 'gateway' | 'carrier' | 'supplier' | 'warehouse' | 'mail' | 'identity';

export type SimulatorOptions = {
  /** 0 or left out: a free port. */
  readonly ports: Readonly<Partial<Record<SimulatorName, number>>>;
  /** Where mail is taken over SMTP; its `ports` entry is for inspecting it over HTTP. */
  readonly smtpPort?: number;
  readonly dataDir: string;
  readonly seed: number;
  /** `live`: a person watches, a day of lead time takes 20 s. `replay`: a driver moves the clock. */
  readonly mode: 'live' | 'replay';
  /** The merchant's API, without /v1. */
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly host?: string;
  /** How the identity provider names itself where that is not the address that it listens at. */
  readonly identityIssuer?: string | undefined;
};

export type RunningSimulators = {
  readonly urls: Readonly<Record<SimulatorName, string>>;
  /** Where mail is handed over: smtp://host:port. */
  readonly smtpUrl: string;
  readonly stop: () => Promise<void>;
};

const DAY_SECONDS = 86_400;
const LIVE_DAY_SECONDS = 20;

/** What calls others has work to start and to stop; the book closes after the last answer. */
type Simulator = {
  readonly app: SimulatorApp;
  start?(url: string): void;
  stopWork?(): Promise<void>;
  close(): void;
};

/**
 * Starts the six simulators, each with its book in `dataDir`. Rejects, with nothing left running,
 * when a port is taken; the message names it.
 */
export async function startSimulators(options: SimulatorOptions): Promise<RunningSimulators> {
  const { dataDir, seed } = options;
  const host = options.host ?? '127.0.0.1';
  const running: { simulator: Simulator; listening: Listening }[] = [];
  const stop = async (): Promise<void> => {
    // Those that call the merchant's API stop before those that are called.
    for (const { simulator, listening } of running.toReversed()) {
      await simulator.stopWork?.();
      await listening.close();
      simulator.close();
    }
  };
  const run = async (name: SimulatorName, simulator: Simulator): Promise<string> => {
    try {
      const listening = await listen(name, simulator.app, options.ports[name] ?? 0, host);
      running.push({ simulator, listening });
      simulator.start?.(listening.url);
      return listening.url;
    } catch (error) {
      simulator.close();
      throw error;
    }
  };
  try {
    const gateway = await run('gateway', new GatewaySimulator({ dataDir, seed }));
    const carrier = await run('carrier', new CarrierSimulator({ dataDir, seed }));
    const mailServer = new MailSimulator({ dataDir, seed });
    const mail = await run('mail', mailServer);
    const smtpUrl = await mailServer.startSmtp(options.smtpPort ?? 0, host);
    const supplierSettings = startingSupplierSettings(options);
    const supplier = await run(
      'supplier',
      new SupplierSimulator({ dataDir, settings: supplierSettings }),
    );
    const carrierUrl = options.mode === 'live' ? carrier : null;
    const warehouseSettings = startingWarehouseSettings({ ...options, carrierUrl });
    const warehouse = await run(
      'warehouse',
      new WarehouseSimulator({ dataDir, settings: warehouseSettings }),
    );
    const identity = await run(
      'identity',
      new IdentitySimulator({
        dataDir,
        seed,
        apiUrl: options.apiUrl,
        issuer: options.identityIssuer,
      }),
    );
    return { urls: { gateway, carrier, supplier, warehouse, mail, identity }, smtpUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Where a driver moves the clock, suppliers have the habits of real ones; they may stay short. */
function startingSupplierSettings(options: SimulatorOptions): SupplierSettings {
  const live = options.mode === 'live';
  return {
    seed: options.seed,
    latencyMs: 2,
    auto: live,
    intervalMs: 500,
    leadTimeScale: live ? LIVE_DAY_SECONDS / DAY_SECONDS : 1,
    partialRate: live ? 0 : 0.1,
    shortRate: live ? 0 : 0.03,
    lateRate: live ? 0 : 0.05,
    priceDifferenceRate: 0,
    jitterDays: 1,
    concurrency: 8,
    apiUrl: options.apiUrl,
    apiKey: options.apiKey,
    callDeadlineMs: 5_000,
    advanceDeadlineMs: 60_000,
    hangMs: HANG_MS,
    faults: NO_FAULTS,
  };
}
