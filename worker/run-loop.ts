const TROUBLE_MS = 1_000;

/** Work that goes on until it is stopped. */
interface Loop {
  /** Looks for work now instead of at the end of its sleep. */
  wake(): void;
  /** Begins nothing any more and waits for what is under way. */
  stop(): Promise<void>;
}

interface LoopOptions {
  readonly idleMs: number;
  /** Sleeps before it works for the first time. */
  readonly sleepsFirst?: boolean;
  readonly reportError: (error: unknown) => void;
}

/** Works until nothing is left, then sleeps until woken or for a while; trouble makes it wait longer. */
export function runLoop(
  work: () => Promise<number>,
  { idleMs, sleepsFirst = false, reportError }: LoopOptions,
): Loop {
  let stopping = false;
  let woken = false;
  let wakeUp: () => void = () => undefined;
  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
      if (woken || stopping) wakeUp();
    });
  const done = (async () => {
    if (sleepsFirst) await sleep(idleMs);
    while (!stopping) {
      woken = false;
      try {
        if ((await work()) === 0) await sleep(idleMs);
      } catch (error) {
        reportError(error);
        await sleep(TROUBLE_MS);
      }
    }
  })();
  return {
    wake: () => {
      woken = true;
      wakeUp();
    },
    stop: async () => {
      stopping = true;
      wakeUp();
      await done;
    },
  };
}

/** Things of one sort that are done side by side, so many at once. */
export interface Lane<Item> {
  readonly atOnce: number;
  /** So many of them, or fewer. */
  claim(limit: number): Promise<readonly Item[]>;
  /** Each has an end of its own, whatever hangs. */
  handle(item: Item): Promise<void>;
}

/**
 * Takes the next thing as soon as one is done: what takes long holds its own place and keeps no other thing
 * waiting as long as there is one.
 */
export function runLane<Item>(lane: Lane<Item>, options: LoopOptions): Loop {
  const underWay = new Set<Promise<void>>();
  let stopping = false;
  const begin = (item: Item): void => {
    const handled = lane
      .handle(item)
      .catch(options.reportError)
      .finally(() => underWay.delete(handled));
    underWay.add(handled);
  };
  const loop = runLoop(async () => {
    if (underWay.size >= lane.atOnce) await Promise.race(underWay);
    if (stopping) return 0;
    const items = await lane.claim(lane.atOnce - underWay.size);
    for (const item of items) begin(item);
    return items.length;
  }, options);
  return {
    wake: () => loop.wake(),
    stop: async () => {
      stopping = true;
      await loop.stop();
      await Promise.all(underWay);
    },
  };
}
