/** Seeded chance: the same seed gives the same numbers in the same order. */
export interface Chance {
  /** In [0, 1). */
  fraction(): number;
  /** A whole number from lowest to highest, both included. */
  whole(lowest: number, highest: number): number;
  /** True for this share of all calls. */
  happens(share: number): boolean;
  /** One of at least one thing. */
  pick<Item>(items: readonly Item[]): Item;
}

/** The generator mulberry32; `stream` tells apart those who draw side by side. */
export function seededChance(seed: number, stream: number): Chance {
  let state = (Math.imul(seed, 2_654_435_761) + Math.imul(stream + 1, 40_503)) >>> 0;
  const fraction = () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (lowest: number, highest: number) =>
    lowest + Math.floor(fraction() * (highest - lowest + 1));
  return {
    fraction,
    whole,
    happens: (share) => fraction() < share,
    pick: (items) => {
      const item = items[whole(0, items.length - 1)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
  };
}

/** The items in an order that the chance decides. */
export function shuffled<Item>(items: readonly Item[], chance: Chance): Item[] {
  return items
    .map((item) => ({ item, rank: chance.fraction() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
