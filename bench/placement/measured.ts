import type { Load } from './extent.ts';
import type { Shape } from './loopline-processes.ts';

/** Values by what they measure, one a round. */
export class Measured {
  readonly #rounds = new Map<string, number[]>();

  add(name: string, value: number): void {
    this.#rounds.set(name, [...this.of(name), value]);
  }

  /** In the order of the rounds; empty where it was not measured. */
  of(name: string): readonly number[] {
    return this.#rounds.get(name) ?? [];
  }
}

export function loadName({ callers, lines }: Load): string {
  return `${lines}x${callers}`;
}

/** The names of the floors' values. */
export const FLOORS = {
  intake: (load: Load) => `intake ${loadName(load)}`,
  intakeAlone: 'intake alone',
  pgbench: (ordersPerCall: number) => `pgbench ${ordersPerCall}`,
  empty: 'empty',
  emptyAlone: 'empty alone',
  sameSteps: 'same steps',
} as const;

/** What is measured of orders: a rate of a load, or the median of one caller. */
export type Way = 'accepted' | 'durably started' | 'whole lives';

/** The name of a rate of Loopline. */
export function rateName(shape: Shape, way: Way, load: Load): string {
  return `${shape} ${way} ${loadName(load)}`;
}

/** The name of a median of one caller. */
export function aloneName(shape: Shape, way: Way): string {
  return `${shape} ${way} alone`;
}

export const REFUSED = 'refused';
