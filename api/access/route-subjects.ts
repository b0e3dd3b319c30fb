import type { AccessKind } from '../../activities/ledger/read/access-facts.ts';
import type { AccessSubject } from '../../rules/access/decide-access.ts';
import { parseDecimal } from '../../rules/money/decimal.ts';
import { priceLine } from '../../rules/money/price-line.ts';
import type { RouteName } from './route-access.ts';

/** What a request is about. */
export type NamedSubject =
  /**
   * Something in the ledger, which knows where it lies. What is named by the path and is not there is left to
   * the route, which says so; what a body names and is not there lies nowhere.
   */
  | { readonly kind: AccessKind; readonly id: string; readonly by: 'path' | 'body' }
  /** Something that is only being told of: where it says it lies. */
  | { readonly told: AccessSubject }
  /** Something at nodes; their countries are its regions, beside those that it tells itself. */
  | { readonly atNodes: readonly string[]; readonly inRegions?: readonly string[] };

/** What a request holds: the parameters of its path and its body, which no schema has seen yet. */
export interface RequestContent {
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** All that reach is held against; none where the request does not say it, which the route's schema refuses. */
type FindSubjects = (content: RequestContent) => readonly NamedSubject[];

/** How the subject of each route is found that holds reach against one. A route without an entry is for nobody. */
export const ROUTE_SUBJECTS: Readonly<Record<RouteName, FindSubjects>> = {
  'POST /v1/orders': ({ body }) => saleOf(body),
  'GET /v1/orders/{id}': byPath('order'),
  'GET /v1/orders/{id}/timeline': byPath('order'),
  'POST /v1/orders/{id}/cancellations': byPath('order'),
  'POST /v1/orders/{id}/goodwill': byPath('order'),
  'GET /v1/goodwill/{id}': byPath('goodwill'),
  'POST /v1/shipments/{id}/dispatches': byPath('shipment'),

  'POST /v1/returns': ({ body }) => requestedReturn(body),
  'GET /v1/returns/{id}': byPath('return'),
  'GET /v1/returns/{id}/timeline': byPath('return'),
  'POST /v1/returns/{id}/receipts': byPath('return'),
  'POST /v1/returns/{id}/inspections': byPath('return'),

  'DELETE /v1/stock/holds/{holdId}': byPath('hold', 'holdId'),
  'POST /v1/stock/receipts': ({ body }) => atNode(body),
  'POST /v1/stock/adjustments': ({ body }) => atNode(body),
  'POST /v1/stock/adjustments/{id}/changes': byPath('stock-adjustment'),
  'GET /v1/stock/adjustments/{id}': byPath('stock-adjustment'),

  'POST /v1/purchase-orders': ({ body }) => atNode(body),
  'GET /v1/purchase-orders/{id}': byPath('purchase-order'),
  'GET /v1/purchase-orders/{id}/timeline': byPath('purchase-order'),
  'POST /v1/purchase-orders/{id}/shipping-notices': byPath('purchase-order'),
  'POST /v1/purchase-orders/{id}/receipts': byPath('purchase-order'),
  'POST /v1/purchase-orders/{id}/invoices': byPath('purchase-order'),
  'POST /v1/replenishment/cycles': ({ body }) => atNode(body),
  'GET /v1/replenishment/cycles/{id}': byPath('replenishment'),

  'GET /v1/approvals/{id}': byPath('approval'),
  'POST /v1/approvals/{id}/decisions': byPath('approval'),
  // Each decision is judged by itself, where it is made.
  'POST /v1/approvals/decisions': () => [],
  'POST /v1/approvals/{id}/questions': byPath('approval'),
  'POST /v1/approvals/{id}/changes': byPath('approval'),
  'POST /v1/approvals/{id}/comments': byPath('approval'),
  'POST /v1/approvals/{id}/answers': byPath('approval'),
  'POST /v1/approvals/{id}/resubmissions': byPath('approval'),
  'POST /v1/approvals/{id}/withdrawals': byPath('approval'),
  'POST /v1/approvals/{id}/reassignments': byPath('approval'),
  'GET /v1/exceptions/{id}': byPath('exception'),
  'POST /v1/exceptions/{id}/claims': byPath('exception'),
  'POST /v1/exceptions/{id}/assignments': byPath('exception'),
  'POST /v1/exceptions/{id}/comments': byPath('exception'),
  'POST /v1/exceptions/{id}/snoozes': byPath('exception'),
  'POST /v1/exceptions/{id}/merges': mergedEntries,
  'POST /v1/exceptions/{id}/resolutions': byPath('exception'),
  'POST /v1/processes/{id}/repairs': ({ params }) => processOf(params['id'] ?? ''),

  'POST /v1/finance/entries': ({ body }) => entryOf(body),
  'GET /v1/finance/entries/{id}': byPath('finance-entry'),

  // Programs of others hear of every place.
  'PUT /v1/webhook-endpoints': nowhere,

  'PUT /v1/policies/{policy}/drafts/{draftId}': writtenDraft,
  'POST /v1/policies/{policy}/drafts/{draftId}/submissions': byPath('policy-draft', 'draftId'),
  'POST /v1/policies/{policy}/drafts/{draftId}/activations': byPath('policy-draft', 'draftId'),
  'POST /v1/policies/{policy}/drafts/{draftId}/withdrawals': byPath('policy-draft', 'draftId'),

  'POST /v1/customers/{id}/exports': byPath('customer'),
  'PUT /v1/risk-ratings': ({ body }) => customerIn(body),
  'POST /v1/customers/{id}/erasures': byPath('customer'),
};

/** The elements of a body, and what each of them is about. */
interface ElementSubjects {
  readonly elementsOf: (body: unknown) => readonly unknown[];
  readonly subjectsOf: (element: unknown) => readonly NamedSubject[];
}

const wholeBody = (body: unknown) => (Array.isArray(body) ? (body as unknown[]) : []);

/** The same for routes that hold reach against each element of the body. */
export const ELEMENT_SUBJECTS: Readonly<Record<RouteName, ElementSubjects>> = {
  'POST /v1/orders/batch': { elementsOf: wholeBody, subjectsOf: saleOf },
  'POST /v1/stock/holds': { elementsOf: (body) => listIn(body, 'holds'), subjectsOf: holdOf },
  'PUT /v1/nodes': {
    elementsOf: wholeBody,
    subjectsOf: (element) => {
      const [node, country] = [textIn(element, 'node'), textIn(element, 'country')];
      if (node === undefined || country === undefined) return [];
      return [{ atNodes: [node], inRegions: [country] }];
    },
  },
  'PUT /v1/channels': { elementsOf: wholeBody, subjectsOf: inChannel },
  'PUT /v1/customers': { elementsOf: wholeBody, subjectsOf: inChannel },
};

function byPath(kind: AccessKind, parameter = 'id'): FindSubjects {
  return ({ params }) => [{ kind, id: params[parameter] ?? '', by: 'path' }];
}

/** A customer whom the body rates; suppliers lie nowhere. */
function customerIn(body: unknown): NamedSubject[] {
  const party = textIn(body, 'party');
  if (party?.startsWith('customer:') !== true) return [];
  return [{ kind: 'customer', id: party, by: 'body' }];
}

/** Both entries: what closes the one closes the other. */
function mergedEntries({ params, body }: RequestContent): NamedSubject[] {
  const duplicate = textIn(body, 'duplicateId');
  const own = { kind: 'exception', id: params['id'] ?? '', by: 'path' } as const;
  return duplicate === undefined ? [own] : [own, { kind: 'exception', id: duplicate, by: 'body' }];
}

const PROCESS_KINDS = [
  'order',
  'return',
  'purchase-order',
  'replenishment',
  'stock-adjustment',
  'finance-entry',
  'goodwill',
] as const satisfies readonly AccessKind[];

/** A process is named as what it carries: `order:web:1001` is an order. One of another name lies nowhere. */
function processOf(id: string): NamedSubject[] {
  const kind = PROCESS_KINDS.find((one) => id.startsWith(`${one}:`));
  return kind === undefined ? nowhere() : [{ kind, id, by: 'path' }];
}

/** What lies nowhere is within the reach of those who reach everything. */
function nowhere(): NamedSubject[] {
  return [{ told: {} }];
}

function saleOf(order: unknown): NamedSubject[] {
  const [channel, country] = [
    textIn(order, 'channel'),
    textIn(fieldOf(order, 'shipTo'), 'country'),
  ];
  if (channel === undefined || country === undefined) return [];
  return [{ told: { channels: [channel], regions: [country] } }];
}

/** A return belongs to the channel that it names and to those of the orders it names; a blind one to none. */
function requestedReturn(body: unknown): NamedSubject[] {
  const channel = textIn(body, 'channel');
  // `order:web:1001#2` is a line of `order:web:1001`.
  const lines = listIn(body, 'lines').map((line) => textIn(line, 'orderLineId')?.split('#', 1)[0]);
  const named = [textIn(body, 'orderId'), ...lines].filter((id) => id !== undefined);
  const orders = [...new Set(named)].map((id) => ({ kind: 'order', id, by: 'body' }) as const);
  const isBlind = channel === undefined && orders.length === 0;
  const told = { told: { channels: channel === undefined ? [] : [channel] } };
  return channel !== undefined || isBlind ? [told, ...orders] : orders;
}

function atNode(body: unknown): NamedSubject[] {
  const node = textIn(body, 'node');
  return node === undefined ? [] : [{ atNodes: [node] }];
}

function inChannel(element: unknown): NamedSubject[] {
  const channel = textIn(element, 'channel');
  return channel === undefined ? [] : [{ told: { channels: [channel] } }];
}

/** A draft lies where it is to hold, and where it was to hold before; one that is to hold everywhere lies nowhere. */
function writtenDraft({ params, body }: RequestContent): NamedSubject[] {
  const [channels = [], regions = []] = ['channel', 'region'].map((name) =>
    [textIn(body, name)].filter(isSinglePlace),
  );
  const isSomewhere = channels.length + regions.length > 0;
  const told = { ...(isSomewhere ? { nodes: '*' as const } : {}), channels, regions };
  return [{ told }, { kind: 'policy-draft', id: params['draftId'] ?? '', by: 'path' }];
}

function isSinglePlace(place: string | undefined): place is string {
  return place !== undefined && place !== '*';
}

/** A hold may take any of its plans, so it lies at the nodes of all of them. */
function holdOf(hold: unknown): NamedSubject[] {
  const units = listIn(hold, 'plans').flatMap((plan) => (Array.isArray(plan) ? plan : []));
  const nodes = units.flatMap((unit) => textIn(unit, 'node') ?? []);
  return nodes.length === 0 ? [] : [{ atNodes: [...new Set(nodes)] }];
}

/** Amounts are limited in the base currency; of another one the amount counts as not known. */
const BASE_CURRENCY = 'GBP';

/** An entry about a customer lies in their channel; one about nobody lies nowhere. */
function entryOf(body: unknown): NamedSubject[] {
  const [channel, quantity] = [textIn(body, 'channel'), fieldOf(body, 'quantity')];
  const unitPrice = parseDecimal(textIn(body, 'unitPrice') ?? '');
  if (unitPrice === undefined || !Number.isSafeInteger(quantity)) return [];
  const { amountMinor } = priceLine(unitPrice, BigInt(Number(quantity)));
  const isAbout = channel !== undefined && fieldOf(body, 'customer') !== undefined;
  const places = isAbout ? ({ nodes: '*', channels: [channel], regions: '*' } as const) : {};
  const isBase = textIn(body, 'currency') === BASE_CURRENCY;
  return [{ told: { ...places, ...(isBase ? { amountMinor } : {}) } }];
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

function textIn(value: unknown, name: string): string | undefined {
  const field = fieldOf(value, name);
  return typeof field === 'string' ? field : undefined;
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const field = fieldOf(value, name);
  return Array.isArray(field) ? (field as unknown[]) : [];
}
