import { setTimeout as sleep } from 'node:timers/promises';

const DEADLINE_MS = 10_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_500;

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface ClientCounts {
  readonly byStatus: Map<number, number>;
  /** A 500 is a defect, whatever was killed: method, path and what it said. */
  readonly broken: string[];
}

/** Calls Loopline as a connector does: whatever API process answers, with the same content until one does. */
export interface Client {
  /** Undefined when nobody answered before `patient` became false: the outcome is unknown. */
  send(
    method: string,
    path: string,
    body?: object,
    patient?: () => boolean,
  ): Promise<Answer | undefined>;
  list(path: string): Promise<Record<string, unknown>[]>;
}

/** `start` picks the API process that is asked first, so that several callers spread over them. */
export function chaosClient(options: {
  readonly urls: readonly string[];
  readonly key: string;
  readonly start: number;
  readonly counts: ClientCounts;
}): Client {
  const { urls, key, counts } = options;
  let turn = options.start;
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };

  async function send(
    method: string,
    path: string,
    body?: object,
    patient: () => boolean = () => true,
  ): Promise<Answer | undefined> {
    const text = body === undefined ? null : JSON.stringify(body);
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const answer = await attempt(`${urls[turn % urls.length]}${path}`, {
        method,
        headers,
        body: text,
      });
      const { status } = answer;
      counts.byStatus.set(status, (counts.byStatus.get(status) ?? 0) + 1);
      if (status === 500) counts.broken.push(`${method} ${path} ${JSON.stringify(answer.body)}`);
      if (status > 0 && status < 500 && status !== 429) return answer;
      if (!patient()) return undefined;
      turn += 1;
      await sleep(pauseMs);
    }
  }

  async function list(path: string): Promise<Record<string, unknown>[]> {
    const elements: Record<string, unknown>[] = [];
    let cursor: unknown = null;
    do {
      const query = new URLSearchParams({ limit: '200' });
      if (typeof cursor === 'string') query.set('cursor', cursor);
      const answer = await send('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`);
      const page = (answer?.body ?? {}) as {
        data?: Record<string, unknown>[];
        nextCursor?: unknown;
      };
      elements.push(...(page.data ?? []));
      cursor = page.nextCursor;
    } while (typeof cursor === 'string');
    return elements;
  }

  return { send, list };
}

/** Status 0 when there was no answer. */
async function attempt(url: string, init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(DEADLINE_MS) });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? {} : (JSON.parse(text) as Answer['body']),
    };
  } catch {
    return { status: 0, body: {} };
  }
}
