import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { LOOK_SIGNAL, type LookMessage } from './messages.ts';

/** The facts that signals have announced and the workflow has not looked at yet. */
export interface Listener {
  /**
   * Waits for a fact, at most `seconds` (no limit when undefined). Answers the id of the oldest fact
   * that was not looked at yet, or undefined when the time is up. Facts that only ask to look are
   * answered together, by an id of their own: one look sees them all. `deadline` says in Temporal's
   * UI what happens when the time is up.
   */
  next(seconds?: number, deadline?: string): Promise<string | undefined>;
  /** As next, with a deadline of its own beside it: undefined when that has passed and no fact waits. */
  nextUntil(hasPassed: () => boolean): Promise<string | undefined>;
  /** A fact that came by another way than a signal: whoever waits goes on. */
  tell(factId: string): void;
}

/** Registers the signal handler; call it before the first await. */
export function listen(): Listener {
  const waiting: string[] = [];
  // A fact that comes again says nothing new, and must not hide one that does.
  const known = new Set<string>();
  const tell = (fact: string) => {
    if (known.has(fact)) return;
    known.add(fact);
    waiting.push(fact);
  };
  setHandler(defineSignal<[LookMessage]>(LOOK_SIGNAL), ({ factId, olderFactIds = [] }) => {
    for (const fact of [...olderFactIds, factId]) tell(fact);
  });
  const anyWaits = () => waiting.length > 0;
  const take = () => {
    const deadlineAt = waiting.findIndex((fact) => fact.startsWith('due:'));
    const looks = waiting.splice(0, deadlineAt < 0 ? waiting.length : Math.max(deadlineAt, 1));
    return looks.length > 1 ? together(looks) : looks[0];
  };
  return {
    tell,
    async next(seconds, deadline = 'Deadline of a wait') {
      if (seconds === undefined) await condition(anyWaits);
      else {
        const ms = Math.max(1, Math.ceil(seconds)) * 1000;
        await condition(anyWaits, ms, { summary: deadline });
      }
      return take();
    },
    async nextUntil(hasPassed) {
      await condition(() => anyWaits() || hasPassed());
      return take();
    },
  };
}

/**
 * What a look at several facts is called. Steps are done once for each name, and an old fact may come with
 * a new one: so it is the newest fact's with a hash of them all (FNV-1a, 32 bits).
 */
function together(facts: readonly string[]): string {
  let hash = 0x81_1c_9d_c5;
  for (const unit of facts.join(' ')) {
    hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 0x01_00_01_93) >>> 0;
  }
  return `${facts.at(-1)}+${facts.length - 1}-${hash.toString(16)}`;
}
