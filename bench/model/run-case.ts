import type postgres from 'postgres';
import { Failure } from '../../activities/failures.ts';
import type { Ledger } from '../../activities/ledger/connect.ts';
import { putSkus } from '../../activities/ledger/intake/master-data.ts';
import { allDone } from './all-done.ts';
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
import { ordersOf, textOf, type Done } from './orders-of-round.ts';
import { costOf, costText, type Cost } from './plain/cost.ts';
import { endOverlap, settleLastReceipts } from './plain/receipts.ts';
import { emptyWorld, type Fault, type World } from './plain/world.ts';

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
  /** Cases that were given up because a call was not answered in time. */
  unanswered: number;
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

/** The ledger was too busy to answer a call: nobody knows whether it was carried out, so the case says nothing. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** Runs one case from empty shelves. Errors: {@link Disagreement} at the first difference, {@link NoAnswer}. */
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
    const round = await allDone(operations.map((operation) => sendOne(ground, operation)));
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
    overlapping: [],
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

/** What is no refusal is an answer too, one that no model gives. Errors: {@link NoAnswer}. */
async function sendOne({ ledger }: Ground, operation: Operation): Promise<Done> {
  try {
    return { operation, answer: await operation.send(ledger) };
  } catch (error) {
    if (error instanceof Failure && error.type === 'LedgerUnavailable')
      throw new NoAnswer(textOf(operation), { cause: error });
    const failed = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { operation, answer: { failed } };
  }
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
  const alone = running.lanes === 1;
  let seen: State | undefined;
  let closest: readonly string[] | undefined;
  for (const { world, what } of ordersOf(running.world, round, alone)) {
    if (what.length > 0) {
      closest ??= what;
      continue;
    }
    if (compare || !alone) {
      seen ??= await readState(running.ground.owner, { ...running, world });
      if (!alone) settleLastReceipts(world, isLastIn(seen));
      const different = differences(stateOf(world, running.shop), seen);
      closest = different;
      if (different.length > 0) continue;
    }
    endOverlap(world);
    return world;
  }
  const operations = running.sent.map(textOf);
  throw new Disagreement(operations, closest ?? [], running.throws);
}

function isLastIn(seen: State): (sku: string, cost: Cost) => boolean {
  return (sku, cost) => seen.get(`last receipt ${sku}`) === costText(cost);
}
