import { parseDecimal } from '../money/decimal.ts';
import type { ReturnPolicy } from '../policy/documents.ts';
import type { SaleLine } from './match-cover.ts';
import type { PricedPart } from './price-parts.ts';

/** What of a priced part its judgement rests on. */
export interface JudgedPart extends Pick<
  PricedPart,
  'line' | 'cover' | 'quantity' | 'unitPrice' | 'amountMinor'
> {
  readonly sale: Pick<SaleLine, 'orderId' | 'unitPrice' | 'ageDays' | 'policyVersion'> | undefined;
}

/** The rule that had the last word on a return. */
export type ReturnRule =
  | 'cancelled-before-shipment'
  | 'within-policy'
  | 'trusted-channel'
  | 'amount-above-threshold'
  | 'price-above-sale'
  | 'outside-window'
  | 'fault-outside-window'
  | 'blind-refused'
  | 'blind-review';

/** Why, for one requested line (its index) or for the return as a whole. */
export interface ReturnReason {
  readonly rule: ReturnRule;
  readonly line?: number;
  readonly detail: string;
}

export interface ReturnDecision {
  readonly outcome: 'authorized' | 'in-review' | 'refused';
  readonly rule: ReturnRule;
  readonly reasons: readonly ReturnReason[];
  /** What comes back is worth this much; cancelled units are not counted. */
  readonly amountMinor: bigint;
}

/** What a decision is made of. */
export interface ReturnFacts {
  readonly trusted: boolean;
  readonly parts: readonly JudgedPart[];
  /** Reason code of each requested line, by index. */
  readonly reasonCodes: readonly string[];
}

/** Reasons that lie with the seller: too late is for a person to judge, not a refusal. */
const SELLERS_FAULT: ReadonlySet<string> = new Set(['damaged', 'defective', 'wrong-item']);

const OUTCOMES: Readonly<Record<ReturnRule, ReturnDecision['outcome']>> = {
  'outside-window': 'refused',
  'blind-refused': 'refused',
  'amount-above-threshold': 'in-review',
  'price-above-sale': 'in-review',
  'fault-outside-window': 'in-review',
  'blind-review': 'in-review',
  'trusted-channel': 'authorized',
  'cancelled-before-shipment': 'authorized',
  'within-policy': 'authorized',
};

/**
 * Judges a return: authorized, in review or refused, with the rule that said so. `policies` has the
 * policy of each version that a part's sale names; `policy` judges what the sales do not. The window runs
 * from the dispatch of the sale to the request, both business times. A trusted channel tells what has
 * happened, so only the amount can ask for a person there.
 */
export function decideReturn(
  policy: ReturnPolicy,
  policies: ReadonlyMap<number, ReturnPolicy>,
  facts: ReturnFacts,
): ReturnDecision {
  const coming = facts.parts.filter((part) => part.cover !== 'cancelled');
  const amountMinor = coming.reduce((sum, part) => sum + (part.amountMinor ?? 0n), 0n);
  const reasons: ReturnReason[] = [];
  if (!facts.trusted) {
    for (const part of coming) reasons.push(...judgePart(policy, policies, facts, part));
  }
  if (amountMinor > BigInt(policy.approvalAboveMinor)) {
    reasons.push({
      rule: 'amount-above-threshold',
      detail: `${amountMinor} is above ${policy.approvalAboveMinor}`,
    });
  }
  const decisive =
    reasons.find(({ rule }) => OUTCOMES[rule] === 'refused') ??
    reasons.find(({ rule }) => OUTCOMES[rule] === 'in-review');
  const rule = decisive?.rule ?? restingRule(coming.length, facts.trusted);
  return { outcome: OUTCOMES[rule], rule, reasons, amountMinor };
}

function restingRule(comingParts: number, trusted: boolean): ReturnRule {
  if (comingParts === 0) return 'cancelled-before-shipment';
  return trusted ? 'trusted-channel' : 'within-policy';
}

function judgePart(
  policy: ReturnPolicy,
  policies: ReadonlyMap<number, ReturnPolicy>,
  facts: ReturnFacts,
  part: JudgedPart,
): ReturnReason[] {
  const { line, sale } = part;
  if (sale === undefined) {
    if (policy.blind === 'accept') return [];
    const rule = policy.blind === 'refuse' ? 'blind-refused' : 'blind-review';
    return [{ rule, line, detail: `no sale covers ${part.quantity}` }];
  }
  return [...judgeWindow(policy, policies, facts, part, sale), ...judgePrice(part, sale)];
}

/** More than was paid may be agreed, but somebody has to agree to it. */
function judgePrice(
  { line, unitPrice }: JudgedPart,
  sale: NonNullable<JudgedPart['sale']>,
): ReturnReason[] {
  if ((parseDecimal(unitPrice) ?? 0n) <= (parseDecimal(sale.unitPrice) ?? 0n)) return [];
  const detail = `${unitPrice} asked, ${sale.unitPrice} paid in ${sale.orderId}`;
  return [{ rule: 'price-above-sale', line, detail }];
}

function judgeWindow(
  policy: ReturnPolicy,
  policies: ReadonlyMap<number, ReturnPolicy>,
  facts: ReturnFacts,
  { line }: JudgedPart,
  sale: NonNullable<JudgedPart['sale']>,
): ReturnReason[] {
  const atSale =
    (sale.policyVersion === null ? undefined : policies.get(sale.policyVersion)) ?? policy;
  if (sale.ageDays <= atSale.windowDays) return [];
  const rule = SELLERS_FAULT.has(facts.reasonCodes[line] ?? '')
    ? 'fault-outside-window'
    : 'outside-window';
  return [
    {
      rule,
      line,
      detail: `${Math.floor(sale.ageDays)} days after ${sale.orderId}, ${atSale.windowDays} allowed`,
    },
  ];
}
