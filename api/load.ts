import { Failure } from '../activities/failures.ts';

/** What one API process takes on at once; beyond it callers are refused early instead of served late. */
export interface LoadLimits {
  /** Requests under way. */
  readonly requests: number;
  /** Orders that wait for the ledger or are with it, single ones and those of batches. */
  readonly orders: number;
}

/**
 * As many as are answered within about a second on a small machine.
 * Source: the placement figures in docs/PERFORMANCE.md.
 */
export const DEFAULT_LOAD_LIMITS: LoadLimits = { requests: 1_000, orders: 1_000 };

type Kind = keyof LoadLimits;

/** What is under way and what was refused since the process began. */
export interface Load {
  readonly limits: LoadLimits;
  readonly underWay: Readonly<Record<Kind, number>>;
  readonly refused: Readonly<Record<Kind, number>>;
  /**
   * Does `work` with room for `count`, and gives the room back when it ends. More than the limit alone is
   * let in when nothing else is under way. Errors: Overloaded, before anything of `work` has begun.
   */
  within<Result>(kind: Kind, count: number, work: () => Promise<Result>): Promise<Result>;
}

/** Counts for one process. */
export function measureLoad(limits: LoadLimits = DEFAULT_LOAD_LIMITS): Load {
  const underWay = { requests: 0, orders: 0 };
  const refused = { requests: 0, orders: 0 };
  return {
    limits,
    underWay,
    refused,
    async within(kind, count, work) {
      if (underWay[kind] > 0 && underWay[kind] + count > limits[kind]) {
        refused[kind] += count;
        throw new Failure('Overloaded', `${limits[kind]} ${kind} are under way`);
      }
      underWay[kind] += count;
      try {
        return await work();
      } finally {
        underWay[kind] -= count;
      }
    },
  };
}
