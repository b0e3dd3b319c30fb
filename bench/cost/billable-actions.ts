import type { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;

/**
 * Counts the billable actions of one workflow's history: start, signals, timers, updates, upserts of
 * search attributes, one per attempt of an activity, one per workflow task with local activities.
 * Source: Temporal's pricing documentation, "What is an Action?".
 */
export function billableActions(history: History): number {
  let actions = 0;
  let markersInTask = false;
  for (const event of history.events ?? []) {
    if (event.workflowTaskCompletedEventAttributes) markersInTask = false;
    if (event.markerRecordedEventAttributes && !markersInTask) {
      markersInTask = true;
      actions += 1;
    }
    if (
      event.workflowExecutionStartedEventAttributes ||
      event.workflowExecutionSignaledEventAttributes ||
      event.timerStartedEventAttributes ||
      event.workflowExecutionUpdateAcceptedEventAttributes ||
      event.upsertWorkflowSearchAttributesEventAttributes
    ) {
      actions += 1;
    }
    if (event.activityTaskStartedEventAttributes)
      actions += event.activityTaskStartedEventAttributes.attempt ?? 1;
  }
  return actions;
}
