/** Callers of one process, each with a connection that stays open; one task a line, see callers.ts. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { callersAtOnce } from '../measure.ts';
import type { CallersTask, Placed } from './callers.ts';
import { orderOf, totalMinorOf } from './shop.ts';
import { answerAll } from '../talking-process.ts';

const PAYMENTS_AT_ONCE = 16;
const COME_AGAIN = new Set([429, 503]);
const COME_AGAIN_MS = 100;

const agent = new Agent({ keepAlive: true });
/** What the gateway has authorized for the burst that is placed next. */
let references: string[] = [];

await answerAll<CallersTask>(async (task) =>
  task.step === 'authorize' ? authorize(task) : place(task),
);
agent.destroy();

async function authorize(task: CallersTask): Promise<object> {
  references = [];
  await callersAtOnce(PAYMENTS_AT_ONCE, task.count, async (index) => {
    const reference = `${task.name}-${index}`;
    const amountMinor = totalMinorOf(task.lines);
    const answer = await post(
      `${task.gatewayUrl}/v1/authorizations`,
      { 'Idempotency-Key': reference },
      JSON.stringify({ reference, amountMinor, currency: 'GBP', token: 'tok_visa' }),
    );
    if (answer.status !== 200) throw new Error(`${reference}: ${answer.text}`);
    references[index] = (JSON.parse(answer.text) as { id: string }).id;
  });
  return {};
}

async function place(task: CallersTask): Promise<Placed> {
  const { name, count, callers, lines, pauseMs, apiUrls, apiKey } = task;
  const headers = { Authorization: `Bearer ${apiKey}` };
  // Made before, as a shop has its orders before it sends them.
  const bodies = references.map((reference, index) =>
    JSON.stringify(orderOf({ externalId: `${name}-${index}`, index, lines, reference })),
  );
  const placed = {
    sentAt: [] as number[],
    answeredAt: [] as number[],
    milliseconds: [] as number[],
    refused: 0,
  };
  await callersAtOnce(callers, count, async (index) => {
    const url = `${apiUrls[index % apiUrls.length]}/v1/orders`;
    placed.sentAt[index] = Date.now();
    const startedAt = performance.now();
    let answer = await post(url, headers, bodies[index] ?? '');
    while (COME_AGAIN.has(answer.status)) {
      placed.refused += 1;
      await sleep(COME_AGAIN_MS);
      answer = await post(url, headers, bodies[index] ?? '');
    }
    placed.milliseconds[index] = performance.now() - startedAt;
    placed.answeredAt[index] = Date.now();
    if (answer.status !== 201) throw new Error(`${name}-${index}: ${answer.status} ${answer.text}`);
    if (pauseMs > 0) await sleep(pauseMs);
  });
  return placed;
}

function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        agent,
        method: 'POST',
        headers: {
          ...headers,
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
        },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(parts).toString('utf8'),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
