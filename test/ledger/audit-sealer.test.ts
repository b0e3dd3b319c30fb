import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyAudit } from '../../activities/ledger/read/audit.ts';
import { startAuditSealer, type AuditSealer } from '../../worker/audit-sealer.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { act } from './audit-acts.ts';

let shop: TestLedger;
let sealer: AuditSealer | undefined;

beforeEach(async () => {
  shop = await openLedger();
});
afterEach(async () => {
  await sealer?.stop();
  sealer = undefined;
  await shop.close();
});

function start(options: { ledger?: TestLedger['ledger']; now?: () => string } = {}) {
  const said: string[] = [];
  const failures: unknown[] = [];
  sealer = startAuditSealer({
    ledger: shop.ledger,
    everyMs: 5,
    log: (line) => said.push(line),
    reportError: (error) => failures.push(error),
    ...options,
  });
  return { said, failures };
}

const unsealed = async () => (await verifyAudit(shop.ledger)).unsealed.rows;

test('rows are sealed by themselves, and the chain’s end is logged once a day', async () => {
  let today = '2026-11-21T23:59:59Z';
  const { said, failures } = start({ now: () => today });
  await act(shop.owner, 'first');
  await expect.poll(() => said.length, { timeout: 20_000 }).toBe(1);
  await act(shop.owner, 'second');
  await expect.poll(unsealed, { timeout: 20_000 }).toBe(0);
  expect(said).toHaveLength(1);
  today = '2026-11-22T00:00:01Z';
  await expect.poll(() => said.length, { timeout: 20_000 }).toBe(2);
  const { end, bad } = await verifyAudit(shop.ledger);
  expect(bad).toBeNull();
  expect(said).toEqual([
    expect.stringMatching(/^audit: its end on 2026-11-21, to note elsewhere: 1:[\da-f]{64}$/),
    `audit: its end on 2026-11-22, to note elsewhere: ${end.sequence}:${end.rowHash}`,
  ]);
  expect(failures).toEqual([]);
});

test('a ledger that is away is told of, and sealed when it is back', async () => {
  let isAway = true;
  const flaky: TestLedger['ledger'] = {
    ...shop.ledger,
    call: (name, request) =>
      isAway ? Promise.reject(new Error('away')) : shop.ledger.call(name, request),
  };
  const { failures } = start({ ledger: flaky });
  await act(shop.owner, 'first');
  await expect.poll(() => failures.length, { timeout: 20_000 }).toBeGreaterThan(1);
  expect(await unsealed()).toBe(1);
  isAway = false;
  await expect.poll(unsealed, { timeout: 20_000 }).toBe(0);
});

test('stopping ends the sealing under way and begins none', async () => {
  start();
  await sealer?.stop();
  await act(shop.owner, 'late');
  expect(await unsealed()).toBe(1);
});
