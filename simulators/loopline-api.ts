import { z } from 'zod';

/**
 * How a call ended. `done`: 2xx. `refused`: the answer is final for this request as it stands.
 * `conflict`: 404 or 409, which may pass when the other side has caught up. `away`: no answer in
 * time, 5xx, or not admitted; the effect is unknown, so the same request is sent again later.
 */
export type CallResult =
  | { readonly kind: 'done'; readonly body: unknown }
  | { readonly kind: 'refused' | 'conflict' | 'away'; readonly status: number; detail: string };

export type ApiSettings = {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly callDeadlineMs: number;
};

const AWAY_STATUSES: ReadonlySet<number> = new Set([401, 403, 408, 425, 429]);
const CONFLICT_STATUSES: ReadonlySet<number> = new Set([404, 409]);
const PAGE_SIZE = 200;
const UNANSWERED_BEFORE_AWAY = 16;

const listPage = z.object({ data: z.array(z.unknown()), nextCursor: z.string().nullish() });

/** Thrown when a list cannot be read now. */
export class ApiAway extends Error {
  override readonly name = 'ApiAway';
}

/** The merchant's public API as a partner's software calls it: with a key and a deadline. */
export class LooplineApi {
  readonly #settings: () => ApiSettings;
  readonly #underWay = new Set<AbortController>();
  #stopped = false;
  #unanswered = 0;

  constructor(settings: () => ApiSettings) {
    this.#settings = settings;
  }

  /**
   * True when several calls in a row had no answer at all. The rest of a pass would only wait for
   * one deadline after the other. A 5xx is an answer: it may concern one thing alone.
   */
  get seemsAway(): boolean {
    return this.#unanswered >= UNANSWERED_BEFORE_AWAY;
  }

  /** Forgets what was unanswered: a new pass tries again. */
  tryAgain(): void {
    this.#unanswered = 0;
  }

  async post(path: string, body: object, idempotencyKey: string): Promise<CallResult> {
    return this.call(`${this.#settings().apiUrl}${path}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': idempotencyKey,
        Authorization: `Bearer ${this.#settings().apiKey}`,
      },
      body: JSON.stringify(body),
    });
  }

  /** Every element of a list, page by page, up to `maximum`. Throws `ApiAway`. */
  async list(path: string, maximum: number): Promise<readonly unknown[]> {
    const elements: unknown[] = [];
    let cursor: string | null = null;
    do {
      const url = new URL(`${this.#settings().apiUrl}${path}`);
      url.searchParams.set('limit', String(PAGE_SIZE));
      if (cursor !== null) {
        url.searchParams.set('cursor', cursor);
      }
      const result = await this.call(url.href, {
        headers: { Authorization: `Bearer ${this.#settings().apiKey}` },
      });
      const page = result.kind === 'done' ? listPage.safeParse(result.body) : undefined;
      if (!page?.success) {
        throw new ApiAway(result.kind === 'done' ? `${path} answered no list` : result.detail);
      }
      elements.push(...page.data.data);
      cursor = page.data.nextCursor ?? null;
    } while (cursor !== null && elements.length < maximum);
    return elements;
  }

  /** One HTTP call that ends within the deadline. Never throws. */
  async call(url: string, init: RequestInit): Promise<CallResult> {
    if (this.#stopped) {
      return { kind: 'away', status: 0, detail: 'the simulator is stopping' };
    }
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), this.#settings().callDeadlineMs);
    this.#underWay.add(controller);
    try {
      const response = await fetch(url, { ...init, signal: controller.signal });
      const result = resultOf(response.status, await response.text());
      this.#unanswered = 0;
      return result;
    } catch (error) {
      this.#unanswered += 1;
      const detail = controller.signal.aborted ? 'no answer in time' : reasonOf(error);
      return { kind: 'away', status: 0, detail };
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(controller);
    }
  }

  /** Ends calls under way; their effect is unknown and they are made again after a restart. */
  stop(): void {
    this.#stopped = true;
    for (const controller of this.#underWay) {
      controller.abort();
    }
  }
}

function resultOf(status: number, body: string): CallResult {
  if (status >= 200 && status < 300) {
    return { kind: 'done', body: body === '' ? null : parseJson(body) };
  }
  const detail = body.slice(0, 500);
  if (CONFLICT_STATUSES.has(status)) {
    return { kind: 'conflict', status, detail };
  }
  const away = status >= 500 || AWAY_STATUSES.has(status);
  return { kind: away ? 'away' : 'refused', status, detail };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return error.cause instanceof Error ? error.cause.message : error.message;
}
