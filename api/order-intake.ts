import { createHash } from 'node:crypto';
import type { By } from '../activities/ledger/by.ts';
import type { Ledger } from '../activities/ledger/connect.ts';
import { acceptOrders, type AcceptanceResult } from '../activities/ledger/intake/accept-orders.ts';
import type { OrderAcceptance } from '../activities/ledger/intake/order-acceptance.ts';
import { microBatch } from '../activities/ledger/intake/micro-batch.ts';
import { readOrderSnapshot, type OrderSnapshot } from '../activities/ledger/read/order.ts';
import { groupBy } from '../rules/group-by.ts';
import { isHistory, MAX_PLACED_AGE_DAYS } from '../rules/fact/judge-time.ts';
import { parseDecimal } from '../rules/money/decimal.ts';
import { priceLine } from '../rules/money/price-line.ts';
import { promiseDispatch } from '../rules/order/promise-dispatch.ts';
import { checksFor } from '../rules/order/screen-order.ts';
import { sourceOrder, type SourcingNode } from '../rules/order/source-order.ts';
import {
  cutoffPolicy,
  screeningPolicy,
  sourcingPolicy,
  type CutoffPolicy,
  type ScreeningPolicy,
  type SourcingPolicy,
} from '../rules/policy/documents.ts';
import { actingBy } from './acting-ledger.ts';
import type { OrderRequest } from './order-schemas.ts';
import type { FieldError } from './problem.ts';

/** An order as it came, who sent it, and when it reached us. */
export interface IncomingOrder {
  readonly order: OrderRequest;
  readonly actor: string;
  /** Who sent it, for the audit; whoever acts when it is handed in, where it is left out. */
  readonly by?: By | undefined;
  /** RFC 3339; also when the order was placed, where its channel does not say. */
  readonly receivedAt: string;
}

/**
 * Orders and lines per call, and calls in flight per process; 1,000 lines take half a second.
 * Source: the ledger's rules in docs/ARCHITECTURE.md.
 */
const LIMITS = {
  maxItems: 200,
  maxCalls: 2,
  maxWeight: 1_000,
  weigh: ({ order }: IncomingOrder) => order.lines.length + order.charges.length,
};

/** Takes orders in; what arrives while a call is under way shares the next call. */
export function orderIntake(
  ledger: Ledger,
): (incoming: IncomingOrder) => Promise<AcceptanceResult> {
  const takeInShared = microBatch<IncomingOrder, AcceptanceResult>(
    (batch) => takeIn(ledger, batch),
    LIMITS,
  );
  // A call is shared by many requests, so each order takes along who sent it.
  return (incoming) => takeInShared({ by: actingBy(), ...incoming });
}

const HISTORY = [
  `lies more than ${MAX_PLACED_AGE_DAYS} days back: only a channel that brings trusted history`,
  '(trustsFile) may send so old an order, as all of its deadlines would be over at once',
].join(' ');

/** When the order was placed. What is left out is not part of the payload's hash, so a repeat is still one. */
function placedAtOf({ order, receivedAt }: IncomingOrder): string {
  return order.placedAt ?? receivedAt;
}

function isOld(incoming: IncomingOrder): boolean {
  return isHistory(Date.parse(placedAtOf(incoming)), Date.parse(incoming.receivedAt));
}

async function takeIn(
  ledger: Ledger,
  batch: readonly IncomingOrder[],
): Promise<AcceptanceResult[]> {
  const skus = new Set(batch.flatMap(({ order }) => order.lines.map((line) => line.sku)));
  const channels = new Set(batch.map(({ order }) => order.channel));
  const regions = new Set(batch.map(({ order }) => order.shipTo.country));
  // Zones differ, so the times are compared and not their texts.
  const at = new Date(
    Math.max(...batch.map((incoming) => Date.parse(placedAtOf(incoming)))),
  ).toISOString();
  const snapshot = await readOrderSnapshot(ledger, {
    skus: [...skus],
    channels: [...channels],
    regions: [...regions],
    at,
    // A repeat is answered however old the order has become meanwhile.
    orderIds: batch.filter(isOld).map(({ order }) => orderIdOf(order.channel, order.externalId)),
  });
  const facts = intakeFacts(snapshot);
  const decided = batch.map((incoming) => decideOrder(incoming, facts));
  const placeable = decided.filter((order): order is OrderAcceptance => !Array.isArray(order));
  const results = placeable.length === 0 ? [] : await acceptOrders(ledger, placeable);
  let next = 0;
  return decided.map((order) => {
    if (Array.isArray(order)) return { outcome: 'invalid', errors: order };
    const result = results[next];
    next += 1;
    if (result === undefined) throw new Error('the ledger answered too few results');
    return result;
  });
}

/** The snapshot as a batch's orders look things up in it; policies are read once for all of them. */
interface IntakeFacts {
  readonly channels: ReadonlyMap<string, ChannelFacts>;
  /** By `<channel> <region>`, where the region has policies of its own. */
  readonly regional: ReadonlyMap<string, ChannelFacts>;
  /** By priority, best first. */
  readonly nodes: readonly SourcingNode[];
  /** Units available to promise, by `<sku> <node>`. */
  readonly available: ReadonlyMap<string, number>;
  readonly knownOrders: ReadonlySet<string>;
}

interface ChannelFacts {
  readonly channel: OrderSnapshot['channels'][number];
  readonly sourcing: SourcingPolicy;
  readonly cutoffs: CutoffPolicy;
  readonly screening: ScreeningPolicy;
  readonly policyVersions: Readonly<Record<string, number>>;
}

function intakeFacts(snapshot: OrderSnapshot): IntakeFacts {
  const channels = snapshot.channels.flatMap((channel): [string, ChannelFacts][] => {
    const policies = snapshot.policies[channel.channel];
    return policies === undefined ? [] : [[channel.channel, channelFacts(channel, policies)]];
  });
  const regional = snapshot.channels.flatMap((channel): [string, ChannelFacts][] => {
    const own = snapshot.regionalPolicies.filter((entry) => entry.channel === channel.channel);
    return [...groupBy(own, ({ region }) => region)].map(([region, entries]) => {
      const policies = Object.fromEntries(entries.map((entry) => [entry.policy, entry]));
      const all = { ...snapshot.policies[channel.channel], ...policies };
      return [`${channel.channel} ${region}`, channelFacts(channel, all)];
    });
  });
  return {
    channels: new Map(channels),
    regional: new Map(regional),
    nodes: snapshot.nodes,
    available: new Map(snapshot.available.map(([sku, node, units]) => [`${sku} ${node}`, units])),
    knownOrders: new Set(snapshot.knownOrders),
  };
}

function channelFacts(
  channel: ChannelFacts['channel'],
  policies: OrderSnapshot['policies'][string],
): ChannelFacts {
  const versions = Object.entries(policies).map(([policy, { version }]) => [policy, version]);
  return {
    channel,
    sourcing: sourcingPolicy.parse(policies['sourcing']?.document),
    cutoffs: cutoffPolicy.parse(policies['cutoffs']?.document),
    screening: screeningPolicy.parse(policies['screening']?.document),
    policyVersions: Object.fromEntries(versions),
  };
}

/** Prices, checks and sources one order from the facts; answers the fields at fault instead where there are any. */
function decideOrder(incoming: IncomingOrder, facts: IntakeFacts): OrderAcceptance | FieldError[] {
  const { order, actor, receivedAt } = incoming;
  const orderId = orderIdOf(order.channel, order.externalId);
  const rules =
    facts.regional.get(`${order.channel} ${order.shipTo.country}`) ??
    facts.channels.get(order.channel);
  if (rules === undefined) {
    return [{ path: 'channel', message: `${order.channel} is not a known channel` }];
  }
  const { channel } = rules;
  const lines = numberLines(order);
  const totalMinor = lines.reduce(
    (sum, line) => sum + (line.kind === 'discount' ? -1n : 1n) * BigInt(line.amountMinor),
    0n,
  );
  const errors = findErrors(order, totalMinor);
  if (isOld(incoming) && !channel.trusted && !facts.knownOrders.has(orderId)) {
    errors.push({ path: 'placedAt', message: HISTORY });
  }
  if (errors.length > 0) return errors;
  const goods = lines.filter((line) => line.kind === 'goods');
  const sourcing = sourceOrder(
    rules.sourcing,
    goods.map((line) => ({ lineNo: line.lineNo, sku: line.code, quantity: line.quantity })),
    {
      nodes: facts.nodes.filter(({ node }) => channel.nodes?.includes(node) ?? true),
      country: order.shipTo.country,
      available: (sku, node) => facts.available.get(`${sku} ${node}`) ?? 0,
      channelBackorder: channel.backorder,
    },
  );
  return {
    channel: order.channel,
    externalId: order.externalId,
    payloadHash: createHash('sha256').update(canonical(order)).digest('hex'),
    orderId,
    class: order.class,
    currency: order.currency,
    placedAt: placedAtOf(incoming),
    promisedDispatchAt: goods.length === 0 ? null : promiseOf(rules.cutoffs, incoming),
    at: receivedAt,
    priority: 100,
    customer: customerOf(order),
    shipTo: order.shipTo,
    screening: checksFor(rules.screening, {
      totalMinor,
      trusted: channel.trusted,
      shipTo: order.shipTo,
    }),
    policyVersions: rules.policyVersions,
    totalMinor: totalMinor.toString(),
    lines,
    plans: sourcing.plans,
    backorderNodes: sourcing.backorderNodes,
    payment: paymentOf(order, totalMinor),
    actor,
    by: incoming.by,
  };
}

function promiseOf(cutoffs: CutoffPolicy, incoming: IncomingOrder): string | null {
  const promisedMs = promiseDispatch(cutoffs, Date.parse(placedAtOf(incoming)));
  return promisedMs === undefined ? null : new Date(promisedMs).toISOString();
}

function numberLines(order: OrderRequest): OrderAcceptance['lines'] {
  const goods = order.lines.map((line) => ({ ...line, kind: 'goods', code: line.sku }));
  const charges = order.charges.map((charge) => ({ ...charge, taxMinor: '0', discountMinor: '0' }));
  return [...goods, ...charges].map((line, index) => {
    const unitPrice = parseDecimal(line.unitPrice) ?? 0n;
    const priced = priceLine(unitPrice, BigInt(line.quantity), BigInt(line.discountMinor));
    return {
      lineNo: index + 1,
      externalLineId: line.externalLineId,
      kind: line.kind,
      code: line.code,
      quantity: line.quantity,
      unitPrice: line.unitPrice,
      amountMinor: priced.amountMinor.toString(),
      belowMinor: priced.belowMinor,
      taxMinor: line.taxMinor,
      discountMinor: line.discountMinor,
      sourceRef: line.sourceRef ?? null,
    };
  });
}

function findErrors(order: OrderRequest, totalMinor: bigint): FieldError[] {
  const errors = findRepeats(order);
  for (const [index, line] of order.lines.entries()) {
    const { amountMinor } = priceLine(parseDecimal(line.unitPrice) ?? 0n, BigInt(line.quantity));
    const reduced = amountMinor - BigInt(line.discountMinor);
    if (reduced < 0n)
      errors.push({ path: `lines[${index}].discountMinor`, message: 'must not exceed the line' });
    else if (BigInt(line.taxMinor) > reduced) {
      errors.push({
        path: `lines[${index}].taxMinor`,
        message: 'is contained in the amount and must not exceed it',
      });
    }
  }
  if (totalMinor < 0n)
    errors.push({ path: 'charges', message: 'must not make the total negative' });
  const { payment } = order;
  if (payment !== undefined && payment.status !== 'none') {
    if (payment.reference === undefined) {
      errors.push({
        path: 'payment.reference',
        message: `is needed when the status is ${payment.status}`,
      });
    }
    if (payment.amountMinor === undefined || BigInt(payment.amountMinor) < totalMinor) {
      errors.push({
        path: 'payment.amountMinor',
        message: `must cover the order's total of ${totalMinor}`,
      });
    } else if (totalMinor === 0n && BigInt(payment.amountMinor) > 0n) {
      errors.push({
        path: 'payment.amountMinor',
        message: 'must be 0, as nothing is to be paid for the order',
      });
    }
  }
  return errors;
}

/** A channel names each line once: the second of that name is at fault. */
function findRepeats({ lines, charges }: OrderRequest): FieldError[] {
  const known = new Set<string>();
  const named = [
    ...lines.map(({ externalLineId }, index) => ({
      path: `lines[${index}].externalLineId`,
      externalLineId,
    })),
    ...charges.map(({ externalLineId }, index) => ({
      path: `charges[${index}].externalLineId`,
      externalLineId,
    })),
  ];
  return named.flatMap(({ path, externalLineId }) => {
    if (known.has(externalLineId)) return [{ path, message: `${externalLineId} is used twice` }];
    known.add(externalLineId);
    return [];
  });
}

/** Who is known by an address alone is known to us by its hash, so that notices still find them. */
function customerOf({ customer }: OrderRequest): OrderAcceptance['customer'] {
  if (customer === undefined) return null;
  if (customer.externalId !== undefined || customer.email === undefined) return customer;
  return {
    ...customer,
    externalId: `x-${createHash('sha256').update(customer.email).digest('hex').slice(0, 32)}`,
  };
}

function paymentOf(order: OrderRequest, totalMinor: bigint): OrderAcceptance['payment'] {
  if (order.payment === undefined || totalMinor === 0n) return null;
  const { provider, token, reference, status, amountMinor } = order.payment;
  const requestedMinor = status === 'none' ? totalMinor.toString() : (amountMinor ?? '0');
  return { provider, token, reference, status, requestedMinor };
}

/** `order:<channel>:<externalId>`; an external id that no workflow id can carry enters as its hash. */
function orderIdOf(channel: string, externalId: string): string {
  const fits = /^[A-Za-z0-9._-]{1,120}$/.test(externalId);
  const part = fits
    ? externalId
    : `x-${createHash('sha256').update(externalId).digest('hex').slice(0, 32)}`;
  return `order:${channel}:${part}`;
}

/** JSON with sorted keys, so that the same content has one hash whatever order its fields came in. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
