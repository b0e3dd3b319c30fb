import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { isRefusal } from './refusal.ts';

const refused = ApplicationFailure.nonRetryable('no', 'ProviderRefused');
const away = ApplicationFailure.retryable('no answer', 'ProviderUnavailable');
const wrapped = (cause: Error) =>
  new ActivityFailure('failed', 'refundPayment', '1', 'NON_RETRYABLE_FAILURE', 'w', cause);

test.each([
  ['in the workflow task itself', refused, true],
  ['in an activity of its own', wrapped(refused), true],
  ['an outage', away, false],
  ['an outage that lasted', wrapped(away), false],
  ['a defect', new Error('no'), false],
  ['nothing', undefined, false],
])('%s: a refusal %s', (_name, error, expected) => {
  expect(isRefusal(error)).toBe(expected);
});
