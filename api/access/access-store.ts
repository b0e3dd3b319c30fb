import type { StoredKey } from '../../activities/ledger/read/service-keys.ts';
import type { FailedLogins } from '../../activities/ledger/steps/failed-logins.ts';
import type { Login, LoginAnswer, Session } from '../../activities/ledger/steps/sessions.ts';

/** What the API asks about whoever sends a request. Errors of each: those of the ledger. */
export interface AccessStore {
  findKey(keyId: string): Promise<StoredKey | null>;
  /** Records a use of a key, as `useToRecord` gives it. */
  touchKey(use: { keyId: string; usedAtMs: number }): Promise<unknown>;
  /** The session of a digest (64 hex digits) that counts at that time (RFC 3339). */
  findSession(request: { digest: string; at: string }): Promise<Session | null>;
  openSession(login: Login): Promise<LoginAnswer>;
  endSession(request: { digest: string; at: string }): Promise<{ applied: boolean }>;
  recordFailedLogins(failed: FailedLogin): Promise<FailedLogins>;
  /** Whether this process hears at once of every change of people, keys and sessions. */
  isListening(): boolean;
  /** Calls `changed` whenever something may have changed, also something that was missed. */
  onChange(changed: () => void): void;
}

/** Failures of one address, gathered. */
export interface FailedLogin {
  readonly sourceAddress: string;
  readonly failures: number;
  readonly credential: CredentialKind;
  readonly at: string;
  readonly requestId: string;
}

/** By what somebody shows who they are. `login` is the way to a session. */
export type CredentialKind = 'key' | 'token' | 'session' | 'login';
