/** The six simulated providers in one process. SIGTERM or SIGINT closes them. */
import { readEnvironment } from './env.ts';
import { startSimulators } from './start-simulators.ts';

try {
  const { urls, smtpUrl, stop } = await startSimulators(readEnvironment(process.env));
  for (const [name, url] of Object.entries({ ...urls, smtp: smtpUrl })) {
    console.log(`${name.padEnd(10)} ${url}`);
  }
  console.log('simulators ready');
  let stopping = false;
  const close = (): void => {
    if (stopping) {
      process.exit(1);
    }
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const message = error instanceof Error ? error.message : String(error);
  console.error(cause ? `${message}: ${cause.message}` : message);
  process.exit(1);
}
