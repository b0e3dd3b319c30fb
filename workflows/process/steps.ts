import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';

/**
 * Steps on the ledger, as local activities: an outage of the ledger becomes server timers after a
 * second, so that the workflow hears signals and updates meanwhile. Which failures no retry can heal
 * stands in activities/failures.ts and travels with the failure.
 */
export function ledgerSteps<Steps extends object>(): Steps {
  return oneAtATime(
    byName<Steps>(
      (summary) =>
        proxyLocalActivities<Steps>({
          startToCloseTimeout: '3 seconds',
          localRetryThreshold: '1 second',
          retry: {
            initialInterval: '50 milliseconds',
            backoffCoefficient: 3,
            maximumInterval: '60 seconds',
          },
          summary,
        }) as Steps,
    ),
  );
}

/** Each step says in Temporal's UI what it does: its own name as words. */
function byName<Steps extends object>(proxyFor: (summary: string) => Steps): Steps {
  return new Proxy({} as Steps, {
    get: (_target, name) => {
      const words = String(name).replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      return Reflect.get(proxyFor(words.charAt(0).toUpperCase() + words.slice(1)), name);
    },
  });
}

type Step = (...request: unknown[]) => Promise<unknown>;

/**
 * A step begins when the one before has ended, also between the process and its update handlers. Two
 * local activities of one workflow task end one after the other at first but together in a replay, so
 * what follows each of them could come in another order ("nondeterminism error").
 */
function oneAtATime<Steps extends object>(steps: Steps): Steps {
  let last: Promise<unknown> = Promise.resolve();
  return new Proxy(steps, {
    get: (target, name) => {
      const step = Reflect.get(target, name) as Step;
      return (...request: unknown[]) => {
        const result = last.then(() => step(...request));
        last = result.catch(() => undefined);
        return result;
      };
    },
  });
}

/** Calls that leave the house, as normal activities; the provider's own idempotency key makes repeats safe. */
export function providerSteps<Steps extends object>(options: { giveUpAfter?: string } = {}): Steps {
  return byName<Steps>(
    (summary) =>
      proxyActivities<Steps>({
        startToCloseTimeout: '15 seconds',
        scheduleToCloseTimeout: (options.giveUpAfter ?? '2 hours') as '2 hours',
        retry: {
          initialInterval: '200 milliseconds',
          backoffCoefficient: 2,
          maximumInterval: '60 seconds',
        },
        summary,
      }) as Steps,
  );
}
