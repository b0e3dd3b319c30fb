import { isDeepStrictEqual } from 'node:util';
import type postgres from 'postgres';
import type { Ledger } from '../../activities/ledger/connect.ts';
import { putSkus } from '../../activities/ledger/intake/master-data.ts';
import {
  differences,
  readState,
  sinceNow,
  stateOf,
  type Since,
  type State,
} from './ledger-state.ts';
import { choose } from './operations/choose.ts';
import { diceOf } from './operations/dice.ts';
import type { Operation, Shop } from './operations/operation.ts';
import { costOf } from './plain/cost.ts';
import { cloneWorld, emptyWorld, type Answer, type Fault, type World } from './plain/world.ts';

/** One number for what to do, the others for how. */
export interface Throw {
  readonly kind: number;
  readonly numbers: readonly number[];
}

/** A ledger of its own, in which one case runs at a time. */
export interface Ground {
  readonly ledger: Ledger;
  readonly owner: postgres.Sql;
  /** How many cases it has seen; names and expiry times follow from it. */
  cases: number;
  operations: number;
}

export interface CaseOptions {
  /** Calls at once: 1 compares each answer as it comes, more look for an order that explains all of them. */
  readonly lanes: number;
  /** After so many rounds the whole state is compared. */
  readonly compareEvery: number;
  readonly faults: readonly Fault[];
}

/** The ledger and the model do not agree; the message holds the operations and what differs. */
export class Disagreement extends Error {
  readonly operations: readonly string[];
  /** How many throws it took. */
  readonly throws: number;

  constructor(operations: readonly string[], what: readonly string[], throws: number) {
    super([...what, `after ${operations.length} operations:`, ...operations].join('\n'));
    this.name = 'Disagreement';
    this.operations = operations;
    this.throws = throws;
  }
}

/** Runs one case from empty shelves. Errors: {@link Disagreement} at the first difference. */
export async function runCase(
  ground: Ground,
  throws: readonly Throw[],
  options: CaseOptions,
): Promise<void> {
  const { lanes, compareEvery, faults } = options;
  const { shop, since, world: empty } = await openCase(ground, faults);
  let world = empty;
  const sent: Operation[] = [];
  let unseen = 0;
  for (let next = 0; next < throws.length; next += lanes) {
    const operations = throws.slice(next, next + lanes).flatMap(({ kind, numbers }) => {
      const operation = choose({ world, shop, sent, dice: diceOf(numbers) }, kind);
      return operation === undefined ? [] : [operation];
    });
    if (operations.length === 0) continue;
    sent.push(...operations);
    ground.operations += operations.length;
    const round = await Promise.all(operations.map((operation) => sendOne(ground, operation)));
    const running = { world, shop, since, sent, ground, lanes, throws: next + lanes };
    unseen = unseen + 1 === compareEvery ? 0 : unseen + 1;
    world = await explain(running, round, unseen === 0);
  }
  const running = { world, shop, since, sent, ground, lanes, throws: throws.length };
  if (unseen > 0) await explain(running, [], true);
}

interface OpenCase {
  readonly world: World;
  readonly shop: Shop;
  readonly since: Since;
}

async function openCase(ground: Ground, faults: readonly Fault[]): Promise<OpenCase> {
  ground.cases += 1;
  const prefix = `c${ground.cases}`;
  const methods = ['fifo', 'average', 'standard', 'fifo'] as const;
  const skus = methods.map((method, index) => ({
    sku: `${prefix}-${method}-${index}`,
    method,
    standardCost: costOf('1.735'),
    supplierPrice: costOf('1.5'),
    lastReceipt: null,
  }));
  await putSkus(
    ground.ledger,
    skus.map(({ sku, method }) => ({
      sku,
      description: sku,
      unitOfMeasure: 'each',
      class: 'B',
      costMethod: method,
      supplier: 'acme',
      supplierPrice: '1.5',
      ...(method === 'standard' ? { standardCost: '1.735' } : {}),
    })),
  );
  // Later cases keep their stock for a time before that of earlier ones, so that nobody ends another's hold.
  const expiry = new Date(Date.UTC(2200, 0, 1) - ground.cases * 7_200_000);
  const shop: Shop = {
    prefix,
    skus: skus.map(({ sku }) => sku),
    customers: [`${prefix}-ada`, `${prefix}-ben`],
    ids: new Map(),
    expiry,
    next: 0,
  };
  return { world: emptyWorld(skus, faults), shop, since: await sinceNow(ground.owner) };
}

/** What is no refusal is an answer too, one that no model gives. */
async function sendOne({ ledger }: Ground, operation: Operation): Promise<Done> {
  try {
    return { operation, answer: await operation.send(ledger) };
  } catch (error) {
    const failed = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { operation, answer: { failed } };
  }
}

interface Done {
  readonly operation: Operation;
  readonly answer: Answer;
}

interface Running extends OpenCase {
  readonly ground: Ground;
  readonly sent: readonly Operation[];
  readonly lanes: number;
  readonly throws: number;
}

/**
 * Finds an order in which the model gives all answers of a round, and ends in the ledger's state; answers
 * the model after it. With one call there is one order.
 */
async function explain(running: Running, round: readonly Done[], compare: boolean): Promise<World> {
  let seen: State | undefined;
  let closest: readonly string[] | undefined;
  for (const { world, what } of ordersOf(running.world, round, running.lanes === 1)) {
    if (what.length > 0) {
      closest ??= what;
      continue;
    }
    if (!compare && running.lanes === 1) return world;
    seen ??= await readState(running.ground.owner, { ...running, world });
    const different = differences(stateOf(world, running.shop), seen);
    if (different.length === 0) return world;
    closest = different;
  }
  const operations = running.sent.map(textOf);
  throw new Disagreement(operations, closest ?? [], running.throws);
}

/**
 * Every order of the calls with the model after it, or what was unexpected; the order of sending first. A call
 * that is alone is carried into the model itself.
 */
function* ordersOf(
  world: World,
  left: readonly Done[],
  alone: boolean,
): Generator<{ readonly world: World; readonly what: readonly string[] }> {
  if (left.length === 0) {
    yield { world, what: [] };
    return;
  }
  for (const [index, done] of left.entries()) {
    const after = alone ? world : cloneWorld(world);
    const unexpected = tryOut(after, done, alone);
    if (unexpected === undefined) yield* ordersOf(after, left.toSpliced(index, 1), alone);
    else yield { world: after, what: [unexpected] };
  }
}

/** What was unexpected of an answer; undefined when the model says the same. */
function tryOut(world: World, { operation, answer }: Done, alone: boolean): string | undefined {
  const compared = (all: Answer) => (alone ? all : (operation.firmly?.(all) ?? all));
  const expected = predict(world, operation);
  if (isDeepStrictEqual(compared(expected), compared(answer))) return undefined;
  return `${textOf(operation)}\n  expected ${JSON.stringify(expected)}\n  seen     ${JSON.stringify(answer)}`;
}

/** A model that does not know what is asked about cannot explain the answer. */
function predict(world: World, operation: Operation): Answer {
  try {
    return operation.predict(world);
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}

function textOf({ verb, request }: Operation): string {
  return `${verb} ${JSON.stringify(request)}`;
}
