import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '../deciders/log-in.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const CALL_DEADLINE_MS = 30_000;
const PAGE_SIZE = 200;

/** The other side refused a call, or could not be reached for too long; the message says which. */
class CallError extends Error {
  override readonly name = 'CallError';
  /** 0 when there was no answer. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Of the attempt that was answered. */
  readonly milliseconds: number;
  readonly replayed: boolean;
}

export interface CallOptions {
  /** Statuses besides 2xx that are an answer and no error. */
  readonly accept?: readonly number[];
  readonly deadlineMs?: number;
}

/** An HTTP service with JSON on both sides. */
export interface HttpService {
  readonly url: string;
  call(method: string, path: string, body?: object, options?: CallOptions): Promise<ApiAnswer>;
  /** Every element of a list, page by page. */
  list(path: string, pageSize?: number): Promise<unknown[]>;
}

/**
 * Calls of one service, by a key or in somebody's session. A 5xx, a 429 or a lost connection is tried again
 * with growing pauses for `patienceMs`, so that a stack that is restarted is found again; every call must
 * therefore be one that can be repeated. Whose session has ended logs in again. Any other 4xx is final.
 * Throws CallError.
 */
export function httpService(
  url: string,
  options: {
    readonly key?: string;
    readonly session?: Session;
    readonly patienceMs?: number;
  } = {},
): HttpService {
  const { key, session, patienceMs = 60_000 } = options;
  const own = {
    ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
    'Content-Type': 'application/json',
  };

  async function once(
    method: string,
    path: string,
    text: string | null,
    deadlineMs: number,
  ): Promise<ApiAnswer> {
    try {
      const shown = await session?.headers();
      const headers = { ...own, ...shown };
      const answer = await attempt(`${url}${path}`, { method, headers, body: text }, deadlineMs);
      if (answer.status === 401 && shown !== undefined) session?.forget(shown);
      return answer;
    } catch (error) {
      return unanswered(error);
    }
  }

  async function call(
    method: string,
    path: string,
    body?: object,
    { accept = [], deadlineMs = CALL_DEADLINE_MS }: CallOptions = {},
  ): Promise<ApiAnswer> {
    const text = body === undefined ? null : JSON.stringify(body);
    const giveUpAt = performance.now() + patienceMs;
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      const answer = await once(method, path, text, deadlineMs);
      const { status } = answer;
      if ((status >= 200 && status < 300) || accept.includes(status)) return answer;
      const mayPass = isPassing(status) || (status === 401 && session !== undefined);
      if (!mayPass || performance.now() + pauseMs > giveUpAt) {
        throw new CallError(status, `${method} ${url}${path} ${describe(answer)}`);
      }
      await sleep(pauseMs);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }

  async function list(path: string, pageSize = PAGE_SIZE): Promise<unknown[]> {
    const elements: unknown[] = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({ limit: String(pageSize) });
      if (cursor !== null) query.set('cursor', cursor);
      const { body } = await call('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`);
      const page = body as { data: unknown[]; nextCursor: string | null };
      elements.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return elements;
  }

  return { url, call, list };
}

async function attempt(url: string, init: RequestInit, deadlineMs: number): Promise<ApiAnswer> {
  const startedAt = performance.now();
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(deadlineMs) });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? null : (JSON.parse(text) as unknown),
      milliseconds: performance.now() - startedAt,
      replayed: response.headers.get('Idempotent-Replayed') === 'true',
    };
  } catch (error) {
    return unanswered(error);
  }
}

function unanswered(error: unknown): ApiAnswer {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return { status: 0, body: message, milliseconds: 0, replayed: false };
}

/** Nobody answered, it is broken, or it has too much to do. */
function isPassing(status: number): boolean {
  return status === 0 || status === 429 || status >= 500;
}

function describe({ status, body }: ApiAnswer): string {
  const detail = typeof body === 'string' ? body : JSON.stringify(body);
  return status === 0
    ? `had no answer: ${detail}`
    : `answered ${status}: ${detail.slice(0, 2_000)}`;
}
