import type { Ledger } from '../connect.ts';
import type { Page, PageRequest } from './page.ts';

/** A delegation as it stands; times RFC 3339, the limit in minor units of the base currency. */
export interface DelegationView {
  readonly id: string;
  readonly from: string;
  /** Null: away, and nobody decides in the person's place. */
  readonly to: string | null;
  readonly subjects: string[] | null;
  readonly limitMinor: string | null;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly absent: boolean;
  readonly revokedAt: string | null;
  readonly reason: string | null;
  /** How often it was put. */
  readonly version: number;
  /** Who entered it as it stands. */
  readonly by: string;
  readonly recordedAt: string;
}

/** Delegations from or to a person, or all; newest first. Errors: InvalidInput (cursor). */
export function listDelegations(
  ledger: Ledger,
  request: PageRequest & { person?: string | undefined },
): Promise<Page<DelegationView>> {
  return ledger.call('list_delegations', request);
}
