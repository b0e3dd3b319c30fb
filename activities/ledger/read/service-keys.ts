import type { Reach } from '../../../rules/access/decide-access.ts';
import type { Role } from '../../../rules/access/roles.ts';
import type { Scope } from '../../../rules/access/scopes.ts';
import type { KeyLife } from '../../../rules/access/service-key.ts';
import { readReach, readRoles, readScopes, type ReachJson } from '../access-json.ts';
import type { Ledger } from '../connect.ts';
import type { Page, PageRequest } from './page.ts';
import type { Within } from './within.ts';

/** What a request with a key is judged by: `judgeKey` takes it as it is. Times in milliseconds since 1970. */
export interface StoredKey extends KeyLife {
  readonly keyId: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** What was asked for; what it may do is `keyScopes(roles, scopes)`. */
  readonly scopes: readonly Scope[];
  readonly reach: Reach;
  /** SHA-256 of the whole key, 64 hex digits. */
  readonly digest: string;
  /** To five minutes; null before the first use. */
  readonly lastUsedAtMs: number | null;
}

/** A key as lists show it: never its digest. Times RFC 3339. */
export interface ServiceKeyView {
  readonly keyId: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly scopes: readonly Scope[];
  readonly reach: Reach;
  readonly madeBy: string;
  readonly madeAt: string;
  readonly expiresAt: string;
  /** The key that follows it, and when the overlap of the two ends. */
  readonly replacedBy: string | null;
  readonly replacedFrom: string | null;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
  readonly lastUsedAt: string | null;
}

/** The same with roles, scopes and reach as the ledger writes them. */
type Written<View> = Omit<View, 'roles' | 'scopes' | 'reach'> & {
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly reach: ReachJson;
};

export type ServiceKeyJson = Written<ServiceKeyView>;

/** The key of an id, also one that does not count any more; null when there is none. One indexed read. */
export async function findKey(
  ledger: Ledger,
  request: { keyId: string },
): Promise<StoredKey | null> {
  const found = await ledger.call<Written<StoredKey> | null>('find_key', request);
  return found === null ? null : read(found);
}

/**
 * Keys newest first; `counting` leaves out those that counted no more at that time, `within` those that reach nothing of
 * it. Errors: InvalidInput (cursor).
 */
export async function listKeys(
  ledger: Ledger,
  request: PageRequest & { counting?: string | undefined; within?: Within | undefined },
): Promise<Page<ServiceKeyView>> {
  const { data, nextCursor } = await ledger.call<Page<ServiceKeyJson>>('list_keys', request);
  return { data: data.map(keyOf), nextCursor };
}

/** A key from what the ledger wrote. */
export function keyOf(json: ServiceKeyJson): ServiceKeyView {
  return read(json);
}

function read<View extends Pick<ServiceKeyJson, 'roles' | 'scopes' | 'reach'>>(written: View) {
  const { roles, scopes, reach, ...rest } = written;
  return {
    ...rest,
    roles: readRoles(roles),
    scopes: readScopes(scopes),
    reach: readReach(reach),
  };
}
