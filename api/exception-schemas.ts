import { z } from '@hono/zod-openapi';
import { BOARD_EVENTS, type BoardEvent } from '../rules/exception/board-events.ts';
import { EXCEPTION_STATES, type ExceptionState } from '../rules/exception/states.ts';
import { DEFAULT_EXCEPTION_CATALOGUE } from '../rules/policy/default-exception-catalogue.ts';
import { EXCEPTION_SEVERITIES } from '../rules/policy/exception-catalogue.ts';
import { instant } from './schemas.ts';

/** Every state that an entry of the board can be in. */
export const EXCEPTION_STATE_NAMES = Object.keys(EXCEPTION_STATES) as [
  ExceptionState,
  ...ExceptionState[],
];
/** Every kind of trouble that is raised; a policy adds none. */
export const EXCEPTION_KIND_NAMES = Object.keys(DEFAULT_EXCEPTION_CATALOGUE.kinds);
const EVENT_NAMES = Object.keys(BOARD_EVENTS) as [BoardEvent, ...BoardEvent[]];

const count = z.number().int();
const said = (description: string) => z.string().nullable().openapi({ description });

const exceptionFields = z.object({
  id: z.string(),
  kind: z.string(),
  subjectId: z.string(),
  processId: z.string().nullable(),
  owner: z.string().openapi({ description: 'The role that has to see to it' }),
  assignee: said('The person who works on it'),
  severity: z.enum(EXCEPTION_SEVERITIES),
  state: z.enum(EXCEPTION_STATE_NAMES),
  orderClass: said('Of the order that it is about'),
  evidence: z.record(z.string(), z.any()),
  actions: z.array(z.string()).openapi({ description: 'What may resolve it' }),
  rootCauses: z.array(z.string()).openapi({ description: 'What may be named as its cause' }),
  resolution: z.string().nullable(),
  rootCause: z.string().nullable(),
  resolvedBy: z.string().nullable(),
  note: z.string().nullable(),
  snoozedUntil: instant.nullable(),
  snoozeReason: z.string().nullable(),
  snoozes: count,
  snoozeLimit: count.openapi({ description: 'How often it may be snoozed' }),
  snoozeHours: count.openapi({ description: 'How many hours ahead at once' }),
  mergedInto: said('The entry that it is the same as'),
  duplicates: z.array(z.string()).openapi({ description: 'Entries that are the same as it' }),
  escalations: count,
  escalatedTo: z.string().nullable(),
  seen: count.openapi({ description: 'How often its trouble was raised' }),
  reopened: count.openapi({ description: 'How often that was soon after it had been closed' }),
  firstSeenAt: instant,
  lastSeenAt: instant,
  raisedAt: instant.openapi({ description: 'When it was opened last' }),
  dueAt: instant,
  resolvedAt: instant.nullable(),
  recordedAt: instant,
});

/** An entry of the exception board as every route shows it. */
export const exceptionSchema = exceptionFields.openapi('Exception');

const agedFields = exceptionFields.extend({
  ageHours: count.openapi({ description: 'Full hours since raisedAt, or until it was closed' }),
  overdue: z.boolean().openapi({ description: 'Open, and past its date' }),
});

/** The same with its age, as lists show it. */
export const agedExceptionSchema = agedFields.openapi('AgedException');

/** The same with everything that happened to it. */
export const exceptionHistorySchema = agedFields
  .extend({
    events: z.array(
      z.object({
        event: z.enum(EVENT_NAMES),
        actor: z.string(),
        reason: said('What the person said'),
        detail: z.record(z.string(), z.any()),
        occurredAt: instant,
        recordedAt: instant,
      }),
    ),
  })
  .openapi('ExceptionHistory');
