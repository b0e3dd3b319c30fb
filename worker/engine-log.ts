import { DefaultLogger, Runtime } from '@temporalio/worker';

/** The engine's own log lines: warnings and errors only, in the form of ours. Call once per process. */
export function quietEngineLog(log: (line: string) => void): void {
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const detail =
        meta === undefined
          ? ''
          : ` ${JSON.stringify(meta, (_key, value: unknown) => (value instanceof Error ? value.message : value))}`;
      log(`temporal ${level.toLowerCase()}: ${message}${detail}`);
    }),
  });
}
