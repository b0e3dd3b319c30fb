import type { Shape } from './loopline-processes.ts';

/** So many orders of so many lines by so many callers at once. */
export interface Load {
  readonly callers: number;
  readonly lines: number;
  readonly count: number;
}

/** How much is measured in a round. */
export interface Extent {
  readonly shapes: readonly Shape[];
  readonly loads: readonly Load[];
  /** Orders of the one caller who rests after each. */
  readonly paced: number;
  /** Workflows of each floor. */
  readonly workflows: number;
  readonly pgbenchSeconds: number;
}

/** How long the one caller rests, so that nobody's order waits for another's. */
export const PACE_MS = 150;

/** Before anything counts: code is compiled, pools and caches are filled. */
export const WARM_UP: Load = { callers: 16, lines: 1, count: 64 };

/** No worker keeps more workflows in memory than 2,000; no burst has more. */
export const FULL: Extent = {
  shapes: ['one process', 'two API, two workers'],
  loads: [
    { callers: 1, lines: 1, count: 100 },
    { callers: 8, lines: 1, count: 400 },
    { callers: 32, lines: 1, count: 1_200 },
    { callers: 128, lines: 1, count: 1_200 },
    { callers: 1, lines: 21, count: 40 },
    { callers: 8, lines: 21, count: 120 },
    { callers: 32, lines: 21, count: 240 },
    { callers: 128, lines: 21, count: 256 },
  ],
  paced: 100,
  workflows: 800,
  pgbenchSeconds: 5,
};

export const QUICK: Extent = {
  shapes: ['one process'],
  loads: [
    { callers: 1, lines: 1, count: 20 },
    { callers: 32, lines: 1, count: 192 },
  ],
  paced: 20,
  workflows: 128,
  pgbenchSeconds: 2,
};
