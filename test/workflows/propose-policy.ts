import { putPolicyDraft, submitPolicyDraft } from '../../activities/ledger/intake/policy-drafts.ts';
import { askApproval } from '../../rules/approval/ask-approval.ts';
import type { ApprovalMatrix } from '../../rules/policy/approval-matrix.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { NOON } from '../ledger/adjustment-shop.ts';
import { ApprovalShop, levelOf } from '../ledger/approval-shop.ts';
import type { TestLedger } from '../support/ledger.ts';

/** An approver is asked within two business days, and then ops. */
const MATRIX: ApprovalMatrix = {
  ...DEFAULT_POLICIES['approval-matrix'],
  rows: [
    ...DEFAULT_POLICIES['approval-matrix'].rows.filter(
      ({ subject }) => subject !== 'policy-change',
    ),
    {
      id: 'asked',
      subject: 'policy-change',
      because: 'The test wants it',
      when: {},
      order: 'sequence',
      needed: 'all',
      levels: [levelOf('approver')],
    },
  ],
};

/**
 * Drafts another window for returns and submits it: a draft has no process, so its approval gets one of its own.
 * Answers the approval's id.
 */
export async function proposePolicy(shop: TestLedger, draftId: string): Promise<string> {
  const { ledger } = shop;
  await new ApprovalShop(shop).putMatrix(MATRIX);
  const draft = { draftId, policy: 'return', actor: 'person:rita', at: NOON, note: null };
  await putPolicyDraft(ledger, {
    ...draft,
    channel: '*',
    region: '*',
    document: { ...DEFAULT_POLICIES.return, windowDays: 99 },
    activeFrom: null,
    madeFrom: null,
  });
  const nowhere = { channel: null, region: null, customerRisk: null, supplierRisk: null };
  const approval = askApproval(
    { version: 'approval-matrix@1', document: MATRIX },
    {
      ...nowhere,
      subject: 'policy-change',
      amountMinor: 0n,
      currency: 'GBP',
      quantityEach: null,
      marginBasisPoints: null,
      skuClasses: null,
      reasonCodes: null,
      details: {},
    },
    { atMs: Date.parse(NOON), requestedBy: draft.actor, wantedBy: null },
  );
  const answer = await submitPolicyDraft(ledger, { ...draft, approval });
  if (answer.draft.approvalId === null) throw new Error(`${draftId} asked for no approval`);
  return answer.draft.approvalId;
}
