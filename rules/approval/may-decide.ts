import type { ApprovalMatrix, ApprovalSubject, Deciders, Duty } from '../policy/approval-matrix.ts';
import { moneyText } from './money-text.ts';

/** A person, however they came in: by session, token or key. Limits in minor units of the base currency. */
export interface Person {
  readonly id: string;
  readonly roles: readonly string[];
  /** Up to which amount this person decides; null without limit. */
  readonly amountLimitMinor: bigint | null;
  /** Says who is asked and when it escalates, and takes no right away. */
  readonly absent: boolean;
}

/** One person lets another decide in their place from one instant until before another. */
export interface Delegation {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly validFromMs: number;
  readonly validUntilMs: number;
  readonly revokedAtMs: number | null;
  /** Null for every subject. */
  readonly subjects: readonly ApprovalSubject[] | null;
  readonly limitMinor: bigint | null;
}

/** The people and delegations that may matter for a request. */
export interface Authorities {
  readonly people: readonly Person[];
  readonly delegations: readonly Delegation[];
}

/**
 * Something that somebody did on what the request is about, or on what hangs together with it. `by` and
 * `onBehalfOf` are hands: what a key did, whoever made it did.
 */
export interface PriorAct {
  readonly duty: Duty;
  readonly by: string;
  readonly onBehalfOf: string | null;
  readonly subjectId: string;
}

/** Whom a level asks: a role, a named person, or somebody whom it was escalated to. */
export interface Seat {
  readonly kind: 'role' | 'person';
  readonly name: string;
  readonly escalation: boolean;
}

/** What a person would decide: one level of one request. */
export interface DecisionCase {
  readonly subject: ApprovalSubject;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly requestedBy: string;
  /** For whom somebody else asked. */
  readonly requestedFor: string | null;
  readonly deciders: Deciders;
  /** Who is asked besides since the level was escalated. */
  readonly escalatedTo: Deciders | null;
  /** Who has decided in this run of the request, at any level. */
  readonly decided: readonly {
    readonly level: string;
    readonly by: string;
    readonly onBehalfOf: string | null;
  }[];
  readonly priorActs: readonly PriorAct[];
}

export type DecisionRule =
  | 'requester-may-not-decide'
  | 'unknown-person'
  | 'not-a-decider'
  | 'one-decision-per-request'
  | 'separated-duties'
  | 'amount-above-limit'
  | 'delegated-by-requester'
  | 'delegation-chain'
  | 'delegation-not-begun'
  | 'delegation-ended'
  | 'delegation-out-of-scope'
  | 'delegation-above-limit';

interface Refusal {
  readonly allowed: false;
  readonly rule: DecisionRule;
  readonly text: string;
}

/** `seats` are what the authority counts for, those of an escalation first. */
interface Permission {
  readonly allowed: true;
  readonly as:
    | { readonly kind: 'self' }
    | { readonly kind: 'delegate'; readonly of: string; readonly delegationId: string };
  readonly seats: readonly Seat[];
}

export type MayDecide = Permission | Refusal;

type SeparatedDuties = ApprovalMatrix['separatedDuties'];

/**
 * Whether a person may decide a level now: by their own role or name, else for somebody who delegated to
 * them. Where nothing allows it, the rule that came closest to allowing it is named.
 */
export function mayDecide(
  duties: SeparatedDuties,
  facts: DecisionCase,
  actorId: string,
  authorities: Authorities,
  nowMs: number,
): MayDecide {
  const actor = authorities.people.find(({ id }) => id === actorId);
  const barred = judgePerson(duties, facts, actorId);
  if (barred !== undefined) return barred;
  if (actor === undefined) return refuse('unknown-person', `${actorId} is not known`);
  const own = seatsOf(facts, actor);
  const self: MayDecide =
    own.length === 0
      ? refuse('not-a-decider', `${actorId} is not among those who decide: ${askedText(facts)}`)
      : (judgeLimit(facts, actor) ?? { allowed: true, as: { kind: 'self' }, seats: own });
  if (self.allowed) return self;
  const refusals: Refusal[] = [];
  for (const delegation of authorities.delegations) {
    if (delegation.to !== actorId) continue;
    const judged = judgeDelegation(duties, facts, delegation, authorities, nowMs);
    if (judged === undefined) continue;
    if (judged.allowed) return judged;
    refusals.push(judged);
  }
  return own.length > 0 ? self : (refusals[0] ?? self);
}

/**
 * Whether an act would bring two duties into one hand that the policy separates: undefined when not.
 * `priorActs` are what has happened on the same thing, whoever did it.
 */
export function judgeSeparation(
  duties: SeparatedDuties,
  duty: Duty,
  priorActs: readonly PriorAct[],
  actorId: string,
): { readonly rule: 'separated-duties'; readonly text: string } | undefined {
  for (const { duties: pair, because } of duties) {
    for (const [mine, other] of [pair, pair.toReversed()]) {
      if (mine !== duty) continue;
      const act = priorActs.find(
        (prior) => prior.duty === other && (prior.by === actorId || prior.onBehalfOf === actorId),
      );
      if (act === undefined) continue;
      const text = `${because}: ${actorId} had a hand in the ${act.duty} of ${act.subjectId}`;
      return { rule: 'separated-duties', text };
    }
  }
  return undefined;
}

/** What bars a person by their own doing, whether they act for themself or somebody acts for them. */
function judgePerson(
  duties: SeparatedDuties,
  facts: DecisionCase,
  personId: string,
): Refusal | undefined {
  if (isRequester(facts, personId)) {
    return refuse('requester-may-not-decide', `${personId} asked for this approval`);
  }
  const before = facts.decided.find(({ by, onBehalfOf }) => [by, onBehalfOf].includes(personId));
  if (before !== undefined) {
    const text = `${personId} has had a say on this request, at level ${before.level}`;
    return refuse('one-decision-per-request', text);
  }
  const separated = judgeSeparation(duties, facts.subject, facts.priorActs, personId);
  return separated === undefined ? undefined : refuse(separated.rule, separated.text);
}

/** Undefined where the delegation has nothing to do with this level. */
function judgeDelegation(
  duties: SeparatedDuties,
  facts: DecisionCase,
  delegation: Delegation,
  authorities: Authorities,
  nowMs: number,
): MayDecide | undefined {
  const { from, id: delegationId } = delegation;
  if (isRequester(facts, from)) {
    const text = `${from}, who delegated to ${delegation.to}, asked for this approval`;
    return refuse('delegated-by-requester', text);
  }
  const principal = authorities.people.find((person) => person.id === from);
  if (principal === undefined) return undefined;
  const seats = seatsOf(facts, principal);
  if (seats.length === 0) return judgeChain(facts, delegation, authorities);
  return (
    judgeTerms(facts, delegation, nowMs) ??
    judgePerson(duties, facts, from) ??
    judgeLimit(facts, principal) ?? {
      allowed: true,
      as: { kind: 'delegate', of: from, delegationId },
      seats,
    }
  );
}

/** Whoever decides for another cannot pass that on. */
function judgeChain(
  facts: DecisionCase,
  { from, to }: Delegation,
  { people, delegations }: Authorities,
): Refusal | undefined {
  const behind = delegations.find(
    (one) =>
      one.to === from &&
      people.some((person) => person.id === one.from && seatsOf(facts, person).length > 0),
  );
  if (behind === undefined) return undefined;
  const text = `${from} decides for ${behind.from} and cannot pass that on to ${to}`;
  return refuse('delegation-chain', text);
}

function judgeTerms(
  facts: DecisionCase,
  delegation: Delegation,
  nowMs: number,
): Refusal | undefined {
  const { from, to, validFromMs, validUntilMs, revokedAtMs, subjects, limitMinor } = delegation;
  const what = `the delegation from ${from} to ${to}`;
  if (nowMs < validFromMs) return refuse('delegation-not-begun', `${what} has not begun`);
  if (nowMs >= validUntilMs || (revokedAtMs !== null && nowMs >= revokedAtMs)) {
    return refuse('delegation-ended', `${what} has ended`);
  }
  if (subjects !== null && !subjects.includes(facts.subject)) {
    const scope = subjects.join(', ');
    return refuse('delegation-out-of-scope', `${what} is for ${scope}, not ${facts.subject}`);
  }
  if (limitMinor !== null && facts.amountMinor > limitMinor) {
    return refuse('delegation-above-limit', `${what} ${limitText(facts, limitMinor)}`);
  }
  return undefined;
}

function judgeLimit(facts: DecisionCase, person: Person): Refusal | undefined {
  const { amountLimitMinor: limit } = person;
  if (limit === null || facts.amountMinor <= limit) return undefined;
  return refuse('amount-above-limit', `the authority of ${person.id} ${limitText(facts, limit)}`);
}

function limitText({ amountMinor, currency }: DecisionCase, limitMinor: bigint): string {
  const amount = moneyText(amountMinor, currency);
  return `ends at ${moneyText(limitMinor, currency)}, and this is ${amount}`;
}

function seatsOf(facts: DecisionCase, person: Person): Seat[] {
  const { deciders, escalatedTo } = facts;
  return [
    ...(escalatedTo === null ? [] : seatsAmong(escalatedTo, person, true)),
    ...seatsAmong(deciders, person, false),
  ];
}

/** A name comes before a role: it is the narrower seat. */
function seatsAmong(deciders: Deciders, person: Person, escalation: boolean): Seat[] {
  const named = deciders.people.filter((name) => name === person.id);
  const roles = deciders.roles.filter((name) => person.roles.includes(name));
  return [
    ...named.map((name) => ({ kind: 'person', name, escalation }) as const),
    ...roles.map((name) => ({ kind: 'role', name, escalation }) as const),
  ];
}

function isRequester({ requestedBy, requestedFor }: DecisionCase, personId: string): boolean {
  return personId === requestedBy || personId === requestedFor;
}

function askedText({ deciders, escalatedTo }: DecisionCase): string {
  const asked = [deciders, ...(escalatedTo === null ? [] : [escalatedTo])];
  return asked.flatMap(({ people, roles }) => [...people, ...roles]).join(', ');
}

function refuse(rule: DecisionRule, text: string): Refusal {
  return { allowed: false, rule, text };
}
