import type { Reach } from '../../../rules/access/decide-access.ts';
import type { Role } from '../../../rules/access/roles.ts';
import { readReach, readRoles, writeReach, type ReachJson } from '../access-json.ts';
import type { Ledger } from '../connect.ts';
import type { GivingLimits } from './giving-limits.ts';
import type { PutResult } from './master-data.ts';

/**
 * A person with everything that they may do: what is left out is emptied. Named by `issuer` and `subject`;
 * whose subject nobody knows yet, by `issuer` and `loginEmail`, and their first login adds the subject.
 */
export interface PersonInput {
  /** `person:<name>`; the ledger gives a number to whom none is given. Never changes. */
  readonly personId?: string | undefined;
  /** The OpenID Connect provider, exactly as it names itself. */
  readonly issuer: string;
  readonly subject?: string | undefined;
  /** The address that the provider vouches for, once. Needed where there is no subject. */
  readonly loginEmail?: string | undefined;
  readonly name: string;
  /** Where notices go; each login brings it up to date. */
  readonly email?: string | null | undefined;
  readonly roles: readonly Role[];
  readonly reach: Reach;
  /** Takes back somebody who has left; without it such an element is refused. */
  readonly returns?: boolean | undefined;
}

/** What somebody may do. */
export interface PersonAccess {
  readonly roles: readonly Role[];
  readonly reach: Reach;
  /** RFC 3339; null while the person works here. */
  readonly leftAt: string | null;
}

/** What became of one element; `before` null for a new person, both null for a refused element. */
export interface PutPersonResult extends PutResult {
  /** Of what is refused to whoever asks rather than wrong, `rule` says why. */
  readonly errors?: readonly { path: string; message: string; rule?: string }[];
  readonly personId: string | null;
  readonly before: PersonAccess | null;
  readonly after: PersonAccess | null;
}

interface AccessJson {
  readonly roles: readonly string[];
  readonly reach: ReachJson;
  readonly leftAt: string | null;
}

interface PutPersonJson extends Omit<PutPersonResult, 'before' | 'after'> {
  readonly before: AccessJson | null;
  readonly after: AccessJson | null;
}

/**
 * Creates or replaces people, at most 500; one result each, in order. Idempotent by content. Whose roles or
 * reach change keeps their sessions, which count with the new ones at once. Refused are elements beyond `limits`,
 * and what would leave no admin who reaches everything.
 */
export async function putPeople(
  ledger: Ledger,
  request: { people: readonly PersonInput[]; at: string; limits?: GivingLimits | undefined },
): Promise<{ results: PutPersonResult[] }> {
  const people = request.people.map((person) => ({ ...person, reach: writeReach(person.reach) }));
  const { results } = await ledger.call<{ results: PutPersonJson[] }>('put_people', {
    ...request,
    people,
  });
  return {
    results: results.map((result) => ({
      ...result,
      before: accessOf(result.before),
      after: accessOf(result.after),
    })),
  };
}

/** What became of somebody who was to leave: the last admin who reaches everything stays. */
interface EndedPerson {
  readonly personId: string;
  readonly applied: boolean;
  readonly sessionsEnded: number;
  readonly leftAt: string | null;
  readonly rule: 'last-admin' | null;
}

/**
 * Somebody has left: they can log in no more, and their sessions end at once. `applied` false when they had
 * left before, or stay. Errors: NotFound, AccessDenied (they reach further than `limits`).
 */
export function endPerson(
  ledger: Ledger,
  request: {
    personId: string;
    at: string;
    reason?: string | undefined;
    limits?: GivingLimits | undefined;
  },
): Promise<EndedPerson> {
  return ledger.call('end_person', request);
}

function accessOf(json: AccessJson | null): PersonAccess | null {
  return json && { ...json, roles: readRoles(json.roles), reach: readReach(json.reach) };
}
