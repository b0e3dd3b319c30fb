import { setTimeout as sleep } from 'node:timers/promises';

const LONGEST_IDLE_MS = 1_000;
const LONGEST_AWAY_MS = 5_000;
const ROUNDS_WITHOUT_PROGRESS = 4;
const FIRST_PAUSE_MS = 100;

export type PassResult = {
  /** How many things were finished in this pass. */
  readonly progress: number;
  /** How many are due and could not be finished now. */
  readonly left: number;
};

export type PassLoopOptions = {
  readonly enabled: () => boolean;
  readonly intervalMs: () => number;
  /** The longest pause while there is nothing to do; a second when left out. */
  readonly idleMs?: () => number;
  readonly pass: () => Promise<PassResult>;
};

/**
 * Repeats a pass while enabled, slower when there is nothing to do and slower still when the API
 * is away. No two passes overlap, whether they come from the loop or from a request.
 */
export class PassLoop {
  readonly #options: PassLoopOptions;
  readonly #stop = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: PassLoopOptions) {
    this.#options = options;
  }

  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#last;
  }

  /** Runs the work when whatever runs now has ended. */
  exclusive<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #run(): Promise<void> {
    let pauseMs = this.#options.intervalMs();
    while (!this.stopped) {
      const intervalMs = this.#options.intervalMs();
      const result = this.#options.enabled()
        ? await this.exclusive(this.#options.pass).catch(reportFailure)
        : { progress: 0, left: 0 };
      if (result.progress > 0) {
        pauseMs = intervalMs;
      } else {
        const idleMs = this.#options.idleMs?.() ?? LONGEST_IDLE_MS;
        const longestMs = result.left > 0 ? LONGEST_AWAY_MS : idleMs;
        pauseMs = Math.max(intervalMs, Math.min(pauseMs * 1.5, longestMs));
      }
      await this.#pause(pauseMs);
    }
  }

  /**
   * Repeats a pass until it finds nothing to do, several rounds brought no progress, or the time
   * is up. Runs inside `exclusive`.
   */
  async untilSettled(pass: () => Promise<PassResult>, deadlineAt: number): Promise<void> {
    let stalled = 0;
    while (!this.stopped && Date.now() < deadlineAt) {
      const { progress, left } = await pass();
      if (progress === 0 && left === 0) {
        return;
      }
      stalled = progress > 0 ? 0 : stalled + 1;
      if (stalled >= ROUNDS_WITHOUT_PROGRESS) {
        return;
      }
      if (stalled > 0) {
        await this.#pause(FIRST_PAUSE_MS * 2 ** (stalled - 1));
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

/** A pass that throws is a fault of the simulator; it says so and goes on. */
function reportFailure(error: unknown): PassResult {
  console.error('a simulator pass failed:', error);
  return { progress: 0, left: 1 };
}
