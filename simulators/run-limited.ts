/** Runs the work for every item, at most `concurrency` at once, and takes no new one once stopped. */
export async function runLimited<Item>(
  items: readonly Item[],
  concurrency: number,
  stopped: () => boolean,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next]; item !== undefined && !stopped(); item = items[next]) {
      next += 1;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, lane));
}
