import { itemAt, move, serveBackorders, unitsIn } from './stock.ts';
import { found, once, refused, type Answer, type World } from './world.ts';

interface Units {
  readonly sku: string;
  readonly node: string;
  readonly quantity: number;
}

interface HoldWish {
  readonly holdId: string;
  readonly expiresAt: string;
  readonly plans: readonly (readonly Units[])[];
}

/** Keeps stock for nobody's order yet, each wish by the first plan that is there as a whole. */
export function holdStock(world: World, wishes: readonly HoldWish[]): Answer {
  return { results: wishes.map((wish) => holdOne(world, wish)) };
}

function holdOne(world: World, wish: HoldWish): Answer {
  const call = { key: `hold:${wish.holdId}`, content: wish, marksRepeats: true };
  const answer = once(world, call, () => {
    for (const [plan, units] of wish.plans.entries()) {
      const items = units.map((entry) => itemAt(world, entry.sku, entry.node));
      const there = units.every(({ quantity }, index) => {
        return unitsIn(found(items[index], 'item'), 'on-hand') >= quantity;
      });
      if (!there) continue;
      for (const [index, { quantity }] of units.entries())
        move(found(items[index], 'item'), 'on-hand', 'reserved', quantity);
      world.holds.set(wish.holdId, { state: 'held', expiresAt: wish.expiresAt, units: [...units] });
      return { answer: { state: 'held', plan }, kept: true };
    }
    world.holds.set(wish.holdId, { state: 'released', expiresAt: wish.expiresAt, units: [] });
    return { answer: { state: 'short' }, kept: true };
  });
  return 'refused' in answer ? { state: 'refused', replayed: false } : answer;
}

export function releaseHold(world: World, holdId: string): Answer {
  const hold = world.holds.get(holdId);
  if (hold === undefined) return refused('NotFound');
  const held = hold.state === 'held';
  if (held) giveBack(world, holdId, 'released');
  return { applied: held, state: hold.state };
}

/** Ends every hold whose time is up. */
export function expireHolds(world: World, until: string): Answer {
  const over = [...world.holds].filter(
    ([, { state, expiresAt }]) => state === 'held' && expiresAt <= until,
  );
  for (const [holdId] of over) giveBack(world, holdId, 'expired');
  return { expired: over.length };
}

function giveBack(world: World, holdId: string, state: 'released' | 'expired'): void {
  const hold = found(world.holds.get(holdId), holdId);
  hold.state = state;
  for (const { sku, node, quantity } of hold.units) {
    const item = itemAt(world, sku, node);
    move(item, 'reserved', 'on-hand', quantity);
    serveBackorders(world, item);
  }
}
