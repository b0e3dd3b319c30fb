import type {
  ApprovalConditions,
  ApprovalLevel,
  ApprovalMatrix,
  ApprovalRow,
  ApprovalSubject,
  BusinessCalendar,
  Deciders,
  Quorum,
} from './approval-matrix.ts';
import { moneyText, percentText } from '../approval/money-text.ts';
import { isSame } from './is-same.ts';
import { changeSentence, countText, listText } from './value-words.ts';

/** What an approval matrix changes against another one, as sentences; amounts in `currency`. */
export function diffApprovalMatrix(
  before: ApprovalMatrix,
  after: ApprovalMatrix,
  currency: string,
): string[] {
  return [
    ...diffRows(before.rows, after.rows, currency),
    ...diffOrder(before.rows, after.rows),
    ...diffNamed('The calendar', before.calendars, after.calendars, tellCalendar),
    ...diffDuties(before, after),
    ...diffNamed('The exchange rate of', ratesOf(before), ratesOf(after), (rate) => rate),
    ...diffNumbers(before, after, currency),
  ];
}

function diffRows(
  before: readonly ApprovalRow[],
  after: readonly ApprovalRow[],
  currency: string,
): string[] {
  const was = new Map(before.map((row) => [row.id, row]));
  const is = new Map(after.map((row) => [row.id, row]));
  return [
    ...before.flatMap((row) => (is.has(row.id) ? [] : [`Taken away: ${tellRow(row, currency)}`])),
    ...after.flatMap((row) => {
      const old = was.get(row.id);
      if (old === undefined) return [`New: ${tellRow(row, currency)}`];
      return diffRow(old, row, currency).map((change) => `The row ${row.id}: ${change}`);
    }),
  ];
}

/** Conditions, levels and the rest of a row, one sentence each. */
function diffRow(was: ApprovalRow, is: ApprovalRow, currency: string): string[] {
  const changes: string[] = [];
  if (was.subject !== is.subject) {
    changes.push(`it is about ${plural(is.subject)} instead of ${plural(was.subject)}.`);
  }
  if (!isSame(was.when, is.when)) {
    changes.push(
      `it applies ${tellConditions(is.when, currency)} instead of ${tellConditions(was.when, currency)}.`,
    );
  }
  if (was.order !== is.order || !isSame(was.needed, is.needed)) {
    changes.push(`its levels are asked ${tellOrder(is)} instead of ${tellOrder(was)}.`);
  }
  changes.push(...diffLevels(was.levels, is.levels));
  if (was.because !== is.because) {
    changes.push(`the reason given is “${is.because}” instead of “${was.because}”.`);
  }
  return changes;
}

function diffLevels(before: readonly ApprovalLevel[], after: readonly ApprovalLevel[]): string[] {
  const was = new Map(before.map((level) => [level.name, level]));
  const is = new Map(after.map((level) => [level.name, level]));
  const kept = (levels: readonly ApprovalLevel[]) =>
    levels.map(({ name }) => name).filter((name) => was.has(name) && is.has(name));
  return [
    ...before.flatMap((level) =>
      is.has(level.name)
        ? []
        : [`the level ${level.name} is no longer asked (${tellLevel(level)}).`],
    ),
    ...after.flatMap((level) => {
      const old = was.get(level.name);
      if (old === undefined) return [`the level ${level.name} is asked too: ${tellLevel(level)}.`];
      if (isSame(old, level)) return [];
      return [`the level ${level.name} is now ${tellLevel(level)}; it was ${tellLevel(old)}.`];
    }),
    ...(isSame(kept(before), kept(after))
      ? []
      : [`its levels come in the order ${listText(after.map(({ name }) => name))}.`]),
  ];
}

/** The first row that applies counts, so another order among the rows of a subject is another matrix. */
function diffOrder(before: readonly ApprovalRow[], after: readonly ApprovalRow[]): string[] {
  const ids = (rows: readonly ApprovalRow[], others: readonly ApprovalRow[]) =>
    rows.filter(({ id }) => others.some((other) => other.id === id)).map(({ id }) => id);
  if (isSame(ids(before, after), ids(after, before))) return [];
  const subjects = [...new Set(after.map(({ subject }) => subject))];
  const turned = subjects.filter((subject) => {
    const of = (rows: readonly ApprovalRow[]) => rows.filter((row) => row.subject === subject);
    return !isSame(ids(of(before), of(after)), ids(of(after), of(before)));
  });
  if (turned.length === 0) return ['The rows stand in another order, which changes no decision.'];
  return turned.map((subject) => {
    const order = after.filter((row) => row.subject === subject).map(({ id }) => id);
    return `The rows for ${plural(subject)} are looked at in another order: ${order.join(', then ')}.`;
  });
}

function diffDuties(before: ApprovalMatrix, after: ApprovalMatrix): string[] {
  const byId = (matrix: ApprovalMatrix) =>
    Object.fromEntries(matrix.separatedDuties.map(({ id, ...duty }) => [id, duty]));
  const [was, is] = [byId(before), byId(after)];
  const changes = diffNamed(
    'The separation of duties',
    was,
    is,
    ({ duties: [one, other], because }) => `${one} and ${other} by different people: ${because}`,
  );
  if (changes.length > 0 || isSame(before.separatedDuties, after.separatedDuties)) return changes;
  return ['The separations of duties stand in another order, which changes no decision.'];
}

/** Rates by currency, told with the base currency that they lead to. */
function ratesOf({ exchangeRates }: ApprovalMatrix): Record<string, string> {
  if (exchangeRates === undefined) return {};
  const { base, rates } = exchangeRates;
  return Object.fromEntries([
    [base, '1, as it is the base currency'],
    ...Object.entries(rates).map(([code, rate]) => [code, `${rate} ${base}`] as const),
  ]);
}

function diffNumbers(before: ApprovalMatrix, after: ApprovalMatrix, currency: string): string[] {
  const { materialChange: was, ...timesBefore } = before;
  const { materialChange: is, ...timesAfter } = after;
  const sentences: string[] = [];
  const tolerances = [
    ['amountToleranceBasisPoints', 'An amount'],
    ['quantityToleranceBasisPoints', 'A quantity'],
  ] as const;
  for (const [field, what] of tolerances) {
    if (was[field] === is[field]) continue;
    sentences.push(
      `${what} may move by ${percentText(is[field])} instead of ${percentText(was[field])} while it waits, before the approval starts again.`,
    );
  }
  const rest = [
    [
      was.ignoredDetails,
      is.ignoredDetails,
      'the details that may change while an approval waits',
      'list',
    ],
    [
      timesBefore.informationHours,
      timesAfter.informationHours,
      'the time for answering a question',
      'hours',
    ],
    [
      timesBefore.changeHours,
      timesAfter.changeHours,
      'the time for changing a request that was returned',
      'hours',
    ],
    [
      timesBefore.reassignRoles,
      timesAfter.reassignRoles,
      'the roles that may pass an approval on',
      'list',
    ],
  ] as const;
  for (const [old, now, name, measure] of rest) {
    if (!isSame(old, now)) sentences.push(changeSentence({ name, measure }, old, now, currency));
  }
  return sentences;
}

function diffNamed<Value>(
  what: string,
  before: Readonly<Record<string, Value>>,
  after: Readonly<Record<string, Value>>,
  tell: (value: Value) => string,
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [was, is] = [before[name], after[name]];
    if (isSame(was, is)) return [];
    if (was === undefined) return is === undefined ? [] : [`${what} ${name} is new: ${tell(is)}.`];
    if (is === undefined) return [`${what} ${name} is taken away (${tell(was)}).`];
    return [`${what} ${name} is now: ${tell(is)}. It was: ${tell(was)}.`];
  });
}

/** A whole row as one sentence or two. */
function tellRow(row: ApprovalRow, currency: string): string {
  const { id, subject, when, levels, because } = row;
  const where = `the row ${id} for ${plural(subject)}, ${tellConditions(when, currency)}`;
  if (levels.length === 0) return `${where}: nobody is asked. ${because}.`;
  const who = levels.map((level) => tellLevel(level));
  const how = levels.length === 1 ? '' : `, ${tellOrder(row)}`;
  return `${where}: asked ${levels.length === 1 ? 'is' : 'are'} ${who.join('; then ')}${how}. ${because}.`;
}

function tellConditions(when: ApprovalConditions, currency: string): string {
  const money = (minor: string) => moneyText(BigInt(minor), currency);
  const lists = [
    [when.customerRisks, 'the customer risk is'],
    [when.supplierRisks, 'the supplier risk is'],
    [when.skuClasses, 'the SKU class is'],
    [when.reasonCodes, 'the reason is'],
    [when.channels, 'the channel is'],
    [when.regions, 'the region is'],
    [when.fields, 'the changed field is'],
  ] as const;
  const said = [
    ...(when.amountAboveMinor === undefined
      ? []
      : [`the amount is above ${money(when.amountAboveMinor)}`]),
    ...(when.amountUpToMinor === undefined
      ? []
      : [`the amount is up to ${money(when.amountUpToMinor)}`]),
    ...(when.marginBelowBasisPoints === undefined
      ? []
      : [`the margin is below ${percentText(when.marginBelowBasisPoints)}`]),
    ...lists.flatMap(([values, text]) =>
      values === undefined ? [] : [`${text} ${values.join(' or ')}`],
    ),
  ];
  return said.length === 0 ? 'in every other case' : `when ${listText(said)}`;
}

function tellLevel(level: ApprovalLevel): string {
  const { name, quorum, deadlineHours, remindAfterHours, calendar } = level;
  const end = level.escalateTo;
  const then =
    end === null
      ? ''
      : ` to ${tellDeciders(end)} with ${countText(end.deadlineHours, 'hour')} more, then ${EXPIRY[end.onExpiry]}`;
  // An escalation may stand ready that the expiry itself does not ask for: absence does.
  const expiry = `${EXPIRY[level.onExpiry]}${level.onExpiry === 'escalate' ? then : then === '' ? '' : ` (in absence${then})`}`;
  const hours = calendar === undefined ? '' : ` by the calendar ${calendar}`;
  return `${name}: ${tellQuorum(quorum)} of ${tellDeciders(level)} within ${countText(deadlineHours, 'business hour')}${hours}, reminded after ${countText(remindAfterHours, 'hour')}, else ${expiry}`;
}

const EXPIRY = {
  reject: 'it is rejected',
  approve: 'it is approved',
  escalate: 'it is escalated',
} as const;

function tellDeciders({ roles, people }: Deciders): string {
  return listText([...roles.map((role) => `the role ${role}`), ...people]);
}

function tellQuorum(quorum: Quorum): string {
  if (quorum === 'all') return 'all';
  return quorum === 'any' ? 'one' : String(quorum.count);
}

function tellOrder({ order, needed }: Pick<ApprovalRow, 'order' | 'needed'>): string {
  return order === 'sequence'
    ? 'one after the other'
    : `at the same time, ${tellQuorum(needed)} of them`;
}

function tellCalendar({ timeZone, hours, holidays, roles, regions }: BusinessCalendar): string {
  const open = hours.map(({ day, from, to }) => `${WEEKDAYS[day] ?? day} ${from}–${to}`);
  const whom = [
    ...roles.map((role) => `the role ${role}`),
    ...regions.map((region) => `the region ${region}`),
  ];
  return `${timeZone}, ${open.join(', ')}, holidays ${listText(holidays)}, for ${listText(whom, 'whoever has no other')}`;
}

const WEEKDAYS: Readonly<Record<number, string>> = {
  1: 'Monday',
  2: 'Tuesday',
  3: 'Wednesday',
  4: 'Thursday',
  5: 'Friday',
  6: 'Saturday',
  7: 'Sunday',
};

function plural(subject: ApprovalSubject): string {
  return SUBJECTS[subject];
}

const SUBJECTS: Readonly<Record<ApprovalSubject, string>> = {
  refund: 'refunds',
  return: 'returns',
  'write-off': 'write-offs',
  'stock-correction': 'stock corrections',
  'purchase-order': 'purchase orders',
  'price-override': 'price overrides',
  'order-edit': 'order edits',
  'supplier-change': 'changes of suppliers',
  'master-data-edit': 'edits of master data',
  'policy-change': 'changes of policies',
  'manual-journal': 'manual journals',
  goodwill: 'goodwill',
  'chargeback-acceptance': 'accepted chargebacks',
};
