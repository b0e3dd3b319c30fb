import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { putWebhookEndpoint } from '../../activities/ledger/intake/notice.ts';
import { listExceptions } from '../../activities/ledger/read/exception.ts';
import { listWebhookEndpoints } from '../../activities/ledger/read/notice.ts';
import { smtpMail, type SmtpMail } from '../../activities/notify/smtp-mail.ts';
import { webhookSender } from '../../activities/notify/send-webhook.ts';
import type { RunningSimulators } from '../../simulators/start-simulators.ts';
import { startDispatcher, type Dispatcher } from '../../worker/dispatcher.ts';
import type { TemporalEngine } from '../../worker/engine.ts';
import { NoticeDesk, PUBLIC_URL, SECRETS } from '../ledger/notice-desk.ts';
import { send, startForTest } from '../simulators/running.ts';
import { eventually } from '../support/loopline.ts';

/** Dispatchers over a real ledger, a real SMTP server and a real receiver of webhooks. */
let desk: NoticeDesk;
let running: RunningSimulators;
const dispatchers: { dispatcher: Dispatcher; mail: SmtpMail }[] = [];
const receivers: Server[] = [];

beforeAll(async () => {
  desk = await NoticeDesk.open();
  running = await startForTest();
});
afterEach(async () => {
  for (const { dispatcher, mail } of dispatchers.splice(0)) {
    await dispatcher.stop();
    mail.close();
  }
  await settings({
    hangMs: 0,
    faults: { serverErrorRate: 0, timeoutAfterEffectRate: 0, refuseRate: 0 },
  });
});
afterAll(async () => {
  for (const server of receivers) {
    server.close();
    server.closeAllConnections();
  }
  await running.stop();
  await desk.shop.close();
});

const settings = (change: object) => send('PUT', `${running.urls.mail}/_sim/settings`, change);

/** Notices have nothing to do with the engine. */
const idleEngine = {
  startPace: () => ({ atOnce: 1, restMs: 0 }),
  onNudge: () => undefined,
} as unknown as TemporalEngine;

function dispatch(options: { mailDeadlineMs?: number; pausesMs?: readonly number[] } = {}): void {
  const { mailDeadlineMs, pausesMs } = options;
  const mail = smtpMail({
    url: running.smtpUrl,
    from: 'Loopline <loopline@shop.example>',
    ...(mailDeadlineMs === undefined ? {} : { deadlineMs: mailDeadlineMs }),
  });
  const dispatcher = startDispatcher({
    ledger: desk.shop.ledger,
    engine: idleEngine,
    notify: mail,
    notices: {
      publicUrl: PUBLIC_URL,
      secrets: SECRETS,
      sendWebhook: webhookSender({ networks: 'loopback' }),
      ...(pausesMs === undefined ? {} : { webhookPausesMs: pausesMs }),
    },
    reportError: () => undefined,
  });
  dispatchers.push({ dispatcher, mail });
}

interface Mail {
  readonly messageId: string;
  readonly subject: string;
  readonly body: string;
}

async function inboxOf(name: string): Promise<Mail[]> {
  const { body } = await send(
    'GET',
    `${running.urls.mail}/_sim/messages?to=${name}@example.org&limit=100`,
  );
  return body['data'] as Mail[];
}

test('whoever is asked gets one mail over SMTP, with two dispatchers at work', async () => {
  const anna = await desk.person('anna');
  const key = await desk.happen({ people: [anna] });
  dispatch();
  dispatch();
  const [mail] = await eventually(async () => {
    const found = await inboxOf('anna');
    expect(found).toHaveLength(1);
    return found;
  });
  expect(mail).toMatchObject({
    messageId: `notice:${key}:person:anna`,
    subject: expect.stringMatching(/^Decision asked: refund of return:R-\d+$/) as string,
  });
  expect(mail?.body).toContain(`${PUBLIC_URL}/v1/approvals/approval%3Areturn%3AR-`);
  await eventually(async () => expect(await desk.open()).toBe(0));
  expect(await inboxOf('anna')).toHaveLength(1);
});

test('a server that is busy, or takes the mail and never says so, has each mail once in the end', async () => {
  await settings({
    hangMs: 600_000,
    faults: { serverErrorRate: 0.5, timeoutAfterEffectRate: 0.5 },
  });
  const people = await Promise.all(
    Array.from({ length: 12 }, (_, index) => desk.person(`many${index}`)),
  );
  await desk.happen({ people });
  dispatch({ mailDeadlineMs: 500 });
  await eventually(async () => expect(await desk.open()).toBe(0), { deadlineMs: 60_000 });
  for (const [index] of people.entries()) expect(await inboxOf(`many${index}`)).toHaveLength(1);
  const outcomes = (await desk.attempts()).map(({ outcome }) => outcome);
  expect(outcomes.filter((outcome) => outcome === 'failed').length).toBeGreaterThan(0);
});

test('a hanging mail server keeps no webhook waiting', async () => {
  await settings({ hangMs: 600_000, faults: { timeoutAfterEffectRate: 1 } });
  const { url, got } = await receiver(200);
  await endpointAt(url, 'quick');
  const bea = await desk.person('bea');
  await desk.happen({ people: [bea] });
  dispatch();
  await eventually(() => expect(got.length).toBeGreaterThan(0), { deadlineMs: 8_000 });
});

test('a receiver that hangs keeps no other receiver and no mail waiting, however much waits for it', async () => {
  const hanging = await receiver(undefined);
  await endpointAt(hanging.url, 'hanging');
  const waiting = 40;
  for (let number = 0; number < waiting; number += 1) await desk.happen();
  dispatch();
  await eventually(() => expect(hanging.got.length).toBeGreaterThan(0));
  const quick = await receiver(200);
  await endpointAt(quick.url, 'prompt', { alone: false });
  const cat = await desk.person('cat');
  await desk.happen({ people: [cat] });
  // Sooner than the first of those that hang is given up for this time.
  await eventually(() => expect(quick.got).toHaveLength(1), { deadlineMs: 8_000 });
  await eventually(async () => expect(await inboxOf('cat')).toHaveLength(1), {
    deadlineMs: 8_000,
  });
  expect(hanging.got.length).toBeLessThanOrEqual(4);
});

test('a program is told by a webhook that it can verify, and keeps one of each', async () => {
  const { url, got } = await receiver(200);
  await endpointAt(url, 'verifies');
  await desk.happen();
  dispatch();
  await eventually(() => expect(got).toHaveLength(1));
  const [post] = got;
  const id = String(post?.headers['webhook-id']);
  const timestamp = String(post?.headers['webhook-timestamp']);
  const expected = createHmac('sha256', Buffer.alloc(32, 6))
    .update(`${id}.${timestamp}.${post?.body}`)
    .digest('base64');
  expect(post?.headers['webhook-signature']).toBe(`v1,${expected}`);
  expect(Math.abs(Number(timestamp) - Date.now() / 1_000)).toBeLessThan(300);
  expect(JSON.parse(post?.body ?? '')).toMatchObject({ type: 'approval-requested' });
});

test('a program that always fails is turned off, and ops finds it on the board', async () => {
  const { url, got } = await receiver(500);
  await endpointAt(url, 'broken');
  await desk.happen();
  dispatch({ pausesMs: [0, 0, 0] });
  await eventually(async () => {
    const { data } = await listWebhookEndpoints(desk.shop.ledger, { limit: 50 });
    const broken = data.find(({ endpointId }) => endpointId === 'broken');
    expect(broken).toMatchObject({ state: 'disabled', failures: 4 });
  });
  expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(got).toHaveLength(4);
  const { data } = await listExceptions(desk.shop.ledger, {
    limit: 50,
    subjectId: 'webhook-endpoint:broken',
  });
  expect(data).toMatchObject([{ kind: 'connector', owner: 'ops', state: 'open' }]);
});

interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A program on this machine that answers every message so, or never where nothing is said. */
async function receiver(status: number | undefined): Promise<{ url: string; got: Post[] }> {
  const got: Post[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      if (status !== undefined) response.writeHead(status).end();
    });
  });
  receivers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got };
}

/** Makes an endpoint that hears of decisions; where nothing else is said, those before it are turned off. */
async function endpointAt(url: string, endpointId: string, { alone = true } = {}): Promise<void> {
  if (alone)
    await desk.shop.owner`
      update ledger.webhook_endpoint set state = 'disabled', disabled_reason = 'another test'
      where state = 'active'`;
  const secret = SECRETS.seal(`whsec_${Buffer.alloc(32, 6).toString('base64')}`, endpointId);
  await putWebhookEndpoint(desk.shop.ledger.as({ actor: 'person:olga' }), {
    endpoint: {
      endpointId,
      url,
      description: '',
      kinds: ['approval-requested'],
      state: 'active',
      secret,
      overlapHours: 0,
    },
    at: new Date().toISOString(),
  });
}
