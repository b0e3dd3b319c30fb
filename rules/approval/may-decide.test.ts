import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_APPROVAL_MATRIX } from '../policy/default-approval-matrix.ts';
import {
  judgeSeparation,
  mayDecide,
  type Authorities,
  type DecisionCase,
  type Delegation,
  type Person,
} from './may-decide.ts';

const { separatedDuties } = DEFAULT_APPROVAL_MATRIX;
const NOW_MS = Date.parse('2026-11-20T12:00:00Z');
const DAY_MS = 86_400_000;

function person(id: string, ...roles: string[]): Person {
  return { id, roles, amountLimitMinor: null, absent: false };
}

function delegation(from: string, to: string, terms: Partial<Delegation> = {}): Delegation {
  return {
    id: `${from}-${to}`,
    from,
    to,
    validFromMs: NOW_MS - DAY_MS,
    validUntilMs: NOW_MS + DAY_MS,
    revokedAtMs: null,
    subjects: null,
    limitMinor: null,
    ...terms,
  };
}

const PEOPLE = [
  person('ann', 'approver'),
  person('bob', 'approver'),
  person('rita', 'approver', 'support'),
  person('dan', 'support'),
  person('eve', 'support'),
];

const REFUND: DecisionCase = {
  subject: 'refund',
  amountMinor: 20_000n,
  currency: 'GBP',
  requestedBy: 'rita',
  requestedFor: null,
  deciders: { roles: ['approver'], people: [] },
  escalatedTo: null,
  decided: [],
  priorActs: [],
};

function judge(
  actor: string,
  facts: Partial<DecisionCase> = {},
  { people = PEOPLE, delegations = [] }: Partial<Authorities> = {},
) {
  const authorities = { people, delegations };
  return mayDecide(separatedDuties, { ...REFUND, ...facts }, actor, authorities, NOW_MS);
}

describe('who may decide', () => {
  test('somebody of the role, somebody named, and nobody else', () => {
    const role = { kind: 'role', name: 'approver', escalation: false };
    expect(judge('ann')).toEqual({ allowed: true, as: { kind: 'self' }, seats: [role] });
    const named = { deciders: { roles: [], people: ['dan'] } };
    expect(judge('dan', named)).toMatchObject({ allowed: true, seats: [{ name: 'dan' }] });
    expect(judge('ann', named)).toMatchObject({ allowed: false, rule: 'not-a-decider' });
    expect(judge('dan')).toMatchObject({ allowed: false, rule: 'not-a-decider' });
    expect(judge('mallory')).toMatchObject({ allowed: false, rule: 'unknown-person' });
  });

  test('whom it was escalated to, and not before', () => {
    const escalatedTo = { roles: ['support'], people: [] };
    expect(judge('dan', { escalatedTo })).toMatchObject({
      allowed: true,
      seats: [{ kind: 'role', name: 'support', escalation: true }],
    });
  });

  test('nobody who has had a say on the request, for themself or for another', () => {
    const rule = 'one-decision-per-request';
    const decided = [{ level: 'first', by: 'ann', onBehalfOf: 'bob' }];
    expect(judge('ann', { decided })).toMatchObject({ allowed: false, rule });
    expect(judge('bob', { decided })).toMatchObject({ allowed: false, rule });
    const delegations = [delegation('bob', 'dan')];
    expect(judge('dan', { decided }, { delegations })).toMatchObject({ allowed: false, rule });
  });

  test('only up to the amount of their authority', () => {
    const limited = (limit: bigint) => ({
      people: [{ ...person('ann', 'approver'), amountLimitMinor: limit }, person('dan')],
      delegations: [delegation('ann', 'dan')],
    });
    expect(judge('ann', {}, limited(20_000n))).toMatchObject({ allowed: true });
    expect(judge('ann', {}, limited(19_999n))).toEqual({
      allowed: false,
      rule: 'amount-above-limit',
      text: 'the authority of ann ends at 199.99 GBP, and this is 200.00 GBP',
    });
    expect(judge('dan', {}, limited(19_999n))).toMatchObject({ rule: 'amount-above-limit' });
  });
});

describe('a requester', () => {
  const rule = 'requester-may-not-decide';

  test('cannot decide by role, by name, by escalation or when somebody asked for them', () => {
    expect(judge('rita')).toMatchObject({ allowed: false, rule });
    expect(judge('rita', { deciders: { roles: [], people: ['rita'] } })).toMatchObject({ rule });
    expect(judge('rita', { escalatedTo: { roles: ['support'], people: [] } })).toMatchObject({
      rule,
    });
    const facts = { requestedBy: 'dan', requestedFor: 'rita' };
    expect(judge('rita', facts)).toMatchObject({ allowed: false, rule });
  });

  test('cannot decide for somebody else, nor let somebody else decide for them', () => {
    const delegations = [delegation('ann', 'rita'), delegation('rita', 'dan')];
    expect(judge('rita', {}, { delegations })).toMatchObject({ allowed: false, rule });
    expect(judge('dan', {}, { delegations })).toMatchObject({
      allowed: false,
      rule: 'delegated-by-requester',
    });
    expect(
      judge('dan', { requestedBy: 'eve', requestedFor: 'rita' }, { delegations }),
    ).toMatchObject({ allowed: false, rule: 'delegated-by-requester' });
  });

  test('is refused whatever roles, names, delegations and limits there are', () => {
    const ids = ['rita', 'ann', 'bob', 'dan', 'eve'];
    const id = fc.constantFrom(...ids);
    const roles = fc.subarray(['approver', 'support']);
    const deciders = fc.record({ roles, people: fc.subarray(ids) });
    fc.assert(
      fc.property(
        fc.tuple(roles, roles, roles, roles, roles),
        fc.array(fc.tuple(id, id), { maxLength: 8 }),
        deciders,
        fc.option(deciders),
        id,
        (held, pairs, level, escalatedTo, actor) => {
          const people = ids.map((name, at) => person(name, ...(held[at] ?? [])));
          const delegations = pairs.map(([from, to]) => delegation(from, to));
          const facts = { deciders: level, escalatedTo };
          const judged = judge(actor, facts, { people, delegations });
          const hands = judged.allowed
            ? [actor, judged.as.kind === 'delegate' ? judged.as.of : actor]
            : [];
          expect(hands).not.toContain('rita');
        },
      ),
    );
  });
});

describe('a delegation', () => {
  test('in force lets the delegate decide in the other’s place, and says both', () => {
    expect(judge('dan', {}, { delegations: [delegation('ann', 'dan')] })).toEqual({
      allowed: true,
      as: { kind: 'delegate', of: 'ann', delegationId: 'ann-dan' },
      seats: [{ kind: 'role', name: 'approver', escalation: false }],
    });
  });

  test.each([
    ['that has not begun', { validFromMs: NOW_MS + 1 }, 'delegation-not-begun'],
    ['that has ended', { validUntilMs: NOW_MS }, 'delegation-ended'],
    ['that was revoked', { revokedAtMs: NOW_MS }, 'delegation-ended'],
    ['for other subjects', { subjects: ['write-off' as const] }, 'delegation-out-of-scope'],
    ['for less', { limitMinor: 19_999n }, 'delegation-above-limit'],
  ])('%s does not', (_name, terms, rule) => {
    const delegations = [delegation('ann', 'dan', terms)];
    expect(judge('dan', {}, { delegations })).toMatchObject({ allowed: false, rule });
    const another = [...delegations, delegation('bob', 'dan')];
    expect(judge('dan', {}, { delegations: another })).toMatchObject({ as: { of: 'bob' } });
  });

  test('holds at its first instant, for its own subject and up to its limit', () => {
    const terms = { validFromMs: NOW_MS, subjects: ['refund' as const], limitMinor: 20_000n };
    const delegations = [delegation('ann', 'dan', terms)];
    expect(judge('dan', {}, { delegations })).toMatchObject({ allowed: true });
  });

  test('cannot be passed on', () => {
    const delegations = [delegation('ann', 'dan'), delegation('dan', 'eve')];
    expect(judge('eve', {}, { delegations })).toEqual({
      allowed: false,
      rule: 'delegation-chain',
      text: 'dan decides for ann and cannot pass that on to eve',
    });
  });
});

describe('separated duties', () => {
  test.each([
    ['supplier-payment', 'supplier-change'],
    ['supplier-change', 'supplier-payment'],
    ['invoice-match', 'goods-receipt'],
    ['stock-correction', 'stock-count'],
    ['write-off', 'stock-count'],
  ] as const)('whoever has a hand in both %s and %s is refused', (duty, other) => {
    const act = { duty: other, by: 'ann', onBehalfOf: 'bob', subjectId: 'S-1' };
    for (const hand of ['ann', 'bob']) {
      expect(judgeSeparation(separatedDuties, duty, [act], hand)).toMatchObject({
        rule: 'separated-duties',
      });
    }
    expect(judgeSeparation(separatedDuties, duty, [act], 'eve')).toBeUndefined();
    expect(judgeSeparation(separatedDuties, 'goodwill', [act], 'ann')).toBeUndefined();
  });

  test('bar a decision by oneself and by a delegate', () => {
    const subject = 'stock-correction' as const;
    const priorActs = [
      { duty: 'stock-count' as const, by: 'ann', onBehalfOf: null, subjectId: 'count:1' },
    ];
    const facts = { subject, priorActs };
    const delegations = [delegation('ann', 'dan')];
    expect(judge('ann', facts)).toMatchObject({ rule: 'separated-duties' });
    expect(judge('dan', facts, { delegations })).toMatchObject({ rule: 'separated-duties' });
    expect(judge('bob', facts)).toMatchObject({ allowed: true });
  });
});
