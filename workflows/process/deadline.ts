import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/** What is waited for, and how long from now at most; null where nothing is. */
interface DueWait {
  readonly dueId: string | null;
  readonly waitSeconds: number | null;
}

/** A deadline whose timer runs on while its process looks at news: no look puts it off. */
interface Deadline {
  /** From now on this is waited for. What was waited for before is so still, or comes sooner. */
  follow(due: DueWait, summary: string): void;
  hasPassed(): boolean;
  /** Nobody waits any more. */
  cancel(): void;
}

/** One deadline and the timers that may reach it. */
interface Followed {
  readonly dueId: string;
  readonly timers: CancellationScope[];
  seconds: number;
  passed: boolean;
}

export function startDeadline(): Deadline {
  let followed: Followed | undefined;
  const cancel = () => {
    for (const timer of followed?.timers ?? []) timer.cancel();
    followed = undefined;
  };
  return {
    cancel,
    hasPassed: () => followed?.passed === true,
    follow({ dueId, waitSeconds }, summary) {
      // One that has passed and is waited for all the same is waited for anew.
      if (followed?.dueId !== dueId || followed.passed) cancel();
      if (dueId === null || waitSeconds === null) return;
      const seconds = Math.max(1, Math.ceil(waitSeconds));
      const waited = followed ?? { dueId, timers: [], seconds: Infinity, passed: false };
      followed = waited;
      if (seconds >= waited.seconds) return;
      waited.seconds = seconds;
      // The longer timer runs on beside this one: whichever is over first has reached the deadline.
      const timer = new CancellationScope();
      waited.timers.push(timer);
      void timer.run(() => ring(waited, summary));
    },
  };
}

async function ring(waited: Followed, summary: string): Promise<void> {
  try {
    await sleep(waited.seconds * 1000, { summary });
    waited.passed = true;
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
}
