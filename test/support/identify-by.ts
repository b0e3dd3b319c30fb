import type { Identify } from '../../api/access/authenticate.ts';
import { EVERYWHERE, type Principal } from '../../rules/access/decide-access.ts';
import { ROLE_NAMES, type Role } from '../../rules/access/roles.ts';
import { SCOPE_NAMES } from '../../rules/access/scopes.ts';

/** Somebody who may do everything everywhere, as the installation's own programs may. */
export function unrestricted(id: string, roles: readonly Role[] = ROLE_NAMES): Principal {
  return { id, kind: 'process', name: id, roles, scopes: SCOPE_NAMES, reach: EVERYWHERE };
}

/** Knows callers by the key that they send as a bearer; every other key is unknown. */
export function identifyBy(keys: ReadonlyMap<string, Principal>): Identify {
  return async ({ authorization }) => {
    if (authorization === undefined) return { outcome: 'anonymous' };
    const principal = authorization.startsWith('Bearer ')
      ? keys.get(authorization.slice('Bearer '.length))
      : undefined;
    if (principal === undefined) return { outcome: 'refused', by: 'key', rule: 'key-unknown' };
    return { outcome: 'identified', principal, credential: undefined };
  };
}
