import { z } from 'zod';
import { subjectOfField } from '../master-data/record-fields.ts';

/** What an approval can be about. */
export const APPROVAL_SUBJECTS = [
  'refund',
  'return',
  'write-off',
  'stock-correction',
  'purchase-order',
  'price-override',
  'order-edit',
  'supplier-change',
  'master-data-edit',
  'policy-change',
  'manual-journal',
  'goodwill',
  'chargeback-acceptance',
] as const;

/** Subjects that no process asks about yet: a row that asks for one of them would be a control that is not there. */
export const RESERVED_SUBJECTS: readonly ApprovalSubject[] = [
  'refund',
  'price-override',
  'order-edit',
  'chargeback-acceptance',
];

/**
 * Acts that duties are separated by: deciding on a subject, and what people do without being asked for
 * a decision.
 */
export const DUTIES = [
  ...APPROVAL_SUBJECTS,
  'supplier-payment',
  'goods-receipt',
  'invoice-match',
  'stock-count',
] as const;

export const RISKS = ['low', 'normal', 'high'] as const;

const minor = z.string().regex(/^\d{1,15}$/);
const hours = z.number().positive().max(8_760);
const name = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);
const role = z.string().min(1).max(64);
const person = z.string().min(1).max(200);
const anyOf = z.array(z.string().min(1)).min(1).optional();
const currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code');
const rate = z
  .string()
  .regex(/^\d{1,6}(?:\.\d{1,8})?$/, 'must be a decimal')
  .refine((text) => Number(text) > 0, 'must be above zero');
const changedField = z
  .string()
  .refine((text) => subjectOfField(text) !== undefined, 'no master data has such a field');
/** A local time, `24:00` at the end of the day. */
export const minuteOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/);

/**
 * When a row applies; every condition that is given has to hold. A range is above its lower end and up to
 * its upper end, so that the rows of a table neither overlap nor leave a gap.
 */
const conditions = z.strictObject({
  amountAboveMinor: minor.optional(),
  amountUpToMinor: minor.optional(),
  /** Hundredths of a percent: 1500 is 15 %. */
  marginBelowBasisPoints: z.number().int().optional(),
  customerRisks: z.array(z.enum(RISKS)).min(1).optional(),
  supplierRisks: z.array(z.enum(RISKS)).min(1).optional(),
  skuClasses: anyOf,
  reasonCodes: anyOf,
  channels: anyOf,
  regions: anyOf,
  /** Of a change of a supplier or of other master data: `<noun>.<field>` of what is changed. */
  fields: z.array(changedField).min(1).optional(),
});

/** How many have to say yes: everybody, one of them, or this many different ones. */
const quorum = z.union([
  z.literal('all'),
  z.literal('any'),
  z.strictObject({ count: z.number().int().positive().max(20) }),
]);

const deciders = z.strictObject({ roles: z.array(role), people: z.array(person) });

const level = z
  .strictObject({
    name,
    ...deciders.shape,
    quorum,
    deadlineHours: hours,
    remindAfterHours: hours,
    onExpiry: z.enum(['reject', 'approve', 'escalate']),
    /** Who is asked besides when the deadline passes or nobody is there; they have hours of their own. */
    escalateTo: z
      .strictObject({
        ...deciders.shape,
        deadlineHours: hours,
        onExpiry: z.enum(['reject', 'approve']),
      })
      .nullable(),
    /** Whose hours count. Without it the calendar of the level's role, else of the region, else `default`. */
    calendar: name.optional(),
  })
  .refine((l) => l.roles.length + l.people.length > 0, 'nobody may decide this level')
  .refine((l) => l.remindAfterHours < l.deadlineHours, 'the reminder comes after the deadline')
  .refine((l) => l.onExpiry !== 'escalate' || l.escalateTo !== null, 'escalateTo is missing')
  .refine(
    (l) => l.escalateTo === null || l.escalateTo.roles.length + l.escalateTo.people.length > 0,
    'the escalation reaches nobody',
  )
  .refine(
    (l) => typeof l.quorum === 'string' || l.roles.length > 0 || l.quorum.count <= l.people.length,
    'more approvals are needed than people are named',
  );

const row = z
  .strictObject({
    id: name,
    subject: z.enum(APPROVAL_SUBJECTS),
    /** Why the merchant wants it so, in words; shown to whoever asks and decides. */
    because: z.string().min(1),
    when: conditions,
    order: z.enum(['sequence', 'parallel']),
    /** Of parallel levels, how many have to approve; a sequence needs all. */
    needed: quorum,
    /** Empty: nobody is asked. */
    levels: z.array(level).max(10),
  })
  .refine(
    (r) => (r.when.fields ?? []).every((field) => subjectOfField(field) === r.subject),
    'fields are changed by another subject',
  )
  .refine((r) => r.order === 'parallel' || r.needed === 'all', 'a sequence needs all its levels')
  .refine(
    (r) => typeof r.needed === 'string' || r.needed.count <= r.levels.length,
    'more levels are needed than there are',
  );

/** Business hours of one time zone. Days are ISO weekdays, 1 Monday to 7 Sunday; a holiday has no hours. */
export const businessCalendar = z
  .strictObject({
    /** IANA name, such as Europe/London. */
    timeZone: z.string().refine(isTimeZone, 'no time zone of that name'),
    hours: z
      .array(
        z
          .strictObject({ day: z.number().int().min(1).max(7), from: minuteOfDay, to: minuteOfDay })
          .refine((h) => h.from < h.to, 'closes before it opens'),
      )
      .min(1),
    /** Local dates, yyyy-mm-dd. */
    holidays: z.array(z.iso.date()),
    roles: z.array(role),
    regions: z.array(z.string()),
  })
  .refine(({ hours: all }) => {
    const sorted = all.toSorted((a, b) => a.day - b.day || (a.from < b.from ? -1 : 1));
    return sorted.every((h, at) => {
      const before = sorted[at - 1];
      return before === undefined || before.day !== h.day || before.to <= h.from;
    });
  }, 'hours overlap');

/** Who decides what, until when, and what happens if nobody does. Amounts in minor units of the base currency. */
export const approvalMatrix = z
  .strictObject({
    /** The first row of a subject that applies counts. */
    rows: z.array(row),
    calendars: z.record(name, businessCalendar),
    /** Whoever did one of the two may not do the other for the same thing. */
    separatedDuties: z.array(
      z.strictObject({
        id: name,
        duties: z.tuple([z.enum(DUTIES), z.enum(DUTIES)]),
        because: z.string().min(1),
      }),
    ),
    /** How far facts may move while they wait before the approval starts again. */
    materialChange: z.strictObject({
      amountToleranceBasisPoints: z.number().int().nonnegative(),
      quantityToleranceBasisPoints: z.number().int().nonnegative(),
      /** Details that may change without a word; every other is material. */
      ignoredDetails: z.array(z.string()),
    }),
    /** How long a question to somebody stops the clock, in business hours. */
    informationHours: hours,
    /** How long a request that was returned waits for its change before it is rejected, in business hours. */
    changeHours: hours,
    /** Who besides a level's deciders may pass it to somebody else. */
    reassignRoles: z.array(role),
    /**
     * Units of the base currency for one of another, both with hundredths: an amount without a rate is not known.
     * Left out, amounts are taken as they stand.
     */
    exchangeRates: z.strictObject({ base: currency, rates: z.record(currency, rate) }).optional(),
  })
  .refine(({ calendars }) => 'default' in calendars, 'a calendar named default is missing')
  .superRefine(({ rows, calendars }, context) => {
    for (const message of troublesOf(rows, new Set(Object.keys(calendars)))) {
      context.addIssue({ code: 'custom', path: ['rows'], message });
    }
  });

export type ApprovalMatrix = z.infer<typeof approvalMatrix>;
export type ApprovalRow = z.infer<typeof row>;
export type ApprovalLevel = z.infer<typeof level>;
export type ApprovalConditions = z.infer<typeof conditions>;
export type BusinessCalendar = z.infer<typeof businessCalendar>;
export type Deciders = z.infer<typeof deciders>;
export type Quorum = z.infer<typeof quorum>;
export type ApprovalSubject = (typeof APPROVAL_SUBJECTS)[number];
export type Duty = (typeof DUTIES)[number];
export type Risk = (typeof RISKS)[number];

/** The last row of each subject is unconditional, so that no case is left without an answer. */
function* troublesOf(
  rows: readonly z.infer<typeof row>[],
  calendars: ReadonlySet<string>,
): Generator<string> {
  const ids = new Set(rows.map(({ id }) => id));
  if (ids.size < rows.length) yield 'two rows have the same id';
  for (const subject of APPROVAL_SUBJECTS) {
    const last = rows.findLast((one) => one.subject === subject);
    if (last === undefined || Object.keys(last.when).length > 0) {
      yield `the last row of ${subject} has to be one without conditions`;
    }
  }
  for (const { id, levels } of rows) {
    if (new Set(levels.map((one) => one.name)).size < levels.length) {
      yield `two levels of ${id} have the same name`;
    }
    for (const { calendar } of levels) {
      if (calendar !== undefined && !calendars.has(calendar)) yield `no calendar ${calendar}`;
    }
  }
}

/** Whether there is a time zone of that IANA name. */
export function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).format(0) !== '';
  } catch {
    return false;
  }
}
