import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';

/** Whether a provider said no for good. After any other failure nobody knows what became of the call. */
export function isRefusal(error: unknown): boolean {
  // What failed in the workflow task itself comes without the wrapping of a normal activity.
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && cause.type === 'ProviderRefused';
}
