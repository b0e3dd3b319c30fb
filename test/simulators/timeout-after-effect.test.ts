import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningSimulators, SimulatorName } from '../../simulators/start-simulators.ts';
import { purchaseOrder } from './purchase-order.ts';
import { send, startForTest } from './running.ts';

const HANG_MS = 300;

let running: RunningSimulators;
/** What the gateway's money moves on: captured, so that it can be given back. */
let captured: string;

beforeAll(async () => {
  running = await startForTest();
  captured = await authorized('captured');
  await send('POST', payments(captured, 'captures'), { ...part, amountMinor: '900' }, 'captured-1');
  const faults = { timeoutAfterEffectRate: 1 };
  for (const name of ['gateway', 'carrier', 'supplier'] as const)
    await send('PUT', `${running.urls[name]}/_sim/settings`, { hangMs: HANG_MS, faults });
});
afterAll(() => running.stop());

const part = { amountMinor: '50', reference: 'r' };
const payments = (id: string, what: string) =>
  `${running.urls.gateway}/v1/authorizations/${id}/${what}`;

async function authorized(key: string): Promise<string> {
  const url = `${running.urls.gateway}/v1/authorizations`;
  const body = { reference: key, amountMinor: '900', currency: 'GBP' };
  const { body: made } = await send('POST', url, body, `authorize-${key}`);
  return String(made['id']);
}

const label = {
  reference: 'r',
  from: { country: 'GB' },
  to: { country: 'FR' },
  parcels: [{}],
  direction: 'return',
};

test.each<[string, SimulatorName, () => string, (id: string) => object]>([
  ['an authorization', 'gateway', () => '/v1/authorizations', () => ({ ...part, currency: 'GBP' })],
  ['a refund', 'gateway', () => `/v1/authorizations/${captured}/refunds`, () => part],
  ['a label', 'carrier', () => '/v1/labels', () => label],
  ['a purchase order', 'supplier', () => '/v1/orders', (id) => purchaseOrder(id, [3])],
])(
  '%s that times out after its effect is booked once; its repetition finds it',
  async (what, name, route, bodyOf) => {
    const seen = new Set<string>();
    for (let serial = 0; serial < 8; serial += 1) {
      const key = `${what.replaceAll(' ', '-')}-${serial}`;
      const call = () => send('POST', `${running.urls[name]}${route()}`, bodyOf(key), key);
      const startedAt = performance.now();
      const first = await call().then(
        () => (performance.now() - startedAt >= HANG_MS - 10 ? 'late' : 'in time'),
        () => 'cut',
      );
      seen.add(first);
      const again = await call();
      expect(again.status).toBe(200);
      expect(again.headers.get('Idempotent-Replayed')).toBe('true');
      expect(await factsUnder(name, key)).toBe(1);
    }
    expect([...seen].toSorted()).toEqual(['cut', 'late']);
  },
);

/** How often this key's effect stands in the provider's book. */
async function factsUnder(name: SimulatorName, key: string): Promise<number> {
  const { body } = await send('GET', `${running.urls[name]}/_sim/book?limit=1000`);
  const lines = body['data'] as { entry: { answered?: { keys: readonly string[] } } }[];
  return lines.filter(({ entry }) => entry.answered?.keys.includes(key)).length;
}
