import { Agent } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { openTemporalSession } from '../../worker/temporal-session.ts';
import { freePort } from '../../worker/stack/ports.ts';
import { openShop, stockUp } from '../ledger/order-shop.ts';
import { eventually } from '../support/loopline.ts';
import { openOwnStack, type OwnStack } from './own-stack.ts';
import { hold, orderOf, send, startServe, type ServeProcess } from './serve-process.ts';

vi.setConfig({ testTimeout: 240_000 });

const ALL = 'api,worker,dispatcher';
const RETURN_MS = 60_000;

let stack: OwnStack;
const left = new Set<ServeProcess>();

beforeAll(async () => {
  stack = await openOwnStack();
  await openShop(stack.ledger, ['MUG']);
  await stockUp(stack.owner, { sku: 'MUG', node: 'north', quantity: 1_000, unitCost: '4' });
});

afterAll(async () => {
  await Promise.all([...left].map((process) => process.terminate()));
  await stack?.close();
});

async function startProcess(
  port: number,
  temporalAddress = stack.around.temporalAddress,
): Promise<ServeProcess> {
  const around = { ...stack.around, temporalAddress };
  const process = await startServe(around, { roles: ALL, port, env: { DRAIN_SECONDS: '10' } });
  left.add(process);
  return process;
}

async function stopProcess(process: ServeProcess): Promise<number | string> {
  left.delete(process);
  return process.terminate();
}

async function expectReleased(externalId: string): Promise<void> {
  await eventually(
    async () => {
      const rows = await stack.owner`
        select state from ledger.orders where external_id = ${externalId}`;
      expect(rows).toEqual([{ state: 'released' }]);
    },
    { deadlineMs: RETURN_MS, everyMs: 200 },
  );
}

async function expectPlaced(url: string, externalId: string): Promise<void> {
  const { status, body } = await send(url, 'POST', '/v1/orders', orderOf(externalId, 'MUG'));
  expect({ status, body }).toMatchObject({
    status: 201,
    body: { state: 'accepted', process: 'pending' },
  });
}

test('a process that starts while Temporal is away takes orders in, and runs them by itself once Temporal is there', async () => {
  await stack.temporal.stop();
  const process = await startProcess(await freePort());
  await expectPlaced(process.url, 'early-1');
  const readiness = await send(process.url, 'GET', '/readyz');
  expect(readiness).toMatchObject({
    status: 503,
    body: { title: 'NotReady', detail: 'Cannot reach the workflow engine.' },
  });
  expect((await send(process.url, 'GET', '/healthz')).status).toBe(200);
  await eventually(() => expect(process.output()).toMatch(/Next attempt in 1 s/));

  await stack.temporal.start();
  await expectReleased('early-1');
  await eventually(async () =>
    expect((await send(process.url, 'GET', '/readyz')).status).toBe(200),
  );
  expect(process.output()).toContain('is reached.');
  // Everything else runs as well: an order placed now does not wait for the dispatcher alone.
  const { status } = await send(process.url, 'POST', '/v1/orders', orderOf('early-2', 'MUG'));
  expect(status).toBe(201);
  await expectReleased('early-2');
  expect(await stopProcess(process), process.output()).toBe(0);
  expect(await checkLedger(stack.ledger)).toMatchObject({ ok: true, drift: [] });
});

test('a process that has never reached Temporal answers what is under way when it is told to stop, and ends with 0', async () => {
  const silent = await listenSilently();
  try {
    const port = await freePort();
    const process = await startProcess(port, silent.address);
    await expectPlaced(process.url, 'never-1');
    const agent = new Agent({ keepAlive: true });
    const held = hold(agent, port, orderOf('never-2', 'MUG'));
    await eventually(async () => {
      const { body } = await send(process.url, 'GET', '/v1/operations/load');
      expect(body).toMatchObject({ underWay: { requests: 1 } });
    });
    const ending = stopProcess(process);
    await eventually(() => expect(process.output()).toContain('SIGTERM: stopping in order'));
    expect(await held.finish()).toMatchObject({ status: 201, connection: 'close' });
    agent.destroy();
    expect(await ending, process.output()).toBe(0);
  } finally {
    await silent.close();
  }
  // Nothing of it was lost: another process, which reaches Temporal, goes on with them.
  const next = await startProcess(await freePort());
  await expectReleased('never-1');
  await expectReleased('never-2');
  expect(await stopProcess(next), next.output()).toBe(0);
});

test('what runs over Temporal and cannot go on is begun again by its process, and what Temporal refuses at the start is said at once', async () => {
  const lines: string[] = [];
  const begun: Settleable[] = [];
  const options = {
    address: stack.around.temporalAddress,
    namespace: 'default',
    log: (line: string) => lines.push(line),
  };
  const session = await openTemporalSession({
    ...options,
    run: async () => {
      const part = settleable();
      begun.push(part);
      return { ended: part.promise, stop: async () => part.resolve() };
    },
  });
  const link = session.link();
  expect(link).toBeDefined();
  begun[0]?.reject(new Error('the worker broke'));
  await eventually(() => expect(lines.join()).toContain('cannot be used: the worker broke'));
  await eventually(() => expect(begun.length).toBe(2));
  await eventually(() => expect(session.link()?.connection).toBe(link?.connection));
  await session.stop();
  await expect(begun[1]?.promise).resolves.toBeUndefined();

  const refused = openTemporalSession({
    ...options,
    run: async () => Promise.reject(new Error('no such namespace')),
  });
  await expect(refused).rejects.toThrow('no such namespace');
});

interface Settleable {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function settleable(): Settleable {
  let settle: Pick<Settleable, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, resolve: () => settle?.resolve(), reject: (error) => settle?.reject(error) };
}

/** Takes connections and never says anything, as a server that hangs. */
async function listenSilently(): Promise<{ address: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
