import type { AccessListener } from '../activities/ledger/access-changes.ts';
import type { Ledger } from '../activities/ledger/connect.ts';
import { touchKey } from '../activities/ledger/intake/service-keys.ts';
import { findKey } from '../activities/ledger/read/service-keys.ts';
import { recordFailedLogins } from '../activities/ledger/steps/failed-logins.ts';
import { endSession, findSession, openSession } from '../activities/ledger/steps/sessions.ts';
import type { AccessStore } from '../api/access/access-store.ts';

/** The ledger as the API asks it about whoever sends a request. */
export function ledgerAccessStore(
  ledger: Ledger,
  changes: Pick<AccessListener, 'isListening' | 'onChange'>,
): AccessStore {
  return {
    findKey: (keyId) => findKey(ledger, { keyId }),
    touchKey: (use) => touchKey(ledger, use),
    findSession: (request) => findSession(ledger, request),
    openSession: (login) => openSession(ledger, login),
    endSession: (request) => endSession(ledger, request),
    recordFailedLogins: (failed) => recordFailedLogins(ledger, failed),
    isListening: () => changes.isListening(),
    onChange: (changed) => changes.onChange(changed),
  };
}
