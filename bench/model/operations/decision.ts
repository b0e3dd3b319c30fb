import { submitDecision } from '../../../activities/ledger/intake/submit-decision.ts';
import { recordDecision } from '../../../activities/ledger/steps/decision.ts';
import * as plain from '../plain/decisions.ts';
import { answerOf, idOf, newName, type Desk, type Operation } from './operation.ts';

/** A person says yes or no; whoever asked is refused, whoever comes late changes nothing. */
export function decide(desk: Desk): Operation | undefined {
  const { world, dice, shop } = desk;
  const stored = [...world.decisions.keys()].filter((id) => !world.done.has(`decided:${id}`));
  if (stored.length > 0 && dice.below(4) < 3) return carryingOut(desk, dice.pick(stored));
  const inReview: plain.Subject[] = [
    ...[...world.returns].flatMap(([ref, { state }]) =>
      state === 'in-review' ? [`return ${ref}` as const] : [],
    ),
    ...[...world.purchaseOrders].flatMap(([ref, { state }]) =>
      state === 'in-review' ? [`po ${ref}` as const] : [],
    ),
    ...[...world.adjustments].flatMap(([ref, { state }]) =>
      state === 'in-review' ? [`adjustment ${ref}` as const] : [],
    ),
  ];
  const decided = [...world.decisions.values()].map(({ subject }) => subject as plain.Subject);
  const from = inReview.length > 0 && !dice.chance(10) ? inReview : decided;
  if (from.length === 0) return undefined;
  const subject = dice.pick(from);
  const decisionId = newName(shop, 'say');
  const word = {
    subject,
    decisionId,
    decision: dice.chance(30) ? ('reject' as const) : ('approve' as const),
    actor: dice.chance(10) ? plain.REQUESTER : 'person:boss',
  };
  return { ...saying(desk, word), altered: saying(desk, { ...word, actor: 'person:ann' }) };
}

function saying({ shop }: Desk, word: Parameters<typeof plain.submitDecision>[1]): Operation {
  return {
    verb: 'submitDecision',
    request: word,
    send: (ledger) => {
      const { subject, ...request } = word;
      const [kind = '', ref = ''] = subject.split(' ');
      return answerOf(
        submitDecision(ledger, {
          approvalId: `approval:${idOf(shop, kind, ref)}:1`,
          ...request,
        }).then(({ status, applied, replayed }) => ({ status, applied, replayed })),
      );
    },
    predict: (world) => plain.submitDecision(world, word),
  };
}

function carryingOut({ world, shop }: Desk, decisionId: string): Operation {
  const [kind = '', ref = ''] = (world.decisions.get(decisionId)?.subject ?? '').split(' ');
  return {
    verb: 'recordDecision',
    request: { decisionId },
    send: (ledger) =>
      answerOf(
        recordDecision(ledger, {
          decisionId,
          approvalId: `approval:${idOf(shop, kind, ref)}:1`,
        }).then(({ applied }) => ({ applied })),
      ),
    predict: (plainWorld) => plain.recordDecision(plainWorld, decisionId),
  };
}
