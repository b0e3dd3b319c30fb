import type {
  ApprovalConditions,
  ApprovalLevel,
  ApprovalMatrix,
  ApprovalRow,
  ApprovalSubject,
  Quorum,
  Risk,
} from '../policy/approval-matrix.ts';
import { calendarFor } from './business-calendar.ts';
import { moneyText, percentText } from './money-text.ts';

/** What a subject says of itself in another currency, and the rate by which it was brought into the base currency. */
export interface StatedAmount {
  readonly amountMinor: bigint;
  readonly currency: string;
  /** Units of the base currency for one of this. */
  readonly rate: string;
}

/** What is asked for, as it was when it was asked. `null` is not known; an empty list is known to be none. */
export interface ApprovalFacts {
  readonly subject: ApprovalSubject;
  /** What is at stake in minor units of the base currency, never negative. */
  readonly amountMinor: bigint;
  /** The base currency; another one where the policy has no rate for it. */
  readonly currency: string;
  /** Where the subject states its amount in another currency. */
  readonly stated?: StatedAmount;
  readonly quantityEach: bigint | null;
  /** Hundredths of a percent. */
  readonly marginBasisPoints: number | null;
  readonly customerRisk: Risk | null;
  readonly supplierRisk: Risk | null;
  readonly skuClasses: readonly string[] | null;
  readonly reasonCodes: readonly string[] | null;
  readonly channel: string | null;
  readonly region: string | null;
  /** Of a change: what is changed, `<noun>.<field>`; left out where nothing is. */
  readonly fields?: readonly string[] | null;
  /** What else the decision rests on, by name: supplier, payee, bank account, terms. */
  readonly details: Readonly<Record<string, string>>;
}

/** Whether one condition of a row holds, in words. */
export interface ConditionReason {
  readonly condition: keyof ApprovalConditions;
  readonly met: 'yes' | 'no' | 'unknown';
  readonly text: string;
}

/** A row that was looked at, and what was found. Without conditions a row always applies. */
export interface RowReason {
  readonly row: string;
  readonly applies: 'yes' | 'no' | 'unknown';
  readonly conditions: readonly ConditionReason[];
}

/** A level with its calendar chosen. */
export interface PlannedLevel extends Omit<ApprovalLevel, 'calendar'> {
  /** Name of a calendar of the policy. */
  readonly calendar: string;
}

/** Who has to decide, and by when: all that a request takes from the policy. */
export interface ApprovalPlan {
  readonly row: string;
  readonly because: string;
  readonly order: 'sequence' | 'parallel';
  readonly needed: Quorum;
  readonly levels: readonly PlannedLevel[];
  /** How long a question, and a return for change, may take; business hours of `calendar`. */
  readonly informationHours: number;
  readonly changeHours: number;
  readonly calendar: string;
}

/** Whether people are asked, by which row, and why that one: also what was said of every row before it. */
export interface MatrixDecision {
  readonly outcome: 'automatic' | 'approval';
  readonly plan: ApprovalPlan;
  readonly applied: RowReason;
  readonly passedOver: readonly RowReason[];
  /** The whole reason in one sentence or two. */
  readonly text: string;
}

/**
 * The first row of the subject that applies. What is not known must not make it easier: from a row that
 * hangs on an unknown fact the search goes on, and of the rows that may apply the one that asks most is
 * taken. Throws when the matrix has no last row for the subject, which its schema refuses.
 */
export function evaluateMatrix(matrix: ApprovalMatrix, facts: ApprovalFacts): MatrixDecision {
  const seen: { readonly row: ApprovalRow; readonly reason: RowReason }[] = [];
  for (const row of matrix.rows) {
    if (row.subject !== facts.subject) continue;
    const reason = judgeRow(matrix, row, facts);
    seen.push({ row, reason });
    if (reason.applies === 'yes') break;
  }
  if (seen.at(-1)?.reason.applies !== 'yes') {
    throw new Error(`The approval matrix has no last row for ${facts.subject}`);
  }
  const [first, ...others] = seen.filter(({ reason }) => reason.applies !== 'no');
  if (first === undefined) throw new Error(`No row applies to ${facts.subject}`);
  const taken = others.reduce((most, one) => (asks(one.row) > asks(most.row) ? one : most), first);
  const passedOver = seen.filter((one) => one !== taken).map(({ reason }) => reason);
  return {
    outcome: taken.row.levels.length === 0 ? 'automatic' : 'approval',
    plan: planOf(matrix, taken.row, facts.region),
    applied: taken.reason,
    passedOver,
    text: summary(taken.row, taken.reason, others.length > 0) + whyNot(passedOver),
  };
}

/** Whether limits of the matrix can be held against an amount. A matrix without rates takes every one for its own. */
export function isInBase(
  { exchangeRates }: Pick<ApprovalMatrix, 'exchangeRates'>,
  { currency }: Pick<ApprovalFacts, 'currency'>,
): boolean {
  return exchangeRates === undefined || currency === exchangeRates.base;
}

/** How many say yes before a row is through; where everybody has to, each role counts once. */
function asks(row: ApprovalRow): number {
  const levels = row.levels
    .map(({ quorum, roles, people }) => atLeast(quorum, roles.length + people.length))
    .toSorted((a, b) => a - b);
  return levels.slice(0, atLeast(row.needed, levels.length)).reduce((sum, count) => sum + count, 0);
}

function atLeast(quorum: Quorum, all: number): number {
  if (quorum === 'all') return all;
  return Math.min(all, quorum === 'any' ? 1 : quorum.count);
}

function planOf(matrix: ApprovalMatrix, row: ApprovalRow, region: string | null): ApprovalPlan {
  return {
    row: row.id,
    because: row.because,
    order: row.order,
    needed: row.needed,
    levels: row.levels.map((level) => ({
      ...level,
      calendar: calendarFor(matrix.calendars, level, region),
    })),
    informationHours: matrix.informationHours,
    changeHours: matrix.changeHours,
    calendar: calendarFor(matrix.calendars, { roles: [] }, region),
  };
}

function summary(row: ApprovalRow, reason: RowReason, doubtful: boolean): string {
  const who = row.levels.length === 0 ? 'Nobody is asked' : 'An approval is needed';
  const why = reason.conditions.map(({ text }) => text);
  const applies = why.length === 0 ? 'no row before it applies' : why.join(', ');
  const doubt = doubtful ? ' Of the rows that may apply it asks most, as not all is known.' : '';
  return `${who} by row ${row.id}: ${applies}. ${row.because}.${doubt}`;
}

/** Why the rows before did not apply: without it nobody sees which limit was passed. */
function whyNot(passedOver: readonly RowReason[]): string {
  const rows = passedOver
    .filter(({ applies }) => applies !== 'yes')
    .map(({ row, conditions }) => {
      const unmet = conditions.filter(({ met }) => met !== 'yes').map(({ text }) => text);
      return `${row} (${unmet.join(', ')})`;
    });
  return rows.length === 0 ? '' : ` Passed over: ${rows.join(', ')}.`;
}

function judgeRow(matrix: ApprovalMatrix, row: ApprovalRow, facts: ApprovalFacts): RowReason {
  const conditions = [
    ...(isInBase(matrix, facts) ? judgeAmount(row.when, facts) : doubtAmount(row.when, facts)),
    ...judgeMargin(row.when, facts),
    ...judgeLists(row.when, facts),
  ];
  const applies = conditions.some(({ met }) => met === 'no')
    ? 'no'
    : conditions.some(({ met }) => met === 'unknown')
      ? 'unknown'
      : 'yes';
  return { row: row.id, applies, conditions };
}

function* judgeAmount(
  { amountAboveMinor, amountUpToMinor }: ApprovalConditions,
  { amountMinor, currency }: ApprovalFacts,
): Generator<ConditionReason> {
  const amount = moneyText(amountMinor, currency);
  if (amountAboveMinor !== undefined) {
    const met = amountMinor > BigInt(amountAboveMinor);
    const limit = moneyText(BigInt(amountAboveMinor), currency);
    const text = `the amount ${amount} is ${met ? 'above' : 'not above'} ${limit}`;
    yield { condition: 'amountAboveMinor', met: met ? 'yes' : 'no', text };
  }
  if (amountUpToMinor !== undefined) {
    const met = amountMinor <= BigInt(amountUpToMinor);
    const limit = moneyText(BigInt(amountUpToMinor), currency);
    const text = `the amount ${amount} is ${met ? 'not above' : 'above'} ${limit}`;
    yield { condition: 'amountUpToMinor', met: met ? 'yes' : 'no', text };
  }
}

/** Limits are in the base currency, and there is no rate that would bring the amount into it. */
function doubtAmount(when: ApprovalConditions, facts: ApprovalFacts): ConditionReason[] {
  const amount = moneyText(facts.amountMinor, facts.currency);
  const text = `there is no exchange rate for the amount ${amount}`;
  const limits = ['amountAboveMinor', 'amountUpToMinor'] as const;
  return limits.flatMap((condition) =>
    when[condition] === undefined ? [] : [{ condition, met: 'unknown' as const, text }],
  );
}

function* judgeMargin(
  { marginBelowBasisPoints: limit }: ApprovalConditions,
  { marginBasisPoints }: ApprovalFacts,
): Generator<ConditionReason> {
  if (limit === undefined) return;
  const condition = 'marginBelowBasisPoints';
  if (marginBasisPoints === null) {
    yield { condition, met: 'unknown', text: 'the margin is not known' };
    return;
  }
  const met = marginBasisPoints < limit;
  const margin = `the margin ${percentText(marginBasisPoints)}`;
  const text = `${margin} is ${met ? 'below' : 'not below'} ${percentText(limit)}`;
  yield { condition, met: met ? 'yes' : 'no', text };
}

/** The conditions that name values: one of them has to be among what the facts say. */
function judgeLists(when: ApprovalConditions, facts: ApprovalFacts): ConditionReason[] {
  const asked = [
    ['customerRisks', 'customer risk', single(facts.customerRisk)],
    ['supplierRisks', 'supplier risk', single(facts.supplierRisk)],
    ['skuClasses', 'SKU class', facts.skuClasses],
    ['reasonCodes', 'reason', facts.reasonCodes],
    ['channels', 'channel', single(facts.channel)],
    ['regions', 'region', single(facts.region)],
    ['fields', 'changed field', facts.fields ?? null],
  ] as const;
  return asked.flatMap(([condition, noun, values]) => {
    const wanted: readonly string[] | undefined = when[condition];
    return wanted === undefined ? [] : [judgeList(condition, noun, wanted, values)];
  });
}

function judgeList(
  condition: keyof ApprovalConditions,
  noun: string,
  wanted: readonly string[],
  values: readonly string[] | null,
): ConditionReason {
  if (values === null) return { condition, met: 'unknown', text: `the ${noun} is not known` };
  const found = values.filter((value) => wanted.includes(value));
  if (found.length > 0) {
    return { condition, met: 'yes', text: `the ${noun} is ${found.join(' and ')}` };
  }
  const said = values.length === 0 ? 'none' : values.join(' and ');
  return { condition, met: 'no', text: `the ${noun} is ${said}, not ${wanted.join(' or ')}` };
}

function single(value: string | null): readonly string[] | null {
  return value === null ? null : [value];
}
