import { decide } from './decision.ts';
import { adjust, endHold, hold, stockUp } from './goods.ts';
import type { Desk, Operation } from './operation.ts';
import { cancel, dispatch, paymentEvent, stepOrder } from './order-life.ts';
import { placeOrders } from './placing.ts';
import { look } from './reading.ts';
import { moveReturn } from './return-life.ts';
import { askReturn } from './returning.ts';
import { moveSupply, orderGoods } from './supply.ts';

type Choice = (desk: Desk) => Operation | undefined;

/** What is done how often; the first is what a shrunk case is made of. */
const CHOICES: readonly (readonly [number, Choice])[] = [
  [7, stockUp],
  [7, placeOrders],
  [26, stepOrder],
  [14, dispatch],
  [5, cancel],
  [3, hold],
  [3, endHold],
  [4, adjust],
  [2, orderGoods],
  [8, moveSupply],
  [7, decide],
  [5, askReturn],
  [26, moveReturn],
  [1, paymentEvent],
  [6, again],
  [4, otherwise],
  [6, look],
];

/** How many kinds of operation there are, each as often as it comes. */
export const KINDS = CHOICES.reduce((sum, [weight]) => sum + weight, 0);

/** The operation of a kind on the desk; undefined where there is nothing to do it with. */
export function choose(desk: Desk, kind: number): Operation | undefined {
  let left = kind;
  for (const [weight, choice] of CHOICES) {
    if (left < weight) return choice(desk);
    left -= weight;
  }
  return undefined;
}

/** The very same call once more. */
function again({ sent, dice }: Desk): Operation | undefined {
  return sent.length === 0 ? undefined : dice.pick(sent.slice(-40).toReversed());
}

/** Other content under a key that was used before. */
function otherwise({ sent, dice }: Desk): Operation | undefined {
  const changed = sent
    .slice(-40)
    .flatMap(({ altered }) => (altered === undefined ? [] : [altered]));
  return changed.length === 0 ? undefined : dice.pick(changed.toReversed());
}
