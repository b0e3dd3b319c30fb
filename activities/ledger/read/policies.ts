import type { PolicyName } from '../../../rules/policy/documents.ts';
import type { Json, Ledger } from '../connect.ts';
import type { Page, PageRequest } from './page.ts';

/** Which channel and region; `*` is all of them. */
export interface PolicyScope {
  readonly channel: string;
  /** ISO 3166 alpha-2. */
  readonly region: string;
}

/** A version of a policy without what it says; times RFC 3339. */
export interface PolicyVersionHead extends PolicyScope {
  readonly policy: PolicyName;
  readonly version: number;
  /** Null: since ever. */
  readonly effectiveFrom: string | null;
  /** That of the amounts in its document: the base currency. */
  readonly currency: string;
  readonly draftId: string | null;
  /** The older version that it brought back. */
  readonly madeFrom: number | null;
  readonly by: string;
  readonly note: string | null;
  readonly recordedAt: string;
}

export interface PolicyVersion extends PolicyVersionHead {
  readonly document: Json;
}

/** A policy in one line of the overview. */
export interface PolicyOverview {
  readonly policy: PolicyName;
  readonly inForce: PolicyVersionHead | null;
  /** Where a channel or region has a version of its own. */
  readonly overrides: readonly PolicyVersionHead[];
  /** What is to hold from a later date, earliest first. */
  readonly toCome: readonly PolicyVersionHead[];
  readonly openDrafts: readonly (PolicyScope & {
    readonly draftId: string;
    readonly state: DraftState;
    readonly author: string;
  })[];
}

export type DraftState = 'draft' | 'submitted' | 'approved' | 'rejected' | 'withdrawn' | 'active';

/** A change of a policy that somebody wants. */
export interface PolicyDraft extends PolicyScope {
  readonly draftId: string;
  readonly policy: PolicyName;
  readonly state: DraftState;
  readonly document: Json;
  readonly author: string;
  readonly note: string | null;
  readonly activeFrom: string | null;
  readonly madeFrom: number | null;
  /** The version that it became. */
  readonly version: number | null;
  /** What it changes: the version in force for its scope when it was written. */
  readonly base: PolicyVersion;
  /** Versions for the same scope that come into force after it, earliest first: they take its place. */
  readonly followedBy: readonly { readonly version: number; readonly effectiveFrom: string }[];
  readonly approvalId: string | null;
  /** What was said last when it was tried on past returns, as it stands; null where it was not. */
  readonly simulation: {
    readonly from: string;
    readonly until: string;
    readonly summary: readonly string[];
    readonly by: string;
    readonly at: string;
  } | null;
  /** Oldest first. */
  readonly events: readonly {
    readonly event: string;
    readonly actor: string;
    readonly note: string | null;
    readonly occurredAt: string;
    readonly recordedAt: string;
  }[];
  readonly recordedAt: string;
}

/** Every policy, by name. */
export function listPolicies(ledger: Ledger, request: { at: string }) {
  return ledger.call<{ data: PolicyOverview[] }>('list_policies', request);
}

/** The version in force for a channel and a region at a time. Errors: NotFound. */
export function readPolicy(ledger: Ledger, request: PolicyScope & { policy: string; at: string }) {
  return ledger.call<PolicyVersion>('read_policy', request);
}

/** One version. Errors: NotFound. */
export function readPolicyVersion(ledger: Ledger, request: { policy: string; version: number }) {
  return ledger.call<PolicyVersion>('read_policy_version', request);
}

/** The versions of a policy, newest first. Errors: NotFound, InvalidInput (cursor). */
export function listPolicyVersions(
  ledger: Ledger,
  request: PageRequest & {
    policy: string;
    channel?: string | undefined;
    region?: string | undefined;
  },
) {
  return ledger.call<Page<PolicyVersion>>('list_policy_versions', request);
}

/** One draft. Errors: NotFound. */
export function readPolicyDraft(ledger: Ledger, request: { policy: string; draftId: string }) {
  return ledger.call<PolicyDraft>('read_policy_draft', request);
}
