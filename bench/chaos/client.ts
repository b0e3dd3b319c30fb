import { setTimeout as sleep } from 'node:timers/promises';
import { DECIDERS } from '../deciders/deciders.ts';
import { logIn, openedWhenNeeded, type Session } from '../deciders/log-in.ts';

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

/** By a key, or in the session of somebody who has logged in. */
type Credential = { readonly key: string } | { readonly session: Session };

/** `start` picks the API process that is asked first, so that several callers spread over them. */
export function chaosClient(
  options: Credential & {
    readonly urls: readonly string[];
    readonly start: number;
    readonly counts: ClientCounts;
  },
): Client {
  const { urls, counts } = options;
  let turn = options.start;
  const session = 'session' in options ? options.session : undefined;
  const own = {
    'Content-Type': 'application/json',
    ...('key' in options ? { Authorization: `Bearer ${options.key}` } : {}),
  };

  /** Who cannot log in has no answer either; a session that counts no more is opened anew. */
  async function once(method: string, path: string, body: string | null): Promise<Answer> {
    const shown = await session?.headers().catch(() => undefined);
    if (session !== undefined && shown === undefined) return UNANSWERED;
    const url = `${urls[turn % urls.length]}${path}`;
    const answer = await attempt(url, { method, headers: { ...own, ...shown }, body });
    if (answer.status !== 401 || session === undefined || shown === undefined) return answer;
    session.forget(shown);
    return UNANSWERED;
  }

  async function send(
    method: string,
    path: string,
    body?: object,
    patient: () => boolean = () => true,
  ): Promise<Answer | undefined> {
    const text = body === undefined ? null : JSON.stringify(body);
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const answer = await once(method, path, text);
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

/** The clients of those who decide, by the person's id; each logs in at whatever API process answers. */
export function clientsOfDeciders(options: {
  readonly urls: readonly string[];
  readonly password: string;
  readonly counts: ClientCounts;
}): ReadonlyMap<string, Client> {
  const { urls, password, counts } = options;
  let turn = 0;
  const clients = DECIDERS.map(({ account, personId }, start) => {
    const session = openedWhenNeeded(() => {
      turn += 1;
      return logIn(urls[turn % urls.length] ?? '', { account, password });
    });
    return [personId, chaosClient({ urls, session, start, counts })] as const;
  });
  return new Map(clients);
}

const UNANSWERED: Answer = { status: 0, body: {} };

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
    return UNANSWERED;
  }
}
