import type { AccessDecision } from '../../rules/access/decide-access.ts';
import type { RouteAccess, RouteName } from './route-access.ts';

/** The route that will answer a request, and what the table says of it. */
export interface FoundRoute {
  readonly name: RouteName;
  readonly params: Readonly<Record<string, string>>;
  /** Undefined for a route that is not in the table: it is open to nobody. */
  readonly access: RouteAccess | undefined;
}

/** A refusal names its rule and says it in words. */
export type Refusal = Extract<AccessDecision, { outcome: 'refused' }>;

/** A refusal of one element of a body, in the form of a field at fault: the dimension, and the rule in words. */
export function elementFault({ rule, text }: Refusal): { path: string; message: string } {
  const [dimension = ''] = rule.split('-', 1);
  return { path: dimension, message: `${text} (${rule})` };
}
