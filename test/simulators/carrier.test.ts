import { Hono } from 'hono';
import { PDFDocument } from 'pdf-lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../simulators/listen.ts';
import type { SimulatorApp } from '../../simulators/listen.ts';
import { startSimulators } from '../../simulators/start-simulators.ts';
import type { RunningSimulators } from '../../simulators/start-simulators.ts';
import { eventually, newDataDir, send, startForTest } from './running.ts';

let running: RunningSimulators;

beforeAll(async () => {
  running = await startForTest();
});
afterAll(() => running.stop());

const label = {
  reference: 'shipment-1',
  from: { country: 'GB' },
  to: { country: 'FR', postalCode: '75001' },
  parcels: [{ weightGrams: 1200 }],
  direction: 'outbound',
  occurredAt: '2010-12-01T08:00:00Z',
};

function makeLabel(key: string, url = running.urls.carrier) {
  return send('POST', `${url}/v1/labels`, label, key).then((answer) => answer.body);
}

describe('the carrier', () => {
  test('answers a label that is a PDF of one page', async () => {
    const body = await makeLabel('label:1');
    const response = await fetch(String(body['labelUrl']));
    expect(response.headers.get('Content-Type')).toBe('application/pdf');
    const pdf = new Uint8Array(await response.arrayBuffer());
    expect(Buffer.from(pdf.slice(0, 5)).toString()).toBe('%PDF-');
    const document = await PDFDocument.load(pdf);
    expect(document.getPageCount()).toBe(1);
    expect(document.getTitle()).toBe(`Label ${String(body['trackingNumber'])}`);
  });

  test('names no label that it never made', async () => {
    const url = `${running.urls.carrier}/v1/labels/lbl_unknown.pdf`;
    expect((await send('GET', url)).status).toBe(404);
  });

  test('rates every service in whole minor units', async () => {
    const home = { to: { country: 'GB' }, parcels: [{ weightGrams: 2500 }] };
    const { body } = await send('POST', `${running.urls.carrier}/v1/rates`, home);
    expect(body['rates']).toEqual([
      { service: 'standard', amountMinor: '595', currency: 'GBP', days: 3 },
      { service: 'express', amountMinor: '1095', currency: 'GBP', days: 1 },
    ]);
  });

  test('moves parcels only when the business clock advances', async () => {
    const { trackingNumber } = await makeLabel('label:2');
    const url = `${running.urls.carrier}/v1/tracking/${String(trackingNumber)}`;
    expect((await send('GET', url)).body['status']).toBe('label-created');
    const advance = (until: string) =>
      send('POST', `${running.urls.carrier}/_sim/advance`, { until });
    await advance('2010-12-02T08:00:00Z');
    expect((await send('GET', url)).body['status']).toBe('in-transit');
    await advance('2010-12-20T08:00:00Z');
    const { body } = await send('GET', url);
    expect(body['status']).toBe('delivered');
    expect(body['events']).toHaveLength(3);
  });

  test('loses parcels by seed, wherever the process was restarted', async () => {
    const dataDir = newDataDir();
    const first = await startForTest({ dataDir });
    await send('PUT', `${first.urls.carrier}/_sim/settings`, { lostRate: 1 });
    const { trackingNumber } = await makeLabel('label:lost', first.urls.carrier);
    await first.stop();
    const second = await startForTest({ dataDir });
    const url = `${second.urls.carrier}/_sim/advance`;
    await send('POST', url, { until: '2011-01-01T00:00:00Z' });
    const tracking = `${second.urls.carrier}/v1/tracking/${String(trackingNumber)}`;
    expect((await send('GET', tracking)).body['status']).toBe('lost');
    await second.stop();
  });
});

test('the carrier tells every step of a parcel once, in order', async () => {
  const got: { type: string; data: { status: string } }[] = [];
  const receiver: SimulatorApp = new Hono();
  receiver.post('/hook', async (c) => {
    got.push((await c.req.json()) as (typeof got)[number]);
    return c.json({});
  });
  const hook = await listen('receiver', receiver, 0, '127.0.0.1');
  const own = await startForTest();
  await send('PUT', `${own.urls.carrier}/_sim/settings`, { webhookUrl: `${hook.url}/hook` });
  await makeLabel('label:told', own.urls.carrier);
  for (const until of ['2010-12-20T08:00:00Z', '2010-12-21T08:00:00Z']) {
    await send('POST', `${own.urls.carrier}/_sim/advance`, { until });
  }
  await eventually(() => got.length >= 2);
  expect(got.map((event) => [event.type, event.data.status])).toEqual([
    ['tracking.updated', 'in-transit'],
    ['tracking.updated', 'delivered'],
  ]);
  await own.stop();
  await hook.close();
});

test('a taken port stops the start and is named', async () => {
  const port = Number(new URL(running.urls.carrier).port);
  const start = startSimulators({
    ports: { supplier: port },
    dataDir: newDataDir(),
    seed: 1,
    mode: 'live',
    apiUrl: 'http://127.0.0.1:9',
    apiKey: 'k',
  });
  await expect(start).rejects.toThrow(`supplier simulator cannot listen at 127.0.0.1:${port}`);
});
