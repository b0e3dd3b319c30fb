import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MerchantApi } from './merchant-api.ts';
import { eventually, newDataDir, send } from './running.ts';

type Running = { child: ChildProcess; urls: Record<string, string> };

let merchant: MerchantApi;
let child: ChildProcess | undefined;

beforeEach(async () => {
  merchant = await new MerchantApi().start();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await merchant.stop();
});

function environment(dataDir: string) {
  return {
    ...process.env,
    GATEWAY_PORT: '0',
    CARRIER_PORT: '0',
    SUPPLIER_PORT: '0',
    WAREHOUSE_PORT: '0',
    MAIL_PORT: '0',
    MAIL_SMTP_PORT: '0',
    IDENTITY_PORT: '0',
    SIM_DATA: dataDir,
    SIM_SEED: '11',
    SIM_MODE: 'replay',
    LOOPLINE_API_URL: merchant.url,
    LOOPLINE_API_KEY: 'key-for-tests',
  };
}

/** Starts `simulators/main.ts` and reads the printed addresses. */
async function start(dataDir: string): Promise<Running> {
  const started = spawn(process.execPath, ['--import', 'tsx', 'simulators/main.ts'], {
    env: environment(dataDir),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
  let output = '';
  started.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await eventually(() => output.includes('simulators ready'), 20_000);
  const found = [...output.matchAll(/^(\w+) +(http:\S+)$/gm)];
  const urls = Object.fromEntries(found.map(([, name = '', url = '']) => [name, url]));
  return { child: started, urls };
}

async function kill({ child: started }: Running): Promise<void> {
  started.kill('SIGKILL');
  await once(started, 'exit');
}

function addShipments(count: number): void {
  for (let n = 1; n <= count; n += 1) {
    merchant.shipments.set(`s${n}`, {
      id: `s${n}`,
      state: 'released',
      releasedAt: '2010-12-01T10:00:00Z',
      recordedAt: '2020-01-01T00:00:00Z',
      lines: [{ orderLineId: `l${n}`, sku: 'A', quantity: 1, dispatchedQuantity: 0 }],
    });
  }
}

function advance(supplierUrl = '') {
  return send('POST', `${supplierUrl}/_sim/advance`, { until: '2011-03-01T00:00:00Z' });
}

describe('the process of the simulators', () => {
  test('may be killed in the middle of its work, again and again, without doing a thing twice', async () => {
    const dataDir = newDataDir();
    addShipments(600);
    for (const target of [60, 200]) {
      const running = await start(dataDir);
      await eventually(() => merchant.effects.length >= target, 20_000);
      await kill(running);
    }
    const { urls } = await start(dataDir);
    const order = {
      purchaseOrderId: 'purchase-order:PO-1',
      number: 'PO-1',
      supplier: 'acme',
      node: 'main',
      orderedAt: '2010-12-01T09:00:00Z',
      leadTimeDays: 2,
      currency: 'GBP',
      lines: [{ lineNo: 1, sku: 'A', quantity: 9, unitPrice: '1' }],
    };
    await send('POST', `${urls['supplier']}/v1/orders`, order);
    await eventually(() => merchant.effects.length >= 600, 20_000);
    const { body } = await advance(urls['supplier']);
    expect(body).toMatchObject({ left: 0, openOrders: 0 });
    const ids = merchant.effects.map((effect) => effect.id);
    expect(new Set(ids).size).toBe(ids.length);
    const dispatched = ids.filter((id) => id.endsWith('-d1'));
    expect(dispatched).toHaveLength(600);
  });

  test('a supplier killed between its post and its book posts the same again', async () => {
    const dataDir = newDataDir();
    const first = await start(dataDir);
    const orderedAt = '2010-12-01T09:00:00Z';
    const order = {
      purchaseOrderId: 'purchase-order:PO-2',
      number: 'PO-2',
      supplier: 'acme',
      node: 'main',
      orderedAt,
      leadTimeDays: 2,
      currency: 'GBP',
      lines: [{ lineNo: 1, sku: 'A', quantity: 9, unitPrice: '1' }],
    };
    await send('POST', `${first.urls['supplier']}/v1/orders`, order);
    // The effect happens at the merchant; the supplier dies before it hears of it.
    merchant.trouble = () => {
      first.child.kill('SIGKILL');
      return 'ok';
    };
    await expect(advance(first.urls['supplier'])).rejects.toThrow('fetch failed');
    merchant.trouble = () => 'ok';
    const second = await start(dataDir);
    await advance(second.urls['supplier']);
    const notices = merchant.arrivals.filter((post) => post.path.endsWith('/shipping-notices'));
    expect(notices.length).toBeGreaterThan(1);
    expect(notices[1]).toEqual(notices[0]);
    const ids = merchant.effects.map((effect) => effect.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('ends on SIGTERM with code 0, also while an answer hangs', async () => {
    const { child: started, urls } = await start(newDataDir());
    const gateway = urls['gateway'] ?? '';
    const authorization = {
      reference: 'r',
      amountMinor: '10',
      currency: 'GBP',
      token: 'tok_capture_timeout',
    };
    const authorizations = `${gateway}/v1/authorizations`;
    const authorized = await Promise.all(
      Array.from({ length: 4 }, (_, n) => send('POST', authorizations, authorization, `a${n}`)),
    );
    const captures = authorized.map(({ body }, n) => {
      const url = `${authorizations}/${String(body['id'])}/captures`;
      const capture = { amountMinor: '10', reference: 'r' };
      return send('POST', url, capture, `c${n}`).catch(() => 'cut');
    });
    // All are booked, and their answers hang or were cut.
    await eventually(async () => {
      const { body } = await send('GET', `${gateway}/_sim/payments`);
      const payments = body['data'] as { capturedMinor: string }[];
      return payments.filter(({ capturedMinor }) => capturedMinor === '10').length === 4;
    }, 20_000);
    started.kill('SIGTERM');
    const [code] = (await once(started, 'exit')) as [number | null];
    expect(code).toBe(0);
    await Promise.all(captures);
  });

  test('names the variable that is wrong', async () => {
    const started = spawn(process.execPath, ['--import', 'tsx', 'simulators/main.ts'], {
      env: { ...environment(newDataDir()), SIM_MODE: 'fast' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    started.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = (await once(started, 'close')) as [number | null];
    expect(code).toBe(1);
    expect(errors).toContain('SIM_MODE');
  });
});
