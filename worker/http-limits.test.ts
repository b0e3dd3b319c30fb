import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HTTP_LIMITS } from './http-limits.ts';

const server = serve({
  fetch: () => new Response('read'),
  hostname: '127.0.0.1',
  port: 0,
  serverOptions: HTTP_LIMITS,
});

beforeAll(async () => {
  if (!server.listening) await once(server, 'listening');
});
afterAll(() => server.close());

test.each([
  ['of 15 KiB are read', 15 * 1024, 200],
  ['of 17 KiB are not', 17 * 1024, 431],
])('headers %s', async (_name, length, status) => {
  const { port } = server.address() as AddressInfo;
  const headers = { 'X-Long': 'x'.repeat(length) };
  expect((await fetch(`http://127.0.0.1:${port}/`, { headers })).status).toBe(status);
});
