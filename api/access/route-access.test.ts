import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Ledger } from '../../activities/ledger/connect.ts';
import { ENTRY_KINDS } from '../../rules/finance/decide-entry.ts';
import { scopesOf, type Role } from '../../rules/access/roles.ts';
import { SCOPE_NAMES } from '../../rules/access/scopes.ts';
import { DEFAULT_APPROVAL_MATRIX } from '../../rules/policy/default-approval-matrix.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { EVERYWHERE } from '../../rules/access/decide-access.ts';
import { createApi } from '../app.ts';
import type { Api } from '../context.ts';
import type { Identification } from './authenticate.ts';
import { describeAccess } from './describe-access.ts';
import { accessOf, requirementOf, ROUTE_ACCESS, type RouteName } from './route-access.ts';

/** Whoever asks may read the description. */
const SOMEBODY: Identification = {
  outcome: 'identified',
  principal: {
    id: 'somebody',
    kind: 'process',
    name: 'somebody',
    roles: [],
    scopes: [],
    reach: EVERYWHERE,
  },
  credential: undefined,
};
const nothing = () => Promise.reject(new Error('the description needs no ledger'));

/** The API without anything behind it: its routes and its description need neither. */
function openApi(): Api {
  const ledger: Ledger = {
    call: nothing,
    report: nothing,
    as: () => ledger,
    close: async () => undefined,
  };
  const context = {
    ledger,
    engine: {
      start: () => undefined,
      nudge: () => undefined,
      decide: nothing,
      reset: nothing,
      ready: nothing,
    },
    now: () => '2026-11-21T09:00:00Z',
    webhookSecret: '',
  };
  return createApi(context, { identify: async () => SOMEBODY, reportError: () => undefined });
}

const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ security: z.array(z.unknown()).optional() })),
  ),
});

const app = openApi();
/** Every operation of the description, and whether it says that it needs no key. */
const described = new Map<string, boolean>();

beforeAll(async () => {
  const response = await app.request('/openapi.json');
  const { paths } = documentSchema.parse(await response.json());
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { security }] of Object.entries(operations))
      described.set(`${method.toUpperCase()} ${path}`, security?.length === 0);
  }
});

/** Pages for browsers: they are no part of the API that they describe or lead to. */
const isPage = (name: string) => /^(GET|POST) \/(docs|openapi\.json|login|logout)/.test(name);

describe('the table of routes', () => {
  test('has every operation of the description, and none that is not there', () => {
    expect(described.size).toBeGreaterThan(50);
    const entries = Object.keys(ROUTE_ACCESS).filter((name) => !isPage(name));
    expect(entries.toSorted()).toEqual([...described.keys()].toSorted());
  });

  test('has every route that the app answers, the pages that describe it too', () => {
    const registered = app.routes.filter(({ method }) => method !== 'ALL');
    expect(registered.length).toBeGreaterThan(50);
    for (const { method, path } of registered)
      expect(accessOf(method, path), `${method} ${path}`).toBeDefined();
    const names = registered.map(({ method, path }) => accessOf(method, path));
    expect(new Set(names)).toEqual(new Set(Object.values(ROUTE_ACCESS)));
  });

  test('asks for nothing where the description says that no key is needed, and only there', () => {
    for (const [name, isOpen] of described) {
      const guard = ROUTE_ACCESS[name as RouteName]?.guard;
      expect(guard === 'open' || guard === 'signature', name).toBe(isOpen);
    }
  });

  test('knows no route of others, no other method, and no name that every object has', () => {
    for (const [method, path] of [
      ['GET', '/v1/nothing'],
      ['DELETE', '/v1/orders'],
      ['get', '/v1/orders'],
      ['GET', '/v1/orders/order:web:1'],
      ['', 'constructor'],
    ] as const)
      expect(accessOf(method, path)).toBeUndefined();
    expect(accessOf('HEAD', '/v1/orders')).toBe(ROUTE_ACCESS['GET /v1/orders']);
    expect(accessOf('GET', '/v1/orders/:id')).toBe(ROUTE_ACCESS['GET /v1/orders/{id}']);
  });
});

const guardedEntries = Object.entries(ROUTE_ACCESS).flatMap(([name, access]) => {
  if (access.guard !== 'scope') return [];
  const asked = 'scope' in access.access ? [access.access] : Object.values(access.access.cases);
  return asked.map((requirement) => ({ name, access, requirement }));
});

test('every scope is asked for by a route, but for what cannot be done yet', () => {
  const asked = new Set(guardedEntries.map(({ requirement }) => requirement.scope));
  const spare = SCOPE_NAMES.filter((scope) => !asked.has(scope));
  expect(spare.filter((scope) => scope !== 'orders:edit')).toEqual([]);
});

describe('every requirement', () => {
  test('only reads where the method only reads', () => {
    for (const { name, requirement } of guardedEntries) {
      // The check of the ledger changes nothing and costs a lot: it has a verb of its own.
      const isRead = /:(read|check)$/.test(requirement.scope);
      expect(isRead, name).toBe(name.startsWith('GET '));
    }
  });

  test.each([
    ['rows', /^GET /],
    ['elements', /^(PUT|POST) /],
    ['rights', /^(PUT|POST|DELETE) \/v1\/(people|keys)/],
    ['whole', /^GET |^POST .*\/(?:run|rollbacks|simulations)$/],
  ] as const)('that holds reach against %s belongs to a route that has such', (target, method) => {
    const entries = guardedEntries.filter(({ access }) => access.target === target);
    expect(entries.length).toBeGreaterThan(3);
    for (const { name } of entries) expect(name).toMatch(method);
  });

  test('of a whole report asks for every place or for none, and no dimension is named twice', () => {
    const whole = guardedEntries.filter(({ access }) => access.target === 'whole');
    for (const { name, requirement } of whole)
      expect([0, 3], name).toContain(requirement.reach.length);
    for (const { name, requirement } of guardedEntries)
      expect(new Set(requirement.reach).size, name).toBe(requirement.reach.length);
  });
});

/** The requirement of one case of a route; undefined where the table does not say. */
function caseOf(name: RouteName, found?: string) {
  const access = ROUTE_ACCESS[name];
  return access?.guard === 'scope' ? requirementOf(access, found) : undefined;
}

/** The cases that the table has for a route. */
function casesOf(name: RouteName): string[] {
  const access = ROUTE_ACCESS[name];
  if (access?.guard !== 'scope' || !('cases' in access.access)) return [];
  return Object.keys(access.access.cases);
}

describe('what a body names decides on the scope', () => {
  test('every kind of exception of the catalogue has a case that its owner may settle', () => {
    const { kinds } = DEFAULT_POLICIES.exceptions;
    const route = 'POST /v1/exceptions/{id}/resolutions';
    expect(casesOf(route).toSorted()).toEqual(Object.keys(kinds).toSorted());
    for (const [kind, { owner }] of Object.entries(kinds)) {
      const scope = caseOf(route, kind)?.scope;
      expect(scopesOf([owner as Role]), `${kind} of ${owner}`).toContain(scope);
    }
  });

  test('whoever a policy asks for an approval may decide it', () => {
    const route = 'POST /v1/approvals/{id}/decisions';
    const { return: returns, replenishment, adjustment } = DEFAULT_POLICIES;
    const asked = [
      ['return', returns.approvalRole],
      ['purchase-order', replenishment.approvalRole],
      ['stock-adjustment', adjustment.approvalRole],
      ['finance-entry', DEFAULT_POLICIES['finance-entry'].approvalRole],
    ] as const;
    for (const [kind, role] of asked) {
      const scope = caseOf(route, kind)?.scope;
      expect(scopesOf([role as Role]), `${kind} by ${role}`).toContain(scope);
    }
    for (const { subject, levels } of DEFAULT_APPROVAL_MATRIX.rows) {
      const scope = caseOf(route, subject)?.scope;
      const deciders = levels.flatMap(({ roles, escalateTo }) => [
        ...roles,
        ...(escalateTo?.roles ?? []),
      ]);
      for (const role of deciders)
        expect(scopesOf([role as Role]), `${subject} by ${role}`).toContain(scope);
    }
    for (const kind of casesOf(route)) {
      expect(caseOf(route, kind)?.scope, kind).toMatch(/:approve$/);
      expect(caseOf(route, kind)?.reach, kind).toContain('amount');
    }
  });

  test('an approval is shown and spoken of by what shows its subject, each kind that is decided on', () => {
    const routes = Object.entries(ROUTE_ACCESS).flatMap(([name, access]) =>
      access.guard === 'scope' && access.about !== undefined ? [{ name, about: access.about }] : [],
    );
    expect(routes.map(({ name }) => name).toSorted()).toEqual([
      'GET /v1/approvals',
      'GET /v1/approvals/{id}',
      ...['answers', 'comments', 'reassignments', 'resubmissions', 'withdrawals'].map(
        (word) => `POST /v1/approvals/{id}/${word}`,
      ),
    ]);
    for (const { about } of routes) {
      expect(Object.keys(about.cases)).toEqual(casesOf('POST /v1/approvals/{id}/decisions'));
      for (const { scope, reach } of Object.values(about.cases))
        expect([scope, reach]).toEqual([expect.stringMatching(/:read$/), ['amount']]);
    }
  });

  test('every kind of finance entry has a case, and manual entries one of their own', () => {
    const route = 'POST /v1/finance/entries';
    expect(casesOf(route).toSorted()).toEqual([...ENTRY_KINDS].toSorted());
    expect(caseOf(route, 'manual')?.scope).toBe('journals:post');
    expect(caseOf(route, 'fee')?.scope).toBe('finance:record');
  });

  test.each(['nothing', '', 'constructor', '__proto__', undefined])(
    'a kind that the table does not know is for nobody: %s',
    (found) => {
      expect(caseOf('POST /v1/approvals/{id}/decisions', found)).toBeUndefined();
    },
  );

  test('a route without cases asks for its one scope whatever is named', () => {
    expect(caseOf('POST /v1/orders', 'anything')).toEqual(caseOf('POST /v1/orders'));
  });
});

describe('the documentation', () => {
  const text = describeAccess();

  test('has one line for each route and case', () => {
    const lines = text.split('\n').filter((line) => /^\| `(GET|POST|PUT|DELETE) /.test(line));
    const open = Object.values(ROUTE_ACCESS).filter(({ guard }) => guard !== 'scope');
    expect(lines.length).toBe(guardedEntries.length + open.length);
    for (const { name, requirement } of guardedEntries)
      expect(
        lines.some((line) => line.includes(`\`${name}\``) && line.includes(requirement.scope)),
        name,
      ).toBe(true);
  });

  test('is Markdown whose tables have as many cells in each row as in the head', () => {
    for (const part of text.split('\n\n').filter((block) => block.startsWith('|'))) {
      const counts = part
        .trim()
        .split('\n')
        .map((line) => line.split('|').length);
      expect(new Set(counts).size).toBe(1);
    }
    expect(text.match(/^## /gm)).toHaveLength(5);
    expect(text).not.toContain('undefined');
  });
});
