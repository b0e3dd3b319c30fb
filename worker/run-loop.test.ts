import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { runLane, runLoop } from './run-loop.ts';

const options = { idleMs: 5, reportError: () => undefined };

/** A lane over these items; each is handled when it is let go. */
function laneOver(items: string[], atOnce: number) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const lane = {
    atOnce,
    claim: async (limit: number) => items.splice(0, limit),
    handle: (item: string) =>
      new Promise<void>((resolve) => {
        begun.push(item);
        ends.set(item, resolve);
      }),
  };
  return { lane, begun, end: (item: string) => ends.get(item)?.() };
}

describe('a lane', () => {
  test('begins the next thing as soon as one is done, whatever hangs beside it', async () => {
    const { lane, begun, end } = laneOver(['hangs', 'a', 'b', 'c'], 2);
    const loop = runLane(lane, options);
    await expect.poll(() => begun).toEqual(['hangs', 'a']);
    end('a');
    await expect.poll(() => begun).toEqual(['hangs', 'a', 'b']);
    end('b');
    await expect.poll(() => begun).toEqual(['hangs', 'a', 'b', 'c']);
    for (const item of ['hangs', 'c']) end(item);
    await loop.stop();
  });

  test('that is stopped begins nothing any more and waits for what is under way', async () => {
    const { lane, begun, end } = laneOver(['a', 'b'], 1);
    const loop = runLane(lane, options);
    await expect.poll(() => begun).toEqual(['a']);
    let stopped = false;
    const stop = loop.stop().then(() => {
      stopped = true;
    });
    await sleep(20);
    expect(stopped).toBe(false);
    end('a');
    await stop;
    expect(begun).toEqual(['a']);
  });

  test('goes on after a thing that fails, and says what failed', async () => {
    const errors: unknown[] = [];
    const items = ['bad', 'good'];
    const handled: string[] = [];
    const loop = runLane(
      {
        atOnce: 1,
        claim: async (limit) => items.splice(0, limit),
        handle: async (item) => {
          if (item === 'bad') throw new Error(item);
          handled.push(item);
        },
      },
      { ...options, reportError: (error) => errors.push(error) },
    );
    await expect.poll(() => handled).toEqual(['good']);
    await loop.stop();
    expect(errors).toEqual([new Error('bad')]);
  });
});

test('a loop that is woken looks at once', async () => {
  let looks = 0;
  const loop = runLoop(
    async () => {
      looks += 1;
      return 0;
    },
    { ...options, idleMs: 60_000 },
  );
  await expect.poll(() => looks).toBe(1);
  loop.wake();
  await expect.poll(() => looks).toBe(2);
  await loop.stop();
});
