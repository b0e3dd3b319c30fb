import type { Role } from '../../../rules/access/roles.ts';
import type { Scope } from '../../../rules/access/scopes.ts';

/** What somebody may give to others, and take from them; what is left out restricts nothing. */
export interface GivingLimits {
  readonly nodes?: readonly string[];
  readonly channels?: readonly string[];
  readonly regions?: readonly string[];
  /** Minor units of the base currency. */
  readonly limitMinor?: string;
  /** The roles that they may give to people. */
  readonly roles?: readonly Role[];
  /** The scopes that they may give to keys. */
  readonly scopes?: readonly Scope[];
}
