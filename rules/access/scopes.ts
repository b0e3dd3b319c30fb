/**
 * Every scope, `<noun>:<verb>`, and what it lets do. A scope says what may be done, reach says to which
 * entities. `read` is the only verb that changes nothing; `approve` decides what others asked for;
 * `resolve` takes the actions that an exception offers.
 */
export const SCOPES = {
  'orders:read': 'see orders, their addresses and timelines',
  'orders:place': 'bring orders in',
  'orders:cancel': 'cancel what is not shipped',
  'orders:edit': 'change an order that is not shipped, and ask for another price',
  'orders:approve': 'decide on edits of orders and on prices',
  'orders:resolve': 'settle held, undeliverable and changed orders',
  'shipments:read': 'see shipments and what to pick for them',
  'shipments:dispatch': 'confirm that goods have left, which invoices them',
  'shipments:resolve': 'settle trouble with carriers',
  'payments:read': 'see payments with what was captured and refunded',
  'payments:resolve': 'settle failed payments, captures and refunds',
  'returns:read': 'see returns and their timelines',
  'returns:request': 'ask for a return',
  'returns:receive': 'record what arrived of a return',
  'returns:inspect': 'grade returned units and say what becomes of them',
  'returns:resolve': 'settle returns that do not arrive or are not inspected',
  'goodwill:read': 'see what customers were given for orders of which nothing came back',
  'goodwill:request': 'give a customer money for an order of which nothing comes back',
  'refunds:approve': 'decide on returns, refunds and goodwill',
  'chargebacks:approve': 'decide whether a chargeback is accepted',
  'stock:read': 'see stock by SKU and node, and its adjustments',
  'stock:hold': 'keep stock that belongs to no order yet, and give it back',
  'stock:receive': 'bring in stock that no purchase order announced',
  'stock:adjust': 'record found, lost and miscounted stock',
  'stock:approve': 'decide on write-offs and corrections of stock',
  'stock:resolve': 'settle orders and write-offs that lack stock',
  'purchase-orders:read': 'see purchase orders, shipping notices and timelines',
  'purchase-orders:create': 'order from suppliers',
  'purchase-orders:receive': 'record what a supplier delivered',
  'purchase-orders:approve': 'decide on purchase orders',
  'purchase-orders:resolve': 'settle late, refused, short and excess deliveries',
  'shipping-notices:record': 'announce what a supplier has sent',
  'supplier-invoices:record': "record a supplier's invoice",
  'supplier-invoices:resolve': 'settle invoices that are missing or differ from what came',
  'replenishment:read': 'see replenishment cycles with every term',
  'replenishment:plan': 'plan and order what a node needs',
  'finance:read': 'see finance entries',
  'finance:record': 'record fees, charges, bad debt, samples, donations and vouchers',
  'journals:post': 'make manual entries in the books',
  'finance:approve': 'decide on finance entries and manual journals',
  'ledger:read': 'see the trial balance, the journal and the trade report',
  'ledger:check': 'recompute every balance of the ledger',
  'approvals:read': 'see what waits for a decision, and what was decided',
  'approvals:comment':
    'comment on an approval, answer what a decider asked, withdraw what one asked for',
  'approvals:delegate': 'hand the own right to decide to somebody else for a time',
  'approvals:delegate-others': 'say who decides in the place of others, and that they are away',
  'risks:read': 'see how customers and suppliers are rated',
  'risks:rate': 'rate how risky it is to trade with customers and suppliers',
  'approvals:reassign': 'give an approval to another decider',
  'approvals:resolve': 'settle approvals that nobody decided in time',
  'exceptions:read': 'see the exception board',
  'exceptions:work': 'claim, assign, comment, snooze and merge exceptions',
  'processes:read': 'see processes, open waits and the backlog',
  'processes:run-dues': 'tell the business clock, so that what is due is reached',
  'processes:repair': 'retry, skip or reset a step of a process',
  'processes:resolve': 'settle processes and undoings that failed for good',
  'operations:read': 'see the load and the metrics of the service',
  'skus:read': 'see SKUs with their costs',
  'skus:edit': 'create and change SKUs',
  'suppliers:read': 'see suppliers',
  'suppliers:edit': 'create and change suppliers',
  'suppliers:approve': 'decide on changes of suppliers',
  'nodes:read': 'see nodes',
  'nodes:edit': 'create and change nodes',
  'channels:read': 'see channels',
  'channels:edit': 'create and change channels',
  'customers:read': 'see customers with their names and addresses',
  'customers:edit': 'create and change customers',
  'customers:export': 'export everything that is held of a customer',
  'customers:erase': 'erase the personal data of a customer',
  'master-data:approve': 'decide on changes of SKUs, nodes, channels and customers',
  'policies:read': 'see policies in every version',
  'policies:edit': 'draft and submit policies',
  'policies:simulate': 'try drafts of policies on past returns',
  'policies:approve': 'decide on changes of policies',
  'people:read': 'see people, their roles and their reach',
  'people:edit': 'give and take roles and reach',
  'keys:read': 'see service keys, never their secrets',
  'keys:edit': 'make, rotate and revoke service keys',
  'audit:read': 'see and export the audit trail',
  'notices:read': 'see which programs are told, and whether they listen',
  'notices:edit': 'set how notices reach people and programs',
} as const satisfies Readonly<Record<`${string}:${string}`, string>>;

export type Scope = keyof typeof SCOPES;

export const SCOPE_NAMES = Object.keys(SCOPES) as readonly Scope[];

/** Scopes by which rights are given, for good or for a time. */
const GIVING: ReadonlySet<Scope> = new Set([
  'approvals:delegate-others',
  'people:edit',
  'keys:edit',
]);

/**
 * Whether a scope is for people alone. Decisions and rights are given by people: a program that could give them
 * would be somebody's second pair of eyes.
 */
export function isForPeople(scope: Scope): boolean {
  return scope.endsWith(':approve') || GIVING.has(scope);
}

/** Whether a scope only lets see things. */
export function isReading(scope: Scope): boolean {
  return scope.endsWith(':read');
}
