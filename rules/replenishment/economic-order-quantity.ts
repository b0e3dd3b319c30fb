/** Yearly (or any period's) demand, cost of one order, cost of holding one unit for that period. */
export interface OrderCosts {
  readonly fixedCost: number;
  readonly holdingCost: number;
  readonly demandRate: number;
}

/** Cost per period of always ordering `quantity`. Source: F. W. Harris, 1913: K·D/Q + h·Q/2. */
export function orderCost(costs: OrderCosts, quantity: number): number {
  return (costs.fixedCost * costs.demandRate) / quantity + (costs.holdingCost * quantity) / 2;
}

/** The quantity with the least cost. Source: F. W. Harris, 1913: √(2·K·D/h). */
export function economicOrderQuantity(costs: OrderCosts): number {
  return Math.sqrt((2 * costs.fixedCost * costs.demandRate) / costs.holdingCost);
}
