import { divideRounded } from './cost.ts';
import { smaller } from './progress.ts';
import { creditAccount, releaseClaims } from './returns.ts';
import {
  found,
  once,
  post,
  type Answer,
  type Refund,
  type Return,
  type ReturnLine,
  type World,
} from './world.ts';

/** What the return's process has to do next. */
function positionOf(of: Return, applied: boolean): Answer {
  return {
    applied,
    state: of.state,
    refunds: of.refunds
      .filter(({ state, trouble }) => state === 'due' && !trouble)
      .map(({ amount }) => amount.toString())
      .toSorted(),
    trouble: of.refunds.filter(({ trouble }) => trouble).length,
  };
}

/** Carries a return as far as it goes without anybody: credit note, refunds planned, closed. */
export function advanceReturn(world: World, ref: string): Answer {
  const of = found(world.returns.get(ref), ref);
  if (of.state !== 'refunding') return positionOf(of, true);
  if (!of.credited) issueCreditNote(world, of);
  if (!of.planned && !waitsForCaptures(world, of)) planRefunds(world, of);
  const settled = of.refunds.every(({ state, trouble }) => state !== 'due' && !trouble);
  if (of.planned && settled) of.state = 'closed';
  return positionOf(of, true);
}

/** What was inspected is owed to the customer from now on. */
function issueCreditNote(world: World, of: Return): void {
  for (const line of of.lines) {
    if (line.cover === 'cancelled' || line.inspected === 0) continue;
    const units = BigInt(line.inspected);
    const gross = divideRounded(line.amount * units, BigInt(line.quantity));
    const tax = divideRounded(line.tax * units, BigInt(line.quantity));
    post(world, 'returns', 'refunds-payable', gross - tax);
    post(world, 'output-tax', 'refunds-payable', tax);
    line.creditedMinor = gross;
    of.credit += gross;
  }
  of.credited = true;
}

/** What a capture under way brings can be refunded instead of credited. */
function waitsForCaptures(world: World, of: Return): boolean {
  const due = salesOf(of).some(({ orderId }) =>
    world.orders.get(orderId ?? '')?.captures.some(({ state }) => state === 'due'),
  );
  return due && of.credit > 0n && of.resolution !== 'credit';
}

function salesOf(of: Return): ReturnLine[] {
  return of.lines.filter(({ cover }) => cover === 'sale');
}

/** What may still go back to the payment of an order. */
function ceilingOf(world: World, orderId: string): bigint {
  const { payment } = found(world.orders.get(orderId), orderId);
  if (payment === null) return 0n;
  const under = [...world.returns.values()]
    .flatMap(({ refunds }) => refunds)
    .filter((refund) => refund.paymentId === payment.id && refund.state === 'due')
    .reduce((sum, { amount }) => sum + amount, 0n);
  const left = payment.captured - payment.refunded - payment.deposit - under;
  return left > 0n ? left : 0n;
}

/** To the payment of a part's own order first, then to those of the same line's other sales; the rest is credit. */
function planRefunds(world: World, of: Return): void {
  const shares = of.resolution === 'credit' ? new Map<string, bigint>() : share(world, of);
  let left = of.credit;
  for (const [orderId, amount] of [...shares].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (amount === 0n) continue;
    const { id } = found(world.orders.get(orderId)?.payment, 'payment');
    of.refunds.push({ paymentId: id, orderId, amount, state: 'due', trouble: false });
    left -= amount;
  }
  creditAccount(world, of, 'refunds-payable', left);
  of.planned = true;
}

function share(world: World, of: Return): Map<string, bigint> {
  const planned = new Map<string, bigint>();
  const sales = salesOf(of);
  const owed = new Map(sales.map((line) => [line.lineNo, line.creditedMinor]));
  const pay = (lineNo: number, orderId: string): void => {
    const before = planned.get(orderId) ?? 0n;
    const owing = owed.get(lineNo) ?? 0n;
    const amount = smaller(owing, ceilingOf(world, orderId) - before);
    planned.set(orderId, before + amount);
    owed.set(lineNo, owing - amount);
  };
  for (const line of sales) pay(line.lineNo, found(line.orderId, 'sale'));
  for (const line of sales) {
    const others = sales
      .filter((sale) => sale.externalLineId === line.externalLineId)
      .map(({ orderId }) => found(orderId, 'sale'))
      .filter((orderId) => orderId !== line.orderId);
    for (const orderId of [...new Set(others)].toSorted()) pay(line.lineNo, orderId);
  }
  return planned;
}

/** What the provider answered; without success a person has to look. */
export function recordRefund(
  world: World,
  request: {
    readonly ref: string;
    readonly number: number;
    readonly outcome: 'succeeded' | 'failed' | 'unknown';
  },
): Answer {
  const of = found(world.returns.get(request.ref), request.ref);
  const refund: Refund = found(of.refunds[request.number - 1], 'refund');
  const key = `refund:${request.ref}:${request.number}`;
  return once(world, { key, content: request, marksRepeats: false }, () => {
    if (refund.state !== 'due') return { answer: advanceReturn(world, request.ref), kept: false };
    if (request.outcome === 'succeeded') {
      refund.state = 'refunded';
      found(world.orders.get(refund.orderId)?.payment, 'payment').refunded += refund.amount;
      post(world, 'refunds-payable', 'payment-clearing', refund.amount);
    } else {
      refund.trouble = true;
      if (request.outcome === 'failed') refund.state = 'failed';
    }
    return { answer: advanceReturn(world, request.ref), kept: true };
  });
}

const OVER: readonly Return['state'][] = ['closed', 'refused', 'expired'];

/** Undone while nothing has come back. */
export function abandonReturn(world: World, ref: string): Answer {
  const of = found(world.returns.get(ref), ref);
  if (OVER.includes(of.state)) return positionOf(of, true);
  const begun = of.lines.some(({ received }) => received > 0);
  if ((of.state !== 'in-review' && of.state !== 'awaiting-receipt') || begun)
    return positionOf(of, false);
  releaseClaims(world, of);
  of.state = 'expired';
  return positionOf(of, true);
}
