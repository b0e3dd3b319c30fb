import type { ReplenishmentPolicy } from '../policy/documents.ts';
import { reorderPoint } from './reorder-point.ts';

/** What the ledger knows of one SKU at one node; units, demand over the window of observed days. */
export interface SkuFacts {
  readonly sku: string;
  /** Null when nobody sells it to us. */
  readonly supplier: string | null;
  readonly currency: string | null;
  readonly unitPrice: string | null;
  readonly minimumQuantity: number | null;
  readonly multipleQuantity: number | null;
  readonly leadTimeDays: number | null;
  readonly leadTimeDeviationDays: number;
  readonly available: number;
  readonly reserved: number;
  readonly onOrder: number;
  readonly backordered: number;
  readonly demandUnits: number;
  /** Sum of the squares of the days' units. */
  readonly demandSquares: number;
}

/** Every term of a proposal, in units and days, rounded to four places. */
export interface ProposalTerms {
  readonly reason: 'below-reorder-point' | 'backorders';
  readonly demandDays: number;
  readonly demandUnits: number;
  readonly meanPerDay: number;
  readonly deviationPerDay: number;
  readonly leadTimeDays: number;
  readonly leadTimeDeviationDays: number;
  readonly reviewDays: number;
  readonly serviceZ: number;
  readonly meanDemand: number;
  readonly safetyStock: number;
  readonly reorderPoint: number;
  readonly available: number;
  readonly reserved: number;
  readonly onOrder: number;
  readonly backordered: number;
  readonly position: number;
  readonly coverDays: number;
  readonly target: number;
  readonly needed: number;
  readonly minimumQuantity: number;
  readonly multipleQuantity: number;
  readonly unitPrice: string;
}

export interface Proposal {
  readonly sku: string;
  readonly supplier: string;
  readonly currency: string;
  readonly unitPrice: string;
  readonly quantity: number;
  readonly onOrder: number;
  readonly terms: ProposalTerms;
}

/** The largest quantity of one line; what is above waits for the next cycle. */
const MAX_LINE_QUANTITY = 10_000_000;
/** Floats end a little beside whole units; this much is nobody's demand. */
const NOISE = 1e-9;

/** The SKUs to order, and those that are needed but have no supplier. */
export function proposeQuantities(
  policy: ReplenishmentPolicy,
  demandDays: number,
  skus: readonly SkuFacts[],
): { proposals: Proposal[]; withoutSupplier: string[] } {
  const proposals: Proposal[] = [];
  const withoutSupplier: string[] = [];
  for (const facts of skus) {
    const proposal = proposeQuantity(policy, demandDays, facts);
    if (proposal === 'no-supplier') withoutSupplier.push(facts.sku);
    else if (proposal !== undefined) proposals.push(proposal);
  }
  return { proposals, withoutSupplier };
}

/**
 * Position = available + on order − backordered (backordered units are in neither of the others). At or
 * below the reorder point, order up to reorder point + coverDays of demand, at least what backorders
 * lack, at least the minimum and in multiples; above it, nothing.
 */
export function proposeQuantity(
  policy: ReplenishmentPolicy,
  demandDays: number,
  facts: SkuFacts,
): Proposal | 'no-supplier' | undefined {
  const terms = termsOf(policy, demandDays, facts);
  if (terms.position > terms.reorderPoint || terms.needed <= 0) return undefined;
  const { sku, supplier, currency, unitPrice, onOrder } = facts;
  if (supplier === null || currency === null || unitPrice === null) return 'no-supplier';
  const wanted = Math.max(terms.needed, terms.minimumQuantity);
  const multiple = terms.multipleQuantity;
  const most = Math.max(multiple, Math.floor(MAX_LINE_QUANTITY / multiple) * multiple);
  const quantity = Math.min(Math.ceil(wanted / multiple) * multiple, most);
  return { sku, supplier, currency, unitPrice, quantity, onOrder, terms };
}

function termsOf(policy: ReplenishmentPolicy, demandDays: number, facts: SkuFacts): ProposalTerms {
  const meanPerDay = facts.demandUnits / demandDays;
  const deviationPerDay = dailyDeviation(demandDays, facts.demandUnits, facts.demandSquares);
  const leadTimeDays = facts.leadTimeDays ?? 0;
  const point = reorderPoint(
    {
      meanPerDay,
      deviationPerDay,
      days: leadTimeDays + policy.reviewDays,
      leadTimeDeviationDays: facts.leadTimeDeviationDays,
    },
    policy.serviceZ,
  );
  const position = facts.available + facts.onOrder - facts.backordered;
  const target = point.reorderPoint + meanPerDay * policy.coverDays;
  return {
    reason: meanPerDay > 0 ? 'below-reorder-point' : 'backorders',
    demandDays,
    demandUnits: facts.demandUnits,
    meanPerDay: rounded(meanPerDay),
    deviationPerDay: rounded(deviationPerDay),
    leadTimeDays,
    leadTimeDeviationDays: facts.leadTimeDeviationDays,
    reviewDays: policy.reviewDays,
    serviceZ: policy.serviceZ,
    meanDemand: rounded(point.meanDemand),
    safetyStock: rounded(point.safetyStock),
    reorderPoint: rounded(point.reorderPoint),
    available: facts.available,
    reserved: facts.reserved,
    onOrder: facts.onOrder,
    backordered: facts.backordered,
    position,
    coverDays: policy.coverDays,
    target: rounded(target),
    needed: Math.max(0, Math.ceil(target - position - NOISE)),
    minimumQuantity: facts.minimumQuantity ?? 1,
    multipleQuantity: facts.multipleQuantity ?? 1,
    unitPrice: facts.unitPrice ?? '0',
  };
}

/** Sample standard deviation of the days' units; days without a sale are zeros already. */
function dailyDeviation(days: number, units: number, squares: number): number {
  if (days < 2) return 0;
  return Math.sqrt(Math.max(0, (squares - (units * units) / days) / (days - 1)));
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
