import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { freePort } from '../../worker/stack/ports.ts';
import { errorCode } from '../../worker/stack/processes.ts';
import { openShop, stockUp } from '../ledger/order-shop.ts';
import { eventually, openLoopline, type TestLoopline } from '../support/loopline.ts';
import { hold, orderOf, post, send, startServe, type ServeProcess } from './serve-process.ts';

vi.setConfig({ testTimeout: 600_000 });

const CALLERS = 6;
const PAUSE_MS = 250;

let loopline: TestLoopline;
let ports: number[];
const running = new Set<ServeProcess>();

beforeAll(async () => {
  loopline = await openLoopline();
  await openShop(loopline.ledger, ['MUG']);
  await stockUp(loopline.owner, { sku: 'MUG', node: 'north', quantity: 99_999, unitCost: '4' });
  ports = [await freePort(), await freePort()];
});

afterAll(async () => {
  await Promise.all([...running].map((process) => process.terminate()));
  await loopline?.close();
});

async function begin(roles: string, port: number): Promise<ServeProcess> {
  const around = { ...loopline, temporalAddress: loopline.servers.temporalAddress };
  const process = await startServe(around, { roles, port });
  running.add(process);
  return process;
}

async function end(process: ServeProcess): Promise<number | string> {
  const result = await process.terminate();
  running.delete(process);
  return result;
}

/**
 * Callers behind a load balancer: each request goes to the next process in turn, and to the other one only
 * when the connection is refused. Everything else that is not an answer of 201 is a failed request.
 */
function startLoad() {
  const agent = new Agent({ keepAlive: true });
  const placed: string[] = [];
  const failures: string[] = [];
  let turn = 0;
  let stopping = false;
  const placeOne = async (id: string): Promise<void> => {
    turn += 1;
    const first = turn;
    for (let refused = 0; ; refused += 1) {
      const port = ports[(first + refused) % ports.length] ?? 0;
      try {
        const { status, body } = await post(agent, port, orderOf(id, 'MUG'));
        if (status === 201) placed.push(id);
        else failures.push(`${id} at ${port}: ${status} ${body}`);
        return;
      } catch (error) {
        if (errorCode(error) === 'ECONNREFUSED' && refused + 1 < ports.length) continue;
        failures.push(`${id} at ${port}: ${String(error)}`);
        return;
      }
    }
  };
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    for (let count = 0; !stopping; count += 1) {
      await placeOne(`roll-${caller}-${count}`);
      await sleep(PAUSE_MS);
    }
  });
  return {
    placed,
    failures,
    stop: async () => {
      stopping = true;
      await Promise.all(callers);
      agent.destroy();
    },
  };
}

/** Some more orders for each caller. */
async function untilPlaced(placed: readonly string[]): Promise<void> {
  const enough = placed.length + 2 * CALLERS;
  await eventually(() => expect(placed.length).toBeGreaterThan(enough), { deadlineMs: 90_000 });
}

test('two API and two worker processes are replaced one after the other under load: no request fails, nothing is left behind', async () => {
  const [first = 0, second = 0] = ports;
  const processes = new Map([
    ['first API', await begin('api', first)],
    ['second API', await begin('api', second)],
    ['first worker', await begin('worker,dispatcher', await freePort())],
    ['second worker', await begin('worker,dispatcher', await freePort())],
  ]);
  const load = startLoad();
  try {
    for (const [name, process] of processes) {
      // Each one has been at work before it is told to stop.
      await untilPlaced(load.placed);
      expect(await end(process), `${name}: ${process.output()}`).toBe(0);
      const isApi = name.endsWith('API');
      const port = isApi ? Number(new URL(process.url).port) : await freePort();
      await begin(isApi ? 'api' : 'worker,dispatcher', port);
    }
    await untilPlaced(load.placed);
  } finally {
    await load.stop();
  }
  expect(load.failures).toEqual([]);

  const rows = await loopline.owner<{ externalId: string }[]>`
    select external_id as "externalId" from ledger.orders where external_id like 'roll-%'`;
  expect(rows.map(({ externalId }) => externalId).toSorted()).toEqual(load.placed.toSorted());
  await eventually(
    async () => {
      const [row] = await loopline.owner`
        select count(*)::int as waiting from ledger.orders where state <> 'released'`;
      expect(row).toEqual({ waiting: 0 });
    },
    { deadlineMs: 180_000, everyMs: 500 },
  );
  expect(await checkLedger(loopline.ledger)).toMatchObject({ ok: true, drift: [] });
});

test('a process that is told to stop answers what is under way, tells the connection to close and refuses new ones', async () => {
  const port = await freePort();
  const process = await begin('api', port);
  const agent = new Agent({ keepAlive: true });
  const other = new Agent();
  expect(await post(agent, port, orderOf('stop-before', 'MUG'))).toMatchObject({
    status: 201,
    connection: 'keep-alive',
  });
  const underWay = hold(agent, port, orderOf('stop-within', 'MUG'));
  await eventually(async () => {
    const { body } = await send(process.url, 'GET', '/v1/operations/load');
    expect(body).toMatchObject({ underWay: { requests: 1 } });
  });
  const ended = end(process);
  await eventually(async () => {
    const error: unknown = await post(other, port, orderOf('stop-after', 'MUG')).catch(
      (refusal: unknown) => refusal,
    );
    expect(errorCode(error)).toBe('ECONNREFUSED');
  });
  expect(await underWay.finish()).toMatchObject({ status: 201, connection: 'close' });
  expect(await ended, process.output()).toBe(0);
  agent.destroy();
});
