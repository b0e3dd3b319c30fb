import {
  requestReturn,
  type ReturnRequestDecision,
} from '../../../activities/ledger/intake/request-return.ts';
import type { ReturnContent } from '../../../activities/ledger/read/return.ts';
import { askApproval } from '../../../rules/approval/ask-approval.ts';
import { returnFacts } from '../../../rules/approval/subject-facts.ts';
import { REQUESTER } from '../plain/decisions.ts';
import { openUnits } from '../plain/lines.ts';
import * as plain from '../plain/returns.ts';
import type { Order, OrderLine } from '../plain/world.ts';
import { ASKING_ONE } from './asking-one.ts';
import { answerOf, newName, type Desk, type Operation } from './operation.ts';

type Part = ReturnRequestDecision['parts'][number];

/** What some sales can give back, or a little more, or goods that nobody knows. */
export function askReturn(desk: Desk): Operation | undefined {
  const { dice, shop } = desk;
  const parts = newParts(desk);
  const [first] = parts;
  if (first === undefined) return undefined;
  const externalRef = newName(shop, 'ret');
  const outcome = dice.pick([
    'authorized',
    'authorized',
    'authorized',
    'in-review',
    'refused',
  ] as const);
  const content = {
    channel: 'web',
    externalRef,
    ...(first.orderId === undefined ? {} : { orderId: first.orderId }),
    resolution: dice.chance(20) ? ('credit' as const) : ('refund' as const),
    lines: parts.map(({ externalLineId, code, quantity, reasonCode }) => ({
      externalLineId,
      kind: 'goods' as const,
      code,
      quantity,
      reasonCode,
    })),
  };
  const amountMinor = parts.reduce((sum, part) => sum + BigInt(part.amountMinor ?? '0'), 0n);
  const requestedAt = '2026-03-06T10:00:00.000Z';
  const decision: ReturnRequestDecision = {
    requestedAt,
    outcome,
    rule: 'within-policy',
    reasons: [],
    policyVersion: 1,
    amountMinor: amountMinor.toString(),
    approval: askApproval(ASKING_ONE, returnFacts({ amountMinor, currency: 'GBP' }), {
      atMs: Date.parse(requestedAt),
      requestedBy: REQUESTER,
      wantedBy: outcome === 'in-review' ? 'blind-review' : null,
    }),
    parts,
  };
  return {
    ...asking(desk, content, decision),
    altered: asking(desk, { ...content, occurredAt: '2026-03-06T11:00:00.000Z' }, decision),
  };
}

function asking(
  { shop }: Desk,
  content: ReturnContent,
  decision: ReturnRequestDecision,
): Operation {
  return {
    verb: 'requestReturn',
    request: { content, outcome: decision.outcome, parts: decision.parts },
    send: (ledger) =>
      answerOf(
        requestReturn(ledger, { request: content, decision, actor: REQUESTER }).then((answer) => {
          if (answer.outcome === 'stale') return { outcome: 'stale', replayed: false };
          shop.ids.set(`return ${content.externalRef}`, answer.return.id);
          return {
            outcome: answer.outcome,
            state: answer.return.state,
            replayed: answer.replayed,
          };
        }),
      ),
    predict: (world) =>
      plain.requestReturn(world, { content, outcome: decision.outcome, parts: decision.parts }),
  };
}

/** One to three parts; two of one requested line now and then. */
function newParts(desk: Desk): Part[] {
  const { world, dice, shop } = desk;
  const parts: Part[] = [];
  const count = 1 + dice.below(3);
  for (let number = 1; number <= count; number += 1) {
    const externalLineId = number > 1 && dice.chance(30) ? '1' : String(number);
    const sales = [...world.orders.values()]
      .toReversed()
      .flatMap((order) =>
        order.lines.filter(({ kind }) => kind === 'goods').map((line) => ({ order, line })),
      );
    const back = sales.filter(({ line }) => line.shipped > line.returning);
    const open = sales.filter(({ order, line }) => goesOn(order) && openUnits(line) > 0);
    const blind = dice.chance(12) || (back.length === 0 && open.length === 0);
    if (blind) parts.push(blindPart(desk, externalLineId, dice.pick(shop.skus)));
    else if (back.length > 0 && (open.length === 0 || !dice.chance(25)))
      parts.push(salePart(desk, externalLineId, dice.pick(back)));
    else parts.push(cancelledPart(desk, externalLineId, dice.pick(open)));
  }
  return parts.filter(({ cover }) => cover !== 'blind' || !dice.chance(50));
}

function goesOn({ state }: Order): boolean {
  return state === 'accepted' || state === 'released';
}

interface Sale {
  readonly order: Order;
  readonly line: OrderLine;
}

function blindPart({ dice }: Desk, externalLineId: string, code: string): Part {
  const quantity = 1 + dice.below(2);
  return {
    externalLineId,
    kind: 'goods',
    code,
    cover: 'blind',
    quantity,
    unitPrice: '2.00',
    amountMinor: String(quantity * 200),
    taxMinor: '0',
    belowMinor: '0',
    reasonCode: 'unspecified',
  };
}

/** Units that were sent, at their price, at a better or at a worse one. */
function salePart({ dice }: Desk, externalLineId: string, { order, line }: Sale): Part {
  const most = line.shipped - line.returning;
  const quantity = 1 + dice.below(most + (dice.chance(8) ? 1 : 0));
  const share = (line.amount * BigInt(quantity)) / BigInt(line.quantity);
  const amount = dice.pick([share, share, share + 17n, share / 2n]);
  return {
    externalLineId,
    kind: 'goods',
    code: line.code,
    cover: 'sale',
    orderId: order.id,
    orderLineNo: line.lineNo,
    quantity,
    unitPrice: '1.00',
    amountMinor: amount.toString(),
    taxMinor: (line.tax > 0n ? amount / 6n : 0n).toString(),
    belowMinor: '0',
    reasonCode: 'changed-mind',
  };
}

/** Units that were not sent: at the order's own price, or at another one. */
function cancelledPart({ dice }: Desk, externalLineId: string, { order, line }: Sale): Part {
  const quantity = 1 + dice.below(openUnits(line) + (dice.chance(8) ? 1 : 0));
  const share = (line.amount * BigInt(quantity)) / BigInt(line.quantity);
  const amount = dice.pick([null, null, share + 25n, share / 2n]);
  return {
    externalLineId,
    kind: 'goods',
    code: line.code,
    cover: 'cancelled',
    orderId: order.id,
    orderLineNo: line.lineNo,
    quantity,
    unitPrice: '1.00',
    amountMinor: amount === null ? null : amount.toString(),
    taxMinor: '0',
    belowMinor: '0',
    reasonCode: 'changed-mind',
  };
}
