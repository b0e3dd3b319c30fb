import { z } from 'zod';

/** The roles that own trouble, and to which it is escalated. */
export const EXCEPTION_OWNERS = ['support', 'finance', 'warehouse', 'procurement', 'ops'] as const;

/** How bad it is; an escalation makes it one worse. */
export const EXCEPTION_SEVERITIES = ['low', 'normal', 'high'] as const;

export type ExceptionOwner = (typeof EXCEPTION_OWNERS)[number];
export type ExceptionSeverity = (typeof EXCEPTION_SEVERITIES)[number];

const code = z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be small letters, digits and dashes');
/** A year at most: what is due later is forgotten. */
const hours = z.number().int().positive().max(8_760);
const hoursOrNone = z.number().int().nonnegative().max(8_760);

/** What one kind of trouble is: who owns it, how fast, and what may be done about it. */
const exceptionKind = z.object({
  owner: z.enum(EXCEPTION_OWNERS),
  severity: z.enum(EXCEPTION_SEVERITIES),
  /** From the raising until it is due, business time. */
  slaHours: hours,
  /** The same for orders of a class, and for what belongs to one; classes that are missing have `slaHours`. */
  slaHoursByClass: z.record(z.string().min(1).max(32), hours).default({}),
  actions: z.array(code).min(1),
  /** Reason codes of the subject `exception`: why it came to that, chosen by whoever closes it. */
  rootCauses: z.array(code).min(1),
  /** How far ahead it may be snoozed at once; 0: not at all. */
  snoozeHours: hoursOrNone,
  /** The same trouble within so long after it was closed is the same entry; 0: always a new one. */
  reopenHours: hoursOrNone,
  /** Who else is told when it is overdue. */
  escalateTo: z.enum(EXCEPTION_OWNERS),
});

/** The exception catalogue: every kind of trouble, and what holds for all of them. */
export const exceptionPolicy = z.object({
  /** How often one entry may be snoozed before it has to be dealt with. */
  snoozes: z.number().int().nonnegative().max(100),
  /** Between two escalations of one entry; the first comes when it is due. */
  escalateEveryHours: hours,
  /** How often one entry is escalated at most. */
  escalations: z.number().int().nonnegative().max(100),
  kinds: z.record(code, exceptionKind),
});

export type ExceptionKind = z.infer<typeof exceptionKind>;
export type ExceptionPolicy = z.infer<typeof exceptionPolicy>;
