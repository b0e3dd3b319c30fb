/** Demand per day and the days that stock has to last until an order arrives, each with its spread. */
export interface DemandOverLeadTime {
  readonly meanPerDay: number;
  readonly deviationPerDay: number;
  /** Lead time plus review period: what is not ordered now is ordered a review period later. */
  readonly days: number;
  readonly leadTimeDeviationDays: number;
}

/** Units; fractions are left to the caller to round up. */
export interface ReorderPoint {
  readonly meanDemand: number;
  readonly safetyStock: number;
  readonly reorderPoint: number;
}

/**
 * Reorder point = expected demand over the lead time + z × its standard deviation, where demand and
 * lead time both vary and are independent: variance = days·σ_demand² + mean²·σ_leadTime².
 * Source: W. J. Stevenson, Operations Management, chapter 12 (variable demand and lead time);
 * L. Snyder and Z. Shen, Fundamentals of Supply Chain Theory, section 4.3 (base stock with lead time).
 */
export function reorderPoint(demand: DemandOverLeadTime, z: number): ReorderPoint {
  const meanDemand = demand.meanPerDay * demand.days;
  const variance =
    demand.days * demand.deviationPerDay ** 2 +
    demand.meanPerDay ** 2 * demand.leadTimeDeviationDays ** 2;
  const safetyStock = z * Math.sqrt(variance);
  return { meanDemand, safetyStock, reorderPoint: meanDemand + safetyStock };
}
