import { isDeepStrictEqual } from 'node:util';
import type { Operation } from './operations/operation.ts';
import { cloneWorld, type Answer, type World } from './plain/world.ts';

/** An operation and what the ledger answered. */
export interface Done {
  readonly operation: Operation;
  readonly answer: Answer;
}

/** The model after an order of calls; or what of an answer was unexpected on the way. */
export interface Outcome {
  readonly world: World;
  readonly what: readonly string[];
}

/** A call in its place, and by look how many of the receipts at the same moment it does not see yet. */
interface Step {
  readonly done: Done;
  readonly unseen: readonly number[];
}

/** Every order of the calls; the order of sending first. A call that is alone is carried into the model itself. */
export function* ordersOf(
  world: World,
  round: readonly Done[],
  alone: boolean,
): Generator<Outcome> {
  if (!alone) yield* ordersAfter(world, [], round, cloneWorld(world));
  else {
    const what = round.flatMap((done) => tryOut(world, { done, unseen: [] }, true) ?? []);
    yield { world, what };
  }
}

/**
 * Orders that begin with what was taken. `ready` is the model after that, good for one try: mostly the first
 * order fits, and a copy of the model is dearer than doing a few steps again.
 */
function* ordersAfter(
  world: World,
  taken: readonly Step[],
  left: readonly Done[],
  ready: World,
): Generator<Outcome> {
  if (left.length === 0) {
    yield { world: ready, what: [] };
    return;
  }
  let fresh: World | undefined = ready;
  for (const [index, done] of left.entries()) {
    for (let unseen: readonly number[] | undefined = []; unseen !== undefined;) {
      const after = fresh ?? replayed(world, taken);
      fresh = undefined;
      const step = { done, unseen };
      const unexpected = tryOut(after, step, false);
      unseen = nextChoice(unseen, after.glance.choices);
      if (unexpected === undefined)
        yield* ordersAfter(world, [...taken, step], left.toSpliced(index, 1), after);
      else yield { world: after, what: [unexpected] };
    }
  }
}

/** The next of all combinations, the last look's choice first; undefined after the last of them. */
function nextChoice(
  chosen: readonly number[],
  choices: readonly number[],
): readonly number[] | undefined {
  const more = choices.findLastIndex((count, look) => (chosen[look] ?? 0) + 1 < count);
  if (more < 0) return undefined;
  return choices.slice(0, more + 1).map((_, look) => (chosen[look] ?? 0) + (look === more ? 1 : 0));
}

function replayed(world: World, steps: readonly Step[]): World {
  const again = cloneWorld(world);
  for (const { done, unseen } of steps) predict(again, done.operation, unseen);
  return again;
}

/** What was unexpected of an answer; undefined when the model says the same. */
function tryOut(
  world: World,
  { done: { operation, answer }, unseen }: Step,
  alone: boolean,
): string | undefined {
  const compared = (all: Answer) => (alone ? all : (operation.firmly?.(all) ?? all));
  const expected = predict(world, operation, unseen);
  if (isDeepStrictEqual(compared(expected), compared(answer))) return undefined;
  return `${textOf(operation)}\n  expected ${JSON.stringify(expected)}\n  seen     ${JSON.stringify(answer)}`;
}

/** A model that does not know what is asked about cannot explain the answer. */
function predict(world: World, operation: Operation, unseen: readonly number[]): Answer {
  Object.assign(world.glance, { unseen, choices: [] });
  try {
    return operation.predict(world);
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}

export function textOf({ verb, request }: Operation): string {
  return `${verb} ${JSON.stringify(request)}`;
}
