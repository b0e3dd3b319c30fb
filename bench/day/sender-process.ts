/** Sends orders at their instants, see sender.ts, by many callers: one that waits delays no other. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerAll } from '../talking-process.ts';
import { orderBody, readRetailMonth, scheduleOf } from './retail-day.ts';
import type { SendTask, Sent } from './sender.ts';

const COME_AGAIN = new Set([429, 503]);
/** Where an answer that asks to come again names no time. */
const COME_AGAIN_SECONDS = 1;
/** More callers than the server takes on at once. Each keeps its order until it is accepted. */
const CALLERS = 512;

const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
const month = await readRetailMonth();

await answerAll<SendTask>(send);
agent.destroy();

async function send({ part, count, durationMs, apiUrl, apiKey }: SendTask): Promise<Sent> {
  const slots = scheduleOf(month, count, durationMs);
  const beganAt = Date.now();
  const sent = {
    scheduledAt: slots.map(({ atMs }) => beganAt + atMs),
    answeredAt: [] as number[],
    servedMs: [] as number[],
    refusedMs: [] as number[],
    hours: slots.map(({ hour }) => hour),
  };
  const sendOne = async (index: number): Promise<void> => {
    const body = JSON.stringify(orderBody(month, part, index));
    let answer = await post(`${apiUrl}/v1/orders`, apiKey, body);
    while (COME_AGAIN.has(answer.status)) {
      sent.refusedMs.push(answer.servedMs);
      await sleep(answer.retryAfterSeconds * 1_000);
      answer = await post(`${apiUrl}/v1/orders`, apiKey, body);
    }
    sent.answeredAt[index] = Date.now();
    sent.servedMs[index] = answer.servedMs;
    if (answer.status !== 201) throw new Error(`${part} ${index}: ${answer.status} ${answer.text}`);
  };
  let next = 0;
  const call = async (): Promise<void> => {
    for (let index = next; index < count; index = next) {
      next += 1;
      const early = (sent.scheduledAt[index] ?? 0) - Date.now();
      if (early > 0) await sleep(early);
      await sendOne(index);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, call));
  return sent;
}

interface PostAnswer {
  readonly status: number;
  readonly text: string;
  readonly servedMs: number;
  readonly retryAfterSeconds: number;
}

function post(url: string, apiKey: string, body: string): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const headers = {
      Authorization: `Bearer ${apiKey}`,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    };
    // Whoever waits for a connection is not with the server yet.
    let writtenAt = performance.now();
    const sent = request(url, { agent, method: 'POST', headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(parts).toString('utf8'),
          servedMs: performance.now() - writtenAt,
          retryAfterSeconds: Number(response.headers['retry-after'] ?? COME_AGAIN_SECONDS),
        }),
      );
    });
    sent.on('socket', () => {
      writtenAt = performance.now();
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
