import { Failure } from '../activities/failures.ts';

/** What one API process takes on at once; beyond it callers are refused early instead of served late. */
export interface LoadLimits {
  /** Requests under way. */
  readonly requests: number;
  /** Orders that wait for the ledger or are with it, single ones and those of batches. */
  readonly orders: number;
  /** The lines of these orders: what the ledger takes for an order follows from them. */
  readonly lines: number;
}

/**
 * As many as a small machine answers within half a second to a second, and room for a large batch beside other work.
 * Source: the placement figures in docs/PERFORMANCE.md.
 */
export const DEFAULT_LOAD_LIMITS: LoadLimits = { requests: 256, orders: 640, lines: 4_000 };

/** Orders that are answered together leave nothing under way for an instant, although more are coming. */
const LATELY_MS = 500;

type Kind = keyof LoadLimits;

/** What is under way, and how many requests each limit turned away since the process began. */
export interface Load {
  readonly limits: LoadLimits;
  readonly underWay: Readonly<Record<Kind, number>>;
  readonly refused: Readonly<Record<Kind, number>>;
  /** The most orders that were under way together within the last half second. */
  ordersLately(): number;
  /** Errors: Overloaded, when one of these limits is reached. */
  expectRoom(...kinds: readonly Kind[]): void;
  /**
   * Does `work`, which counts as `count` until it ends. Whoever comes while the limit is not reached is let
   * in, however much it brings: nothing is too large. Errors: Overloaded, before anything of `work` has begun.
   */
  within<Result>(kind: Kind, count: number, work: () => Promise<Result>): Promise<Result>;
}

/** Does `work`, which takes in orders of so many lines together, within both limits. Errors: Overloaded. */
export function withinIntake<Result>(
  load: Load,
  { orders, lines }: { readonly orders: number; readonly lines: number },
  work: () => Promise<Result>,
): Promise<Result> {
  return load.within('orders', orders, () => load.within('lines', lines, work));
}

/** Counts for one process. */
export function measureLoad(limits: LoadLimits = DEFAULT_LOAD_LIMITS): Load {
  const underWay = { requests: 0, orders: 0, lines: 0 };
  const refused = { requests: 0, orders: 0, lines: 0 };
  let peak = { orders: 0, at: 0 };
  const isPeakRecent = () => performance.now() - peak.at <= LATELY_MS;
  const expectRoom = (...kinds: readonly Kind[]): void => {
    const full = kinds.find((kind) => underWay[kind] >= limits[kind]);
    if (full === undefined) return;
    refused[full] += 1;
    throw new Failure('Overloaded', `${underWay[full]} ${full} are under way`);
  };
  return {
    limits,
    underWay,
    refused,
    ordersLately: () => (isPeakRecent() ? peak.orders : underWay.orders),
    expectRoom,
    async within(kind, count, work) {
      expectRoom(kind);
      underWay[kind] += count;
      if (underWay.orders >= peak.orders || !isPeakRecent())
        peak = { orders: underWay.orders, at: performance.now() };
      try {
        return await work();
      } finally {
        underWay[kind] -= count;
      }
    },
  };
}
