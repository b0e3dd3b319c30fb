import { errorText, type StackLog } from './processes.ts';
import { createStopList, type StopList } from './stop-list.ts';

/** One Ctrl-C reaches us from the terminal and again through npm and tsx, which pass it on. */
const SAME_KEYPRESS_MS = 1_000;

/**
 * Runs a program until SIGINT, SIGTERM or SIGHUP: `start` adds each part it brings up, and the
 * parts are stopped in the opposite order. A second signal stops at once what is still up.
 * Ends the process: 0 after a stop that was asked for, 1 when starting failed, 130 when forced.
 */
export async function runUntilStopped(
  start: (parts: StopList, stopping: AbortSignal) => Promise<void>,
  log: StackLog,
): Promise<never> {
  const parts = createStopList(log);
  const stopping = new AbortController();
  const asked = new Promise<void>((resolve) => {
    let firstAt = 0;
    const onSignal = (signal: NodeJS.Signals) => {
      if (stopping.signal.aborted) {
        if (performance.now() - firstAt < SAME_KEYPRESS_MS) return;
        log(`${signal} again: stopping at once.`);
        void parts.stop({ force: true }).finally(() => process.exit(130));
        return;
      }
      firstAt = performance.now();
      log(`${signal}: stopping in order. Press Ctrl-C again to stop at once.`);
      stopping.abort(new Error('stopped while starting'));
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
  try {
    await start(parts, stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) log(errorText(error));
    await parts.stop();
    process.exit(stopping.signal.aborted ? 0 : 1);
  }
  // Unlike a pending promise, a timer keeps the process alive.
  const alive = setInterval(() => undefined, 60_000);
  await asked;
  await parts.stop();
  clearInterval(alive);
  process.exit(0);
}
