import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { expect } from 'vitest';
import { submitWord, type WordRequest } from '../../activities/ledger/intake/submit-decision.ts';
import { reviewApproval, type ApprovalReview } from '../../activities/ledger/read/approval.ts';
import type { ApprovalWord } from '../../activities/ledger/read/approval-case.ts';
import { recordDecision } from '../../activities/ledger/steps/decision.ts';
import {
  DECIDE_UPDATE,
  type DecisionMessage,
  type DecisionOutcome,
} from '../../workflows/process/messages.ts';
import { ApprovalShop } from '../ledger/approval-shop.ts';
import { eventually, processNamed, type TestLoopline } from '../support/loopline.ts';
import { ProcessDesk } from './process-desk.ts';

const HOUR = 3_600;

/** Plays requesters and deciders of corrections of stock whose processes run. */
export class ApprovalDesk extends ProcessDesk {
  readonly shop: ApprovalShop;

  constructor(loopline: TestLoopline) {
    super(loopline);
    this.shop = new ApprovalShop(loopline);
  }

  /** Asks for a correction and lets its process come to its wait; answers both ids and the workflow. */
  async begin(actor = 'person:rita') {
    const approvalId = await this.shop.ask(100, actor);
    const { subjectId: processId } = await this.review(approvalId);
    const handle = await this.loopline.start(processId);
    await this.waits(handle);
    return { approvalId, processId, handle };
  }

  review(approvalId: string): Promise<ApprovalReview> {
    return reviewApproval(this.loopline.ledger, { approvalId });
  }

  /**
   * Stores a word and tells the process of it, until it has answered; undefined when the word was not taken. The
   * engine forgets an update that meets a signal in the task that ends the process: then the ledger answers.
   */
  async tellWord(
    approvalId: string,
    by: string,
    word: ApprovalWord,
    said: Partial<WordRequest> = {},
  ): Promise<DecisionOutcome | undefined> {
    const decisionId = said.decisionId ?? randomUUID();
    const request = { approvalId, word, actor: by, ...said, decisionId };
    const submission = await submitWord(this.loopline.ledger, request);
    if (submission.status !== 'pending') return undefined;
    const { processId, run } = submission.approval;
    const message = { decisionId, approvalId, kind: word.kind, by, run };
    return eventually(async () => {
      const outcome = await this.loopline.engine.sendDecision(processNamed(processId), message);
      if (outcome === 'refused') return undefined;
      if (outcome !== undefined) return outcome;
      const { status, applied } = await submitWord(this.loopline.ledger, request);
      if (status !== 'settled') throw new Error(`${processId} has not answered ${decisionId}`);
      return applied ? recordDecision(this.loopline.ledger, { approvalId, decisionId }) : undefined;
    });
  }

  /** The clock of the engine runs ahead until something stands on the timeline so often. */
  async skipUntil(processId: string, hours: number, event: string, times = 1): Promise<void> {
    await this.loopline.skipTime(processId, hours * HOUR + 60);
    await eventually(async () => expect(await this.noted(processId, event)).toBe(times));
  }

  /** Waits until the process has looked at its approval so often. */
  async looked(handle: WorkflowHandle, times: number): Promise<void> {
    await eventually(async () => {
      const { events } = await handle.fetchHistory();
      const steps = events?.map(({ markerRecordedEventAttributes: marker }) => {
        const payload = marker?.details?.['data']?.payloads?.[0];
        return Buffer.from(payload?.data ?? []).toString();
      });
      expect(steps?.filter((step) => step.includes('"lookAtApproval"'))).toHaveLength(times);
    });
  }

  /** Kinds of the events, oldest first. */
  async history(approvalId: string): Promise<string[]> {
    const { events } = await this.review(approvalId);
    return events.map(({ kind }) => kind);
  }

  /** Sends an update past everything that would refuse it earlier; answers what the validator says. */
  async refusalOf(
    handle: WorkflowHandle,
    message: Omit<DecisionMessage, 'decisionId'>,
  ): Promise<unknown> {
    const decisionId = randomUUID();
    try {
      await handle.executeUpdate<DecisionOutcome, [DecisionMessage]>(DECIDE_UPDATE, {
        args: [{ decisionId, ...message }],
        updateId: decisionId,
      });
    } catch (error) {
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
      if (error.cause instanceof ApplicationFailure) return error.cause.details?.[0];
    }
    throw new Error('the update was not refused');
  }
}
