import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';

/**
 * Steps on the ledger, as local activities: an outage of the ledger becomes server timers after a
 * second, so that the workflow hears signals and updates meanwhile. Which failures no retry can heal
 * stands in activities/failures.ts and travels with the failure.
 */
export function ledgerSteps<Steps extends object>(): Steps {
  return proxyLocalActivities<Steps>({
    startToCloseTimeout: '3 seconds',
    localRetryThreshold: '1 second',
    retry: {
      initialInterval: '50 milliseconds',
      backoffCoefficient: 3,
      maximumInterval: '60 seconds',
    },
  }) as Steps;
}

/** Calls that leave the house, as normal activities; the provider's own idempotency key makes repeats safe. */
export function providerSteps<Steps extends object>(options: { giveUpAfter?: string } = {}): Steps {
  return proxyActivities<Steps>({
    startToCloseTimeout: '15 seconds',
    scheduleToCloseTimeout: (options.giveUpAfter ?? '2 hours') as '2 hours',
    retry: {
      initialInterval: '200 milliseconds',
      backoffCoefficient: 2,
      maximumInterval: '60 seconds',
    },
  }) as Steps;
}
