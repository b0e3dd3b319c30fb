import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import { Book } from './book.ts';
import type { BookLine } from './book.ts';
import { failuresBeforeHealing, happens, seededFraction } from './faults.ts';
import { pageQuery } from './fields.ts';
import { jsonResponse, parseWith, Problem } from './problem.ts';
import { SettingsStore } from './settings-store.ts';

const MAX_BODY_BYTES = 8 * 1024 * 1024;

export type SimulatorContext = Context<{ Bindings: HttpBindings }>;

export type BaseSettings = {
  readonly seed: number;
  readonly latencyMs: number;
  readonly hangMs: number;
  readonly faults: { readonly serverErrorRate: number; readonly timeoutAfterEffectRate: number };
};

type Answered = {
  readonly keys: readonly string[];
  readonly requestHash: string;
  readonly status: number;
  readonly body: unknown;
};

type Entry<Fact> =
  | { readonly kind: 'fact'; readonly fact: Fact; readonly answered?: Answered }
  | { readonly kind: 'fault'; readonly fault: string; readonly key: string }
  | { readonly kind: 'settings'; readonly fields: readonly string[] };

/** What a mutating call did: the fact goes into the book together with its answer, in one line. */
export type Outcome<Fact> = {
  readonly status: number;
  readonly body: unknown;
  readonly fact: Fact;
  /** Answered late or never, whatever the rate of such faults. */
  readonly timesOut?: boolean;
};

export type Mutation<Fact> = {
  /** The whole body as received: same key and same body means the same request. */
  readonly rawBody: unknown;
  /** A key the body itself carries; with it the Idempotency-Key header is optional. */
  readonly naturalKey?: string;
  /** The first call of each key answers 503, whatever the rate of faults. */
  readonly failOnce?: boolean;
  /** Must not await: two calls with one key could otherwise both pass. */
  readonly perform: (key: string) => Outcome<Fact>;
};

export type ProviderOptions<Settings, Fact> = {
  readonly name: string;
  readonly dataDir: string;
  readonly settingsSchema: z.ZodType<Settings>;
  readonly settings: Settings;
  readonly secretFields?: readonly string[];
  /** Folds one fact into the provider's state: when it happens and again at every start. */
  readonly apply: (fact: Fact) => void;
  /** Empties the provider's state. */
  readonly clear: () => void;
};

/** What all simulators share: book, settings, idempotency, latency, faults and common routes. */
export class ProviderService<Settings extends BaseSettings, Fact> {
  readonly app = new Hono<{ Bindings: HttpBindings }>();
  readonly #options: ProviderOptions<Settings, Fact>;
  readonly #settings: SettingsStore<Settings>;
  readonly #book: Book<Entry<Fact>>;
  readonly #answers = new Map<string, Answered>();
  readonly #failures = new Map<string, number>();

  constructor(options: ProviderOptions<Settings, Fact>) {
    this.#options = options;
    const file = join(options.dataDir, options.name);
    this.#book = new Book<Entry<Fact>>(`${file}.jsonl`, (line) => this.#fold(line));
    this.#settings = new SettingsStore(
      `${file}.settings.json`,
      options.settingsSchema,
      options.settings,
      options.secretFields,
    );
    this.#addCommonRoutes();
  }

  get settings(): Settings {
    return this.#settings.current;
  }

  /** Books a fact that answers nobody and applies it. */
  record(fact: Fact): void {
    this.#write({ kind: 'fact', fact });
  }

  /** The stored answer of an idempotency key. */
  answerOf(key: string): { readonly status: number; readonly body: unknown } | undefined {
    return this.#answers.get(key);
  }

  async readJson(c: SimulatorContext): Promise<unknown> {
    try {
      return (await c.req.json()) as unknown;
    } catch {
      throw new Problem(400, 'the body is not JSON', [{ path: '(body)', message: 'not JSON' }]);
    }
  }

  /** Whether the call with this key is one of those that fail; if so, the failure is booked. */
  failsNow(key: string, failOnce = false): boolean {
    const { seed, faults } = this.settings;
    const seeded = failuresBeforeHealing(faults.serverErrorRate, seed, 'server-error', key);
    const isFailing = (this.#failures.get(key) ?? 0) < Math.max(seeded, failOnce ? 1 : 0);
    if (isFailing) this.#write({ kind: 'fault', fault: 'server-error', key });
    return isFailing;
  }

  async latency(): Promise<void> {
    if (this.settings.latencyMs > 0) {
      await sleep(this.settings.latencyMs);
    }
  }

  /**
   * Runs a mutating call once per key. Same key and same body: the first answer again with
   * `Idempotent-Replayed: true`. Other body: 409. A refusal (4xx) had no effect and is not stored.
   */
  async mutate(c: SimulatorContext, mutation: Mutation<Fact>): Promise<Response> {
    const keys = keysOf(c, mutation.naturalKey);
    const requestHash = hashRequest(c, mutation.rawBody);
    await this.latency();
    // Nothing awaits from here until the answer is booked.
    const first = this.#firstAnswer(keys, requestHash);
    if (first) {
      return jsonResponse(first.status, first.body, { 'Idempotent-Replayed': 'true' });
    }
    const key = keys[0];
    if (this.failsNow(key, mutation.failOnce))
      throw new Problem(503, 'the simulator was told to fail; try again with the same key');
    const outcome = mutation.perform(key);
    const { status, body } = outcome;
    const answered = { keys, requestHash, status, body };
    this.#write({ kind: 'fact', fact: outcome.fact, answered });
    const { seed, faults, hangMs } = this.settings;
    const timesOut =
      outcome.timesOut === true ||
      happens(faults.timeoutAfterEffectRate, seed, 'timeout-after-effect', key);
    if (!timesOut) {
      return jsonResponse(status, body);
    }
    if (seededFraction(seed, 'timeout-kind', key) < 0.5) {
      await sleep(hangMs);
      return jsonResponse(status, body);
    }
    c.env.incoming.socket.destroy();
    return RESPONSE_ALREADY_SENT;
  }

  close(): void {
    this.#book.close();
  }

  #firstAnswer(keys: readonly string[], requestHash: string): Answered | undefined {
    for (const key of keys) {
      const answered = this.#answers.get(key);
      if (answered && answered.requestHash !== requestHash) {
        throw new Problem(409, `the key ${key} was used before with another request`, [
          { path: 'Idempotency-Key', message: 'was used before with another request' },
        ]);
      }
      if (answered) {
        return answered;
      }
    }
    return undefined;
  }

  #write(entry: Entry<Fact>): void {
    this.#fold(this.#book.append(entry));
  }

  #fold(line: BookLine<Entry<Fact>>): void {
    const { entry } = line;
    if (entry.kind === 'fault') {
      this.#failures.set(entry.key, (this.#failures.get(entry.key) ?? 0) + 1);
    }
    if (entry.kind === 'fact') {
      this.#options.apply(entry.fact);
      for (const key of entry.answered?.keys ?? []) {
        this.#answers.set(key, entry.answered as Answered);
      }
    }
  }

  #addCommonRoutes(): void {
    const { app } = this;
    app.use(
      bodyLimit({
        maxSize: MAX_BODY_BYTES,
        onError: () => new Problem(413, `a body has at most ${MAX_BODY_BYTES} bytes`).toResponse(),
      }),
    );
    app.onError((error) => {
      if (error instanceof Problem) {
        return error.toResponse();
      }
      console.error(`${this.#options.name} simulator:`, error);
      return new Problem(500, 'the simulator failed; its log says why').toResponse();
    });
    app.notFound((c) => new Problem(404, `no route ${c.req.method} ${c.req.path}`).toResponse());
    app.get('/healthz', (c) => c.json({ ok: true, name: this.#options.name }));
    app.get('/_sim/settings', () => jsonResponse(200, this.#settings.visible()));
    app.put('/_sim/settings', async (c) => {
      const fields = this.#settings.change(await this.readJson(c));
      this.#write({ kind: 'settings', fields });
      return jsonResponse(200, this.#settings.visible());
    });
    app.get('/_sim/book', (c) => {
      const { limit, cursor } = parseWith(pageQuery, c.req.query());
      return jsonResponse(200, this.#book.page(limit, cursor));
    });
    app.post('/_sim/reset', () => {
      this.#book.reset();
      this.#answers.clear();
      this.#failures.clear();
      this.#options.clear();
      return jsonResponse(200, { ok: true });
    });
  }
}

function keysOf(
  c: SimulatorContext,
  naturalKey: string | undefined,
): readonly [string, ...string[]] {
  const header = c.req.header('Idempotency-Key');
  const natural = naturalKey === undefined ? [] : [`natural:${naturalKey}`];
  if (header !== undefined && header.length >= 1 && header.length <= 255) {
    return [header, ...natural];
  }
  if (header === undefined && natural[0] !== undefined) {
    return [natural[0]];
  }
  throw new Problem(400, 'a call that changes something needs a key', [
    { path: 'Idempotency-Key', message: 'a header of 1 to 255 characters is required' },
  ]);
}

function hashRequest(c: SimulatorContext, rawBody: unknown): string {
  return createHash('sha256')
    .update(`${c.req.method} ${c.req.path}\n${canonicalJson(rawBody)}`)
    .digest('hex');
}

/** JSON with sorted fields, so that the order in which a client writes them does not matter. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_field, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
