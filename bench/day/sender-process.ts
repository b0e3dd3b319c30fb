/** Sends orders at their instants, see sender.ts: who waits for an answer does not delay the next. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerAll } from '../talking-process.ts';
import { orderBody, readRetailMonth, scheduleOf } from './retail-day.ts';
import type { SendTask, Sent } from './sender.ts';

const COME_AGAIN = new Set([429, 503]);
const COME_AGAIN_MS = 250;
/** More than the server takes on at once, as many callers are. */
const CONNECTIONS = 512;

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
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
      await sleep(COME_AGAIN_MS);
      answer = await post(`${apiUrl}/v1/orders`, apiKey, body);
    }
    sent.answeredAt[index] = Date.now();
    sent.servedMs[index] = answer.servedMs;
    if (answer.status !== 201) throw new Error(`${part} ${index}: ${answer.status} ${answer.text}`);
  };
  const underWay: Promise<void>[] = [];
  for (const [index, at] of sent.scheduledAt.entries()) {
    const early = at - Date.now();
    if (early > 0) await sleep(early);
    underWay.push(sendOne(index));
  }
  await Promise.all(underWay);
  return sent;
}

function post(
  url: string,
  apiKey: string,
  body: string,
): Promise<{ status: number; text: string; servedMs: number }> {
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
