import type { SourcingPolicy } from '../policy/documents.ts';

/** Units of one SKU that one order line wants. */
export interface WantedLine {
  readonly lineNo: number;
  readonly sku: string;
  readonly quantity: number;
}

/** Units of one line from one node. */
export interface PlanEntry {
  readonly lineNo: number;
  readonly node: string;
  readonly quantity: number;
}

/** Where goods can come from. */
export interface SourcingNode {
  readonly node: string;
  /** ISO 3166 alpha-2. */
  readonly country: string;
}

/** Availability as the snapshot saw it; the ledger decides whether a plan still holds. */
export interface SourcingFacts {
  /** Nodes by priority, best first. */
  readonly nodes: readonly SourcingNode[];
  /** Where the order is sent, ISO 3166 alpha-2. */
  readonly country: string;
  /** Units available to promise, by SKU and node. */
  available(sku: string, node: string): number;
  /** The channel's own word on waiting for stock; null leaves it to the policy. */
  readonly channelBackorder: 'allow' | 'refuse' | null;
}

/** Ranked plans, best first, and the nodes at which the rest may wait (empty: it may not). */
export interface SourcingDecision {
  readonly plans: readonly (readonly PlanEntry[])[];
  readonly backorderNodes: readonly string[];
  readonly reasons: readonly string[];
}

/**
 * Ranks the ways to source an order: whole from one node, nodes by the policy's weights; then split over nodes
 * in the same order, where the policy allows. A single node is always proposed, even when the snapshot says it is short,
 * so that stock which arrived meanwhile is not refused.
 */
export function sourceOrder(
  policy: SourcingPolicy,
  lines: readonly WantedLine[],
  facts: SourcingFacts,
): SourcingDecision {
  const wanted = sumBySku(lines);
  const nodes = rankNodes(policy, wanted, facts);
  const whole = nodes.filter((node) =>
    [...wanted].every(([sku, units]) => facts.available(sku, node) >= units),
  );
  const split = policy.split && nodes.length > 1 ? splitPlan(lines, nodes, facts) : undefined;
  const preferred = whole.length > 0 ? whole : nodes.slice(0, 1);
  const plans = preferred.map((node) =>
    lines.map(({ lineNo, quantity }) => ({ lineNo, node, quantity })),
  );
  if (split !== undefined) plans.push(split);
  const backorder = facts.channelBackorder ?? policy.backorder;
  return {
    plans: lines.length === 0 ? [] : plans,
    backorderNodes:
      backorder === 'allow' && lines.length > 0 ? nodesByCover(wanted, nodes, facts) : [],
    reasons: [
      whole.length > 0
        ? `whole from ${whole[0]}`
        : split === undefined
          ? 'no node has everything'
          : 'split over nodes',
      backorder === 'allow' ? 'may wait for stock' : 'may not wait for stock',
    ],
  };
}

function sumBySku(lines: readonly WantedLine[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of lines) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return sums;
}

/** A node's score in each respect is out of this many, so that weights of whole numbers keep whole numbers. */
const FULL_SCORE = 10_000;

/**
 * The nodes, best first: by priority (the first of n has all of the score, the last one an nth), by whether they
 * stand in the country that the order goes to, and by the share of what is available there that the order leaves
 * (of the SKU that it leaves least of). Equal ones by priority.
 */
function rankNodes(
  { priorityWeight, nearWeight, stockWeight }: SourcingPolicy,
  wanted: ReadonlyMap<string, number>,
  facts: SourcingFacts,
): string[] {
  const { nodes, country } = facts;
  const names = nodes.map(({ node }) => node);
  if (nearWeight === 0 && stockWeight === 0) return names;
  const scores = new Map(
    nodes.map((one, place) => [
      one.node,
      priorityWeight * Math.floor((FULL_SCORE * (nodes.length - place)) / nodes.length) +
        nearWeight * (one.country === country ? FULL_SCORE : 0) +
        stockWeight * (stockWeight === 0 ? 0 : shareLeft(one.node, wanted, facts)),
    ]),
  );
  return names.toSorted((a, b) => (scores.get(b) ?? 0) - (scores.get(a) ?? 0));
}

function shareLeft(
  node: string,
  wanted: ReadonlyMap<string, number>,
  facts: SourcingFacts,
): number {
  const shares = [...wanted].map(([sku, units]) => {
    const available = facts.available(sku, node);
    return available <= units ? 0 : Math.floor((FULL_SCORE * (available - units)) / available);
  });
  return shares.length === 0 ? 0 : Math.min(...shares);
}

/** Takes each line from the nodes in their order; undefined when all nodes together are short. */
function splitPlan(
  lines: readonly WantedLine[],
  nodes: readonly string[],
  facts: SourcingFacts,
): PlanEntry[] | undefined {
  const taken = new Map<string, number>();
  const plan: PlanEntry[] = [];
  for (const { lineNo, sku, quantity } of lines) {
    let left = quantity;
    for (const node of nodes) {
      const key = `${node} ${sku}`;
      const units = Math.min(left, facts.available(sku, node) - (taken.get(key) ?? 0));
      if (units <= 0) continue;
      taken.set(key, (taken.get(key) ?? 0) + units);
      plan.push({ lineNo, node, quantity: units });
      left -= units;
    }
    if (left > 0) return undefined;
  }
  return plan;
}

/** The node that has most of the order comes first, their rank decides between equals. */
function nodesByCover(
  wanted: ReadonlyMap<string, number>,
  nodes: readonly string[],
  facts: SourcingFacts,
): string[] {
  const cover = (node: string) =>
    [...wanted].reduce((sum, [sku, units]) => sum + Math.min(units, facts.available(sku, node)), 0);
  return nodes.toSorted((a, b) => cover(b) - cover(a));
}
