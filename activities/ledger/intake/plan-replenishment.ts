import { randomUUID } from 'node:crypto';
import type { ReplenishmentPolicy } from '../../../rules/policy/documents.ts';
import { decideWithApproval } from '../../../rules/purchase-order/approve-order.ts';
import {
  groupOrders,
  splitComplete,
  type SupplierOrder,
} from '../../../rules/replenishment/group-orders.ts';
import {
  proposeQuantities,
  type Proposal,
} from '../../../rules/replenishment/propose-quantities.ts';
import { Failure } from '../../failures.ts';
import { writeAsk } from '../approval-json.ts';
import type { Ledger } from '../connect.ts';
import { gatherReplenishmentFacts, type ReplenishmentFacts } from '../read/replenishment.ts';

/** One cycle of a node. */
export interface CycleRequest {
  readonly node: string;
  /** YYYY-MM-DD; demand is observed before this day. */
  readonly date: string;
  readonly businessTime: string;
}

/** A cycle whose purchase orders are decided and staged in the ledger. */
export interface DecidedCycle extends CycleRequest {
  readonly planId: string;
  readonly parts: number;
  readonly policyVersion: string;
}

/** Lines that are staged with one call, about; one line with its terms is under a kilobyte. */
const LINES_PER_PART = 500;

/**
 * Reads what the node's cycle decides from, decides page by page, and stages the purchase orders; holds
 * a page and an order at a time, however many SKUs there are. Nothing counts before it is recorded.
 * Errors: InvalidInput (node).
 */
export async function decideReplenishment(
  ledger: Ledger,
  { node, date, businessTime }: CycleRequest,
): Promise<DecidedCycle> {
  const planId = randomUUID();
  const facts = await gatherReplenishmentFacts(ledger, { planId, node, date, businessTime });
  if (facts === undefined) {
    throw new Failure('InvalidInput', `${node} is not a known node`, 'node');
  }
  const { policy, demandDays, pages } = facts;
  const stage = createStage(ledger, planId, { ...facts, node, businessTime });
  for await (const skus of pages) {
    await stage.add(proposeQuantities(policy.document, demandDays, skus).proposals);
  }
  const parts = await stage.close();
  return { planId, parts, policyVersion: policy.version, node, date, businessTime };
}

/**
 * Stores the cycle, its proposals and its purchase orders; drops what was ordered meanwhile.
 * Idempotency key: node and date; a repeat answers the first cycle. Errors: InvalidInput (node);
 * SerializationConflict when what was staged is gone: decide again.
 */
export function recordReplenishment(
  ledger: Ledger,
  cycle: DecidedCycle & { readonly actor: string },
): Promise<{ cycleId: string; replayed: boolean }> {
  return ledger.report('record_replenishment', cycle);
}

/** What the orders of a cycle are decided by. */
type CycleFacts = Pick<
  ReplenishmentFacts,
  'policy' | 'region' | 'supplierRisks' | 'approvalMatrix'
> &
  Pick<CycleRequest, 'node' | 'businessTime'>;

/** Takes proposals in the order of their suppliers and stages their purchase orders as they are complete. */
function createStage(ledger: Ledger, planId: string, cycle: CycleFacts) {
  const policy: ReplenishmentPolicy = cycle.policy.document;
  let open: readonly Proposal[] = [];
  let partNo = 0;
  const send = async (proposals: readonly Proposal[]): Promise<void> => {
    for (const orders of inParts(groupOrders(policy, proposals))) {
      await ledger.call('stage_replenishment_orders', {
        planId,
        partNo,
        orders: orders.map((order) => staged(order, cycle)),
      });
      partNo += 1;
    }
  };
  return {
    add: async (proposals: readonly Proposal[]): Promise<void> => {
      const split = splitComplete([...open, ...proposals]);
      open = split.open;
      await send(split.complete);
    },
    /** Answers how many parts were staged. */
    close: async (): Promise<number> => {
      await send(open);
      return partNo;
    },
  };
}

function inParts(orders: readonly SupplierOrder[]): SupplierOrder[][] {
  const parts: SupplierOrder[][] = [];
  let lines = LINES_PER_PART;
  for (const order of orders) {
    if (lines >= LINES_PER_PART) {
      parts.push([]);
      lines = 0;
    }
    parts.at(-1)?.push(order);
    lines += order.proposals.length;
  }
  return parts;
}

/** It is the system that asks; for whom, the ledger adds when the cycle is recorded. */
function staged({ supplier, currency, proposals }: SupplierOrder, cycle: CycleFacts) {
  const { node, businessTime } = cycle;
  const atMs = Date.parse(businessTime);
  const wish = { supplier, node, currency, atMs, lines: proposals, actor: 'loopline' };
  const {
    approval,
    policyVersion: _version,
    ...decision
  } = decideWithApproval({ ...cycle, classes: null }, wish);
  return {
    supplier,
    currency,
    ...decision,
    approval: writeAsk(approval),
    onOrder: proposals.map(({ onOrder }) => onOrder),
    terms: proposals.map(({ terms }) => terms),
  };
}
