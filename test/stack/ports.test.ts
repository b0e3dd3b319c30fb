import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import {
  acceptsConnections,
  assertPortFree,
  assertPortsFree,
  freePort,
} from '../../worker/stack/ports.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

test('a taken port is named, with what wanted it and how to move it', async () => {
  const port = await freePort();
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });

  const refusal = await assertPortFree('temporal-ui', port).catch((error: Error) => error.message);

  expect(refusal).toContain(`Port ${port}`);
  expect(refusal).toContain('wanted by temporal-ui');
  expect(refusal).toContain('--ports temporal-ui=<port>');
  expect(refusal).toContain('TEMPORAL_UI_PORT');
});

test('a free port is none that an outgoing connection may be given meanwhile', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
  for (const port of ports) expect(port).toBeLessThan(32_768);
});

test('of several ports every taken one is named at once', async () => {
  const [port, other] = [await freePort(), await freePort()];
  for (const taken of [port, other]) {
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve) => {
      server.listen(taken, '127.0.0.1', resolve);
    });
  }

  const refusal = await assertPortsFree([
    { name: 'api', port: await freePort() },
    { name: 'temporal', port },
    { name: 'mail', port: other },
  ]).catch((error: Error) => error.message);

  expect(refusal).toContain(`Port ${port} on 127.0.0.1, wanted by temporal`);
  expect(refusal).toContain(`Port ${other} on 127.0.0.1, wanted by mail`);
  expect(refusal).not.toContain('wanted by api');
});

test('a free port is accepted and is still free afterwards', async () => {
  const port = await freePort();
  await assertPortFree('api', port);
  expect(await acceptsConnections(port)).toBe(false);
});
