import { expect, test } from 'vitest';
import { billableActions } from './billable-actions.ts';

const marker = { markerRecordedEventAttributes: {} };
const taskCompleted = { workflowTaskCompletedEventAttributes: {} };

test('all local activities of one workflow task are one action', () => {
  const events = [taskCompleted, marker, marker, taskCompleted, marker];
  expect(billableActions({ events })).toBe(2);
});

test('an activity costs an action per attempt, a start, a signal and a timer one each', () => {
  const events = [
    { workflowExecutionStartedEventAttributes: {} },
    { workflowExecutionSignaledEventAttributes: {} },
    { timerStartedEventAttributes: {} },
    { activityTaskStartedEventAttributes: { attempt: 3 } },
    { activityTaskCompletedEventAttributes: {} },
  ];
  expect(billableActions({ events })).toBe(6);
});
