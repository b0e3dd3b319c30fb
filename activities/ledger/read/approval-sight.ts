import type { ApprovalPart } from '../../../rules/access/see-approval.ts';
import type { Ledger } from '../connect.ts';

/**
 * Whose list of approvals it is: somebody sees these kinds of subjects, and whatever is asked of them, up to an
 * amount; what they have a part in themselves in any case. What is left out restricts nothing.
 */
export interface ApprovalReader {
  /** The id of a person or key. */
  readonly person: string;
  readonly kinds?: readonly string[];
  /** Minor units of the base currency. */
  readonly limitMinor?: string;
}

/** What decides whether somebody sees an approval. */
interface ApprovalSight {
  readonly subjectKind: string;
  /** Minor units of the base currency. */
  readonly amountMinor: bigint;
  readonly part: ApprovalPart | null;
}

/** What decides whether a person sees an approval at a time (RFC 3339); null when there is none of that id. */
export async function readApprovalSight(
  ledger: Ledger,
  request: { approvalId: string; person: string; at: string },
): Promise<ApprovalSight | null> {
  const found = await ledger.call<{
    subjectKind: string;
    baseMinor: string;
    part: ApprovalPart | null;
  } | null>('read_approval_sight', request);
  if (found === null) return null;
  const { subjectKind, baseMinor, part } = found;
  return { subjectKind, amountMinor: BigInt(baseMinor), part };
}
