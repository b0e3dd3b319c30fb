import {
  addCost,
  currentCost,
  itemAt,
  move,
  serveBackorders,
  takeCosts,
  unitsIn,
} from './stock.ts';
import { found, once, post, refused, type Adjustment, type Answer, type World } from './world.ts';

interface AdjustmentRequest {
  readonly externalRef: string;
  readonly kind: 'found' | 'write-off' | 'correction';
  readonly node: string;
  readonly sku: string;
  readonly quantity: number;
  readonly actor: string;
  readonly reasonCode: string;
  readonly decision: { readonly outcome: 'apply' | 'review' };
}

/** A count's or a person's word on stock; above its threshold somebody else has to agree first. */
export function adjustStock(world: World, request: AdjustmentRequest): Answer {
  const { actor, decision, ...content } = request;
  const known = world.adjustments.has(request.externalRef);
  if (!known && !world.skus.has(request.sku)) return refused('InvalidInput');
  const call = { key: `adjust:${request.externalRef}`, content, marksRepeats: true };
  return once(world, call, () => {
    const adjustment: Adjustment = {
      sku: request.sku,
      node: request.node,
      quantity: request.kind === 'write-off' ? -request.quantity : request.quantity,
      requestedBy: actor,
      state: 'in-review',
      applied: 0,
      short: 0,
    };
    world.adjustments.set(request.externalRef, adjustment);
    if (decision.outcome === 'apply') applyAdjustment(world, adjustment);
    const { state, applied, short } = adjustment;
    return { answer: { state, applied, short }, kept: true };
  });
}

/** Found units serve those who wait; a write-off takes what nobody was promised, and breaks no reservation. */
export function applyAdjustment(world: World, adjustment: Adjustment): void {
  const item = itemAt(world, adjustment.sku, adjustment.node);
  adjustment.state = 'applied';
  if (adjustment.quantity > 0) {
    const units = adjustment.quantity;
    post(
      world,
      'inventory',
      'inventory-gain',
      addCost(world, item, units, currentCost(world, item, units)),
    );
    move(item, null, 'on-hand', units);
    adjustment.applied = units;
    serveBackorders(world, item);
    return;
  }
  const units = Math.min(-adjustment.quantity, unitsIn(item, 'on-hand'));
  adjustment.applied = units;
  adjustment.short = -adjustment.quantity - units;
  if (units === 0) return;
  move(item, 'on-hand', null, units);
  const [cost] = takeCosts(world, item, [units]);
  post(world, 'write-offs', 'inventory', found(cost, 'cost').minor);
}
