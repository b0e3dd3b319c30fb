import { Client, Connection } from '@temporalio/client';
import postgres from 'postgres';
import { createStopList } from '../../worker/stack/stop-list.ts';
import { startLooplineProcess } from '../replay/own-stack.ts';
import { putSettings } from '../put-settings.ts';
import { startEmptyStack } from '../stack.ts';

const SEED = 1;
const SKU_COUNT = 200;
const UNITS_EACH = 100_000;
const PRICE = '8.50';

/** What everything costs here, in minor units of GBP. */
export const PRICE_MINOR = '850';

/** A merchant with Loopline, API and worker in one process of its own, on a stack of its own. Nobody acts by himself. */
export interface Merchant {
  /** The API, as an operator; a refusal is thrown. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;
  /** Authorizes the price of one unit at the gateway, as a shop's checkout does; answers the reference. */
  readonly authorize: (name: string) => Promise<string>;
  /** To look on without asking Loopline, so that its statements can be counted. */
  readonly owner: postgres.Sql;
  /** The application's way into the ledger, for who calls it straight. */
  readonly appUrl: string;
  readonly temporal: Client;
  /** Brings the planner's statistics up to date, as a ledger in use has them; for after the warm-up. */
  settle(): Promise<void>;
  /** Stops API, worker and dispatcher; the stack below stays up. */
  stopLoopline(): Promise<void>;
  close(): Promise<void>;
}

/** The goods of the n-th thing sold: two hundred SKUs in turn, so that none of them is hot. */
export function goodsOf(number: number): { sku: string; quantity: number; unitPrice: string } {
  return {
    sku: `SKU-${String(number % SKU_COUNT).padStart(3, '0')}`,
    quantity: 1,
    unitPrice: PRICE,
  };
}

/** Opens a shop with one warehouse, one supplier and goods enough. */
export async function openMerchant(options: {
  readonly dataDir: string;
  readonly log: (line: string) => void;
}): Promise<Merchant> {
  const { dataDir, log } = options;
  const parts = createStopList(log);
  try {
    return await openParts();
  } catch (error) {
    await parts.stop();
    throw error;
  }

  async function openParts(): Promise<Merchant> {
    const empty = await startEmptyStack({ dataDir, seed: SEED, parts, log });
    const { env, stack, appUrl, ownerUrl } = empty;
    const loopline = createStopList(log);
    parts.add({ name: 'Loopline', quiet: true, stop: () => loopline.stop() });
    await startLooplineProcess(empty, { dataDir, parts: loopline });
    const owner = postgres(ownerUrl, { max: 4, onnotice: () => undefined });
    parts.add({ name: 'Owner', quiet: true, stop: () => owner.end() });
    const connection = await Connection.connect({ address: stack.temporalAddress });
    parts.add({ name: 'Client', quiet: true, stop: () => connection.close() });
    const { gateway, supplier, warehouse } = stack.simulators;
    for (const url of [supplier, warehouse]) await putSettings(url, { auto: false });
    const api = `http://127.0.0.1:${env.API_PORT}`;
    const merchant: Merchant = {
      call: (method, path, body) =>
        send(method, `${api}${path}`, body, { Authorization: `Bearer ${stack.apiKey}` }),
      authorize: async (name) => {
        const order = {
          reference: name,
          amountMinor: PRICE_MINOR,
          currency: 'GBP',
          token: 'tok_visa',
        };
        const answer = await send('POST', `${gateway}/v1/authorizations`, order, {
          'Idempotency-Key': name,
        });
        return String(answer['id']);
      },
      owner,
      appUrl,
      temporal: new Client({ connection, namespace: env.TEMPORAL_NAMESPACE }),
      settle: async () => {
        await owner`analyze`;
      },
      stopLoopline: () => loopline.stop(),
      close: () => parts.stop(),
    };
    await stockShop(merchant);
    return merchant;
  }
}

async function send(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

async function stockShop({ call }: Merchant): Promise<void> {
  await call('PUT', '/v1/channels', [
    { channel: 'web', name: 'Web shop', kind: 'web-shop', backorder: 'refuse' },
  ]);
  await call('PUT', '/v1/nodes', [{ node: 'main', name: 'Main', country: 'GB', priority: 1 }]);
  await call('PUT', '/v1/suppliers', [
    { supplier: 'acme', name: 'Acme', currency: 'GBP', leadTimeDays: 3 },
  ]);
  const skus = Array.from({ length: SKU_COUNT }, (_, number) => goodsOf(number).sku);
  await call(
    'PUT',
    '/v1/skus',
    skus.map((sku) => ({
      sku,
      description: sku,
      unitOfMeasure: 'each',
      class: 'B',
      costMethod: 'fifo',
      supplier: 'acme',
      supplierPrice: '3.5',
    })),
  );
  await call('POST', '/v1/stock/receipts', {
    receiptId: 'opening',
    node: 'main',
    occurredAt: new Date().toISOString(),
    lines: skus.map((sku) => ({ sku, quantity: UNITS_EACH, unitCost: '3.5' })),
  });
}
