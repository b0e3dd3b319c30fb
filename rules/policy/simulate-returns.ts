import {
  judgePastReturn,
  type JudgedReturn,
  type ReturnOutcome,
  type ReturnPolicies,
} from './judge-past-return.ts';
import type { PastReturn } from './past-return.ts';

/** The policies that a draft can be tried on past returns for. */
export const SIMULATED_POLICIES = ['return', 'approval-matrix', 'refund-timing'] as const;

export type SimulatedPolicy = (typeof SIMULATED_POLICIES)[number];

/** What a simulation compares: the policies in force, and the same with the draft in its place. */
export interface Comparison {
  readonly before: ReturnPolicies;
  readonly after: ReturnPolicies;
  /** How long a decision on a return takes; null when nobody has ever been asked. */
  readonly typicalDecisionMinutes: number | null;
}

/** Sums over some returns; money in minor units by currency. */
export interface Sums {
  readonly returns: number;
  readonly approvalsAsked: number;
  readonly decisionsNeeded: number;
  readonly refundsAutomatic: number;
  readonly refundsEarly: number;
  readonly refused: number;
  readonly atRiskMinor: Readonly<Record<string, bigint>>;
  readonly waitingMinutes: number;
}

export interface BeforeAfter {
  readonly before: Sums;
  readonly after: Sums;
}

/** What returns are told apart by. */
export const DIMENSIONS = ['reason', 'orderClass', 'channel', 'region'] as const;

export type Dimension = (typeof DIMENSIONS)[number];

/** A return that would have gone another way. */
export interface ChangedReturn {
  readonly returnId: string;
  readonly requestedAt: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly before: JudgedReturn;
  readonly after: JudgedReturn;
}

/** What some returns add up to. Tallies of pages are merged in any grouping; the pages keep their order. */
export interface Tally {
  readonly total: BeforeAfter;
  readonly by: Readonly<Record<Dimension, Readonly<Record<string, BeforeAfter>>>>;
  /** Returns by `<before> <after>`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Those whose outcome, decisions, money at risk, moment of the refund or waiting changes. */
  readonly changed: number;
  /** Those that were decided by another rule then than by the policies in force now. */
  readonly otherwiseThen: number;
  /** The most telling of the changed ones, best first. */
  readonly examples: readonly ChangedReturn[];
}

/** How many examples a report shows. */
export const EXAMPLES = 10;

const NO_SUMS: Sums = {
  returns: 0,
  approvalsAsked: 0,
  decisionsNeeded: 0,
  refundsAutomatic: 0,
  refundsEarly: 0,
  refused: 0,
  atRiskMinor: {},
  waitingMinutes: 0,
};

export const EMPTY_TALLY: Tally = {
  total: { before: NO_SUMS, after: NO_SUMS },
  by: { reason: {}, orderClass: {}, channel: {}, region: {} },
  outcomes: {},
  changed: 0,
  otherwiseThen: 0,
  examples: [],
};

/** Judges a page of past returns twice, by the rules that decide today, and adds them up. */
export function tallyReturns(comparison: Comparison, page: readonly PastReturn[]): Tally {
  return page.map((past) => tallyOne(comparison, past)).reduce(mergeTallies, EMPTY_TALLY);
}

/** Two tallies as one. */
export function mergeTallies(one: Tally, other: Tally): Tally {
  return {
    total: addBoth(one.total, other.total),
    by: {
      reason: mergeGroups(one.by.reason, other.by.reason),
      orderClass: mergeGroups(one.by.orderClass, other.by.orderClass),
      channel: mergeGroups(one.by.channel, other.by.channel),
      region: mergeGroups(one.by.region, other.by.region),
    },
    outcomes: mergeBy(one.outcomes, other.outcomes, (a, b) => a + b),
    changed: one.changed + other.changed,
    otherwiseThen: one.otherwiseThen + other.otherwiseThen,
    examples: [...one.examples, ...other.examples].toSorted(byTelling).slice(0, EXAMPLES),
  };
}

function tallyOne(comparison: Comparison, past: PastReturn): Tally {
  const { typicalDecisionMinutes: typical } = comparison;
  const before = judgePastReturn(comparison.before, past, typical);
  const after = judgePastReturn(comparison.after, past, typical);
  const isChanged = differs(before, after);
  const { id: returnId, requestedAt, currency } = past;
  const example = {
    returnId,
    requestedAt,
    currency,
    amountMinor: after.amountMinor,
    before,
    after,
  };
  const sums = { before: sumsOf(before, currency), after: sumsOf(after, currency) };
  return {
    total: sums,
    by: {
      reason: { [reasonOf(past)]: sums },
      orderClass: { [past.orderClass ?? 'none']: sums },
      channel: { [past.channel ?? 'none']: sums },
      region: { [past.region ?? 'none']: sums },
    },
    outcomes: { [`${before.outcome} ${after.outcome}`]: 1 },
    changed: isChanged ? 1 : 0,
    otherwiseThen: before.rule === past.rule ? 0 : 1,
    examples: isChanged ? [example] : [],
  };
}

function differs(before: JudgedReturn, after: JudgedReturn): boolean {
  return (
    before.outcome !== after.outcome ||
    before.decisions !== after.decisions ||
    before.atRiskMinor !== after.atRiskMinor ||
    before.isEarly !== after.isEarly ||
    before.waitingMinutes !== after.waitingMinutes
  );
}

/** The reason code of what comes back, where it is one. */
function reasonOf({ parts }: PastReturn): string {
  const codes = new Set(parts.map(({ reasonCode }) => reasonCode));
  const [only] = codes;
  return codes.size === 1 && only !== undefined ? only : 'several';
}

function sumsOf(judged: JudgedReturn, currency: string): Sums {
  const { outcome, decisions, atRiskMinor, isEarly, waitingMinutes } = judged;
  return {
    returns: 1,
    approvalsAsked: outcome === 'asked' ? 1 : 0,
    decisionsNeeded: decisions,
    refundsAutomatic: outcome === 'automatic' ? 1 : 0,
    refundsEarly: isEarly ? 1 : 0,
    refused: outcome === 'refused' ? 1 : 0,
    atRiskMinor: { [currency]: atRiskMinor },
    waitingMinutes,
  };
}

function addBoth(one: BeforeAfter, other: BeforeAfter): BeforeAfter {
  return { before: add(one.before, other.before), after: add(one.after, other.after) };
}

function add(one: Sums, other: Sums): Sums {
  return {
    returns: one.returns + other.returns,
    approvalsAsked: one.approvalsAsked + other.approvalsAsked,
    decisionsNeeded: one.decisionsNeeded + other.decisionsNeeded,
    refundsAutomatic: one.refundsAutomatic + other.refundsAutomatic,
    refundsEarly: one.refundsEarly + other.refundsEarly,
    refused: one.refused + other.refused,
    atRiskMinor: mergeBy(one.atRiskMinor, other.atRiskMinor, (a, b) => a + b),
    waitingMinutes: one.waitingMinutes + other.waitingMinutes,
  };
}

type Groups = Readonly<Record<string, BeforeAfter>>;

function mergeGroups(one: Groups, other: Groups): Groups {
  return mergeBy(one, other, addBoth);
}

function mergeBy<Value>(
  one: Readonly<Record<string, Value>>,
  other: Readonly<Record<string, Value>>,
  join: (a: Value, b: Value) => Value,
): Readonly<Record<string, Value>> {
  const merged = new Map(Object.entries(one));
  for (const [name, value] of Object.entries(other)) {
    const known = merged.get(name);
    merged.set(name, known === undefined ? value : join(known, value));
  }
  return Object.fromEntries(merged);
}

/** Another outcome tells more than another wait, a large amount more than a small one. */
function byTelling(one: ChangedReturn, other: ChangedReturn): number {
  const turned = Number(turns(other)) - Number(turns(one));
  if (turned !== 0) return turned;
  if (one.amountMinor !== other.amountMinor) return one.amountMinor < other.amountMinor ? 1 : -1;
  if (one.returnId === other.returnId) return 0;
  return one.returnId < other.returnId ? -1 : 1;
}

function turns({ before, after }: ChangedReturn): boolean {
  return before.outcome !== after.outcome;
}

/** What an outcome is called. */
export const OUTCOME_LABELS: Readonly<Record<ReturnOutcome, string>> = {
  automatic: 'refunded without a person',
  asked: 'an approval is asked for',
  refused: 'refused',
};
