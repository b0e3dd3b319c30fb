import type { By } from './by.ts';

/** Our own processes, as the audit names them where they act by themselves. */
export const PROCESSES = {
  /** Carries on what people and channels have begun. */
  worker: { actor: 'process:worker' },
  /** Starts processes and delivers messages. */
  dispatcher: { actor: 'process:dispatcher' },
  /** Finds trouble that nobody else would see. */
  watcher: { actor: 'process:watcher' },
} as const satisfies Readonly<Record<string, By>>;
