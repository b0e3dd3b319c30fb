import type { ActivityInterceptors } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import { Failure, FAILURES } from '../activities/failures.ts';

/**
 * Tells the engine the type of a failure and whether a retry may heal it; by itself it would take the
 * class's name, and retry for ever what is refused for good.
 */
export function activityFailures(): ActivityInterceptors {
  return {
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          throw ApplicationFailure.create({
            message: error.message,
            type: error.type,
            nonRetryable: !FAILURES[error.type].retryable,
            cause: error,
          });
        }
      },
    },
  };
}
