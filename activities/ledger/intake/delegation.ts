import type { Role } from '../../../rules/access/roles.ts';
import type { ApprovalSubject } from '../../../rules/policy/approval-matrix.ts';
import type { Ledger } from '../connect.ts';
import type { DelegationView } from '../read/delegation.ts';
import type { GivingLimits } from './giving-limits.ts';

/**
 * Why a delegation is not put: it stays whose it is, nobody enters one of another's to themself, both are people who
 * work here, a revoked one stays so, and whoever is to decide can.
 */
export type DelegationRule =
  | 'not-own'
  | 'to-oneself'
  | 'unknown-person'
  | 'revoked'
  | 'cannot-decide';

export type DelegationAnswer =
  | {
      readonly outcome: 'stored' | 'unchanged';
      readonly rule: null;
      readonly delegation: DelegationView;
    }
  | {
      readonly outcome: 'refused';
      readonly rule: DelegationRule;
      readonly delegation: DelegationView | null;
    };

/** Who decides in whose place: from one instant until before another, for some subjects, up to a limit. */
export interface DelegationInput {
  /** `delegation:<name>`; the ledger gives a number where none is given. */
  readonly delegationId?: string | undefined;
  /** Who delegates; the actor if left out. Whether the actor may say so for others, the caller has asked. */
  readonly from?: string | undefined;
  /** Null: away, and nobody decides in the person's place. */
  readonly to: string | null;
  /** Null for every subject. */
  readonly subjects: readonly ApprovalSubject[] | null;
  /** Minor units of the base currency; null without a limit. */
  readonly limitMinor: string | null;
  readonly validFrom: string;
  readonly validUntil: string;
  /** Whether the person is away meanwhile. */
  readonly absent: boolean;
  /** Ends it; it is kept. */
  readonly revoked: boolean;
  readonly reason?: string | undefined;
}

/**
 * Puts, changes or ends a delegation; each is one row more of its history. Natural key: delegationId and content.
 * Errors: InvalidInput, NotFound (from), AccessDenied (it is another's who reaches further than `limits`).
 */
export function putDelegation(
  ledger: Ledger,
  request: DelegationInput & {
    readonly actor: string;
    readonly at: string;
    readonly limits?: GivingLimits | undefined;
    /** Roles of which `to` has to have one, unless it is ended; any will do where they are left out. */
    readonly deciders?: readonly Role[] | undefined;
  },
): Promise<DelegationAnswer> {
  return ledger.call('put_delegation', request);
}
