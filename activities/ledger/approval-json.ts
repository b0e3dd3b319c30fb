import type { ApprovalEvent } from '../../rules/approval/approval-events.ts';
import type { ApprovalAsk } from '../../rules/approval/ask-approval.ts';
import type { ApprovalFacts, StatedAmount } from '../../rules/approval/evaluate-matrix.ts';

/** Facts as the ledger keeps them: amounts and quantities as strings. */
export type FactsJson = Omit<ApprovalFacts, 'amountMinor' | 'quantityEach' | 'stated'> & {
  readonly amountMinor: string;
  readonly quantityEach: string | null;
  readonly stated?: Omit<StatedAmount, 'amountMinor'> & { readonly amountMinor: string };
};

/** An event as the ledger keeps it. */
export type EventJson =
  | Exclude<ApprovalEvent, { readonly facts: ApprovalFacts }>
  | WithFactsJson<Extract<ApprovalEvent, { readonly facts: ApprovalFacts }>>;

type WithFactsJson<Event> = Event extends { readonly facts: ApprovalFacts }
  ? Omit<Event, 'facts'> & { readonly facts: FactsJson }
  : never;

/** An approval that is asked for, as the ledger takes it; null where none is. */
export type AskJson = (Omit<ApprovalAsk, 'facts'> & { readonly facts: FactsJson }) | null;

export function writeFacts({
  amountMinor,
  quantityEach,
  stated,
  ...facts
}: ApprovalFacts): FactsJson {
  return {
    ...facts,
    amountMinor: amountMinor.toString(),
    quantityEach: quantityEach === null ? null : quantityEach.toString(),
    ...(stated && { stated: { ...stated, amountMinor: stated.amountMinor.toString() } }),
  };
}

export function readFacts({
  amountMinor,
  quantityEach,
  stated,
  ...facts
}: FactsJson): ApprovalFacts {
  return {
    ...facts,
    amountMinor: BigInt(amountMinor),
    quantityEach: quantityEach === null ? null : BigInt(quantityEach),
    ...(stated && { stated: { ...stated, amountMinor: BigInt(stated.amountMinor) } }),
  };
}

export function writeEvent(event: ApprovalEvent): EventJson {
  return event.kind === 'requested' || event.kind === 'restarted'
    ? { ...event, facts: writeFacts(event.facts) }
    : event;
}

export function readEvent(event: EventJson): ApprovalEvent {
  return event.kind === 'requested' || event.kind === 'restarted'
    ? { ...event, facts: readFacts(event.facts) }
    : event;
}

export function writeAsk(ask: ApprovalAsk | null): AskJson {
  return ask && { ...ask, facts: writeFacts(ask.facts) };
}
