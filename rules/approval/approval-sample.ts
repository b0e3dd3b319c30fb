import type { BusinessCalendar } from '../policy/approval-matrix.ts';
import type { ApprovalEvent, DecidedEvent, RequestedEvent } from './approval-events.ts';
import type { ApprovalFacts, ApprovalPlan, PlannedLevel } from './evaluate-matrix.ts';
import type { Seat } from './may-decide.ts';

/**
 * A request as tests of these rules begin with it: rita asks for a refund on a Monday at nine, and business
 * hours are 09:00 to 17:00 UTC on weekdays.
 */
export const ASKED_AT = '2026-11-16T09:00:00Z';

export const CALENDARS: Readonly<Record<string, BusinessCalendar>> = {
  default: {
    timeZone: 'UTC',
    hours: [1, 2, 3, 4, 5].map((day) => ({ day, from: '09:00', to: '17:00' })),
    holidays: [],
    roles: [],
    regions: [],
  },
};

export const SAMPLE_FACTS: ApprovalFacts = {
  subject: 'refund',
  amountMinor: 200_000n,
  currency: 'GBP',
  quantityEach: 2n,
  marginBasisPoints: null,
  customerRisk: 'normal',
  supplierRisk: null,
  skuClasses: [],
  reasonCodes: ['damaged'],
  channel: 'web',
  region: 'gb',
  details: {},
};

/** Sixteen hours to decide, a reminder after eight, and no at the end. */
export function sampleLevel(name: string, terms: Partial<PlannedLevel> = {}): PlannedLevel {
  return {
    name,
    roles: [name],
    people: [],
    quorum: 'any',
    deadlineHours: 16,
    remindAfterHours: 8,
    onExpiry: 'reject',
    escalateTo: null,
    calendar: 'default',
    ...terms,
  };
}

export function samplePlan(
  levels: readonly PlannedLevel[],
  terms: Partial<ApprovalPlan> = {},
): ApprovalPlan {
  return {
    row: 'refund-large',
    because: 'It is much',
    order: 'sequence',
    needed: 'all',
    levels,
    informationHours: 8,
    changeHours: 16,
    calendar: 'default',
    ...terms,
  };
}

/** The first event of a request. `atMs` of every event is read from an ISO text by whoever calls. */
export function sampleRequest(atMs: number, plan: ApprovalPlan): RequestedEvent {
  const facts = SAMPLE_FACTS;
  return { kind: 'requested', by: 'rita', requestedFor: null, atMs, plan, facts };
}

export function sampleDecision(
  atMs: number,
  by: string,
  terms: Partial<DecidedEvent> & { readonly seat: Seat },
): ApprovalEvent {
  return {
    kind: 'decided',
    atMs,
    by,
    level: 0,
    decision: 'approve',
    onBehalfOf: null,
    delegationId: null,
    ...terms,
  };
}

/** The seat of a role, or of somebody of a role whom a level was escalated to. */
export function roleSeat(name: string, escalation = false): Seat {
  return { kind: 'role', name, escalation };
}

export function personSeat(name: string): Seat {
  return { kind: 'person', name, escalation: false };
}
