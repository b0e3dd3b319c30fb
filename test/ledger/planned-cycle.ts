import { randomUUID } from 'node:crypto';
import {
  decideReplenishment,
  recordReplenishment,
  type CycleRequest,
} from '../../activities/ledger/intake/plan-replenishment.ts';
import type { Ledger } from '../../activities/ledger/connect.ts';
import type { PurchaseOrderSummary } from '../../activities/ledger/read/purchase-order.ts';
import {
  gatherReplenishmentFacts,
  readReplenishmentCycle,
  type ReplenishmentFacts,
  type ReplenishmentHead,
} from '../../activities/ledger/read/replenishment.ts';
import type { ProposalTerms, SkuFacts } from '../../rules/replenishment/propose-quantities.ts';

/** Plans one cycle as the API does. */
export async function planCycle(
  ledger: Ledger,
  cycle: CycleRequest,
): Promise<{ cycleId: string; replayed: boolean }> {
  const decided = await decideReplenishment(ledger, cycle);
  return recordReplenishment(ledger, { ...decided, actor: 'planner' });
}

interface RecordedProposal {
  readonly sku: string;
  readonly supplier: string;
  readonly quantity: number;
  readonly purchaseOrderId: string | null;
  /** Why nothing was ordered after all. */
  readonly dropped: string | null;
  readonly terms: ProposalTerms;
}

/** A cycle with all of its pages. */
export interface WholeCycle extends ReplenishmentHead {
  readonly proposals: RecordedProposal[];
  readonly purchaseOrders: PurchaseOrderSummary[];
}

/** Null when there is none. */
export async function readWholeCycle(ledger: Ledger, id: string): Promise<WholeCycle | null> {
  const cycle = await readReplenishmentCycle(ledger, { id });
  if (cycle === null) return null;
  const { head, proposals, purchaseOrders } = cycle;
  return {
    ...head,
    proposals: await parsed<RecordedProposal>(proposals),
    purchaseOrders: await parsed<PurchaseOrderSummary>(purchaseOrders),
  };
}

/** What a cycle would decide from, all pages at once. */
export async function gatherAll(
  ledger: Ledger,
  cycle: CycleRequest,
): Promise<Pick<ReplenishmentFacts, 'policy' | 'demandDays'> & { skus: SkuFacts[] }> {
  const facts = await gatherReplenishmentFacts(ledger, { planId: randomUUID(), ...cycle });
  if (facts === undefined) throw new Error(`${cycle.node} is known`);
  const { pages, ...rest } = facts;
  return { ...rest, skus: await rowsOf(pages) };
}

async function parsed<Row>(pages: AsyncIterable<string>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...(JSON.parse(`[${page}]`) as Row[]));
  return rows;
}

async function rowsOf<Row>(pages: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}
