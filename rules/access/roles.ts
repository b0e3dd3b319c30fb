import { isReading, SCOPE_NAMES, type Scope } from './scopes.ts';

/** A role: the scopes that one kind of work needs, and why. */
interface RoleDocument {
  readonly why: string;
  readonly scopes: readonly Scope[];
}

/** What everybody needs who works with the shop: to see the goods, the places and the board. */
const EVERYDAY = [
  'skus:read',
  'nodes:read',
  'channels:read',
  'exceptions:read',
  'exceptions:work',
  'approvals:read',
  'approvals:comment',
] as const satisfies readonly Scope[];

/** What the approval matrix can ask whoever has to decide where nobody did in time. */
const EVERY_DECISION = [
  'refunds:approve',
  'chargebacks:approve',
  'stock:approve',
  'purchase-orders:approve',
  'orders:approve',
  'suppliers:approve',
  'master-data:approve',
  'policies:approve',
  'finance:approve',
] as const satisfies readonly Scope[];

/**
 * Roles as sets of scopes. An `approve` scope makes somebody a possible decider; the approval matrix says
 * whom of them each request asks, and nobody decides what they asked for. Where a field has people of its
 * own who ask (warehouse, support), their role decides on none of it.
 */
export const ROLES = {
  warehouse: {
    why: 'Moves goods: picks, dispatches, receives, inspects and counts, but decides on no correction of stock.',
    scopes: [
      ...EVERYDAY,
      'shipments:read',
      'shipments:dispatch',
      'shipments:resolve',
      'returns:read',
      'returns:receive',
      'returns:inspect',
      'returns:resolve',
      'stock:read',
      'stock:receive',
      'stock:adjust',
      'stock:resolve',
      'purchase-orders:read',
      'purchase-orders:receive',
    ],
  },
  support: {
    why: 'Speaks with customers: sees their orders and payments, cancels, asks for returns and goodwill, but decides on no refund.',
    scopes: [
      ...EVERYDAY,
      'orders:read',
      'orders:place',
      'orders:cancel',
      'orders:edit',
      'orders:resolve',
      'shipments:read',
      'payments:read',
      'returns:read',
      'returns:request',
      'goodwill:read',
      'goodwill:request',
      'stock:read',
      'customers:read',
      'customers:edit',
    ],
  },
  finance: {
    why: 'Keeps the books and is the second to decide on large amounts; neither orders, receives nor counts goods.',
    scopes: [
      ...EVERYDAY,
      'orders:read',
      'payments:read',
      'payments:resolve',
      'returns:read',
      'goodwill:read',
      'purchase-orders:read',
      'suppliers:read',
      'supplier-invoices:record',
      'supplier-invoices:resolve',
      'finance:read',
      'finance:record',
      'journals:post',
      'finance:approve',
      'chargebacks:approve',
      'refunds:approve',
      'stock:approve',
      'purchase-orders:approve',
      'orders:approve',
      'suppliers:approve',
      'ledger:read',
      'approvals:delegate',
      'approvals:reassign',
      'risks:read',
      'risks:rate',
      'customers:read',
    ],
  },
  procurement: {
    why: 'Buys: plans, orders, keeps suppliers and decides on the orders of others; neither receives nor matches invoices.',
    scopes: [
      ...EVERYDAY,
      'stock:read',
      'purchase-orders:read',
      'purchase-orders:create',
      'purchase-orders:approve',
      'purchase-orders:resolve',
      'replenishment:read',
      'replenishment:plan',
      'suppliers:read',
      'suppliers:edit',
      'suppliers:approve',
      'skus:edit',
      'approvals:delegate',
      'approvals:reassign',
    ],
  },
  approver: {
    why: 'Decides what others asked for, up to an amount; asks for nothing.',
    scopes: [
      ...EVERYDAY,
      ...EVERY_DECISION,
      'orders:read',
      'payments:read',
      'returns:read',
      'goodwill:read',
      'stock:read',
      'purchase-orders:read',
      'suppliers:read',
      'finance:read',
      'customers:read',
      'risks:read',
      'policies:read',
      'policies:simulate',
      'approvals:delegate',
      'approvals:reassign',
    ],
  },
  ops: {
    why: 'Keeps processes running: sees, repairs and moves on what is overdue, and decides what nobody decided in time.',
    scopes: [
      ...EVERYDAY,
      ...EVERY_DECISION,
      'orders:read',
      'shipments:read',
      'payments:read',
      'returns:read',
      'goodwill:read',
      'stock:read',
      'purchase-orders:read',
      'replenishment:read',
      'processes:read',
      'processes:run-dues',
      'processes:repair',
      'processes:resolve',
      'approvals:resolve',
      'risks:read',
      'approvals:delegate',
      'approvals:delegate-others',
      'approvals:reassign',
      'operations:read',
      'ledger:check',
      'notices:read',
      'notices:edit',
    ],
  },
  admin: {
    why: 'Sets the shop up: people, keys, policies and master data; sees everything, trades nothing, decides on no goods.',
    scopes: [
      ...SCOPE_NAMES.filter(isReading),
      'approvals:comment',
      'approvals:delegate',
      'approvals:delegate-others',
      'approvals:reassign',
      'people:edit',
      'keys:edit',
      'policies:edit',
      'policies:simulate',
      'policies:approve',
      'finance:approve',
      'chargebacks:approve',
      'skus:edit',
      'suppliers:edit',
      'nodes:edit',
      'channels:edit',
      'customers:edit',
      'customers:export',
      'customers:erase',
      'notices:edit',
      'ledger:check',
    ],
  },
  connector: {
    why: "A channel's or supplier's program: brings facts in and reads them back; a key of it holds fewer of these scopes.",
    scopes: [
      'orders:read',
      'orders:place',
      'orders:cancel',
      'shipments:read',
      'shipments:dispatch',
      'payments:read',
      'returns:read',
      'returns:request',
      'returns:receive',
      'returns:inspect',
      'stock:read',
      'stock:hold',
      'stock:adjust',
      'purchase-orders:read',
      'purchase-orders:receive',
      'shipping-notices:record',
      'supplier-invoices:record',
      'finance:record',
      'skus:read',
      'skus:edit',
      'nodes:read',
      'channels:read',
      'customers:read',
      'customers:edit',
    ],
  },
} as const satisfies Readonly<Record<string, RoleDocument>>;

export type Role = keyof typeof ROLES;

export const ROLE_NAMES = Object.keys(ROLES) as readonly Role[];

/** All scopes of the roles together, each once, in the order of the table of scopes. */
export function scopesOf(roles: readonly Role[]): Scope[] {
  const held = new Set<Scope>(roles.flatMap((role) => ROLES[role].scopes));
  return SCOPE_NAMES.filter((scope) => held.has(scope));
}

/**
 * The scopes of a service key: of those asked for, what its roles have. A key can be narrower than its
 * roles, never wider, also after a role has lost a scope.
 */
export function keyScopes(roles: readonly Role[], asked: readonly Scope[]): Scope[] {
  return scopesOf(roles).filter((scope) => asked.includes(scope));
}

/** The roles that have a scope. */
export function rolesWith(scope: Scope): Role[] {
  return ROLE_NAMES.filter((role) => scopesOf([role]).includes(scope));
}
