import type { Reach } from '../../../rules/access/decide-access.ts';
import type { Role } from '../../../rules/access/roles.ts';
import { readReach, readRoles, type ReachJson } from '../access-json.ts';
import type { Ledger } from '../connect.ts';
import type { Page, PageRequest } from './page.ts';
import type { Within } from './within.ts';

/** Somebody who works with the shop. Who they are is the provider's word, what they may do is ours. */
export interface Person {
  /** `person:7`, or a readable one that was given: `person:anna`. */
  readonly personId: string;
  /** The OpenID Connect provider, as it names itself. */
  readonly issuer: string;
  /** The provider's name of the person; null before the first login of one who was entered by address. */
  readonly subject: string | null;
  /** The address by which the first login is recognised, in small letters. */
  readonly loginEmail: string | null;
  readonly name: string;
  /** Where notices go. */
  readonly email: string | null;
  readonly roles: readonly Role[];
  readonly reach: Reach;
  /** RFC 3339; null while the person works here. */
  readonly leftAt: string | null;
  readonly lastLoginAt: string | null;
  readonly recordedAt: string;
}

/** What everybody may know of somebody who works here: whom an id names, and what for. */
export type Colleague = Pick<Person, 'personId' | 'name' | 'roles'>;

/** A person as the ledger writes it. */
export interface PersonJson extends Omit<Person, 'roles' | 'reach'> {
  readonly roles: readonly string[];
  readonly reach: ReachJson;
}

/** One person, also one who has left. Errors: NotFound. */
export async function readPerson(ledger: Ledger, request: { personId: string }): Promise<Person> {
  return personOf(await ledger.call<PersonJson>('read_person', request));
}

/**
 * Whom a token of the provider speaks for; null for nobody who is entered here, has logged in or was entered with
 * the subject, and has not left. One indexed read.
 */
export async function findPerson(
  ledger: Ledger,
  request: { issuer: string; subject: string },
): Promise<Person | null> {
  const found = await ledger.call<PersonJson | null>('find_person', request);
  return found && personOf(found);
}

/**
 * People newest first, by role; `left` asks for those who have left instead, `within` for those who reach something of
 * it. Errors: InvalidInput (cursor).
 */
export async function listPeople(
  ledger: Ledger,
  request: PageRequest & {
    role?: Role | undefined;
    left?: boolean | undefined;
    within?: Within | undefined;
  },
): Promise<Page<Person>> {
  const { data, nextCursor } = await ledger.call<Page<PersonJson>>('list_people', request);
  return { data: data.map(personOf), nextCursor };
}

/** Who works here now, by name; `personId` asks for one of them. Errors: InvalidInput (cursor). */
export async function listColleagues(
  ledger: Ledger,
  request: PageRequest & { personId?: string | undefined },
): Promise<Page<Colleague>> {
  const { data, nextCursor } = await ledger.call<Page<Pick<PersonJson, keyof Colleague>>>(
    'list_colleagues',
    request,
  );
  return { data: data.map((one) => ({ ...one, roles: readRoles(one.roles) })), nextCursor };
}

/** A person from what the ledger wrote. */
export function personOf(json: PersonJson): Person {
  return { ...json, roles: readRoles(json.roles), reach: readReach(json.reach) };
}
