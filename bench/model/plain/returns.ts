import { cancelUnits } from './cancellation.ts';
import { openUnits } from './lines.ts';
import { makeDue } from './progress.ts';
import { lineOf } from './stock.ts';
import {
  found,
  once,
  post,
  type Answer,
  type Return,
  type ReturnLine,
  type World,
} from './world.ts';

/** What of a return belongs to which sale, and what it is worth, as it was decided. */
export interface ReturnPart {
  readonly externalLineId: string;
  readonly code: string;
  readonly cover: 'cancelled' | 'sale' | 'blind';
  readonly orderId?: string;
  readonly orderLineNo?: number;
  readonly quantity: number;
  readonly amountMinor: string | null;
  readonly taxMinor: string;
}

export interface ReturnWish {
  readonly content: {
    readonly externalRef: string;
    readonly orderId?: string;
    readonly resolution: 'refund' | 'credit';
  };
  readonly outcome: 'authorized' | 'in-review' | 'refused';
  readonly parts: readonly ReturnPart[];
}

/** Judged and claimed in one; units that were not sent are cancelled on their orders. */
export function requestReturn(world: World, wish: ReturnWish): Answer {
  const ref = wish.content.externalRef;
  const call = { key: `return:${ref}`, content: wish.content, marksRepeats: true };
  return once(world, call, () => {
    if (wish.outcome !== 'refused' && !partsHold(world, wish.parts))
      return { answer: { outcome: 'stale' }, kept: false };
    const asked: Return = {
      state: stateOf(wish),
      resolution: wish.content.resolution,
      customer: world.orders.get(wish.content.orderId ?? '')?.customer ?? null,
      lines: wish.parts.map(newLine),
      credit: 0n,
      credited: false,
      planned: false,
      refunds: [],
    };
    world.returns.set(ref, asked);
    if (asked.state !== 'refused') {
      for (const line of asked.lines) {
        if (line.cover === 'cancelled') cancelPart(world, ref, asked, line, wish);
      }
      for (const line of asked.lines)
        if (line.cover === 'sale') saleOf(world, line).returning += line.quantity;
    }
    return { answer: { outcome: wish.outcome, state: asked.state }, kept: true };
  });
}

function stateOf({ outcome, parts }: ReturnWish): Return['state'] {
  if (outcome === 'refused') return 'refused';
  if (parts.every(({ cover }) => cover === 'cancelled')) return 'closed';
  return outcome === 'in-review' ? 'in-review' : 'awaiting-receipt';
}

function newLine(part: ReturnPart, index: number): ReturnLine {
  return {
    lineNo: index + 1,
    externalLineId: part.externalLineId,
    sku: part.code,
    cover: part.cover,
    orderId: part.orderId ?? null,
    orderLineNo: part.orderLineNo ?? null,
    quantity: part.quantity,
    amount: BigInt(part.amountMinor ?? '0'),
    tax: BigInt(part.taxMinor),
    node: null,
    received: 0,
    inspected: 0,
    creditedMinor: 0n,
    receivedCost: 0n,
    disposedCost: 0n,
  };
}

export function saleOf(world: World, line: ReturnLine) {
  return lineOf(world, found(line.orderId, 'sale'), found(line.orderLineNo, 'sale line'));
}

/** Whether every sale still has the units: sent and promised to no return, or open on an order that goes on. */
function partsHold(world: World, parts: readonly ReturnPart[]): boolean {
  const taken = new Map<string, { cancelled: number; sale: number }>();
  for (const { cover, orderId, orderLineNo, quantity } of parts) {
    if (cover === 'blind') continue;
    const key = `${orderId}#${orderLineNo}`;
    const sums = taken.get(key) ?? { cancelled: 0, sale: 0 };
    sums[cover] += quantity;
    taken.set(key, sums);
  }
  return [...taken].every(([key, { cancelled, sale }]) => {
    const [orderId = '', lineNo = ''] = key.split('#');
    const order = found(world.orders.get(orderId), orderId);
    const line = lineOf(world, orderId, Number(lineNo));
    const goesOn = order.state === 'accepted' || order.state === 'released';
    return (
      sale <= line.shipped - line.returning &&
      cancelled <= openUnits(line) &&
      (cancelled === 0 || goesOn)
    );
  });
}

/** At the order's own price nothing is posted; at another one the difference is owed or credited. */
function cancelPart(
  world: World,
  ref: string,
  asked: Return,
  line: ReturnLine,
  wish: ReturnWish,
): void {
  const order = found(world.orders.get(found(line.orderId, 'order')), 'order');
  const part = cancelUnits(world, order, saleOf(world, line), line.quantity);
  if (wish.parts[line.lineNo - 1]?.amountMinor === null) {
    line.amount = part;
    return;
  }
  const difference = part - line.amount;
  post(world, 'receivables', 'cancellation-price-differences', difference);
  if (difference < 0n) creditAccount(world, asked, 'receivables', -difference);
  const { payment } = order;
  if (difference <= 0n || payment === null) return;
  const key = `return ${ref}:${line.lineNo}:difference`;
  if (payment.state === 'due' || payment.state === 'challenged')
    order.captures.push({ id: `${key}:capture`, amount: difference, state: 'due' });
  else makeDue(world, order, key, difference);
}

/** What no payment takes is the customer's credit, or unidentified where nobody knows the customer. */
export function creditAccount(world: World, of: Return, from: string, amount: bigint): void {
  if (amount === 0n) return;
  post(world, from, of.customer === null ? 'unidentified-credits' : 'customer-credit', amount);
  if (of.customer === null) return;
  world.customerCredit.set(of.customer, (world.customerCredit.get(of.customer) ?? 0n) + amount);
}

/** A person has agreed or not; what was promised to a refused return is free again. */
export function decideReturn(world: World, of: Return, approved: boolean): void {
  if (of.state !== 'in-review') return;
  if (approved) {
    of.state = 'awaiting-receipt';
    return;
  }
  releaseClaims(world, of);
  of.state = 'refused';
}

export function releaseClaims(world: World, of: Return): void {
  for (const line of of.lines)
    if (line.cover === 'sale') saleOf(world, line).returning -= line.quantity - line.received;
}
