/** What is measured, and how its rounds are summed up. */

/** The same thing measured several times; the unit tells which way is better. */
export interface Figure {
  readonly measure: string;
  readonly unit: string;
  /** One value per round, in their order. */
  readonly rounds: readonly number[];
  /** What nobody can beat, measured in the same run; the ratio is of the medians. */
  readonly floor?: { readonly name: string; readonly rounds: readonly number[] };
  /** What it should come to, in words. */
  readonly target?: string;
}

/** What a bench found. */
export interface Findings {
  readonly figures: readonly Figure[];
  /** What has to be known to read the figures. */
  readonly notes: readonly string[];
}

/** What every bench is given. */
export interface BenchOptions {
  /** Less of everything: shows that the bench works, not how fast Loopline is. */
  readonly quick: boolean;
  readonly rounds: number;
  /** A folder of its own for its stack's data; it is deleted afterwards. */
  readonly dataDir: string;
  readonly log: (line: string) => void;
}

/** One bench: it starts its own stack, warms up, and measures. */
export interface Bench {
  readonly name: string;
  readonly summary: string;
  run(options: BenchOptions): Promise<Findings>;
}

export interface Summary {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Of at least one value. */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const [min = Number.NaN] = sorted;
  return { min, median: percentile(values, 0.5), max: sorted.at(-1) ?? Number.NaN };
}

/** The smallest value that so many of the values (0 < share ≤ 1) do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The figure's median as a share of its floor's; undefined without a floor. */
export function ratioToFloor({ rounds, floor }: Figure): number | undefined {
  if (floor === undefined) return undefined;
  return summarize(rounds).median / summarize(floor.rounds).median;
}

/** Runs `work` on so many callers at once until `count` calls are done; answers each call's milliseconds. */
export async function callersAtOnce(
  callers: number,
  count: number,
  work: (index: number) => Promise<void>,
): Promise<number[]> {
  const taken: number[] = [];
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      const startedAt = performance.now();
      await work(index);
      taken.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return taken;
}
