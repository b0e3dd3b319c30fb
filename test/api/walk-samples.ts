import type { RouteName } from '../../api/access/route-access.ts';
import type { Dimension } from '../../rules/access/decide-access.ts';
import type { Role } from '../../rules/access/roles.ts';
import type { Scope } from '../../rules/access/scopes.ts';

/**
 * Who may do what, written down by hand from what each kind of work needs: the walk compares it with the
 * tables in code. Everybody is the eight roles.
 */
const EVERYBODY: readonly Role[] = [
  'warehouse',
  'support',
  'finance',
  'procurement',
  'approver',
  'ops',
  'admin',
  'connector',
];
const PEOPLE = EVERYBODY.filter((role) => role !== 'connector');

/** The roles that have each scope which a route asks for. */
export const MAY: Readonly<Partial<Record<Scope, readonly Role[]>>> = {
  'orders:read': ['support', 'finance', 'approver', 'ops', 'admin', 'connector'],
  'orders:place': ['support', 'connector'],
  'orders:cancel': ['support', 'connector'],
  'orders:approve': ['finance', 'approver', 'ops'],
  'orders:resolve': ['support'],
  'shipments:read': ['warehouse', 'support', 'ops', 'admin', 'connector'],
  'shipments:dispatch': ['warehouse', 'connector'],
  'shipments:resolve': ['warehouse'],
  'payments:read': ['support', 'finance', 'approver', 'ops', 'admin', 'connector'],
  'payments:resolve': ['finance'],
  'returns:read': ['warehouse', 'support', 'finance', 'approver', 'ops', 'admin', 'connector'],
  'returns:request': ['support', 'connector'],
  'returns:receive': ['warehouse', 'connector'],
  'returns:inspect': ['warehouse', 'connector'],
  'returns:resolve': ['warehouse'],
  'goodwill:read': ['support', 'finance', 'approver', 'ops', 'admin'],
  'goodwill:request': ['support'],
  'refunds:approve': ['finance', 'approver', 'ops'],
  'chargebacks:approve': ['finance', 'approver', 'ops', 'admin'],
  'stock:read': ['warehouse', 'support', 'procurement', 'approver', 'ops', 'admin', 'connector'],
  'stock:hold': ['connector'],
  'stock:receive': ['warehouse'],
  'stock:adjust': ['warehouse', 'connector'],
  'stock:approve': ['finance', 'approver', 'ops'],
  'stock:resolve': ['warehouse'],
  'purchase-orders:read': [
    'warehouse',
    'finance',
    'procurement',
    'approver',
    'ops',
    'admin',
    'connector',
  ],
  'purchase-orders:create': ['procurement'],
  'purchase-orders:receive': ['warehouse', 'connector'],
  'purchase-orders:approve': ['finance', 'procurement', 'approver', 'ops'],
  'purchase-orders:resolve': ['procurement'],
  'shipping-notices:record': ['connector'],
  'supplier-invoices:record': ['finance', 'connector'],
  'supplier-invoices:resolve': ['finance'],
  'replenishment:read': ['procurement', 'ops', 'admin'],
  'replenishment:plan': ['procurement'],
  'finance:read': ['finance', 'approver', 'admin'],
  'finance:record': ['finance', 'connector'],
  'journals:post': ['finance'],
  'finance:approve': ['finance', 'approver', 'ops', 'admin'],
  'ledger:read': ['finance', 'admin'],
  'ledger:check': ['ops', 'admin'],
  'approvals:read': PEOPLE,
  'approvals:comment': PEOPLE,
  'approvals:delegate': ['finance', 'procurement', 'approver', 'ops', 'admin'],
  'approvals:delegate-others': ['ops', 'admin'],
  'approvals:reassign': ['finance', 'procurement', 'approver', 'ops', 'admin'],
  'risks:read': ['finance', 'approver', 'ops', 'admin'],
  'risks:rate': ['finance'],
  'approvals:resolve': ['ops'],
  'exceptions:read': PEOPLE,
  'exceptions:work': PEOPLE.filter((role) => role !== 'admin'),
  'processes:read': ['ops', 'admin'],
  'processes:run-dues': ['ops'],
  'processes:repair': ['ops'],
  'processes:resolve': ['ops'],
  'operations:read': ['ops', 'admin'],
  'skus:read': EVERYBODY,
  'skus:edit': ['procurement', 'admin', 'connector'],
  'suppliers:read': ['finance', 'procurement', 'approver', 'admin'],
  'suppliers:edit': ['procurement', 'admin'],
  'suppliers:approve': ['finance', 'procurement', 'approver', 'ops'],
  'nodes:read': EVERYBODY,
  'nodes:edit': ['admin'],
  'channels:read': EVERYBODY,
  'channels:edit': ['admin'],
  'customers:read': ['support', 'finance', 'approver', 'admin', 'connector'],
  'customers:edit': ['support', 'admin', 'connector'],
  'customers:export': ['admin'],
  'customers:erase': ['admin'],
  'master-data:approve': ['approver', 'ops'],
  'policies:read': ['approver', 'admin'],
  'policies:edit': ['admin'],
  'policies:simulate': ['approver', 'admin'],
  'policies:approve': ['approver', 'ops', 'admin'],
  'people:read': ['admin'],
  'people:edit': ['admin'],
  'keys:read': ['admin'],
  'keys:edit': ['admin'],
  'audit:read': ['admin'],
  'notices:read': ['ops', 'admin'],
  'notices:edit': ['ops', 'admin'],
};

/** What shows the subject of an approval, by its kind, written down by hand as well. */
export const SHOWS: Readonly<Record<string, Scope>> = {
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
  'master-data-edit': 'skus:read',
  'policy-change': 'policies:read',
  'manual-journal': 'finance:read',
  'finance-entry': 'finance:read',
};

/** What a request names: something of test/ledger/access-world.ts that lies at some place in each dimension. */
export interface WalkSample {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: unknown;
  /** Dimensions in which such a thing lies nowhere that could be out of reach: an entry of finance has no node. */
  readonly lacks?: readonly Dimension[];
}

const order: WalkSample = { params: { id: 'order:web:1' }, body: {} };
const returned: WalkSample = { params: { id: 'return:R-000001' }, body: {} };
const purchase: WalkSample = { params: { id: 'purchase-order:PO-000001' }, body: {} };
const approval: WalkSample = { params: { id: 'approval:return:R-000001:1' }, body: {} };
const exception: WalkSample = { params: { id: 'exception:1' }, body: {} };
/** For channel web in GB; the other one for everywhere. */
const draft: WalkSample = {
  params: { policy: 'finance-entry', draftId: '7' },
  body: { channel: 'web', region: 'GB', note: 7 },
  lacks: ['node'],
};
const globalDraft: WalkSample = { ...draft, params: { policy: 'finance-entry', draftId: '8' } };

/** Two people, one of whom leaves, and a key; they reach north, web and GB, up to 1.00. */
export const WALK_PERSON = 'person:walk';
export const WALK_LEAVER = 'person:leaver';
export const WALK_KEY = 'walkkey0001';
const rights = {
  roles: ['admin'],
  reach: { nodes: ['north'], channels: ['web'], regions: ['GB'], amountMinor: '100' },
};

/** What each route is asked about, where reach matters. The bodies name a place and are else as wrong as can be. */
export const WALK: Readonly<Record<RouteName, WalkSample>> = {
  'POST /v1/orders': { body: { channel: 'web', shipTo: { country: 'GB' } } },
  'POST /v1/orders/batch': { body: [{ channel: 'web', shipTo: { country: 'GB' } }] },
  'GET /v1/orders/{id}': order,
  'GET /v1/orders/{id}/timeline': order,
  'POST /v1/orders/{id}/cancellations': order,
  'POST /v1/orders/{id}/goodwill': order,
  'GET /v1/goodwill/{id}': { params: { id: 'goodwill:1' } },
  'POST /v1/shipments/{id}/dispatches': { params: { id: 'shipment:web:1:1' }, body: {} },
  'POST /v1/returns': { body: { channel: 'web' } },
  'GET /v1/returns/{id}': returned,
  'GET /v1/returns/{id}/timeline': returned,
  'POST /v1/returns/{id}/receipts': returned,
  'POST /v1/returns/{id}/inspections': returned,
  'GET /v1/stock/{sku}': { params: { sku: 'MUG' } },
  'POST /v1/stock/holds': {
    body: {
      holds: [
        {
          holdId: 'walk-1',
          expiresAt: '2030-01-01T00:00:00Z',
          plans: [[{ sku: 'MUG', node: 'north', quantity: 1 }]],
        },
      ],
    },
  },
  'DELETE /v1/stock/holds/{holdId}': { params: { holdId: 'H1' } },
  'POST /v1/stock/receipts': { body: { node: 'north' } },
  'POST /v1/stock/adjustments': { body: { node: 'north' } },
  'POST /v1/stock/adjustments/{id}/changes': { params: { id: 'stock-adjustment:1' }, body: {} },
  'GET /v1/stock/adjustments/{id}': { params: { id: 'stock-adjustment:1' } },
  'POST /v1/purchase-orders': { body: { node: 'north' } },
  'GET /v1/purchase-orders/{id}': purchase,
  'GET /v1/purchase-orders/{id}/timeline': purchase,
  'POST /v1/purchase-orders/{id}/shipping-notices': purchase,
  'POST /v1/purchase-orders/{id}/receipts': purchase,
  'POST /v1/purchase-orders/{id}/invoices': purchase,
  'POST /v1/replenishment/cycles': { body: { node: 'north' } },
  'GET /v1/replenishment/cycles/{id}': { params: { id: 'replenishment:south:2026-01-05' } },
  'GET /v1/approvals/{id}': approval,
  'POST /v1/approvals/{id}/decisions': approval,
  'POST /v1/approvals/{id}/questions': approval,
  'POST /v1/approvals/{id}/changes': approval,
  'POST /v1/approvals/{id}/comments': approval,
  'POST /v1/approvals/{id}/answers': approval,
  // These take an empty object.
  'POST /v1/approvals/{id}/resubmissions': { ...approval, body: [] },
  'POST /v1/approvals/{id}/withdrawals': { ...approval, body: [] },
  'POST /v1/approvals/{id}/reassignments': approval,
  'GET /v1/exceptions/{id}': exception,
  'POST /v1/exceptions/{id}/resolutions': exception,
  // It takes an empty object, and asks besides for what it takes to resolve the entry.
  'POST /v1/exceptions/{id}/claims': { ...exception, body: [] },
  'POST /v1/exceptions/{id}/assignments': exception,
  'POST /v1/exceptions/{id}/comments': exception,
  'POST /v1/exceptions/{id}/snoozes': exception,
  'POST /v1/exceptions/{id}/merges': exception,
  'POST /v1/processes/{id}/repairs': order,
  'POST /v1/finance/entries': {
    body: { channel: 'web', customer: {}, quantity: 1, unitPrice: '10', currency: 'GBP' },
    lacks: ['node', 'region'],
  },
  'GET /v1/finance/entries/{id}': { params: { id: 'finance-entry:1' }, lacks: ['node', 'region'] },
  'GET /v1/ledger/trade': { query: '?source=t' },
  'GET /v1/policies/{policy}/versions': { params: { policy: 'finance-entry' } },
  'PUT /v1/policies/{policy}/drafts/{draftId}': draft,
  'POST /v1/policies/{policy}/drafts/{draftId}/submissions': draft,
  'POST /v1/policies/{policy}/drafts/{draftId}/activations': draft,
  'POST /v1/policies/{policy}/drafts/{draftId}/withdrawals': draft,
  'PUT /v1/people': {
    body: [{ issuer: 'https://login.test', subject: 'walked', name: 'Walked', ...rights }],
  },
  'PUT /v1/people/{id}/delegations': {
    params: { id: WALK_PERSON },
    body: {
      to: 'person:approver',
      validFrom: '2026-02-01T00:00:00Z',
      validUntil: '2026-03-01T00:00:00Z',
    },
  },
  'DELETE /v1/people/{id}': { params: { id: WALK_LEAVER } },
  'POST /v1/keys': { body: { name: 'Walked', scopes: ['orders:read'], ...rights } },
  'POST /v1/keys/{id}/rotations': { params: { id: WALK_KEY }, body: {} },
  'DELETE /v1/keys/{id}': { params: { id: WALK_KEY } },
  'PUT /v1/nodes': { body: [{ node: 'north', country: 'GB' }] },
  'PUT /v1/channels': { body: [{ channel: 'web' }] },
  'PUT /v1/customers': { body: [{ channel: 'web' }] },
  'PUT /v1/risk-ratings': { body: { party: 'customer:1' } },
  'POST /v1/customers/{id}/exports': { params: { id: 'customer:1' }, body: {} },
  'POST /v1/customers/{id}/erasures': { params: { id: 'customer:1' }, body: {} },
};

/** Routes that hold reach against nothing in particular: whoever is restricted at all is refused. */
export const ONLY_UNRESTRICTED: readonly RouteName[] = ['PUT /v1/webhook-endpoints'];

/**
 * What lies nowhere, by route, as it concerns the shop as a whole: an entry about no customer, a policy that is to hold
 * everywhere, a return of no channel, trouble with nothing of ours. Whoever is restricted at all is refused.
 */
export const NOWHERE: Readonly<Record<RouteName, WalkSample>> = {
  'POST /v1/returns': { body: {} },
  'POST /v1/finance/entries': {
    body: { kind: 'fee', channel: 'web', quantity: 1, unitPrice: '10', currency: 'GBP' },
  },
  'GET /v1/finance/entries/{id}': { params: { id: 'finance-entry:3' } },
  'GET /v1/approvals/{id}': { params: { id: 'approval:finance-entry:3:1' } },
  'POST /v1/approvals/{id}/comments': { params: { id: 'approval:finance-entry:3:1' }, body: {} },
  'GET /v1/exceptions/{id}': { params: { id: 'exception:3' } },
  'POST /v1/processes/{id}/repairs': { params: { id: 'connector:web' }, body: {} },
  'PUT /v1/policies/{policy}/drafts/{draftId}': { ...globalDraft, body: { note: 7 } },
  'POST /v1/policies/{policy}/drafts/{draftId}/submissions': globalDraft,
  'POST /v1/policies/{policy}/drafts/{draftId}/activations': globalDraft,
};
