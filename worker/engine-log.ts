import { appendFileSync } from 'node:fs';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { withoutSecrets } from './without-secrets.ts';

/** A provider that is away makes a warning per attempt; a person needs to hear of it now and then. */
const TELL_EVERY_MS = 60_000;

/**
 * The engine's own log lines: warnings and errors only. Without a file each is a line of `log`, with
 * its details. With one, they are appended there, and `log` gets at most one short line a minute that
 * names the file. Call once per process.
 */
export function quietEngineLog(log: (line: string) => void, file?: string): void {
  const tell = file === undefined ? log : tellNowAndThen(log, file);
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const detail =
        meta === undefined
          ? ''
          : ` ${JSON.stringify(meta, (_key, value: unknown) => (value instanceof Error ? value.message : value))}`;
      const line = `temporal ${level.toLowerCase()}: ${message}${detail}`;
      tell(withoutSecrets(line), withoutSecrets(shortOf(message, meta)));
    }),
  });
}

/** One line that says which step of which process it is about, and why. */
export function shortOf(message: string, meta: Readonly<Record<string, unknown>> = {}): string {
  const { activityType, workflowId, error } = meta;
  const step = [activityType, workflowId].filter((part) => typeof part === 'string').join(' of ');
  const why = error instanceof Error ? error.message : typeof error === 'string' ? error : '';
  const about = [step, why].filter((part) => part !== '').join(': ');
  return (about === '' ? message : `${message} (${about})`).replaceAll(/\s*\n[^]*/g, '');
}

/** Every line goes to the file; the terminal hears of the first, and of the number of those since. */
export function tellNowAndThen(
  log: (line: string) => void,
  file: string,
  clock: () => number = () => performance.now(),
): (line: string, short: string) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  let untold = 0;
  return (line, short) => {
    try {
      appendFileSync(file, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
    } catch {
      // A full or vanished disk must not silence the engine.
      log(line);
      return;
    }
    if (clock() - toldAt < TELL_EVERY_MS) {
      untold += 1;
      return;
    }
    const more = untold === 0 ? '' : `, and ${untold} more since the last such line`;
    log(`Temporal's SDK says: ${short}${more}; details: ${file}`);
    toldAt = clock();
    untold = 0;
  };
}
