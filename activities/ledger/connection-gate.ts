import { Failure } from '../failures.ts';

/** Calls that may be under way at once: what waits behind so many would be answered too late. */
const MAX_CALLS = 2_000;
/** How long others wait for the one that tries whether the ledger is back. */
const PATIENCE_MS = 1_000;

/** Lets calls through to a pool of connections, and answers for the ledger while it is away. */
export interface ConnectionGate {
  /**
   * Does `act`, or fails soon. `isAway` says of an error that the ledger was not reached.
   * Errors: those of `act`, or while nobody reaches the ledger the last one of them; LedgerUnavailable
   * after the deadline.
   */
  pass<Result>(act: () => Promise<Result>, isAway: (error: unknown) => boolean): Promise<Result>;
}

class LateError extends Error {}

/**
 * A gate with a deadline, in ms, for the wait for a connection and the statement together. When a call
 * did not reach the ledger, and no other did meanwhile, one call at a time tries further; the others wait
 * a moment for its outcome. What the deadline gives up may still be carried out: the keys make a repeat safe.
 */
export function connectionGate(deadlineMs: number): ConnectionGate {
  let underWay = 0;
  let reached = 0;
  /** Why nobody reaches the ledger; undefined while it is reached. */
  let away: { readonly error: unknown } | undefined;
  let trial: Promise<unknown> | undefined;

  const hasReached = () => {
    reached += 1;
    away = undefined;
  };

  async function attempt<Result>(
    act: () => Promise<Result>,
    isAway: (error: unknown) => boolean,
  ): Promise<Result> {
    const before = reached;
    underWay += 1;
    const answer = act().finally(() => {
      underWay -= 1;
    });
    try {
      const result = await within(deadlineMs, answer);
      hasReached();
      return result;
    } catch (cause) {
      const isLate = cause instanceof LateError;
      const error = isLate ? unavailable(`no answer within ${deadlineMs} ms`) : cause;
      // A ledger that says no is there.
      if (!isLate && !isAway(error)) hasReached();
      else if (reached === before) away = { error };
      throw error;
    }
  }

  return {
    async pass(act, isAway) {
      if (underWay >= MAX_CALLS) throw unavailable(`${MAX_CALLS} calls wait`);
      if (away !== undefined && trial !== undefined) {
        await within(PATIENCE_MS, trial).catch(() => undefined);
        // The compiler does not see that the trial may have changed it.
        const still = away as { readonly error: unknown } | undefined;
        if (still !== undefined) throw still.error;
      }
      if (away === undefined) return attempt(act, isAway);
      const mine = attempt(act, isAway);
      trial = mine;
      try {
        return await mine;
      } finally {
        if (trial === mine) trial = undefined;
      }
    },
  };
}

function unavailable(why: string): Failure {
  return new Failure('LedgerUnavailable', `The ledger cannot be reached: ${why}.`);
}

async function within<Result>(ms: number, answer: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new LateError()), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
