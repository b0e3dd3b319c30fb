import type { ApprovalAsk } from '../../../rules/approval/ask-approval.ts';
import type { PolicyDocument } from '../../../rules/policy/documents.ts';
import { writeAsk } from '../approval-json.ts';
import type { Ledger } from '../connect.ts';
import type { PolicyDraft, PolicyScope } from '../read/policies.ts';

/** Why nothing was done with a draft. */
export type DraftRefusal =
  | 'another-policy'
  | 'not-the-author'
  | 'state'
  | 'unchanged'
  | 'stale'
  | 'active';

/** The draft as it stands; `reason` null when what was asked for is done, now or before. */
export interface DraftAnswer {
  readonly applied: boolean;
  readonly reason: DraftRefusal | null;
  readonly draft: PolicyDraft;
}

interface DraftRequest {
  readonly draftId: string;
  readonly policy: string;
  readonly actor: string;
  /** RFC 3339. */
  readonly at: string;
}

interface WrittenDraft extends DraftRequest, PolicyScope {
  readonly document: PolicyDocument;
  readonly note: string | null;
  readonly activeFrom: string | null;
  /** The older version that it brings back. */
  readonly madeFrom: number | null;
}

/**
 * Writes a draft, or writes it anew while it is one. Natural key: draftId. Errors: InvalidInput (channel),
 * NotFound (policy).
 */
export function putPolicyDraft(ledger: Ledger, request: WrittenDraft): Promise<DraftAnswer> {
  return ledger.call('put_policy_draft', request);
}

/**
 * Writes a draft of what an older version says and submits it, or does neither. Natural key: draftId. Errors: as
 * of both.
 */
export function rollBackPolicy(
  ledger: Ledger,
  { approval, ...request }: WrittenDraft & { readonly approval: ApprovalAsk | null },
): Promise<DraftAnswer> {
  return ledger.call('roll_back_policy', { ...request, approval: writeAsk(approval) });
}

/** Asks for the approval of a draft; with null the matrix asks nobody. Natural key: draftId. Errors: NotFound. */
export function submitPolicyDraft(
  ledger: Ledger,
  {
    approval,
    ...request
  }: DraftRequest & { readonly note: string | null; readonly approval: ApprovalAsk | null },
): Promise<DraftAnswer> {
  return ledger.call('submit_policy_draft', { ...request, approval: writeAsk(approval) });
}

/**
 * Puts an approved draft into force from a date, with null at once. Natural key: draftId and date. Errors:
 * NotFound, InvalidInput (activeFrom).
 */
export function activatePolicyDraft(
  ledger: Ledger,
  request: DraftRequest & { readonly activeFrom: string | null },
): Promise<DraftAnswer> {
  return ledger.call('activate_policy_draft', request);
}

/**
 * Keeps what a simulation of a draft has said; the same again changes nothing. Times RFC 3339. Errors: NotFound.
 */
export function notePolicySimulation(
  ledger: Ledger,
  request: DraftRequest & {
    readonly from: string;
    readonly until: string;
    readonly summary: readonly string[];
  },
): Promise<DraftAnswer> {
  return ledger.call('note_policy_simulation', request);
}

/** Takes a draft back that is not in force, and its approval with it. Natural key: draftId. Errors: NotFound. */
export function withdrawPolicyDraft(
  ledger: Ledger,
  request: DraftRequest & { readonly note: string | null },
): Promise<DraftAnswer> {
  return ledger.call('withdraw_policy_draft', request);
}
