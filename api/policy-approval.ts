import type { Ledger } from '../activities/ledger/connect.ts';
import { readPolicy } from '../activities/ledger/read/policies.ts';
import { askApproval, type ApprovalAsk } from '../rules/approval/ask-approval.ts';
import type { ApprovalFacts } from '../rules/approval/evaluate-matrix.ts';
import { approvalMatrix } from '../rules/policy/approval-matrix.ts';
import { inWords, type DraftContent } from './policy-document.ts';
import { isSimulated } from './policy-simulation.ts';

/**
 * The approval that a draft needs, by the matrix that is in force for its channel and region, also where the
 * draft would change that matrix; null when it asks nobody.
 */
export async function policyApprovalOf(
  ledger: Ledger,
  draft: DraftContent,
  asked: { readonly actor: string; readonly at: string },
): Promise<ApprovalAsk | null> {
  const { channel, region } = draft;
  const inForce = await readPolicy(ledger, {
    policy: 'approval-matrix',
    channel,
    region,
    at: asked.at,
  });
  const matrix = {
    version: `${inForce.policy}@${inForce.version}`,
    document: approvalMatrix.parse(inForce.document),
  };
  return askApproval(matrix, factsOf(draft), {
    atMs: Date.parse(asked.at),
    requestedBy: asked.actor,
    wantedBy: null,
  });
}

/** As much of the changes as a decider reads before opening the draft. */
const MAX_CHANGES_LENGTH = 2_000;

function simulationText({ simulation }: DraftContent): string {
  if (simulation == null) return 'It was not tried on past returns.';
  const { from, until, summary } = simulation;
  return `Tried on the returns from ${from} to ${until}. ${summary.join(' ')}`;
}

function factsOf(draft: DraftContent): ApprovalFacts {
  const { policy, draftId, channel, region, base } = draft;
  const { scope, changes } = inWords(draft);
  return {
    subject: 'policy-change',
    amountMinor: 0n,
    currency: base.currency,
    quantityEach: null,
    marginBasisPoints: null,
    customerRisk: null,
    supplierRisk: null,
    skuClasses: null,
    reasonCodes: null,
    channel: channel === '*' ? null : channel,
    region: region === '*' ? null : region,
    details: {
      policy,
      draftId,
      scope,
      changes: changes.join(' ').slice(0, MAX_CHANGES_LENGTH),
      ...(isSimulated(policy) ? { simulation: simulationText(draft) } : {}),
    },
  };
}
