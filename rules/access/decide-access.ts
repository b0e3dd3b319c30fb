import { rolesWith, type Role } from './roles.ts';
import { isReading, SCOPES, type Scope } from './scopes.ts';

/** Where an entity can lie. A region is the country that an order goes to, or that a node lies in. */
export type Place = 'node' | 'channel' | 'region';

/** What reach can restrict: the places of an entity, and its amount. */
export type Dimension = Place | 'amount';

/** Which entities somebody may touch. `'*'` is every one; a limit of null is none. */
export interface Reach {
  readonly nodes: '*' | readonly string[];
  readonly channels: '*' | readonly string[];
  /** ISO 3166 codes of two letters. */
  readonly regions: '*' | readonly string[];
  /** The largest amount, minor units of the base currency; null is no limit. */
  readonly amountMinor: bigint | null;
}

/** Whoever asks, as the credentials have shown. */
export interface Principal {
  readonly id: string;
  readonly kind: 'person' | 'key' | 'process';
  readonly name: string;
  readonly roles: readonly Role[];
  /** What it may do: of a person the scopes of the roles, of a key never more than those. */
  readonly scopes: readonly Scope[];
  readonly reach: Reach;
}

/** What an act asks of whoever does it. */
export interface Requirement {
  readonly scope: Scope;
  /** In which dimensions the entity has to lie within reach. */
  readonly reach: readonly Dimension[];
}

/**
 * What of an entity decides whether it lies within reach. It can lie at several places (a return whose
 * lines come back to two nodes). Of no place, or of one that nobody told, is what those alone reach who
 * reach every place: a blind return of no channel, a report on everything. `'*'` says that such things
 * have no such place at all (a purchase order has no channel), so that nobody is kept from them by it.
 */
export interface AccessSubject {
  readonly nodes?: '*' | readonly string[];
  readonly channels?: '*' | readonly string[];
  readonly regions?: '*' | readonly string[];
  /** Minor units of the base currency; the sign does not matter. */
  readonly amountMinor?: bigint;
}

/** The rules that refuse access, and what each says. A refusal names its rule. */
export const ACCESS_RULES = {
  'scope-missing': 'Whoever acts needs the scope of the act.',
  'node-out-of-reach':
    'To see something, one of its nodes has to be within reach; to act, every one.',
  'channel-out-of-reach': 'The same for channels.',
  'region-out-of-reach': 'The same for regions: the country of the delivery, or of the node.',
  'amount-above-limit': 'The amount must not be above the own limit, in either direction.',
  'amount-unknown': 'Whoever has a limit cannot act on what has no amount yet.',
  'own-rights': 'Nobody changes what they may do themselves.',
  'last-admin': 'An admin who reaches everything is always left: somebody has to give rights.',
} as const;

export type AccessRule = keyof typeof ACCESS_RULES;

/** The answer; a refusal has the rule and the text of a 403. */
export type AccessDecision =
  | { readonly outcome: 'allowed' }
  | { readonly outcome: 'refused'; readonly rule: AccessRule; readonly text: string };

/**
 * Whether the principal may do what the requirement describes to the subject: the scope first, then every
 * dimension of reach in the order of the requirement. What is not known of a subject counts against the
 * principal. Of `'rows'`, a list that is filtered by reach, the scope alone is judged.
 */
export function decideAccess(
  principal: Principal,
  requirement: Requirement,
  subject: AccessSubject | 'rows',
): AccessDecision {
  const { scope, reach } = requirement;
  if (!principal.scopes.includes(scope))
    return refuse('scope-missing', lacksScope(principal, scope));
  if (subject === 'rows') return ALLOWED;
  for (const dimension of reach) {
    const decision =
      dimension === 'amount'
        ? judgeAmount(principal, subject.amountMinor)
        : judgePlace(principal, dimension, subject, isReading(scope));
    if (decision.outcome === 'refused') return decision;
  }
  return ALLOWED;
}

const ALLOWED: AccessDecision = { outcome: 'allowed' };

/** The reach of everybody who is not restricted. */
export const EVERYWHERE: Reach = { nodes: '*', channels: '*', regions: '*', amountMinor: null };

const PLACES = {
  node: { plural: 'nodes', rule: 'node-out-of-reach' },
  channel: { plural: 'channels', rule: 'channel-out-of-reach' },
  region: { plural: 'regions', rule: 'region-out-of-reach' },
} as const satisfies Record<Place, { plural: keyof AccessSubject; rule: AccessRule }>;

function judgePlace(
  { name, reach }: Principal,
  place: Place,
  subject: AccessSubject,
  isRead: boolean,
): AccessDecision {
  const { plural, rule } = PLACES[place];
  const own = reach[plural];
  const places = subject[plural] ?? [];
  if (own === '*' || places === '*') return ALLOWED;
  const reaches = `${name} reaches ${own.length === 0 ? `no ${place}` : listed(plural, own)}`;
  if (places.length === 0) return refuse(rule, `This belongs to no single ${place}; ${reaches}.`);
  const beyond = places.filter((one) => !own.includes(one));
  if (beyond.length === 0 || (isRead && beyond.length < places.length)) return ALLOWED;
  return refuse(
    rule,
    `This belongs to ${listed(beyond.length === 1 ? place : plural, beyond)}; ${reaches}.`,
  );
}

function judgeAmount({ name, reach }: Principal, amountMinor: bigint | undefined): AccessDecision {
  const limit = reach.amountMinor;
  if (limit === null) return ALLOWED;
  if (amountMinor === undefined)
    return refuse(
      'amount-unknown',
      `This has no amount yet; ${name} may act up to ${major(limit)}.`,
    );
  const amount = amountMinor < 0n ? -amountMinor : amountMinor;
  if (amount <= limit) return ALLOWED;
  return refuse(
    'amount-above-limit',
    `${major(amount)} is above the limit of ${name}, ${major(limit)}.`,
  );
}

function lacksScope({ kind, name }: Principal, scope: Scope): string {
  const roles = rolesWith(scope);
  const remedy = `${joined(roles)} ${roles.length === 1 ? 'has' : 'have'} it`;
  const whose = kind === 'key' ? `the key ${name}` : name;
  return `To ${SCOPES[scope]} takes the scope ${scope}, which ${whose} does not have; ${remedy}.`;
}

function refuse(rule: AccessRule, text: string): AccessDecision {
  return { outcome: 'refused', rule, text };
}

/** At most five names, so that a reach of a thousand nodes still makes a sentence. */
function listed(noun: string, names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return `${noun} ${shown}${more}`;
}

function joined(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

/** Minor units of the base currency, which has hundredths, as people write them. */
function major(amountMinor: bigint): string {
  const digits = amountMinor.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
