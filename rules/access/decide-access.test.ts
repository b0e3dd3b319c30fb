import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ACCESS_RULES,
  decideAccess,
  EVERYWHERE,
  type AccessSubject,
  type Dimension,
  type Principal,
  type Reach,
} from './decide-access.ts';
import { ROLE_NAMES, scopesOf } from './roles.ts';
import { isReading, SCOPE_NAMES } from './scopes.ts';

const somebody = (reach: Partial<Reach>, scopes: Principal['scopes']): Principal => ({
  id: 'person:ada',
  kind: 'person',
  name: 'Ada',
  roles: ['approver'],
  scopes,
  reach: { ...EVERYWHERE, ...reach },
});

const DIMENSIONS: readonly Dimension[] = ['node', 'channel', 'region', 'amount'];
const allDimensions = (scope: Principal['scopes'][number]) => ({ scope, reach: DIMENSIONS });

test.each([
  {
    name: 'the scope is missing: it says who has it',
    principal: somebody({}, ['orders:read']),
    scope: 'refunds:approve',
    subject: {},
    rule: 'scope-missing',
    text: 'To decide on returns, refunds and goodwill takes the scope refunds:approve, which Ada does not have; finance, approver and ops have it.',
  },
  {
    name: 'a key is called a key, and a scope of no role is said to be of none',
    principal: { ...somebody({}, []), kind: 'key', name: 'shop' },
    scope: 'stock:hold',
    subject: {},
    rule: 'scope-missing',
    text: 'To keep stock that belongs to no order yet, and give it back takes the scope stock:hold, which the key shop does not have; connector has it.',
  },
  {
    name: 'at another node',
    principal: somebody({ nodes: ['LON', 'YRK'] }, ['stock:adjust']),
    scope: 'stock:adjust',
    subject: { nodes: ['PAR'], channels: '*', regions: ['FR'], amountMinor: 1n },
    rule: 'node-out-of-reach',
    text: 'This belongs to node PAR; Ada reaches nodes LON, YRK.',
  },
  {
    name: 'to act, every node has to be within reach',
    principal: somebody({ nodes: ['LON'] }, ['returns:receive']),
    scope: 'returns:receive',
    subject: { nodes: ['LON', 'PAR', 'ROM'], channels: '*', regions: '*', amountMinor: 1n },
    rule: 'node-out-of-reach',
    text: 'This belongs to nodes PAR, ROM; Ada reaches nodes LON.',
  },
  {
    name: 'of no channel',
    principal: somebody({ channels: ['web'] }, ['returns:read']),
    scope: 'returns:read',
    subject: { nodes: ['LON'], channels: [], regions: ['GB'] },
    rule: 'channel-out-of-reach',
    text: 'This belongs to no single channel; Ada reaches channels web.',
  },
  {
    name: 'a reach of nothing, and a region that nobody told',
    principal: somebody({ regions: [] }, ['orders:read']),
    scope: 'orders:read',
    subject: { nodes: ['LON'], channels: ['web'] },
    rule: 'region-out-of-reach',
    text: 'This belongs to no single region; Ada reaches no region.',
  },
  {
    name: 'above the limit by a penny, in either direction',
    principal: somebody({ amountMinor: 50_000n }, ['refunds:approve']),
    scope: 'refunds:approve',
    subject: { nodes: ['LON'], channels: ['web'], regions: ['GB'], amountMinor: -50_001n },
    rule: 'amount-above-limit',
    text: '500.01 is above the limit of Ada, 500.00.',
  },
  {
    name: 'an amount that nobody told, even with a limit of nothing',
    principal: somebody({ amountMinor: 0n }, ['refunds:approve']),
    scope: 'refunds:approve',
    subject: { nodes: ['LON'], channels: ['web'], regions: ['GB'] },
    rule: 'amount-unknown',
    text: 'This has no amount yet; Ada may act up to 0.00.',
  },
] as const)('refused: $name', ({ principal, scope, subject, rule, text }) => {
  expect(decideAccess(principal, allDimensions(scope), subject)).toEqual({
    outcome: 'refused',
    rule,
    text,
  });
});

describe('allowed', () => {
  test.each<[string, Principal, AccessSubject | 'rows']>([
    ['without restriction, whatever is known', somebody({}, ['orders:read']), {}],
    [
      'a list, which shows what lies within reach',
      somebody({ nodes: [] }, ['orders:read']),
      'rows',
    ],
    [
      'to see: one of several places is enough',
      somebody({ nodes: ['LON'], channels: ['web'] }, ['orders:read']),
      { nodes: ['PAR', 'LON'], channels: ['web'] },
    ],
    [
      'things without such a place',
      somebody({ channels: ['web'], regions: ['GB'] }, ['orders:read']),
      { nodes: ['LON'], channels: '*', regions: '*' },
    ],
    [
      'an amount at the limit',
      somebody({ amountMinor: 50_000n }, ['orders:read']),
      { amountMinor: -50_000n },
    ],
  ])('%s', (_name, principal, subject) => {
    expect(decideAccess(principal, allDimensions('orders:read'), subject)).toEqual({
      outcome: 'allowed',
    });
  });
});

test('dimensions that the requirement does not name restrict nobody', () => {
  const principal = somebody({ nodes: ['LON'], amountMinor: 0n }, ['orders:cancel']);
  const requirement = { scope: 'orders:cancel', reach: ['channel'] } as const;
  const subject = { nodes: ['PAR'], channels: ['web'], amountMinor: 9n };
  expect(decideAccess(principal, requirement, subject)).toEqual({ outcome: 'allowed' });
});

test('a long reach is cut in the sentence', () => {
  const nodes = Array.from({ length: 1_000 }, (_, index) => `N${index}`);
  const decision = decideAccess(
    somebody({ nodes }, ['stock:adjust']),
    { scope: 'stock:adjust', reach: ['node'] },
    { nodes: ['PAR'] },
  );
  expect(decision).toMatchObject({
    text: 'This belongs to node PAR; Ada reaches nodes N0, N1, N2, N3, N4 and 995 more.',
  });
});

describe('for all principals and subjects', () => {
  const places = fc.subarray(['A', 'B', 'C']);
  const anyPlaces = fc.oneof(fc.constant('*' as const), places);
  const reaches: fc.Arbitrary<Reach> = fc.record({
    nodes: anyPlaces,
    channels: anyPlaces,
    regions: anyPlaces,
    amountMinor: fc.option(fc.bigInt({ min: 0n, max: 100n })),
  });
  const subjects: fc.Arbitrary<AccessSubject> = fc.record(
    {
      nodes: anyPlaces,
      channels: anyPlaces,
      regions: anyPlaces,
      amountMinor: fc.bigInt({ min: -200n, max: 200n }),
    },
    { requiredKeys: [] },
  );
  const scopes = fc.constantFrom(...SCOPE_NAMES);
  const dimensions = fc.subarray([...DIMENSIONS]);

  test('nothing is allowed without the scope, and every refusal names its rule in a sentence', () => {
    fc.assert(
      fc.property(
        fc.subarray([...ROLE_NAMES]),
        scopes,
        dimensions,
        reaches,
        fc.oneof(subjects, fc.constant('rows' as const)),
        (roles, scope, reach, own, subject) => {
          const principal = { ...somebody(own, scopesOf(roles)), roles };
          const decision = decideAccess(principal, { scope, reach }, subject);
          const isRefused = decision.outcome === 'refused';
          const rule = isRefused ? decision.rule : undefined;
          expect(rule === 'scope-missing').toBe(!principal.scopes.includes(scope));
          expect(isRefused).toBe(rule !== undefined && rule in ACCESS_RULES);
          expect(isRefused ? decision.text : 'Allowed.').toMatch(/^\S.*\.$/);
        },
      ),
    );
  });

  test('a wider reach never takes anything away, and to see takes no more than to act', () => {
    fc.assert(
      fc.property(scopes, dimensions, reaches, subjects, (scope, reach, own, subject) => {
        const isAllowed = (restriction: Partial<Reach>, asked = scope) =>
          decideAccess(somebody(restriction, SCOPE_NAMES), { scope: asked, reach }, subject)
            .outcome === 'allowed';
        const least = isAllowed(own);
        expect(isAllowed({})).toBe(true);
        for (const wider of ['nodes', 'channels', 'regions'] as const)
          expect(isAllowed({ ...own, [wider]: '*' }) || !least).toBe(true);
        expect(isAllowed({ ...own, amountMinor: null }) || !least).toBe(true);
        expect(isAllowed(own, 'orders:read') || isReading(scope) || !least).toBe(true);
      }),
    );
  });
});
