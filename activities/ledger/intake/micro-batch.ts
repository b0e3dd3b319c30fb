import { Failure, FAILURES } from '../../failures.ts';

/** One request that waits for its batch. */
interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** What one call may carry; an item that is heavier than a call may be goes alone. */
interface BatchLimits<Item> {
  readonly maxItems: number;
  readonly maxCalls: number;
  readonly maxWeight: number;
  readonly weigh: (item: Item) => number;
}

/**
 * Lets many requests share one call: a batch is what arrived at once or while the previous call was
 * under way, so that nobody waits for a timer. A batch that fails as a whole is halved until the culprit fails
 * alone. Answers a function that resolves with the item's own result.
 */
export function microBatch<Item, Result>(
  call: (items: readonly Item[]) => Promise<readonly Result[]>,
  limits: BatchLimits<Item>,
): (item: Item) => Promise<Result> {
  const queue: Waiting<Item, Result>[] = [];
  let calls = 0;

  const run = async (batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await call(batch.map(({ item }) => item));
      for (const [index, waiting] of batch.entries()) {
        const result = results[index];
        if (result === undefined) waiting.reject(new Error('the batch answered too few results'));
        else waiting.resolve(result);
      }
    } catch (error) {
      const half = Math.ceil(batch.length / 2);
      // A ledger that is away is away for each of them: halving would only ask it more often.
      const isAway = error instanceof Failure && FAILURES[error.type].retryable;
      if (batch.length === 1 || isAway) for (const { reject } of batch) reject(error);
      else await Promise.all([run(batch.slice(0, half)), run(batch.slice(half))]);
    }
  };

  const pump = (): void => {
    while (calls < limits.maxCalls && queue.length > 0) {
      calls += 1;
      void run(queue.splice(0, fitting(queue, limits))).finally(() => {
        calls -= 1;
        pump();
      });
    }
  };

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject });
      // What else is put in before this turn of the loop ends shares the call.
      queueMicrotask(pump);
    });
}

/** How many from the head of the queue fit into one call; at least one. */
function fitting<Item>(
  queue: readonly { readonly item: Item }[],
  limits: BatchLimits<Item>,
): number {
  let weight = 0;
  let count = 0;
  for (const { item } of queue) {
    weight += limits.weigh(item);
    if (count === limits.maxItems || (count > 0 && weight > limits.maxWeight)) break;
    count += 1;
  }
  return count;
}
