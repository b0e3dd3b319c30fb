import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectLedger } from '../../activities/ledger/connect.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';

let shop: TestLedger;
let proxy: Server;
/** What the driver sends, as text. */
let sent = '';

beforeAll(async () => {
  shop = await openLedger();
  const target = new URL(shop.appUrl);
  proxy = createServer((client) => {
    const server = connect(Number(target.port), target.hostname);
    client.on('data', (part) => {
      sent += part.toString('latin1');
    });
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) socket.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => proxy.close(resolve));
  await shop.close();
});

test('a new connection asks for nothing but what was called: a failure that nobody hears would end the process', async () => {
  const url = new URL(shop.appUrl);
  url.port = String((proxy.address() as AddressInfo).port);
  const ledger = connectLedger(url.href, { connections: 1 });
  await ledger.call('ping', {});
  await ledger.close();
  const statements = sent.match(/select[^\0]*/gi) ?? [];
  expect(statements).toEqual(['select loopline.ping($1::jsonb) as result']);
});
