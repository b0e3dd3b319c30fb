import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { LOOK_SIGNAL, type LookMessage } from './messages.ts';

/** The facts that signals have announced and the workflow has not looked at yet. */
export interface Listener {
  /**
   * Waits for a fact, at most `seconds` (no limit when undefined). Answers the latest fact's id, or
   * undefined when the time is up. Facts that wait together are looked at together.
   */
  next(seconds?: number): Promise<string | undefined>;
}

/** Registers the signal handler; call it before the first await. */
export function listen(): Listener {
  let latest: string | undefined;
  setHandler(defineSignal<[LookMessage]>(LOOK_SIGNAL), ({ factId }) => {
    latest = factId;
  });
  return {
    async next(seconds) {
      if (seconds === undefined) await condition(() => latest !== undefined);
      else await condition(() => latest !== undefined, Math.max(1, Math.ceil(seconds)) * 1000);
      const fact = latest;
      latest = undefined;
      return fact;
    },
  };
}
