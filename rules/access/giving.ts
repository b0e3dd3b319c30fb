import type { Principal, Reach } from './decide-access.ts';
import { ROLE_NAMES, scopesOf, type Role } from './roles.ts';
import { SCOPE_NAMES, type Scope } from './scopes.ts';

/**
 * The roles that somebody may give to people: undefined for all of them, which is for whoever reaches everything, as
 * somebody has to give what nobody has yet. Whoever is restricted gives no role with a scope that they lack.
 */
export function rolesToGive({ scopes, reach }: Principal): Role[] | undefined {
  if (!isRestricted(reach)) return undefined;
  return ROLE_NAMES.filter((role) => scopesOf([role]).every((scope) => scopes.includes(scope)));
}

/**
 * The scopes that somebody may give to keys; undefined for all of them. A key is shown to whoever makes it, so it does
 * nothing that they may not do themselves, however far they reach.
 */
export function scopesToGive({ scopes }: Principal): readonly Scope[] | undefined {
  return SCOPE_NAMES.every((scope) => scopes.includes(scope)) ? undefined : scopes;
}

function isRestricted({ nodes, channels, regions, amountMinor }: Reach): boolean {
  return [nodes, channels, regions].some((places) => places !== '*') || amountMinor !== null;
}
