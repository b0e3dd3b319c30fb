/** Choices made by given numbers; small numbers make the plainest choices, so that cases shrink well. */
export interface Dice {
  /** 0 to n − 1. */
  below(n: number): number;
  pick<Item>(items: readonly Item[]): Item;
  /** True in so many of a hundred cases; false for a small number. */
  chance(percent: number): boolean;
}

/** Above every number that is thrown. */
export const SIDES = 1_000;

export function diceOf(numbers: readonly number[]): Dice {
  let thrown = 0;
  const roll = (): number => {
    const number = numbers[thrown % numbers.length] ?? 0;
    // Beyond the given numbers the same ones come again, turned on by the round.
    const round = Math.floor(thrown / numbers.length);
    thrown += 1;
    return number === 0 ? 0 : (number + round * 7) % SIDES;
  };
  const below = (n: number): number => roll() % n;
  return {
    below,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
    chance: (percent) => roll() % 100 >= 100 - percent,
  };
}
