import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  activatePolicyDraft,
  putPolicyDraft,
  submitPolicyDraft,
} from '../../activities/ledger/intake/policy-drafts.ts';
import { requestRepair } from '../../activities/ledger/intake/repair-process.ts';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import {
  assignException,
  claimException,
  snoozeException,
} from '../../activities/ledger/intake/work-on-exception.ts';
import { listAudit, type AuditRow } from '../../activities/ledger/read/audit.ts';
import { reportFailure } from '../../activities/ledger/steps/failure.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { ApprovalShop } from './approval-shop.ts';
import { hoursOn, MONDAY, raise } from './board.ts';

let desk: ApprovalShop;

beforeEach(async () => {
  desk = await ApprovalShop.open();
});
afterEach(() => desk.close());

const TODAY = '2026-11-20T09:00:00Z';

/** The rows that an act has left, newest first. */
async function rowsOf(act: string): Promise<readonly AuditRow[]> {
  return (await listAudit(desk.shop.ledger, { act, limit: 50 })).data;
}

async function newest(act: string): Promise<AuditRow | undefined> {
  return (await rowsOf(act))[0];
}

describe('the row of a decision', () => {
  test('says what was decided, at which level, on what and how much, how it stood, and why', async () => {
    const id = await desk.ask();
    await desk.decide(id, 'person:ann', 'reject', { note: 'counted twice' });
    const { subjectId } = await desk.review(id);
    expect(await newest('submit_decision')).toMatchObject({
      subjectKind: 'approval',
      subjectId: id,
      onBehalfOf: null,
      reason: 'counted twice',
      before: { state: 'open', phase: 'deciding', run: 1 },
      after: {
        kind: 'decide',
        decision: 'reject',
        level: 0,
        levelName: 'approver',
        run: 1,
        subject: 'stock-correction',
        subjectId,
        amountMinor: '25000',
        currency: 'GBP',
      },
    });
  });

  test('names whose authority a delegate used, and so does the row of what follows from it', async () => {
    const id = await desk.ask();
    await desk.delegate('person:ann', { to: 'person:otto' });
    await desk.decide(id, 'person:otto', 'approve', { at: '2010-12-02T09:00:00Z' });
    expect(await newest('submit_decision')).toMatchObject({
      onBehalfOf: 'person:ann',
      after: { decision: 'approve' },
    });
    expect(await newest('append_approval_events')).toMatchObject({
      before: { state: 'open', run: 1 },
      after: {
        approvalId: id,
        state: 'approved',
        events: [
          {
            kind: 'decided',
            by: 'person:otto',
            onBehalfOf: 'person:ann',
            level: 0,
            decision: 'approve',
          },
        ],
      },
    });
  });

  test('of a question says who is asked', async () => {
    const id = await desk.ask();
    await desk.say(id, 'person:ann', { kind: 'ask-information', askee: 'person:rita' });
    expect(await newest('submit_decision')).toMatchObject({
      after: { kind: 'ask-information', askee: 'person:rita' },
    });
  });

  test('of a deadline says what came of it, and that no person did it', async () => {
    const id = await desk.ask();
    await desk.reachDeadline(id);
    const row = await newest('append_approval_events');
    expect(row).toMatchObject({ after: { events: [{ kind: 'reminded', by: 'loopline' }] } });
    expect(row?.onBehalfOf).toBeNull();
  });
});

test('the row of a delegation says its terms, and those that it had before', async () => {
  const terms = { to: 'person:otto', delegationId: 'delegation:leave' };
  await desk.delegate('person:ann', terms);
  await desk.delegate('person:ann', { ...terms, limitMinor: '500', reason: 'on leave' });
  const [changed, made] = await rowsOf('put_delegation');
  expect(made).toMatchObject({
    subjectId: 'delegation:leave',
    before: null,
    after: { from: 'person:ann', to: 'person:otto', limitMinor: null },
  });
  expect(changed).toMatchObject({
    reason: 'on leave',
    before: { limitMinor: null, version: 1 },
    after: { limitMinor: '500', version: 2 },
  });
});

test('the row of a request says what was asked for', async () => {
  await desk.ask(101);
  expect(await newest('adjust_stock')).toMatchObject({
    reason: 'counted',
    after: { kind: 'found', sku: 'MUG', node: 'main', quantity: 101 },
  });
});

describe('the rows of the board', () => {
  test('say who had the entry before, who has it now, and until when it is put aside', async () => {
    const exceptionId = await raise(desk.shop, { kind: 'carrier' });
    const act = { exceptionId, actor: 'person:olga', at: MONDAY };
    await claimException(desk.shop.ledger, { ...act, claimId: 'c' });
    await assignException(desk.shop.ledger, {
      ...act,
      assignmentId: 'a',
      assignee: 'person:rita',
      owner: 'procurement',
    });
    const wakeAt = hoursOn(1);
    await snoozeException(desk.shop.ledger, { ...act, snoozeId: 's', wakeAt, reason: 'asked' });
    expect(await newest('claim_exception')).toMatchObject({
      subjectId: exceptionId,
      before: { assignee: null },
      after: { event: 'claimed', assignee: 'person:olga' },
    });
    expect(await newest('assign_exception')).toMatchObject({
      before: { assignee: 'person:olga', owner: 'warehouse' },
      after: { to: 'person:rita', toOwner: 'procurement' },
    });
    expect(await newest('snooze_exception')).toMatchObject({
      reason: 'asked',
      before: { snoozes: 0, until: null },
      after: { until: wakeAt },
    });
  });

  test('say by which action an entry was closed, and why it came to it', async () => {
    const exceptionId = await raise(desk.shop, { kind: 'connector', subject: 'connector:web' });
    const resolution = { action: 'accept', rootCause: 'provider-away', note: 'it is back' };
    await resolveException(desk.shop.ledger, {
      exceptionId,
      resolutionId: 'r',
      ...resolution,
      actor: 'person:olga',
      at: MONDAY,
    });
    expect(await newest('resolve_exception')).toMatchObject({
      reason: 'it is back',
      before: { state: 'open', owner: 'ops' },
      after: {
        state: 'resolved',
        action: 'accept',
        rootCause: 'provider-away',
        exceptionId,
        kind: 'connector',
        subjectId: 'connector:web',
      },
    });
  });
});

test('the row of a repair says which step, by which means and why', async () => {
  await desk.ask();
  const processId = 'stock-adjustment:1';
  await reportFailure(desk.shop.ledger, {
    processId,
    step: 'one',
    compensation: false,
    message: 'no',
  });
  await requestRepair(desk.shop.ledger, {
    processId,
    repairId: 'r',
    action: 'retry',
    step: 'one',
    reason: 'the gateway is back',
    actor: 'person:olga',
    at: TODAY,
  });
  expect(await newest('request_repair')).toMatchObject({
    subjectId: processId,
    reason: 'the gateway is back',
    after: { action: 'retry', step: 'one' },
  });
});

test('the row of a policy that comes into force says which version takes whose place, and where', async () => {
  const draft = { draftId: 'p-1', policy: 'return', actor: 'person:boss', at: TODAY };
  await putPolicyDraft(desk.shop.ledger, {
    ...draft,
    channel: 'web',
    region: '*',
    document: { ...DEFAULT_POLICIES.return, windowDays: 101 },
    note: 'longer',
    activeFrom: null,
    madeFrom: null,
  });
  // Nobody is asked about policies here.
  const matrix = DEFAULT_POLICIES['approval-matrix'];
  const rows = matrix.rows.map((row) => ({
    ...row,
    levels: row.subject === 'policy-change' ? [] : row.levels,
  }));
  await desk.putMatrix({ ...matrix, rows });
  await submitPolicyDraft(desk.shop.ledger, { ...draft, note: null, approval: null });
  await activatePolicyDraft(desk.shop.ledger, { ...draft, activeFrom: null });
  expect(await newest('activate_policy_draft')).toMatchObject({
    subjectId: 'policy-change:p-1',
    before: { version: 1 },
    after: {
      event: 'activated',
      policy: 'return',
      channel: 'web',
      region: '*',
      version: expect.any(Number) as number,
    },
  });
  expect(await newest('put_policy_draft')).toMatchObject({
    after: { document: expect.anything() as object },
  });
});

test('what a row says of one act is in no row of the next', async () => {
  const id = await desk.ask();
  await desk.delegate('person:ann', { to: 'person:otto' });
  await desk.decide(id, 'person:otto', 'approve', { at: '2010-12-02T09:00:00Z' });
  await desk.ask();
  expect(await newest('adjust_stock')).toMatchObject({ before: null, onBehalfOf: null });
});
