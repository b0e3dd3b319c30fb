import type { Cost } from './cost.ts';

/** What a call answered, as far as it is compared; the same JSON for the ledger and for the model. */
export type Answer = { readonly [key: string]: unknown };

export type Bucket = 'inbound' | 'on-hand' | 'reserved' | 'returned' | 'quarantined' | 'damaged';

export interface Sku {
  readonly sku: string;
  readonly method: 'fifo' | 'average' | 'standard';
  readonly standardCost: Cost;
  readonly supplierPrice: Cost;
  /** Unit cost of the last receipt anywhere. */
  lastReceipt: Cost | null;
  /** The receipts of calls that may have overlapped, each with what was the last one before it. */
  readonly overlapping: {
    readonly node: string;
    readonly cost: Cost;
    readonly before: Cost | null;
  }[];
}

export interface Layer {
  units: number;
  value: Cost;
}

/** One SKU at one node. What is on hand is free: reserved units are in a bucket of their own. */
export interface Item {
  readonly sku: string;
  readonly node: string;
  readonly buckets: Map<Bucket, number>;
  /** Oldest first; average and standard cost have one. */
  readonly layers: Layer[];
  /** Returned and quarantined goods, which keep the value that they came with. */
  readonly returnsPool: Layer;
}

/** Units that wait for stock. */
export interface Waiting {
  readonly orderId: string;
  readonly lineNo: number;
  readonly sku: string;
  readonly node: string;
  quantity: number;
  readonly priority: number;
  readonly queuedAt: string;
}

export interface Reserved {
  quantity: number;
  /** The part of it that stands on a released shipment. */
  onShipment: number;
}

export interface OrderLine {
  readonly lineNo: number;
  readonly kind: 'goods' | 'shipping' | 'discount';
  readonly code: string;
  readonly quantity: number;
  readonly free: boolean;
  readonly amount: bigint;
  readonly tax: bigint;
  /** Where its first units stood or wait: returned goods go there. */
  node: string | null;
  readonly reserved: Map<string, Reserved>;
  shipped: number;
  cancelled: number;
  short: number;
  returning: number;
  returned: number;
  invoiced: bigint;
  taxInvoiced: bigint;
  cancelledMinor: bigint;
  shippedCost: Cost;
  returnedCost: Cost;
}

export interface Payment {
  readonly id: string;
  state: 'due' | 'authorized' | 'challenged' | 'declined' | 'voided';
  reference: string | null;
  readonly requested: bigint;
  authorized: bigint;
  captured: bigint;
  refunded: bigint;
  /** Captured before the invoice and not used by one yet. */
  deposit: bigint;
}

export interface Shipment {
  readonly id: string;
  readonly node: string;
  state: 'released' | 'dispatched' | 'cancelled';
  sentOnce: boolean;
  readonly lines: Map<number, { quantity: number; dispatched: number }>;
}

export interface Capture {
  readonly id: string;
  readonly amount: bigint;
  state: 'due' | 'captured' | 'failed';
}

export interface Order {
  readonly id: string;
  state: 'accepted' | 'released' | 'completed' | 'cancelled' | 'rejected';
  screening: readonly string[];
  readonly holds: Set<string>;
  readonly customer: string | null;
  readonly lines: OrderLine[];
  chargesDue: boolean;
  payment: Payment | null;
  readonly shipments: Shipment[];
  readonly captures: Capture[];
  /** Open `capture-failed` exceptions: captures, or dispatches that the payment does not cover. */
  readonly trouble: Set<string>;
  /** A deposit was not refunded, and nobody has decided what becomes of it. */
  isKept: boolean;
  /** What the provider said by itself of an authorization. */
  readonly events: Map<string, 'authorized' | 'declined'>;
}

export interface Hold {
  state: 'held' | 'released' | 'expired';
  readonly expiresAt: string;
  readonly units: { readonly sku: string; readonly node: string; readonly quantity: number }[];
}

export interface Adjustment {
  readonly sku: string;
  readonly node: string;
  /** Found is positive. */
  readonly quantity: number;
  readonly requestedBy: string;
  state: 'in-review' | 'applied' | 'rejected';
  applied: number;
  short: number;
}

export interface PurchaseOrder {
  readonly node: string;
  state: 'in-review' | 'approved' | 'rejected' | 'sent' | 'acknowledged';
  final: boolean;
  readonly lines: {
    readonly lineNo: number;
    readonly sku: string;
    readonly quantity: number;
    readonly unitPrice: Cost;
    noticed: number;
    received: number;
    short: number;
  }[];
  readonly notices: Map<string, { lineNo: number; quantity: number; received: number }[]>;
}

export interface ReturnLine {
  readonly lineNo: number;
  readonly externalLineId: string;
  readonly sku: string;
  readonly cover: 'cancelled' | 'sale' | 'blind';
  readonly orderId: string | null;
  readonly orderLineNo: number | null;
  readonly quantity: number;
  amount: bigint;
  readonly tax: bigint;
  node: string | null;
  received: number;
  inspected: number;
  creditedMinor: bigint;
  receivedCost: Cost;
  disposedCost: Cost;
}

export interface Refund {
  readonly paymentId: string;
  readonly orderId: string;
  readonly amount: bigint;
  state: 'due' | 'refunded' | 'failed';
  /** An exception asks a person about it. */
  trouble: boolean;
}

export interface Return {
  state:
    | 'in-review'
    | 'awaiting-receipt'
    | 'awaiting-inspection'
    | 'refunding'
    | 'closed'
    | 'refused'
    | 'expired';
  readonly resolution: 'refund' | 'credit';
  readonly customer: string | null;
  readonly lines: ReturnLine[];
  credit: bigint;
  credited: boolean;
  planned: boolean;
  readonly refunds: Refund[];
}

/** A decision that a person has made about something in review. */
export interface Decision {
  readonly subject: string;
  readonly approve: boolean;
  readonly actor: string;
}

/** A call's first answer, by its idempotency key. */
export interface Done {
  readonly content: string;
  readonly answer: Answer;
}

/** How a call sees the receipts of other nodes that are recorded at the same moment; it may look several times. */
export interface Glance {
  /** By look: so many of the newest ones are not seen yet; all are where nothing is said. */
  unseen: readonly number[];
  /** By look: how many different numbers of them there may be. */
  choices: number[];
}

/** Everything that a ledger knows of one case, in memory. Subjects have the names that callers gave them. */
export interface World {
  readonly skus: Map<string, Sku>;
  readonly items: Map<string, Item>;
  /** In the order of arrival. */
  readonly queue: Waiting[];
  readonly orders: Map<string, Order>;
  readonly holds: Map<string, Hold>;
  readonly adjustments: Map<string, Adjustment>;
  readonly purchaseOrders: Map<string, PurchaseOrder>;
  readonly returns: Map<string, Return>;
  readonly decisions: Map<string, Decision>;
  readonly customerCredit: Map<string, bigint>;
  /** Debit less credit, minor units. */
  readonly books: Map<string, bigint>;
  readonly done: Map<string, Done>;
  readonly glance: Glance;
  /** Deliberately wrong rules, to show that the comparison notices them. */
  readonly faults: ReadonlySet<Fault>;
}

/** A rule that a test can tell the model wrongly. */
export type Fault = 'cancelled-units-vanish' | 'newest-layer-first' | 'latest-waits-first';

/** Fails loudly where the model is asked for what it does not have. */
export function found<Value>(value: Value | undefined | null, what: string): Value {
  if (value === undefined || value === null) throw new Error(`the model knows no ${what}`);
  return value;
}

export function emptyWorld(skus: readonly Sku[], faults: readonly Fault[]): World {
  return {
    skus: new Map(skus.map((sku) => [sku.sku, sku])),
    items: new Map(),
    queue: [],
    orders: new Map(),
    holds: new Map(),
    adjustments: new Map(),
    purchaseOrders: new Map(),
    returns: new Map(),
    decisions: new Map(),
    customerCredit: new Map(),
    books: new Map(),
    done: new Map(),
    glance: { unseen: [], choices: [] },
    faults: new Set(faults),
  };
}

/** A copy that shares only what never changes: the answers given. */
export function cloneWorld({ done, ...rest }: World): World {
  return { ...structuredClone(rest), done: new Map(done) };
}

/** An amount from one account to another; a negative one the other way round. */
export function post(world: World, debit: string, credit: string, amount: bigint): void {
  world.books.set(debit, (world.books.get(debit) ?? 0n) + amount);
  world.books.set(credit, (world.books.get(credit) ?? 0n) - amount);
}

/** The refusal of a call that throws. */
export function refused(type: 'InvalidInput' | 'NotFound' | 'IdempotencyMismatch'): Answer {
  return { refused: type };
}

/**
 * The first answer to a key counts for ever; other content under it is refused. What `act` answers with
 * `kept: false` is not remembered: a repeat is judged anew. `marksRepeats`: the answer says whether it is one.
 */
export function once(
  world: World,
  call: { readonly key: string; readonly content: unknown; readonly marksRepeats: boolean },
  act: () => { readonly answer: Answer; readonly kept: boolean },
): Answer {
  const content = JSON.stringify(call.content);
  const known = world.done.get(call.key);
  if (known !== undefined) {
    if (known.content !== content) return refused('IdempotencyMismatch');
    return call.marksRepeats ? { ...known.answer, replayed: true } : known.answer;
  }
  const { answer, kept } = act();
  if ('refused' in answer) return answer;
  const first = call.marksRepeats ? { ...answer, replayed: false } : answer;
  if (kept) world.done.set(call.key, { content, answer: first });
  return first;
}
