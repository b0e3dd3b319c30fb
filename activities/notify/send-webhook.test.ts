import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { parseKeyRing } from '../sealing/key-ring.ts';
import { webhookSender, type WebhookMessage } from './send-webhook.ts';
import { signWebhook } from './sign-webhook.ts';
import { webhookSecrets } from './webhook-secrets.ts';

const NOW_MS = 1_900_000_000_500;
const SECRET = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly path: string | undefined;
  readonly body: string;
}

/** A receiver on this machine that answers so; what it got, and its URL. */
async function receiver(answer: RequestListener): Promise<{ url: string; got: Got[] }> {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      got.push({
        headers: request.headers,
        path: request.url,
        body: Buffer.concat(parts).toString(),
      });
      answer(request, response);
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook?token=1`, got };
}

const send = webhookSender({ networks: 'loopback', now: () => NOW_MS });
const messageTo = (url: string): WebhookMessage => ({
  url,
  webhookId: 'notice_1',
  body: '{"type":"approval-requested"}',
  secrets: [SECRET],
});

test('the signature is that of the published example', () => {
  // Source: Standard Webhooks, the test vector of its reference libraries.
  const content = {
    webhookId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1_614_265_330,
    body: '{"test": 2432232314}',
  };
  expect(signWebhook(content, [SECRET])).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

describe('a webhook', () => {
  test('arrives signed, with its id, the time of the attempt and its body', async () => {
    const { url, got } = await receiver((_request, response) => response.end('thanks'));
    expect(await send(messageTo(url))).toEqual({
      outcome: { kind: 'delivered' },
      status: 200,
      detail: null,
    });
    const [only] = got;
    expect(only?.path).toBe('/hook?token=1');
    expect(only?.body).toBe('{"type":"approval-requested"}');
    const signed = createHmac('sha256', SECRET)
      .update(`notice_1.1900000000.${only?.body}`)
      .digest('base64');
    expect(only?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': 'notice_1',
      'webhook-timestamp': '1900000000',
      'webhook-signature': `v1,${signed}`,
    });
  });

  test('carries a signature for each of two secrets while one replaces the other', async () => {
    const { url, got } = await receiver((_request, response) => response.end());
    await send({ ...messageTo(url), secrets: [SECRET, Buffer.alloc(32, 7)] });
    const signatures = String(got[0]?.headers['webhook-signature']).split(' ');
    expect(signatures).toHaveLength(2);
    expect(new Set(signatures).size).toBe(2);
    for (const signature of signatures) expect(signature).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  });

  test.each([
    [204, 'delivered', null],
    [302, 'failed', 'answered 302: redirects are not followed'],
    [400, 'failed', 'answered 400'],
    [410, 'gone', 'answered 410'],
    [503, 'failed', 'answered 503'],
  ])('answered %i is %s', async (status, kind, detail) => {
    const { url, got } = await receiver((request, response) => {
      response.writeHead(status, { Location: `http://${request.headers.host}/elsewhere` });
      response.end();
    });
    expect(await send(messageTo(url))).toEqual({ outcome: { kind }, status, detail });
    expect(got).toHaveLength(1);
  });

  test('that is answered too late, or by nobody, has failed', async () => {
    const { url } = await receiver(() => undefined);
    const hasty = webhookSender({ networks: 'loopback', deadlineMs: 100 });
    expect(await hasty(messageTo(url))).toMatchObject({
      outcome: { kind: 'failed' },
      detail: 'did not answer in time',
    });
    const { url: closed } = await receiver(() => undefined);
    const server = servers.at(-1) ?? createServer();
    server.close();
    await once(server, 'close');
    expect(await send(messageTo(closed))).toMatchObject({
      outcome: { kind: 'failed' },
      detail: 'could not be reached (ECONNREFUSED)',
    });
  });

  test('whose answer never ends is taken by its status', async () => {
    const { url } = await receiver((_request, response) => {
      response.writeHead(200);
      const more = () => response.write('x'.repeat(65_536), () => !response.destroyed && more());
      more();
    });
    expect((await send(messageTo(url))).outcome).toEqual({ kind: 'delivered' });
  });
});

describe('nothing is sent', () => {
  test('to this machine where only the public internet is allowed', async () => {
    const { url, got } = await receiver((_request, response) => response.end());
    const strict = webhookSender({ networks: 'public' });
    expect(await strict(messageTo(url))).toMatchObject({
      outcome: { kind: 'failed' },
      status: null,
      detail: 'the URL leads to this machine, where webhooks may not go',
    });
    expect(got).toEqual([]);
  });

  test.each([
    ['127.0.0.1', 4, 'public', 'leads to this machine'],
    ['169.254.169.254', 4, 'loopback', 'leads into a private network'],
    ['::ffff:10.0.0.1', 6, 'loopback', 'leads into a private network'],
  ] as const)('to a name that stands for %s', async (address, family, networks, text) => {
    const asked: string[] = [];
    const sender = webhookSender({
      networks,
      resolve: async (hostname) => {
        asked.push(hostname);
        return [{ address, family }];
      },
    });
    const attempt = await sender(messageTo('https://hooks.example.com/'));
    expect(attempt).toMatchObject({ outcome: { kind: 'failed' }, status: null });
    expect(attempt.detail).toContain(text);
    expect(asked).toEqual(['hooks.example.com']);
  });

  test('to an address that was not judged: a name is asked for once, and that answer is used', async () => {
    const { url, got } = await receiver((_request, response) => response.end());
    const answers = [[{ address: '127.0.0.1', family: 4 }], [{ address: '10.0.0.1', family: 4 }]];
    const sender = webhookSender({
      networks: 'loopback',
      resolve: async () => answers.shift() ?? [],
    });
    const attempt = await sender(messageTo(url.replace('127.0.0.1', 'localhost')));
    expect(attempt.outcome).toEqual({ kind: 'delivered' });
    expect(got).toHaveLength(1);
    expect(answers).toHaveLength(1);
  });
});

test('a secret is kept sealed, and opens for its endpoint alone', () => {
  const secrets = webhookSecrets(parseKeyRing(`k1:${Buffer.alloc(32, 1).toString('base64')}`));
  const secret = secrets.make();
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(secrets.make()).not.toBe(secret);
  const bytes = Buffer.from(secret.slice(6), 'base64');
  const sealed = secrets.seal(secret, 'shop');
  expect(secrets.open(sealed, 'shop')).toEqual(bytes);
  expect(JSON.stringify(sealed)).not.toContain(secret.slice(6));
  expect(() => secrets.open(sealed, 'another')).toThrow('does not open it');
  expect(secrets.seal(secret, 'shop').digest).toBe(sealed.digest);
});
