import type { ApprovalMatrix } from '../policy/approval-matrix.ts';
import type { ApprovalFacts } from './evaluate-matrix.ts';
import { moneyText, percentText } from './money-text.ts';

/** One difference between what was asked and what is now, in words. */
export interface FactChange {
  /** Name of the fact; `details.<name>` for a detail. */
  readonly fact: string;
  readonly material: boolean;
  readonly text: string;
}

/** Whether a waiting approval has to start again. `reasons` are the texts of the material changes. */
export interface MaterialChange {
  readonly material: boolean;
  readonly reasons: readonly string[];
  readonly changes: readonly FactChange[];
}

/**
 * Compares the facts that were asked about with those of today. Always compare with the snapshot of the run
 * and not with the last look: many small changes make a large one. An amount that falls is no reason to ask
 * again by itself, one that rises beyond the tolerance is; a quantity either way; a risk that grows; and
 * every other fact or detail that the policy does not name as ignored.
 */
export function judgeChange(
  policy: ApprovalMatrix['materialChange'],
  asked: ApprovalFacts,
  today: ApprovalFacts,
): MaterialChange {
  const changes = [
    ...judgeAmount(policy.amountToleranceBasisPoints, asked, today),
    ...judgeQuantity(policy.quantityToleranceBasisPoints, asked, today),
    ...judgeMargin(asked, today),
    ...judgeRest(asked, today),
    ...judgeDetails(new Set(policy.ignoredDetails), asked, today),
  ];
  const reasons = changes.filter(({ material }) => material).map(({ text }) => text);
  return { material: reasons.length > 0, reasons, changes };
}

function* judgeAmount(
  toleranceBasisPoints: number,
  asked: ApprovalFacts,
  today: ApprovalFacts,
): Generator<FactChange> {
  if (asked.currency !== today.currency) {
    const text = `the currency is ${today.currency} and was ${asked.currency}`;
    yield { fact: 'currency', material: true, text };
  }
  if (asked.amountMinor === today.amountMinor) return;
  const rose = today.amountMinor > asked.amountMinor;
  const beyond = exceeds(asked.amountMinor, today.amountMinor, toleranceBasisPoints);
  const from = moneyText(asked.amountMinor, asked.currency);
  const to = moneyText(today.amountMinor, today.currency);
  const moved = `the amount ${rose ? 'rose' : 'fell'} from ${from} to ${to}`;
  const material = rose && beyond;
  const text = rose ? `${moved}, ${toleranceText(beyond, toleranceBasisPoints)}` : moved;
  yield { fact: 'amountMinor', material, text };
}

function* judgeQuantity(
  toleranceBasisPoints: number,
  { quantityEach: asked }: ApprovalFacts,
  { quantityEach: today }: ApprovalFacts,
): Generator<FactChange> {
  if (asked === today) return;
  const moved = `the quantity is ${today ?? 'not known'} and was ${asked ?? 'not known'}`;
  if (asked === null || today === null) {
    yield { fact: 'quantityEach', material: true, text: moved };
    return;
  }
  const material = exceeds(asked, today, toleranceBasisPoints);
  const text = `${moved}, ${toleranceText(material, toleranceBasisPoints)}`;
  yield { fact: 'quantityEach', material, text };
}

function* judgeMargin(
  { marginBasisPoints: asked }: ApprovalFacts,
  { marginBasisPoints: today }: ApprovalFacts,
): Generator<FactChange> {
  if (asked === today) return;
  const text = `the margin is ${marginText(today)} and was ${marginText(asked)}`;
  const better = asked !== null && today !== null && today > asked;
  yield { fact: 'marginBasisPoints', material: !better, text };
}

/** Facts that are one thing or another. What the request is about cannot change, and is compared all the same. */
function* judgeRest(asked: ApprovalFacts, today: ApprovalFacts): Generator<FactChange> {
  const facts = [
    ['subject', 'subject'],
    ['customerRisk', 'customer risk'],
    ['supplierRisk', 'supplier risk'],
    ['skuClasses', 'SKU class'],
    ['reasonCodes', 'reason'],
    ['channel', 'channel'],
    ['region', 'region'],
  ] as const;
  for (const [fact, noun] of facts) {
    const [was, is] = [listText(asked[fact]), listText(today[fact])];
    if (was === is) continue;
    const eased = isRisk(fact) && isLower(today[fact], asked[fact]);
    yield { fact, material: !eased, text: `the ${noun} is ${is} and was ${was}` };
  }
}

function* judgeDetails(
  ignored: ReadonlySet<string>,
  { details: asked }: ApprovalFacts,
  { details: today }: ApprovalFacts,
): Generator<FactChange> {
  const names = new Set([...Object.keys(asked), ...Object.keys(today)]);
  for (const name of [...names].toSorted()) {
    const [was, is] = [asked[name], today[name]];
    if (was === is) continue;
    const text = `the ${name} is ${is ?? 'none'} and was ${was ?? 'none'}`;
    yield { fact: `details.${name}`, material: !ignored.has(name), text };
  }
}

/** Whether a value is further from the asked one than so many hundredths of a percent of it. */
function exceeds(asked: bigint, today: bigint, toleranceBasisPoints: number): boolean {
  const moved = today > asked ? today - asked : asked - today;
  const size = asked < 0n ? -asked : asked;
  return moved * 10_000n > size * BigInt(toleranceBasisPoints);
}

function toleranceText(beyond: boolean, toleranceBasisPoints: number): string {
  const tolerance = percentText(toleranceBasisPoints);
  return beyond ? `more than the ${tolerance} allowed` : `within the ${tolerance} allowed`;
}

function marginText(margin: number | null): string {
  return margin === null ? 'not known' : percentText(margin);
}

function listText(value: string | readonly string[] | null): string {
  if (value === null) return 'not known';
  if (typeof value === 'string') return value;
  return value.length === 0 ? 'none' : [...new Set(value)].toSorted().join(' and ');
}

function isRisk(fact: keyof ApprovalFacts): boolean {
  return fact === 'customerRisk' || fact === 'supplierRisk';
}

const RISK_ORDER = ['low', 'normal', 'high'];

function isLower(today: unknown, asked: unknown): boolean {
  const [is, was] = [today, asked].map((risk) => RISK_ORDER.indexOf(String(risk)));
  return is !== undefined && was !== undefined && is >= 0 && was >= 0 && is < was;
}
