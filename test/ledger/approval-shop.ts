import {
  submitWord,
  type DecisionSubmission,
  type WordRequest,
} from '../../activities/ledger/intake/submit-decision.ts';
import { putDelegation, type DelegationInput } from '../../activities/ledger/intake/delegation.ts';
import { reviewApproval, type ApprovalReview } from '../../activities/ledger/read/approval.ts';
import { readApprovalCase, type ApprovalWord } from '../../activities/ledger/read/approval-case.ts';
import { reachApprovalDeadline, recordDecision } from '../../activities/ledger/steps/decision.ts';
import type { ApprovalLevel, ApprovalMatrix } from '../../rules/policy/approval-matrix.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { adjust, NOON, seedAdjustmentShop } from './adjustment-shop.ts';

const MATRIX = DEFAULT_POLICIES['approval-matrix'];

/** One person of a role in sixteen business hours, then ops in eight, then no. */
export function levelOf(role: string, terms: Partial<ApprovalLevel> = {}): ApprovalLevel {
  return {
    name: role,
    roles: [role],
    people: [],
    quorum: 'any',
    deadlineHours: 16,
    remindAfterHours: 8,
    onExpiry: 'escalate',
    escalateTo: { roles: ['ops'], people: [], deadlineHours: 8, onExpiry: 'reject' },
    ...terms,
  };
}

/** A matrix that asks for corrections of stock by these levels and for nothing else. */
export function matrixOf(
  levels: readonly ApprovalLevel[],
  terms: Partial<Pick<ApprovalMatrix['rows'][number], 'order' | 'needed'>> = {},
): ApprovalMatrix {
  const { subject } = { subject: 'stock-correction' } as const;
  const row = { order: 'sequence', needed: 'all', ...terms } as const;
  return {
    ...MATRIX,
    rows: [
      ...MATRIX.rows.filter((one) => one.subject !== subject),
      { ...row, id: 'asked', subject, because: 'The test wants it', when: {}, levels: [...levels] },
    ],
  };
}

/** A shop whose stock is corrected by approval only. Times are of December 2010, a Wednesday at noon. */
export class ApprovalShop {
  readonly shop: TestLedger;
  #refs = 0;

  constructor(shop: TestLedger) {
    this.shop = shop;
  }

  static async open(): Promise<ApprovalShop> {
    const shop = await openLedger();
    await seedAdjustmentShop(shop.owner);
    return new ApprovalShop(shop);
  }

  /** From now on corrections are asked for by these levels. */
  async putMatrix(matrix: ApprovalMatrix): Promise<void> {
    await this.shop.owner`
      insert into ledger.policy_version (policy, version, channel, effective_from, document)
      select 'approval-matrix', max(version) + 1, '*', '2000-01-01'::timestamptz + max(version) * interval '1 day',
        ${this.shop.owner.json(matrix as never)}
      from ledger.policy_version where policy = 'approval-matrix'`;
  }

  /** Asks for a correction of so many units at 2.50; answers its approval's id. */
  async ask(quantity = 100, actor = 'person:rita', occurredAt = NOON): Promise<string> {
    this.#refs += 1;
    const wish = { externalRef: `count-${this.#refs}`, kind: 'found', quantity } as const;
    const { adjustment } = await adjust(this.shop.ledger, { ...wish, actor, occurredAt });
    if (adjustment.approval === null) throw new Error(`${adjustment.id} asked for no approval`);
    return adjustment.approval.id;
  }

  /** Stores a word and lets the process, which these tests stand in for, record it. */
  async say(
    approvalId: string,
    actor: string,
    word: ApprovalWord,
    said: Partial<WordRequest> = {},
  ): Promise<DecisionSubmission> {
    const decisionId =
      said.decisionId ?? `${approvalId}-${actor}-${word.kind}-${(this.#refs += 1)}`;
    const request = { approvalId, actor, word, ...said, decisionId };
    const submission = await submitWord(this.shop.ledger, request);
    if (submission.status !== 'pending') return submission;
    await recordDecision(this.shop.ledger, { approvalId, decisionId });
    return submitWord(this.shop.ledger, request);
  }

  decide(
    approvalId: string,
    actor: string,
    decision: 'approve' | 'reject' = 'approve',
    said: Partial<WordRequest> = {},
  ): Promise<DecisionSubmission> {
    return this.say(approvalId, actor, { kind: 'decide', decision }, said);
  }

  /** The deadline that is waited for comes; answers what it was. */
  async reachDeadline(approvalId: string): Promise<string | null> {
    const { dueId, standing } = await readApprovalCase(this.shop.ledger, { approvalId });
    if (dueId === null) throw new Error(`${approvalId} waits for no deadline`);
    await reachApprovalDeadline(this.shop.ledger, { approvalId, dueId });
    return standing.nextStep;
  }

  review(approvalId: string): Promise<ApprovalReview> {
    return reviewApproval(this.shop.ledger, { approvalId });
  }

  async delegate(from: string, terms: Partial<DelegationInput> = {}): Promise<string> {
    const answer = await putDelegation(this.shop.ledger, {
      to: 'person:rita',
      subjects: null,
      limitMinor: null,
      validFrom: '2010-12-01T00:00:00Z',
      validUntil: '2010-12-31T00:00:00Z',
      absent: false,
      revoked: false,
      ...terms,
      actor: from,
      at: '2010-12-01T12:00:00Z',
    });
    if (answer.outcome === 'refused') throw new Error(`the delegation is refused: ${answer.rule}`);
    return answer.delegation.id;
  }

  /** Kinds of the events, oldest first. */
  async history(approvalId: string): Promise<string[]> {
    const { events } = await this.review(approvalId);
    return events.map(({ kind }) => kind);
  }

  /** How often the correction was carried out. */
  async effects(approvalId: string): Promise<number> {
    const { subjectId } = await this.review(approvalId);
    const moves = await this.shop.owner`
      select 1 from ledger.stock_move where subject_id = ${subjectId}`;
    return moves.length;
  }

  close(): Promise<void> {
    return this.shop.close();
  }
}
