import { inspectReturn } from '../../../activities/ledger/intake/inspect-return.ts';
import { receiveReturn } from '../../../activities/ledger/intake/receive-return.ts';
import * as steps from '../../../activities/ledger/steps/return.ts';
import type { Disposition } from '../../../rules/return/states.ts';
import * as plainGoods from '../plain/return-goods.ts';
import * as plainMoney from '../plain/return-money.ts';
import type { Answer, Return, World } from '../plain/world.ts';
import { decide } from './decision.ts';
import { answerOf, idOf, newName, NODES, SENT_AT, type Desk, type Operation } from './operation.ts';
import { positionAnswer } from './views.ts';

/** What comes next for some return: goods, their inspection, credit note, refunds, the end. */
export function moveReturn(desk: Desk): Operation | undefined {
  const { world, dice } = desk;
  const all = [...world.returns].toReversed();
  const open = all.filter(([, { state }]) => !['closed', 'refused', 'expired'].includes(state));
  const from = open.length === 0 || dice.chance(8) ? all : open;
  if (from.length === 0) return undefined;
  const [ref, of] = dice.pick(from);
  if (of.state === 'in-review' && !dice.chance(5)) return decide(desk);
  if (dice.chance(3)) return abandoning(desk, ref);
  const uninspected = of.lines.some(({ received, inspected }) => received > inspected);
  if (uninspected && dice.below(3) < 2) return inspecting(desk, ref, of);
  if (of.state === 'refunding') return settling(desk, ref, of);
  return receiving(desk, ref, of);
}

function receiving({ dice, shop }: Desk, ref: string, of: Return): Operation | undefined {
  const receiptId = newName(shop, 'back');
  const coming = of.lines.filter(({ cover }) => cover !== 'cancelled');
  const arrivals = coming.filter((_, index) => index === 0 || dice.chance(60));
  if (arrivals.length === 0) return undefined;
  const lines = arrivals.map(({ lineNo, sku, quantity, node }) => ({
    lineNo,
    sku,
    quantity: dice.chance(30) ? 1 + dice.below(quantity + 1) : quantity,
    node: node === null || dice.chance(3) ? dice.pick(NODES) : node,
  }));
  const complete = dice.chance(30);
  const operation = (occurredAt: string): Operation => {
    const request = { receiptId, occurredAt, complete, lines };
    return {
      verb: 'receiveReturn',
      request: { ref, ...request },
      send: (ledger) =>
        answerOf(
          receiveReturn(ledger, {
            returnId: idOf(shop, 'return', ref),
            ...request,
            at: SENT_AT,
            actor: 'warehouse',
          }).then(factAnswer),
        ),
      predict: (world) => plainGoods.receiveReturn(world, { ref, ...request }),
    };
  };
  return {
    ...operation('2026-03-08T10:00:00.000Z'),
    altered: operation('2026-03-08T11:00:00.000Z'),
  };
}

function factAnswer(result: {
  readonly applied: boolean;
  readonly replayed: boolean;
  readonly return: { readonly state: string };
}): Answer {
  return { applied: result.applied, state: result.return.state, replayed: result.replayed };
}

const DISPOSITIONS: readonly Disposition[] = [
  'restock',
  'restock',
  'scrap',
  'quarantine',
  'vendor-return',
  'repack',
  'refurbish',
];

function inspecting({ dice, shop }: Desk, ref: string, of: Return): Operation {
  const inspectionId = newName(shop, 'look');
  const open = of.lines.filter(({ received, inspected }) => received > inspected);
  const units = open.map(({ lineNo, received, inspected }) => ({
    lineNo,
    quantity: dice.chance(25)
      ? 1 + dice.below(received - inspected + (dice.chance(20) ? 1 : 0))
      : received - inspected,
    grade: 'A',
    disposition: dice.pick(DISPOSITIONS),
  }));
  const operation = (occurredAt: string): Operation => {
    const request = { inspectionId, occurredAt, units };
    return {
      verb: 'inspectReturn',
      request: { ref, ...request },
      send: (ledger) =>
        answerOf(
          inspectReturn(ledger, {
            returnId: idOf(shop, 'return', ref),
            ...request,
            at: SENT_AT,
            actor: 'warehouse',
          }).then(factAnswer),
        ),
      predict: (world) => plainGoods.inspectReturn(world, { ref, ...request }),
    };
  };
  return {
    ...operation('2026-03-09T10:00:00.000Z'),
    altered: operation('2026-03-09T11:00:00.000Z'),
  };
}

/** Its refunds one by one, and a look now and then: that carries it on. */
function settling(desk: Desk, ref: string, of: Return): Operation {
  const due = of.refunds.findIndex(({ state, trouble }) => state === 'due' && !trouble);
  return due >= 0 && !desk.dice.chance(10) ? refunding(desk, ref, due + 1) : looking(desk, ref);
}

function looking({ dice, shop }: Desk, ref: string): Operation {
  if (dice.chance(30)) {
    return step('beginReturn', { ref }, plainMoney.advanceReturn, ref, (ledger) =>
      steps
        .beginReturn(ledger, { processId: idOf(shop, 'return', ref) })
        .then((position) => positionAnswer(position)),
    );
  }
  return step('advanceReturn', { ref }, plainMoney.advanceReturn, ref, (ledger) =>
    steps
      .advanceReturn(ledger, { returnId: idOf(shop, 'return', ref) })
      .then((position) => positionAnswer(position)),
  );
}

function abandoning({ shop }: Desk, ref: string): Operation {
  return step('abandonReturn', { ref }, plainMoney.abandonReturn, ref, (ledger) =>
    steps
      .abandonReturn(ledger, { returnId: idOf(shop, 'return', ref) })
      .then((position) => positionAnswer(position)),
  );
}

function refunding({ dice, shop }: Desk, ref: string, number: number): Operation {
  const outcome = dice.pick(['succeeded', 'succeeded', 'succeeded', 'failed', 'unknown'] as const);
  const operation = (providerId: string): Operation => {
    const request = { ref, number, outcome, providerId };
    return step('recordRefund', request, plainMoney.recordRefund, request, (ledger) =>
      steps
        .recordRefund(ledger, {
          refundId: `${idOf(shop, 'return', ref)}:refund:${number}`,
          occurrence: '1',
          outcome,
          providerId,
          decision: {},
        })
        .then((position) => positionAnswer(position)),
    );
  };
  return { ...operation('p-1'), altered: operation('p-2') };
}

function step<Request>(
  verb: string,
  shown: unknown,
  predict: (world: World, request: Request) => Answer,
  request: Request,
  call: (ledger: Parameters<Operation['send']>[0]) => Promise<Answer>,
): Operation {
  return {
    verb,
    request: shown,
    send: (ledger) => answerOf(call(ledger)),
    predict: (world) => predict(world, request),
  };
}
