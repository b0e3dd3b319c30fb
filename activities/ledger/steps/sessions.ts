import type { LoginRule } from '../../../rules/access/login-rules.ts';
import type { Ledger } from '../connect.ts';
import { personOf, type Person, type PersonJson } from '../read/people.ts';

/** How long a session lives without a request, and at most. Source: OWASP's session management cheat sheet. */
export const IDLE_MINUTES = 30;
export const LONGEST_HOURS = 8;

/** A login as the provider has vouched for it. Nothing of its tokens is kept. */
export interface Login {
  /** SHA-256 of the random session id, 64 hex digits; the id itself is in the cookie alone. */
  readonly digest: string;
  readonly issuer: string;
  readonly subject: string;
  /** As the provider says; null where it says nothing, which leaves what is known. */
  readonly name: string | null;
  readonly email: string | null;
  /** Whether the provider vouches for the address; without that nobody is recognised by it. */
  readonly emailVerified?: boolean | undefined;
  /** RFC 3339. */
  readonly at: string;
  readonly sourceAddress: string | null;
  readonly requestId?: string | undefined;
}

/** A session, without what opens it. Its id, `session:` and 16 hex digits, is for the audit trail. */
export interface Session {
  readonly sessionId: string;
  readonly person: Person;
  readonly openedAt: string;
  /** When it ends if no request follows: after the idle time, or at its hard end. RFC 3339. */
  readonly endsAt: string;
}

export type LoginAnswer =
  | ({ readonly outcome: 'opened' } & Session)
  | { readonly outcome: 'refused'; readonly rule: LoginRule };

type SessionJson = Omit<Session, 'person'> & { readonly person: PersonJson };

/**
 * Opens a session for a person who is entered here; their first login adds the provider's subject to the
 * address that they were entered with. Leaves an audit row, also for a refusal. Idempotency key: the digest.
 * Errors: IdempotencyMismatch (a digest of somebody else's session).
 */
export async function openSession(ledger: Ledger, login: Login): Promise<LoginAnswer> {
  const answer = await ledger.call<
    ({ outcome: 'opened' } & SessionJson) | { outcome: 'refused'; rule: LoginRule }
  >('open_session', { ...login, idleMinutes: IDLE_MINUTES, longestHours: LONGEST_HOURS });
  return answer.outcome === 'refused' ? answer : { ...answer, person: personOf(answer.person) };
}

/**
 * The session of a digest at a time, with the person as they are now; null when there is none, it has ended,
 * or the person has left. Moves the idle end on, at most once a minute, so that most finds only read.
 */
export async function findSession(
  ledger: Ledger,
  request: { digest: string; at: string },
): Promise<Session | null> {
  const found = await ledger.call<SessionJson | null>('find_session', {
    ...request,
    idleMinutes: IDLE_MINUTES,
  });
  return found && { ...found, person: personOf(found.person) };
}

/** Ends a session: a logout. `applied` false when there was none or it had ended. */
export function endSession(ledger: Ledger, request: { digest: string; at: string }) {
  return ledger.call<{ applied: boolean }>('end_session', request);
}

/** Ends every session of a person at once, who may log in again. Errors: NotFound. */
export function endSessionsOfPerson(
  ledger: Ledger,
  request: { personId: string; at: string; reason?: string | undefined },
) {
  return ledger.call<{ sessionsEnded: number }>('end_sessions_of_person', request);
}
