import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { LOOK_SIGNAL, type LookMessage } from './messages.ts';

/** The facts that signals have announced and the workflow has not looked at yet. */
export interface Listener {
  /**
   * Waits for a fact, at most `seconds` (no limit when undefined). Answers the id of the oldest fact
   * that was not looked at yet, or undefined when the time is up. `deadline` says in Temporal's UI
   * what happens then.
   */
  next(seconds?: number, deadline?: string): Promise<string | undefined>;
}

/** Registers the signal handler; call it before the first await. */
export function listen(): Listener {
  const waiting: string[] = [];
  // A fact that comes again says nothing new, and must not hide one that does.
  const known = new Set<string>();
  setHandler(defineSignal<[LookMessage]>(LOOK_SIGNAL), ({ factId }) => {
    if (known.has(factId)) return;
    known.add(factId);
    waiting.push(factId);
  });
  const anyWaits = () => waiting.length > 0;
  return {
    async next(seconds, deadline = 'Deadline of a wait') {
      if (seconds === undefined) await condition(anyWaits);
      else {
        const ms = Math.max(1, Math.ceil(seconds)) * 1000;
        await condition(anyWaits, ms, { summary: deadline });
      }
      return waiting.shift();
    },
  };
}
