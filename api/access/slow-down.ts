import { setTimeout as pause } from 'node:timers/promises';
import type { CredentialKind, FailedLogin } from './access-store.ts';
import { countedPlace } from './source-address.ts';

/** So many failures within a quarter of an hour cost nobody anything: people mistype. */
const FREE_FAILURES = 5;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Answers that wait at once; beyond them they are given up, so that nobody can fill the process with waiting. */
const MOST_WAITING = 200;
/** How often the failures of one address are told to the ledger, which counts for all processes. */
const TELL_MS = 1_000;
const MOST_ADDRESSES = 10_000;
const RETRY_SECONDS = 60;

/** Somebody has shown something that does not count. */
export interface Failing {
  readonly sourceAddress: string | undefined;
  readonly by: CredentialKind;
  readonly at: string;
  readonly requestId: string;
}

export interface SlowDown {
  /**
   * Counts a failure and waits as long as its address deserves. 0, or how many seconds to stay away where too
   * many wait already. Whoever shows something that counts never waits, whatever others from there have done.
   */
  afterFailure(failing: Failing): Promise<number>;
}

interface Address {
  /** As the ledger said last, over all processes. */
  counted: number;
  /** Since then here. */
  pending: number;
  toldAtMs: number;
}

/** `tell` counts failures over all processes and answers how many there are; its errors are reported. */
export function slowDown(options: {
  tell: (failed: FailedLogin) => Promise<{ failures: number }>;
  reportError: (error: unknown) => void;
  wait?: (ms: number) => Promise<unknown>;
  nowMs?: () => number;
}): SlowDown {
  const { tell, reportError, wait = pause, nowMs = () => performance.now() } = options;
  const addresses = new Map<string, Address>();
  let waiting = 0;
  const countOf = async (failing: Failing, sourceAddress: string): Promise<number> => {
    const address = addresses.get(sourceAddress) ?? { counted: 0, pending: 0, toldAtMs: -Infinity };
    if (addresses.size >= MOST_ADDRESSES) addresses.clear();
    addresses.set(sourceAddress, address);
    address.pending += 1;
    if (nowMs() - address.toldAtMs < TELL_MS) return address.counted + address.pending;
    const failures = address.pending;
    address.pending = 0;
    address.toldAtMs = nowMs();
    const { by: credential, at, requestId } = failing;
    try {
      const said = await tell({ sourceAddress, failures, credential, at, requestId });
      address.counted = said.failures;
    } catch (error) {
      reportError(error);
      address.counted += failures;
    }
    return address.counted + address.pending;
  };
  return {
    async afterFailure(failing) {
      // Within one process there is nobody to slow down.
      if (failing.sourceAddress === undefined) return 0;
      const pauseMs = pauseAfter(await countOf(failing, countedPlace(failing.sourceAddress)));
      if (pauseMs === 0) return 0;
      if (waiting >= MOST_WAITING) return RETRY_SECONDS;
      waiting += 1;
      try {
        await wait(pauseMs);
      } finally {
        waiting -= 1;
      }
      return 0;
    },
  };
}

/** Milliseconds that an answer waits after so many failures: twice as long each time, up to five seconds. */
export function pauseAfter(failures: number): number {
  const beyond = failures - FREE_FAILURES;
  if (beyond <= 0) return 0;
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(beyond - 1, 16));
}
