import { adjustStock } from '../../../activities/ledger/intake/adjust-stock.ts';
import { receiveStock } from '../../../activities/ledger/intake/receive-stock.ts';
import {
  expireHolds,
  holdStock,
  releaseHold,
} from '../../../activities/ledger/intake/stock-hold.ts';
import { askApproval } from '../../../rules/approval/ask-approval.ts';
import { adjustmentFacts } from '../../../rules/approval/subject-facts.ts';
import * as plainAdjustments from '../plain/adjustments.ts';
import { REQUESTER } from '../plain/decisions.ts';
import * as plainHolds from '../plain/holds.ts';
import * as plainPurchasing from '../plain/purchasing.ts';
import { ASKING_ONE } from './asking-one.ts';
import { answerOf, newName, NODES, SENT_AT, type Desk, type Operation } from './operation.ts';

const UNIT_COSTS = ['2', '1.25', '0.3333', '7.005'];

/** Goods without a purchase order. */
export function stockUp({ dice, shop }: Desk): Operation {
  const receiptId = newName(shop, 'in');
  const skus = [...new Set(Array.from({ length: 1 + dice.below(2) }, () => dice.pick(shop.skus)))];
  const lines = skus.map((sku) => ({
    sku,
    quantity: 1 + dice.below(12),
    unitCost: dice.pick(UNIT_COSTS),
  }));
  if (dice.chance(2)) lines.push({ sku: 'UNKNOWN', quantity: 1, unitCost: '1' });
  const node = dice.pick(NODES);
  const operation = (occurredAt: string): Operation => {
    const request = { receiptId, node, occurredAt, lines };
    return {
      verb: 'receiveStock',
      request,
      send: (ledger) =>
        answerOf(
          receiveStock(ledger, { ...request, actor: 'warehouse' }).then((result) => ({
            units: result.units,
            value: result.valueMinor,
            replayed: result.replayed ?? false,
          })),
        ),
      predict: (world) => plainPurchasing.receiveStock(world, request),
    };
  };
  return { ...operation(SENT_AT), altered: operation('2026-03-05T10:00:00.000Z') };
}

/** Stock for baskets; the first plan that is there as a whole. */
export function hold({ dice, shop }: Desk): Operation {
  const holds = Array.from({ length: 1 + dice.below(3) }, () => ({
    holdId: newName(shop, 'h'),
    expiresAt: minuteOf(shop.expiry, dice.below(60)),
    plans: Array.from({ length: 1 + dice.below(2) }, () => {
      const skus = new Set([dice.pick(shop.skus), dice.pick(shop.skus)]);
      const node = dice.pick(NODES);
      return [...skus].map((sku) => ({ sku, node, quantity: 1 + dice.below(4) }));
    }),
  }));
  const operation = (wishes: typeof holds): Operation => ({
    verb: 'holdStock',
    request: wishes,
    send: (ledger) =>
      answerOf(
        holdStock(ledger, { holds: wishes, occurredAt: SENT_AT }).then(({ results }) => ({
          results: results.map(({ state, plan, replayed = false }) =>
            plan === undefined ? { state, replayed } : { state, plan, replayed },
          ),
        })),
      ),
    predict: (world) => plainHolds.holdStock(world, wishes),
  });
  const later = holds.map((wish) => ({ ...wish, expiresAt: minuteOf(shop.expiry, 61) }));
  return { ...operation(holds), altered: operation(later) };
}

function minuteOf(from: Date, minutes: number): string {
  return new Date(from.getTime() + minutes * 60_000).toISOString();
}

/** A hold is given back, or time ends it. */
export function endHold({ world, dice, shop }: Desk): Operation | undefined {
  if (dice.chance(30)) {
    const until = minuteOf(shop.expiry, dice.below(60));
    return {
      verb: 'expireHolds',
      request: { until },
      send: (ledger) =>
        answerOf(expireHolds(ledger, { until, limit: 1_000 }).then(({ expired }) => ({ expired }))),
      predict: (plain) => plainHolds.expireHolds(plain, until),
    };
  }
  const open = [...world.holds].filter(([, { state }]) => state === 'held').map(([id]) => id);
  const from = open.length > 0 && !dice.chance(20) ? open : [...world.holds.keys()];
  const holdId = dice.chance(2) || from.length === 0 ? `${shop.prefix}-none` : dice.pick(from);
  return {
    verb: 'releaseHold',
    request: { holdId },
    send: (ledger) =>
      answerOf(
        releaseHold(ledger, { holdId, occurredAt: SENT_AT, actor: 'shop' }).then((result) => ({
          applied: result.applied,
          state: result.state,
        })),
      ),
    predict: (plain) => plainHolds.releaseHold(plain, holdId),
  };
}

/** Found stock, a write-off or a signed correction; some need an approval. */
export function adjust({ dice, shop }: Desk): Operation {
  const externalRef = newName(shop, 'a');
  const kind = dice.pick(['found', 'write-off', 'correction'] as const);
  const units = 1 + dice.below(6);
  const outcome: 'apply' | 'review' = dice.chance(30) ? 'review' : 'apply';
  const content = {
    externalRef,
    kind,
    node: dice.pick(NODES),
    sku: dice.chance(2) ? 'UNKNOWN' : dice.pick(shop.skus),
    quantity: kind === 'correction' && dice.chance(50) ? -units : units,
    reasonCode: 'counted',
    occurredAt: SENT_AT,
    actor: REQUESTER,
  };
  const rule = outcome === 'review' ? 'value-above-threshold' : 'value-within-threshold';
  const approval = askApproval(
    ASKING_ONE,
    adjustmentFacts({
      ...content,
      amountMinor: 100n,
      currency: 'GBP',
      region: 'GB',
      quantityEach: BigInt(content.quantity),
      reasonCodes: [content.reasonCode],
    }),
    {
      atMs: Date.parse(SENT_AT),
      requestedBy: REQUESTER,
      wantedBy: outcome === 'review' ? rule : null,
    },
  );
  const judged = { outcome, rule, valueMinor: '100', role: 'approver', dueHours: 48 } as const;
  const decision = { ...judged, approval };
  const operation = (request: typeof content): Operation => ({
    verb: 'adjustStock',
    request,
    send: (ledger) =>
      answerOf(
        adjustStock(ledger, { ...request, decision }).then(({ replayed, adjustment }) => {
          shop.ids.set(`adjustment ${externalRef}`, adjustment.id);
          return {
            state: adjustment.state,
            applied: adjustment.appliedQuantity,
            short: adjustment.shortQuantity,
            replayed,
          };
        }),
      ),
    predict: (world) => plainAdjustments.adjustStock(world, { ...request, decision: judged }),
  });
  return { ...operation(content), altered: operation({ ...content, reasonCode: 'lost' }) };
}
