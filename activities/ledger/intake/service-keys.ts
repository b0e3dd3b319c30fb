import type { Reach } from '../../../rules/access/decide-access.ts';
import type { Role } from '../../../rules/access/roles.ts';
import type { Scope } from '../../../rules/access/scopes.ts';
import { MAX_OVERLAP_HOURS } from '../../../rules/access/service-key.ts';
import { writeReach } from '../access-json.ts';
import type { Ledger } from '../connect.ts';
import type { GivingLimits } from './giving-limits.ts';
import { keyOf, type ServiceKeyJson, type ServiceKeyView } from '../read/service-keys.ts';

/** A new key, without its secret. */
export interface KeyInput {
  /** As `makeServiceKey` has made it, 11 letters and digits. */
  readonly keyId: string;
  /** SHA-256 of the whole key, 64 hex digits. */
  readonly digest: string;
  /** What it is for, as lists and refusals name it. */
  readonly name: string;
  readonly roles: readonly Role[];
  /** Of those that the roles have, the ones it gets. */
  readonly scopes: readonly Scope[];
  readonly reach: Reach;
  /** RFC 3339; `expiryOf` keeps it within the limits. */
  readonly expiresAt: string;
}

/** Why a key cannot be replaced: it counts no more, or has a follower, which is the one to rotate. */
export type RotationRule = 'key-revoked' | 'key-expired' | 'key-replaced';

export type KeyRotation =
  | {
      readonly outcome: 'rotated';
      /** The new key. */
      readonly key: ServiceKeyView;
      /** The old one; it counts until its `replacedFrom`. */
      readonly replaced: ServiceKeyView;
    }
  | {
      readonly outcome: 'refused';
      readonly rule: RotationRule;
      /** The old key as it stands; its `replacedBy` names the follower. */
      readonly replaced: ServiceKeyView;
    };

/**
 * Stores a new key. Idempotency key: the key's id, over its digest, name, roles, scopes, reach and expiry.
 * Errors: IdempotencyMismatch, InvalidInput (a node or channel in reach that is not known), AccessDenied (it would do
 * or reach more than `limits`).
 */
export async function makeKey(
  ledger: Ledger,
  request: KeyInput & { at: string; limits?: GivingLimits | undefined },
): Promise<{ key: ServiceKeyView; replayed: boolean }> {
  const { key, replayed } = await ledger.call<{ key: ServiceKeyJson; replayed: boolean }>(
    'make_key',
    { ...request, reach: writeReach(request.reach) },
  );
  return { key: keyOf(key), replayed };
}

/**
 * Replaces a key by a new one with the same name, roles, scopes and reach. The old one counts for the overlap,
 * never longer than it would have. Of two rotations at once one is refused. Idempotency key: the new key's id.
 * Errors: NotFound, IdempotencyMismatch, AccessDenied (as of a new one).
 */
export async function rotateKey(
  ledger: Ledger,
  request: {
    keyId: string;
    next: Pick<KeyInput, 'keyId' | 'digest' | 'expiresAt'>;
    overlapHours: number;
    at: string;
    limits?: GivingLimits | undefined;
  },
): Promise<KeyRotation> {
  const overlapHours = Math.min(Math.max(request.overlapHours, 0), MAX_OVERLAP_HOURS);
  const rotation = await ledger.call<
    | { outcome: 'rotated'; key: ServiceKeyJson; replaced: ServiceKeyJson }
    | { outcome: 'refused'; rule: RotationRule; replaced: ServiceKeyJson }
  >('rotate_key', { ...request, overlapHours });
  const replaced = keyOf(rotation.replaced);
  return rotation.outcome === 'rotated'
    ? { outcome: 'rotated', key: keyOf(rotation.key), replaced }
    : { outcome: 'refused', rule: rotation.rule, replaced };
}

/**
 * Ends a key at once, for every process that reads it from here. `applied` false when it was revoked before.
 * Errors: NotFound, AccessDenied (it reaches further than `limits`).
 */
export async function revokeKey(
  ledger: Ledger,
  request: {
    keyId: string;
    at: string;
    reason?: string | undefined;
    limits?: GivingLimits | undefined;
  },
): Promise<{ applied: boolean; key: ServiceKeyView }> {
  const { applied, key } = await ledger.call<{ applied: boolean; key: ServiceKeyJson }>(
    'revoke_key',
    request,
  );
  return { applied, key: keyOf(key) };
}

/**
 * Records a use; `usedAtMs` as `useToRecord` gives it. Never moves back, and never waits for anybody who
 * holds the key's row: the next use tells the same. Answers whether it was written.
 */
export function touchKey(ledger: Ledger, request: { keyId: string; usedAtMs: number }) {
  return ledger.call<{ applied: boolean }>('touch_key', request);
}
