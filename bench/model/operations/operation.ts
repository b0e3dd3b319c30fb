import type { Ledger } from '../../../activities/ledger/connect.ts';
import { Failure } from '../../../activities/failures.ts';
import type { Dice } from './dice.ts';
import type { Answer, World } from '../plain/world.ts';

/** One call of the ledger, and what the plain model says that it answers and does. */
export interface Operation {
  readonly verb: string;
  readonly request: unknown;
  /** Errors: whatever is no refusal. */
  send(ledger: Ledger): Promise<Answer>;
  /** Carries the call into the model. */
  predict(world: World): Answer;
  /**
   * What of an answer is compared where others are at work at the same time; all of it unless told otherwise.
   */
  readonly firmly?: (answer: Answer) => Answer;
  /** The same key with other content. */
  readonly altered?: Operation;
}

/** Where an operation is made up: the model as it stands, numbers to choose by, and names for what is new. */
export interface Desk {
  readonly world: World;
  readonly dice: Dice;
  readonly shop: Shop;
  /** What was sent before in this case, oldest first. */
  readonly sent: readonly Operation[];
}

/** The names of one case: its SKUs and customers, and the ids that the ledger gave to what callers named. */
export interface Shop {
  readonly prefix: string;
  readonly skus: readonly string[];
  readonly customers: readonly string[];
  readonly ids: Map<string, string>;
  /** Until when this case's stock holds last: no other case's end by then. */
  readonly expiry: Date;
  next: number;
}

export const NODES = ['north', 'south'] as const;
export const CHANNELS = ['web', 'b2b'] as const;
export const SENT_AT = '2026-03-04T10:00:00.000Z';

/** A name that this case has not used yet; all are of one width, so that they sort alike everywhere. */
export function newName(shop: Shop, kind: string): string {
  shop.next += 1;
  return `${shop.prefix}-${kind}${String(shop.next).padStart(4, '0')}`;
}

/** The ledger's id of a `return`, `po` or `adjustment` by its caller's name. */
export function idOf(shop: Shop, kind: string, ref: string): string {
  const id = shop.ids.get(`${kind} ${ref}`);
  if (id === undefined) throw new Error(`the ledger has given ${kind} ${ref} no id`);
  return id;
}

const REFUSALS = new Set(['InvalidInput', 'NotFound', 'IdempotencyMismatch']);

/** A refusal is an answer like any other. */
export async function answerOf(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Failure && REFUSALS.has(error.type)) return { refused: error.type };
    throw error;
  }
}
