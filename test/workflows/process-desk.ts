import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { runDues } from '../../activities/ledger/intake/run-dues.ts';
import { submitDecision } from '../../activities/ledger/intake/submit-decision.ts';
import { listApprovals, type Approval } from '../../activities/ledger/read/approval.ts';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { listExceptions, type BoardException } from '../../activities/ledger/read/exception.ts';
import type { DecisionOutcome } from '../../workflows/process/messages.ts';
import { eventually, processNamed, type TestLoopline } from '../support/loopline.ts';

type Verdict = 'approve' | 'reject';

/** Plays approvers, the owners of exceptions and the business clock, whatever the process is about. */
export class ProcessDesk {
  readonly loopline: TestLoopline;

  constructor(loopline: TestLoopline) {
    this.loopline = loopline;
  }

  /** The one approval of the process; a test that has none is wrong. */
  async approval(processId: string): Promise<Approval> {
    const page = await listApprovals(this.loopline.ledger, { limit: 100 });
    const found = page.data.find((approval) => approval.processId === processId);
    if (found === undefined) throw new Error(`${processId} asked for no approval`);
    return found;
  }

  /** Stores what a person says; nobody is told yet. Answers the decision's id. */
  async submit(
    processId: string,
    decision: Verdict,
    decisionId: string = randomUUID(),
  ): Promise<string> {
    const { id } = await this.approval(processId);
    await submitDecision(this.loopline.ledger, {
      approvalId: id,
      decisionId,
      decision,
      actor: 'person:boss',
    });
    return decisionId;
  }

  /** Stores it and tells the process, as the API does. */
  async decide(
    processId: string,
    decision: Verdict,
    decisionId?: string,
  ): Promise<DecisionOutcome | undefined> {
    const { id } = await this.approval(processId);
    const stored = await this.submit(processId, decision, decisionId);
    return this.loopline.engine.decide(processNamed(processId), {
      decisionId: stored,
      approvalId: id,
    });
  }

  /** Approves what is still open, always with the same decision. */
  async approveIfOpen(processId: string): Promise<void> {
    const { state } = await this.approval(processId);
    if (state === 'open') await this.decide(processId, 'approve', `approve-${processId}`);
  }

  /** Approves with a decision of its own, as somebody does whose first one came to nothing. */
  async approveAnewIfOpen(processId: string): Promise<void> {
    const { state } = await this.approval(processId);
    if (state === 'open') await this.decide(processId, 'approve', `anew-${processId}`);
  }

  /** Waits until the workflow stands at a timer, which is where it waits for people. */
  async waits(handle: WorkflowHandle): Promise<void> {
    await eventually(async () => {
      const { events } = await handle.fetchHistory();
      expect(events?.some((event) => event.timerStartedEventAttributes)).toBe(true);
    });
  }

  async exceptions(subjectId: string): Promise<BoardException[]> {
    const page = await listExceptions(this.loopline.ledger, {
      limit: 50,
      state: 'open',
      subjectId,
    });
    return page.data;
  }

  /** Waits for an open exception of the kind. */
  async exception(subjectId: string, kind: string): Promise<BoardException> {
    return eventually(async () => {
      const open = await this.exceptions(subjectId);
      const found = open.find((exception) => exception.kind === kind);
      if (found === undefined)
        throw new Error(`${subjectId} has no open exception of kind ${kind}`);
      return found;
    });
  }

  /** Waits for the exception and lets its owner resolve it. */
  async resolve(subjectId: string, kind: string, action: string): Promise<void> {
    const { id, reopened } = await this.exception(subjectId, kind);
    await resolveException(this.loopline.ledger, {
      exceptionId: id,
      resolutionId: `r${reopened}`,
      action,
      actor: 'owner',
    });
    this.loopline.engine.nudge();
  }

  /** Owners let everything that is open be tried again, or wait. */
  async resolveAll(subjectId: string): Promise<void> {
    for (const { id, actions, reopened } of await this.exceptions(subjectId)) {
      const action = ['retry', 'wait'].find((wanted) => actions.includes(wanted)) ?? 'accept';
      await resolveException(this.loopline.ledger, {
        exceptionId: id,
        resolutionId: `r${reopened}`,
        action,
        actor: 'owner',
      });
    }
    this.loopline.engine.nudge();
  }

  /** Nobody decides: the business clock comes to the reminder, and then to the escalation, no further. */
  async escalate(processId: string): Promise<void> {
    const { ledger, owner, engine } = this.loopline;
    await eventually(async () => {
      const [due] = await owner<{ at: Date | null }[]>`
        select min(due_at) as at from ledger.due
        where subject_id = ${processId} and state = 'open' and next_step in ('remindApproval', 'escalateApproval')`;
      const until = due?.at?.toISOString();
      if (until !== undefined) await runDues(ledger, { until, subjectId: processId, limit: 10 });
      engine.nudge();
      expect(await this.noted(processId, 'approval-escalated')).toBe(1);
    });
  }

  /** The business clock comes to the subject's first open deadline. */
  async reachDeadline(subjectId: string): Promise<void> {
    const [due] = await this.loopline.owner<{ at: Date | null }[]>`
      select min(due_at) as at from ledger.due where subject_id = ${subjectId} and state = 'open'`;
    if (due?.at === null || due === undefined) return;
    await runDues(this.loopline.ledger, { until: due.at.toISOString(), subjectId, limit: 1000 });
    this.loopline.engine.nudge();
  }

  /** The facts that the ledger has to tell the process, oldest first; nobody else sends them. */
  async takeFacts(subjectId: string): Promise<string[]> {
    const rows = await this.loopline.owner<{ fact: string }[]>`
      update ledger.outbox set done_at = clock_timestamp()
      where subject_id = ${subjectId} and kind = 'signal' and done_at is null
      returning payload ->> 'factId' as fact, outbox_id`;
    return rows.map(({ fact }) => fact);
  }

  /** Tells the process of facts in this order. */
  async tell(processId: string, ...facts: string[]): Promise<void> {
    for (const fact of facts) await this.loopline.signal(processId, fact);
  }

  /** How often something stands on the subject's timeline. */
  async noted(subjectId: string, event: string): Promise<number> {
    const [row] = await this.loopline.owner<{ count: number }[]>`
      select count(*)::int as count from ledger.timeline where subject_id = ${subjectId} and event = ${event}`;
    return row?.count ?? 0;
  }

  async expectProcess(processId: string, state: ProcessState): Promise<void> {
    return expectProcess(this.loopline, processId, state);
  }

  async expectSound(): Promise<void> {
    return expectSound(this.loopline);
  }
}

type ProcessState = 'pending' | 'running' | 'ended';

async function expectProcess(
  { owner }: TestLoopline,
  processId: string,
  state: ProcessState,
): Promise<void> {
  const [row] = await owner`select state from ledger.process where process_id = ${processId}`;
  expect(row).toMatchObject({ state });
}

async function expectSound({ ledger }: TestLoopline): Promise<void> {
  expect(await checkLedger(ledger)).toMatchObject({ ok: true, drift: [] });
}
