import { createPurchaseOrder } from '../../../activities/ledger/intake/create-purchase-order.ts';
import { receiveGoods } from '../../../activities/ledger/intake/receive-goods.ts';
import { recordShippingNotice } from '../../../activities/ledger/intake/record-shipping-notice.ts';
import * as steps from '../../../activities/ledger/steps/purchase-order.ts';
import { decideWithApproval } from '../../../rules/purchase-order/approve-order.ts';
import { DEFAULT_POLICIES } from '../../../rules/policy/defaults.ts';
import { REQUESTER } from '../plain/decisions.ts';
import * as plain from '../plain/purchasing.ts';
import type { PurchaseOrder } from '../plain/world.ts';
import { ASKING_ONE } from './asking-one.ts';
import { answerOf, idOf, newName, NODES, SENT_AT, type Desk, type Operation } from './operation.ts';

/** An order to the supplier; some need an approval. */
export function orderGoods({ dice, shop }: Desk): Operation {
  const externalRef = newName(shop, 'po');
  const skus = [...new Set([dice.pick(shop.skus), dice.pick(shop.skus)])];
  const content = {
    externalRef,
    supplier: 'acme',
    node: dice.pick(NODES),
    orderedAt: '2026-03-01T10:00:00.000Z',
    currency: 'GBP',
    lines: skus.map((sku) => ({
      sku,
      quantity: 1 + dice.below(10),
      unitPrice: dice.pick(['1.5', '2.005', '0.3333', '0']),
    })),
  };
  const above = dice.chance(25);
  const policy = {
    ...DEFAULT_POLICIES.replenishment,
    approvalAboveMinor: above ? '0' : '1000000000',
  };
  const decision = decideWithApproval(
    {
      policy: {
        version: 'replenishment/1',
        document: policy,
      },
      approvalMatrix: ASKING_ONE,
      region: 'GB',
      classes: ['B'],
    },
    { ...content, atMs: Date.parse(content.orderedAt), actor: REQUESTER },
  );
  const operation = (request: typeof content): Operation => ({
    verb: 'createPurchaseOrder',
    request,
    send: (ledger) =>
      answerOf(
        createPurchaseOrder(ledger, { ...request, actor: REQUESTER, decision }).then((result) => {
          shop.ids.set(`po ${externalRef}`, result.purchaseOrderId);
          return { replayed: result.replayed };
        }),
      ),
    predict: (world) => plain.createPurchaseOrder(world, request, decision.approval !== null),
  });
  return { ...operation(content), altered: operation({ ...content, supplier: 'other' }) };
}

/** The supplier hears of an order, answers it, ships it, and the goods arrive; in any order. */
export function moveSupply(desk: Desk): Operation | undefined {
  const { world, dice } = desk;
  const all = [...world.purchaseOrders].toReversed();
  const open = all.filter(([, po]) => po.lines.some((line) => line.received < line.quantity));
  const from = open.length === 0 || dice.chance(8) ? all : open;
  if (from.length === 0) return undefined;
  const [ref, po] = dice.pick(from);
  if (po.state === 'approved' && !dice.chance(10)) return sending(desk, ref);
  if (po.state === 'sent' && dice.chance(30)) return acknowledging(desk, ref, po);
  return dice.chance(30) ? announcing(desk, ref, po) : receiving(desk, ref, po);
}

function sending({ shop }: Desk, ref: string): Operation {
  return {
    verb: 'sendPurchaseOrder',
    request: { ref },
    send: (ledger) =>
      answerOf(
        steps
          .sendPurchaseOrder(ledger, { processId: idOf(shop, 'po', ref) })
          .then(({ state }) => ({ state })),
      ),
    predict: (world) => plain.sendPurchaseOrder(world, ref),
  };
}

function acknowledging({ shop }: Desk, ref: string, po: PurchaseOrder): Operation {
  const operation = (expectedAt: string): Operation => {
    const request = {
      acknowledgementId: 'first',
      lines: po.lines.map(({ lineNo, quantity }) => ({ lineNo, quantity, expectedAt })),
    };
    return {
      verb: 'recordAcknowledgement',
      request: { ref, ...request },
      send: (ledger) =>
        answerOf(
          steps
            .recordAcknowledgement(ledger, { processId: idOf(shop, 'po', ref), ...request })
            .then(({ state }) => ({ state })),
        ),
      predict: (world) => plain.acknowledge(world, { ref, ...request }),
    };
  };
  return {
    ...operation('2026-03-07T10:00:00.000Z'),
    altered: operation('2026-03-08T10:00:00.000Z'),
  };
}

/** Some lines, as ordered, less or more. */
function someLines({ dice }: Desk, po: PurchaseOrder): { lineNo: number; quantity: number }[] {
  return po.lines
    .filter((_, index) => index === 0 || dice.chance(60))
    .map(({ lineNo, quantity }) => ({
      lineNo,
      quantity: dice.chance(30) ? 1 + dice.below(quantity + 2) : quantity,
    }));
}

function announcing(desk: Desk, ref: string, po: PurchaseOrder): Operation {
  const { dice, shop } = desk;
  const noticeId = newName(shop, 'n');
  const lines = someLines(desk, po);
  const final = dice.chance(40);
  const operation = (expectedAt: string): Operation => {
    const request = { noticeId, shippedAt: SENT_AT, expectedAt, final, lines };
    return {
      verb: 'recordShippingNotice',
      request: { ref, ...request },
      send: (ledger) =>
        answerOf(
          recordShippingNotice(ledger, {
            purchaseOrderId: idOf(shop, 'po', ref),
            ...request,
            actor: 'supplier',
          }).then(({ applied, state, shortUnits, replayed = false }) => ({
            applied,
            state,
            ...(shortUnits === undefined ? {} : { short: shortUnits }),
            replayed,
          })),
        ),
      predict: (world) => plain.recordNotice(world, { ref, ...request }),
    };
  };
  return {
    ...operation('2026-03-07T10:00:00.000Z'),
    altered: operation('2026-03-08T10:00:00.000Z'),
  };
}

function receiving(desk: Desk, ref: string, po: PurchaseOrder): Operation {
  const { dice, shop } = desk;
  const receiptId = newName(shop, 'r');
  const lines = someLines(desk, po);
  const notices = [...po.notices.keys()];
  const noticeId = dice.chance(2)
    ? 'no-such-notice'
    : notices.length > 0 && dice.below(3) < 2
      ? dice.pick(notices)
      : undefined;
  const named = noticeId === undefined ? {} : { noticeId };
  const operation = (occurredAt: string): Operation => {
    const request = { receiptId, ...named, occurredAt, lines };
    return {
      verb: 'receiveGoods',
      request: { ref, ...request },
      send: (ledger) =>
        answerOf(
          receiveGoods(ledger, {
            purchaseOrderId: idOf(shop, 'po', ref),
            ...request,
            actor: 'warehouse',
          }).then(
            ({ applied, state, receivedUnits, overUnits, backorderUnits, replayed = false }) =>
              applied
                ? {
                    applied,
                    state,
                    units: receivedUnits,
                    over: overUnits,
                    woken: backorderUnits,
                    replayed,
                  }
                : { applied, state, replayed },
          ),
        ),
      predict: (world) => plain.receiveGoods(world, { ref, ...request }),
    };
  };
  return { ...operation(SENT_AT), altered: operation('2026-03-05T10:00:00.000Z') };
}
