import { spawn } from 'node:child_process';
import { request as httpRequest, type Agent, type IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { eventually } from '../support/loopline.ts';

const SERVE = fileURLToPath(new URL('../../worker/serve.ts', import.meta.url));

export const API_KEY = 'a-key-for-the-loop-tests';

/** What a process of Loopline needs to know of the services around it. */
export interface Surroundings {
  readonly appUrl: string;
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly simulators: Readonly<Record<'gateway' | 'carrier' | 'supplier', string>>;
  readonly smtpUrl: string;
}

/** One process of `worker/serve.ts`. */
export interface ServeProcess {
  /** Of its API; nothing answers there when it has none. */
  readonly url: string;
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  /** Sends SIGTERM; the exit code, or the signal's name when it had to be killed. */
  terminate(): Promise<number | string>;
}

/** Starts `worker/serve.ts` and waits until it says that it runs, and its API answers if it has one. */
export async function startServe(
  around: Surroundings,
  options: { roles: string; port: number; env?: Readonly<Record<string, string>> },
): Promise<ServeProcess> {
  const { gateway, carrier, supplier } = around.simulators;
  const child = spawn(process.execPath, ['--import', 'tsx', SERVE], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      LOOPLINE_ROLES: options.roles,
      LOOPLINE_API_KEY: API_KEY,
      API_PORT: String(options.port),
      DATABASE_URL: around.appUrl,
      TEMPORAL_ADDRESS: around.temporalAddress,
      TEMPORAL_NAMESPACE: around.namespace,
      GATEWAY_URL: gateway,
      CARRIER_URL: carrier,
      SUPPLIER_URL: supplier,
      MAIL_SMTP_URL: around.smtpUrl,
      ...options.env,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      output += part.toString();
    });
  const ended = new Promise<number | string>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  await eventually(() => expect(output, output).toContain('Loopline runs as'), {
    deadlineMs: 120_000,
  });
  return {
    url: `http://127.0.0.1:${options.port}`,
    pid: child.pid ?? 0,
    output: () => output,
    terminate: async () => {
      child.kill('SIGTERM');
      const cut = setTimeout(() => child.kill('SIGKILL'), 90_000);
      const result = await ended;
      clearTimeout(cut);
      return result;
    },
  };
}

/** An authorized order of one unit, as a channel posts it. */
export function orderOf(externalId: string, sku: string, lines = 1): Record<string, unknown> {
  return {
    channel: 'web',
    externalId,
    placedAt: '2026-03-02T10:00:00Z',
    currency: 'GBP',
    shipTo: { country: 'GB', postalCode: 'N1 1AA' },
    lines: Array.from({ length: lines }, (_, index) => ({
      externalLineId: String(index + 1),
      sku,
      quantity: 1,
      unitPrice: '2.55',
    })),
    payment: {
      provider: 'gateway',
      status: 'authorized',
      reference: `auth-${externalId}`,
      amountMinor: String(255 * lines),
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

const DEADLINE_MS = 30_000;

/** One call with the key; throws when no answer comes. */
export async function send(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  return sendAs({ Authorization: `Bearer ${API_KEY}` }, `${url}${path}`, method, body);
}

/** One call with what its headers show of who calls; throws when no answer comes. */
export async function sendAs(
  shown: Readonly<Record<string, string>>,
  url: string,
  method: string,
  body?: unknown,
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...shown, 'Content-Type': 'application/json' },
    signal: AbortSignal.timeout(DEADLINE_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('Content-Type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}

/** An answer to a request whose connection is watched as well. */
export interface Reply {
  readonly status: number;
  readonly connection: string | undefined;
  readonly body: string;
}

/** An order that is under way for as long as the test wants: half of its body is yet to come. */
export interface HeldOrder {
  /** Comes before `finish` from a server that refuses without reading. */
  readonly reply: Promise<Reply>;
  finish(): Promise<Reply>;
}

/** Posts an order over a connection of the agent; rejects with what the system says of a broken one. */
export function post(agent: Agent, port: number, order: object): Promise<Reply> {
  return hold(agent, port, order).finish();
}

/** Begins to post an order, which `finish` brings to its end. */
export function hold(agent: Agent, port: number, order: object): HeldOrder {
  const text = JSON.stringify(order);
  const half = Math.floor(text.length / 2);
  const request = httpRequest({
    agent,
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/v1/orders',
    headers: {
      Authorization: `Bearer ${API_KEY}`,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
    },
  });
  const reply = new Promise<Reply>((resolve, reject) => {
    request.on('response', (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, connection: headers.connection, body });
      });
    });
    request.on('error', reject);
    request.setTimeout(60_000, () => request.destroy(new Error('no answer within 60 s')));
  });
  reply.catch(() => undefined);
  request.write(text.slice(0, half));
  return {
    reply,
    finish: () => {
      request.end(text.slice(half));
      return reply;
    },
  };
}
