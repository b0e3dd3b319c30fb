/** The fields by which callers name what they send, so that a repeat is recognised. A body has one that counts. */
const NATURAL_KEYS = [
  'externalRef',
  'cancellationId',
  'dispatchId',
  'receiptId',
  'noticeId',
  'invoiceNumber',
  'inspectionId',
  'decisionId',
  'resolutionId',
  'claimId',
  'assignmentId',
  'commentId',
  'snoozeId',
  'mergeId',
  'repairId',
  'changeId',
  'exportId',
  'erasureId',
  'date',
] as const;

/** The field or header that named this request; a refusal of other content under a known key points there. */
export function naturalKeyOf(body: unknown, idempotencyKey: string | undefined): string {
  const named = NATURAL_KEYS.find(
    (field) => typeof body === 'object' && body !== null && Object.hasOwn(body, field),
  );
  return named ?? (idempotencyKey === undefined ? 'X-Request-Id' : 'Idempotency-Key');
}
