import type { Dimension, Requirement } from '../../rules/access/decide-access.ts';
import type { Scope } from '../../rules/access/scopes.ts';
import { RESOLUTION_SCOPES } from '../../rules/exception/resolution-scopes.ts';
import type { EntryKind } from '../../rules/finance/decide-entry.ts';
import type { ApprovalSubject } from '../../rules/policy/approval-matrix.ts';

/** `POST /v1/orders/{id}`: a method, and a path as in the description of the API. */
export type RouteName = `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`;

/**
 * What reach is held against. `subject`: what the path or body names. `elements`: each element of the
 * body by itself, with a 403 of its own. `rows`: a list shows what lies within reach. `whole`: a report on
 * everything, which only those get who reach everything. `rights`: what others may do, given or taken, which the
 * ledger holds against the reach of whoever gives or takes it.
 */
export type ReachTarget = 'subject' | 'elements' | 'rows' | 'whole' | 'rights';

/** A route that asks for one scope, or for another one in each case. */
interface GuardedRoute {
  readonly guard: 'scope';
  readonly target: ReachTarget;
  readonly access: Requirement | CasedRequirement;
  /**
   * Of an approval: what it takes besides to see what it is about, by its kind. Whoever has a part in it is not
   * asked for that.
   */
  readonly about?: CasedRequirement;
}

/** Where what the request names decides on the scope: `by` says what that is. */
export interface CasedRequirement {
  readonly by: string;
  readonly cases: Readonly<Record<string, Requirement>>;
}

/** A route without a scope: for everybody, for whoever signs the body, or for whoever is known at all. */
interface ScopelessRoute {
  readonly guard: 'open' | 'signature' | 'known';
  readonly why: string;
}

export type RouteAccess = GuardedRoute | ScopelessRoute;

/** In which places things lie. An order gets its nodes later, so reach asks none of it. */
const SALE = ['channel', 'region'] as const;
const GOODS = ['node', 'region'] as const;
const RETURNED = ['channel', 'node', 'region'] as const;
const EVERY_PLACE = ['node', 'channel', 'region'] as const;
const RIGHTS = [...EVERY_PLACE, 'amount'] as const;

/**
 * The scope of a decision by the kind of what it is about. The approval itself names who of those that
 * have the scope is asked, and forbids its requester.
 */
const DECISIONS = approvalCases(
  {
    return: 'refunds:approve',
    refund: 'refunds:approve',
    goodwill: 'refunds:approve',
    'chargeback-acceptance': 'chargebacks:approve',
    'stock-adjustment': 'stock:approve',
    'write-off': 'stock:approve',
    'stock-correction': 'stock:approve',
    'purchase-order': 'purchase-orders:approve',
    'price-override': 'orders:approve',
    'order-edit': 'orders:approve',
    'supplier-change': 'suppliers:approve',
    'master-data-edit': 'master-data:approve',
    'policy-change': 'policies:approve',
    'manual-journal': 'finance:approve',
    'finance-entry': 'finance:approve',
  },
  [...EVERY_PLACE, 'amount'],
);

/** The scope that shows what an approval is about; see rules/access/see-approval.ts for who needs none. */
const SIGHTS = approvalCases(
  {
    return: 'returns:read',
    refund: 'returns:read',
    goodwill: 'goodwill:read',
    'chargeback-acceptance': 'payments:read',
    'stock-adjustment': 'stock:read',
    'write-off': 'stock:read',
    'stock-correction': 'stock:read',
    'purchase-order': 'purchase-orders:read',
    'price-override': 'orders:read',
    'order-edit': 'orders:read',
    'supplier-change': 'suppliers:read',
    // Whoever reads SKUs reads nodes and channels as well.
    'master-data-edit': 'skus:read',
    'policy-change': 'policies:read',
    'manual-journal': 'finance:read',
    'finance-entry': 'finance:read',
  },
  ['amount'],
);

const ENTRY_REACH = [...EVERY_PLACE, 'amount'] as const;
const record = { scope: 'finance:record', reach: ENTRY_REACH } as const;

/** The scope of a finance entry by its kind: what anybody may book by hand is a matter of its own. */
const ENTRIES = {
  by: 'kind of entry',
  cases: {
    fee: record,
    'bank-charge': record,
    'bad-debt': record,
    manual: { scope: 'journals:post', reach: ENTRY_REACH },
    sample: record,
    donation: record,
    voucher: record,
  },
} as const satisfies CasedRequirement & { cases: Record<EntryKind, Requirement> };

/**
 * Who may use which route: the one table that the check, its answers and the documentation are made of.
 * A route that is not in it is refused to everybody.
 */
export const ROUTE_ACCESS: Readonly<Record<RouteName, RouteAccess>> = {
  'GET /healthz': { guard: 'open', why: 'Whatever watches the process has no key.' },
  'GET /readyz': { guard: 'open', why: 'Whatever balances the load has no key.' },
  'GET /openapi.json': { guard: 'known', why: 'The description holds nothing of the shop.' },
  'GET /docs': { guard: 'known', why: 'The readable description.' },
  'GET /docs/start.js': { guard: 'known', why: 'A part of that page.' },
  'GET /docs/{file}': { guard: 'known', why: 'A part of that page.' },
  'GET /login': { guard: 'open', why: 'The way to the identity provider.' },
  'GET /login/callback': { guard: 'open', why: 'The provider vouches for whoever comes back.' },
  'POST /logout': { guard: 'known', why: 'Everybody may end their own session.' },
  'GET /v1/me': { guard: 'known', why: 'Everybody may know what they may do.' },
  'POST /v1/webhooks/gateway': { guard: 'signature', why: 'The sender signs the raw body.' },
  'POST /v1/webhooks/carrier': { guard: 'signature', why: 'The sender signs the raw body.' },

  'POST /v1/orders': guarded('subject', 'orders:place', SALE),
  'POST /v1/orders/batch': guarded('elements', 'orders:place', SALE),
  'GET /v1/orders': guarded('rows', 'orders:read', SALE),
  'GET /v1/orders/{id}': guarded('subject', 'orders:read', SALE),
  'GET /v1/orders/{id}/timeline': guarded('subject', 'orders:read', SALE),
  'POST /v1/orders/{id}/cancellations': guarded('subject', 'orders:cancel', SALE),
  'POST /v1/orders/{id}/goodwill': guarded('subject', 'goodwill:request', SALE),
  'GET /v1/goodwill': guarded('rows', 'goodwill:read', SALE),
  'GET /v1/goodwill/{id}': guarded('subject', 'goodwill:read', SALE),
  'GET /v1/shipments': guarded('rows', 'shipments:read', EVERY_PLACE),
  'POST /v1/shipments/{id}/dispatches': guarded('subject', 'shipments:dispatch', EVERY_PLACE),
  'GET /v1/payments': guarded('rows', 'payments:read', SALE),

  'POST /v1/returns': guarded('subject', 'returns:request', ['channel']),
  'GET /v1/returns': guarded('rows', 'returns:read', RETURNED),
  'GET /v1/returns/{id}': guarded('subject', 'returns:read', RETURNED),
  'GET /v1/returns/{id}/timeline': guarded('subject', 'returns:read', RETURNED),
  'POST /v1/returns/{id}/receipts': guarded('subject', 'returns:receive', GOODS),
  'POST /v1/returns/{id}/inspections': guarded('subject', 'returns:inspect', GOODS),

  'GET /v1/stock': guarded('rows', 'stock:read', GOODS),
  'GET /v1/stock/{sku}': guarded('rows', 'stock:read', GOODS),
  'POST /v1/stock/holds': guarded('elements', 'stock:hold', GOODS),
  'DELETE /v1/stock/holds/{holdId}': guarded('subject', 'stock:hold', GOODS),
  'POST /v1/stock/receipts': guarded('subject', 'stock:receive', GOODS),
  'POST /v1/stock/adjustments': guarded('subject', 'stock:adjust', GOODS),
  'POST /v1/stock/adjustments/{id}/changes': guarded('subject', 'stock:adjust', GOODS),
  'GET /v1/stock/adjustments': guarded('rows', 'stock:read', GOODS),
  'GET /v1/stock/adjustments/{id}': guarded('subject', 'stock:read', GOODS),

  'POST /v1/purchase-orders': guarded('subject', 'purchase-orders:create', GOODS),
  'GET /v1/purchase-orders': guarded('rows', 'purchase-orders:read', GOODS),
  'GET /v1/purchase-orders/{id}': guarded('subject', 'purchase-orders:read', GOODS),
  'GET /v1/purchase-orders/{id}/timeline': guarded('subject', 'purchase-orders:read', GOODS),
  'POST /v1/purchase-orders/{id}/shipping-notices': guarded(
    'subject',
    'shipping-notices:record',
    GOODS,
  ),
  'POST /v1/purchase-orders/{id}/receipts': guarded('subject', 'purchase-orders:receive', GOODS),
  'POST /v1/purchase-orders/{id}/invoices': guarded('subject', 'supplier-invoices:record', GOODS),
  'GET /v1/shipping-notices': guarded('rows', 'purchase-orders:read', GOODS),
  'POST /v1/replenishment/cycles': guarded('subject', 'replenishment:plan', GOODS),
  'GET /v1/replenishment/cycles/{id}': guarded('subject', 'replenishment:read', GOODS),

  'GET /v1/approvals': ofApproval('rows', 'approvals:read'),
  'GET /v1/approvals/{id}': ofApproval('subject', 'approvals:read'),
  'POST /v1/approvals/{id}/decisions': byCase(DECISIONS),
  'POST /v1/approvals/decisions': byCase(DECISIONS),
  'POST /v1/approvals/{id}/questions': byCase(DECISIONS),
  'POST /v1/approvals/{id}/changes': byCase(DECISIONS),
  'POST /v1/approvals/{id}/comments': ofApproval('subject', 'approvals:comment'),
  'POST /v1/approvals/{id}/answers': ofApproval('subject', 'approvals:comment'),
  'POST /v1/approvals/{id}/resubmissions': ofApproval('subject', 'approvals:comment'),
  'POST /v1/approvals/{id}/withdrawals': ofApproval('subject', 'approvals:comment'),
  'POST /v1/approvals/{id}/reassignments': ofApproval('subject', 'approvals:reassign'),
  'GET /v1/delegations': guarded('rows', 'approvals:read', []),
  'PUT /v1/delegations': guarded('subject', 'approvals:delegate', []),
  // Approvals and exceptions name people by id alone, and ask for such ids.
  'GET /v1/colleagues': guarded('rows', 'approvals:read', []),
  'GET /v1/risk-ratings': guarded('whole', 'risks:read', EVERY_PLACE),
  'PUT /v1/risk-ratings': guarded('subject', 'risks:rate', ['channel']),
  'PUT /v1/people/{id}/delegations': guarded('rights', 'approvals:delegate-others', RIGHTS),
  'GET /v1/exceptions': guarded('rows', 'exceptions:read', EVERY_PLACE),
  'GET /v1/exceptions/{id}': guarded('subject', 'exceptions:read', EVERY_PLACE),
  'GET /v1/exceptions/summary': guarded('rows', 'exceptions:read', EVERY_PLACE),
  'POST /v1/exceptions/{id}/claims': guarded('subject', 'exceptions:work', EVERY_PLACE),
  'POST /v1/exceptions/{id}/assignments': guarded('subject', 'exceptions:work', EVERY_PLACE),
  'POST /v1/exceptions/{id}/comments': guarded('subject', 'exceptions:work', EVERY_PLACE),
  'POST /v1/exceptions/{id}/snoozes': guarded('subject', 'exceptions:work', EVERY_PLACE),
  'POST /v1/exceptions/{id}/merges': guarded('subject', 'exceptions:work', EVERY_PLACE),
  'POST /v1/exceptions/{id}/resolutions': byCase(
    casesOf('kind of exception', RESOLUTION_SCOPES, EVERY_PLACE),
  ),
  'POST /v1/processes/{id}/repairs': guarded('subject', 'processes:repair', EVERY_PLACE),

  'POST /v1/finance/entries': byCase(ENTRIES),
  'GET /v1/finance/entries': guarded('rows', 'finance:read', EVERY_PLACE),
  'GET /v1/finance/entries/{id}': guarded('subject', 'finance:read', EVERY_PLACE),
  'GET /v1/ledger/trial-balance': guarded('whole', 'ledger:read', EVERY_PLACE),
  'GET /v1/ledger/journal': guarded('whole', 'ledger:read', EVERY_PLACE),
  'GET /v1/ledger/journal/export': guarded('whole', 'ledger:read', EVERY_PLACE),
  'GET /v1/ledger/trade': guarded('whole', 'ledger:read', EVERY_PLACE),
  'GET /v1/ledger/check': guarded('whole', 'ledger:check', EVERY_PLACE),

  'GET /v1/policies': guarded('rows', 'policies:read', []),
  'GET /v1/policies/{policy}': guarded('subject', 'policies:read', []),
  'GET /v1/policies/{policy}/versions': guarded('rows', 'policies:read', []),
  'GET /v1/policies/{policy}/drafts/{draftId}': guarded('subject', 'policies:read', []),
  'PUT /v1/policies/{policy}/drafts/{draftId}': guarded('subject', 'policies:edit', EVERY_PLACE),
  // Whoever decides on a draft can try it too; its report is of returns everywhere.
  'POST /v1/policies/{policy}/drafts/{draftId}/simulations': guarded(
    'whole',
    'policies:simulate',
    EVERY_PLACE,
  ),
  'POST /v1/policies/{policy}/drafts/{draftId}/submissions': guarded(
    'subject',
    'policies:edit',
    EVERY_PLACE,
  ),
  'POST /v1/policies/{policy}/drafts/{draftId}/activations': guarded(
    'subject',
    'policies:edit',
    EVERY_PLACE,
  ),
  'POST /v1/policies/{policy}/drafts/{draftId}/withdrawals': guarded(
    'subject',
    'policies:edit',
    EVERY_PLACE,
  ),
  'POST /v1/policies/{policy}/rollbacks': guarded('whole', 'policies:edit', EVERY_PLACE),

  'PUT /v1/skus': guarded('elements', 'skus:edit', []),
  'GET /v1/skus': guarded('rows', 'skus:read', []),
  'GET /v1/skus/changes': guarded('rows', 'skus:read', []),
  'GET /v1/skus/changes/{id}': guarded('subject', 'skus:read', []),
  'PUT /v1/suppliers': guarded('elements', 'suppliers:edit', []),
  'GET /v1/suppliers': guarded('rows', 'suppliers:read', []),
  'GET /v1/suppliers/changes': guarded('rows', 'suppliers:read', []),
  'GET /v1/suppliers/changes/{id}': guarded('subject', 'suppliers:read', []),
  'PUT /v1/nodes': guarded('elements', 'nodes:edit', ['node', 'region']),
  'GET /v1/nodes': guarded('rows', 'nodes:read', []),
  'GET /v1/nodes/changes': guarded('rows', 'nodes:read', []),
  'GET /v1/nodes/changes/{id}': guarded('subject', 'nodes:read', []),
  'PUT /v1/channels': guarded('elements', 'channels:edit', ['channel']),
  'GET /v1/channels': guarded('rows', 'channels:read', []),
  'GET /v1/channels/changes': guarded('rows', 'channels:read', []),
  'GET /v1/channels/changes/{id}': guarded('subject', 'channels:read', []),
  'PUT /v1/customers': guarded('elements', 'customers:edit', ['channel']),
  'GET /v1/customers': guarded('rows', 'customers:read', ['channel']),
  'POST /v1/customers/{id}/exports': guarded('subject', 'customers:export', ['channel']),
  'POST /v1/customers/{id}/erasures': guarded('subject', 'customers:erase', ['channel']),

  'GET /v1/notices/preferences': {
    guard: 'known',
    why: 'Everybody may know how notices reach them.',
  },
  'PUT /v1/notices/preferences': {
    guard: 'known',
    why: 'Everybody says how notices reach them, and nobody else.',
  },
  'GET /v1/webhook-endpoints': guarded('whole', 'notices:read', EVERY_PLACE),
  'PUT /v1/webhook-endpoints': guarded('subject', 'notices:edit', EVERY_PLACE),

  'GET /v1/audit': guarded('whole', 'audit:read', EVERY_PLACE),
  'GET /v1/audit/export': guarded('whole', 'audit:read', EVERY_PLACE),

  'GET /v1/people': guarded('rows', 'people:read', EVERY_PLACE),
  'PUT /v1/people': guarded('rights', 'people:edit', RIGHTS),
  'DELETE /v1/people/{id}': guarded('rights', 'people:edit', RIGHTS),
  'GET /v1/keys': guarded('rows', 'keys:read', EVERY_PLACE),
  'POST /v1/keys': guarded('rights', 'keys:edit', RIGHTS),
  'POST /v1/keys/{id}/rotations': guarded('rights', 'keys:edit', RIGHTS),
  'DELETE /v1/keys/{id}': guarded('rights', 'keys:edit', RIGHTS),

  'GET /v1/dues': guarded('whole', 'processes:read', EVERY_PLACE),
  'POST /v1/dues/run': guarded('whole', 'processes:run-dues', EVERY_PLACE),
  'GET /v1/operations/backlog': guarded('whole', 'processes:read', EVERY_PLACE),
  'GET /v1/operations/load': guarded('whole', 'operations:read', []),
  'GET /metrics': guarded('whole', 'operations:read', []),
};

/**
 * What a route asks for; `found` is the kind of approval, exception or entry where that decides.
 * Undefined where the table does not say: nobody may do that.
 */
export function requirementOf(
  { access }: Pick<GuardedRoute, 'access'>,
  found?: string,
): Requirement | undefined {
  if ('scope' in access) return access;
  const { cases } = access;
  return found !== undefined && Object.hasOwn(cases, found) ? cases[found] : undefined;
}

/** What the table says of a route; `pattern` is a method and a path with parameters written `:id` or `{id}`. */
export function accessOf(method: string, pattern: string): RouteAccess | undefined {
  return ROUTE_ACCESS[routeNameOf(method, pattern)];
}

/** The name of a route as the table has it; no route has the name of a method that there is not. */
export function routeNameOf(method: string, pattern: string): RouteName {
  // A head is a body left out.
  const verb = method === 'HEAD' ? 'GET' : method;
  return `${verb} ${pattern.replaceAll(/:(\w+)/g, '{$1}')}` as RouteName;
}

function guarded(target: ReachTarget, scope: Scope, reach: readonly Dimension[]): GuardedRoute {
  return { guard: 'scope', target, access: { scope, reach } };
}

function byCase(access: CasedRequirement): GuardedRoute {
  return { guard: 'scope', target: 'subject', access };
}

/** What shows an approval, or takes a word about it, asks besides for sight of what it is about. */
function ofApproval(target: ReachTarget, scope: Scope): GuardedRoute {
  return { ...guarded(target, scope, EVERY_PLACE), about: SIGHTS };
}

function approvalCases(
  scopes: Readonly<Record<ApprovalSubject | 'stock-adjustment' | 'finance-entry', Scope>>,
  reach: readonly Dimension[],
): CasedRequirement {
  return casesOf('kind of subject', scopes, reach);
}

function casesOf(
  by: string,
  scopes: Readonly<Record<string, Scope>>,
  reach: readonly Dimension[],
): CasedRequirement {
  const cases = Object.entries(scopes).map(([name, scope]) => [name, { scope, reach }] as const);
  return { by, cases: Object.fromEntries(cases) };
}
