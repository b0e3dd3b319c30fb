import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';

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

/** Every workflow loads this module for itself: the end of its own last step. */
let last: Promise<unknown> = Promise.resolve();

/** The SDK hands on the cause of a failed local activity without its name. */
const failedSteps = new WeakMap<object, string>();

/** The step that ended with this failure; undefined for what failed between the steps. */
export function failedStep(failure: unknown): string | undefined {
  if (failure instanceof ActivityFailure) return failure.activityType;
  return typeof failure === 'object' && failure !== null ? failedSteps.get(failure) : undefined;
}

/**
 * A local step begins when the one before has ended, also between the process and its update handlers. Two
 * local activities of one workflow task end one after the other at first but together in a replay, so
 * what follows each of them could come in another order ("nondeterminism error").
 */
function oneAtATime<Steps extends object>(steps: Steps): Steps {
  return new Proxy(steps, {
    get: (target, name) => {
      const step = Reflect.get(target, name) as Step;
      return (...request: unknown[]) => {
        const result = last.then(() => step(...request));
        last = result.catch((failure: unknown) => {
          if (typeof failure === 'object' && failure !== null)
            failedSteps.set(failure, String(name));
        });
        return result;
      };
    },
  });
}

/**
 * Calls that leave the house; the provider's own idempotency key makes repeats safe. The first attempt is
 * part of the workflow task, which it may hold up for a moment; a provider that does not answer by then is
 * asked again by a normal activity, with a policy of its own.
 */
export function providerSteps<Steps extends object>(options: { giveUpAfter?: string } = {}): Steps {
  const prompt = oneAtATime(
    byName<Steps>(
      (summary) =>
        proxyLocalActivities<Steps>({
          startToCloseTimeout: '1500 milliseconds',
          retry: { maximumAttempts: 1 },
          summary,
        }) as Steps,
    ),
  );
  const patient = byName<Steps>(
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
  return new Proxy({} as Steps, {
    get:
      (_target, name) =>
      async (...request: unknown[]) => {
        try {
          return await (Reflect.get(prompt, name) as Step)(...request);
        } catch (error) {
          if (isFinal(error)) throw error;
          return (Reflect.get(patient, name) as Step)(...request);
        }
      },
  });
}

/** The provider said no for good, or nobody wants its answer any more. */
function isFinal(error: unknown): boolean {
  if (isCancellation(error)) return true;
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && cause.nonRetryable === true;
}
