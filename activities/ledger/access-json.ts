import type { Reach } from '../../rules/access/decide-access.ts';
import { ROLE_NAMES, type Role } from '../../rules/access/roles.ts';
import { SCOPE_NAMES, type Scope } from '../../rules/access/scopes.ts';

/** Reach as the ledger and the API write it. `'*'` is everywhere, a limit of null is none. */
export interface ReachJson {
  readonly nodes: '*' | readonly string[];
  readonly channels: '*' | readonly string[];
  readonly regions: '*' | readonly string[];
  /** Minor units of the base currency. */
  readonly amountMinor: string | null;
}

/** Reach from what was written. */
export function readReach({ amountMinor, ...places }: ReachJson): Reach {
  return { ...places, amountMinor: amountMinor === null ? null : BigInt(amountMinor) };
}

/** Reach as it is written. */
export function writeReach({ amountMinor, ...places }: Reach): ReachJson {
  return { ...places, amountMinor: amountMinor === null ? null : amountMinor.toString() };
}

/** The roles among the stored names. One that this version does not know gives nothing, and breaks nothing. */
export function readRoles(names: readonly string[]): Role[] {
  return ROLE_NAMES.filter((role) => names.includes(role));
}

/** The scopes among the stored names, in the order of the table of scopes; the same holds for unknown ones. */
export function readScopes(names: readonly string[]): Scope[] {
  return SCOPE_NAMES.filter((scope) => names.includes(scope));
}
