import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeStockAdjustment } from '../../activities/ledger/intake/change-stock-adjustment.ts';
import { putDelegation } from '../../activities/ledger/intake/delegation.ts';
import { putNoticePreference } from '../../activities/ledger/intake/notice.ts';
import { endPerson, putPeople } from '../../activities/ledger/intake/people.ts';
import {
  activatePolicyDraft,
  notePolicySimulation,
  putPolicyDraft,
  rollBackPolicy,
  submitPolicyDraft,
  withdrawPolicyDraft,
} from '../../activities/ledger/intake/policy-drafts.ts';
import { rateRisk } from '../../activities/ledger/intake/rate-risk.ts';
import { finishRepair, requestRepair } from '../../activities/ledger/intake/repair-process.ts';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { makeKey, revokeKey, rotateKey } from '../../activities/ledger/intake/service-keys.ts';
import { submitDecision } from '../../activities/ledger/intake/submit-decision.ts';
import {
  assignException,
  claimException,
  commentException,
  mergeExceptions,
  snoozeException,
} from '../../activities/ledger/intake/work-on-exception.ts';
import { listExceptions } from '../../activities/ledger/read/exception.ts';
import { lookAtApproval, recordDecision } from '../../activities/ledger/steps/decision.ts';
import { reportFailure } from '../../activities/ledger/steps/failure.ts';
import { endSessionsOfPerson } from '../../activities/ledger/steps/sessions.ts';
import { EVERYWHERE } from '../../rules/access/decide-access.ts';
import { DEFAULT_PREFERENCE } from '../../rules/notice/notice-preference.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { openLedger } from '../support/ledger.ts';
import { adjust, NOON, seedAdjustmentShop } from './adjustment-shop.ts';
import { actsOf, auditedLedger, rowsOf, WALKS, type AuditedLedger } from './audited-ledger.ts';

const TODAY = '2026-11-20T09:00:00Z';
const LATER = '2026-12-20T09:00:00Z';
const BOSS = 'person:boss';

let shop: AuditedLedger;

beforeAll(async () => {
  const test = await openLedger();
  await seedAdjustmentShop(test.owner);
  shop = await auditedLedger(test);
});
afterAll(() => shop?.close());

/** Every call of an act in here is made twice and judged: see audited-ledger.ts. */
describe('each act of people about one another’s work leaves one row, and none when repeated', () => {
  it('an adjustment that asks for approval, and the decision on it', async () => {
    const { adjustment } = await adjust(shop.ledger, {
      externalRef: 'f-1',
      kind: 'found',
      quantity: 100,
      actor: 'person:rita',
    });
    const approvalId = adjustment.approval?.id ?? '';
    await changeStockAdjustment(shop.ledger, {
      adjustmentId: adjustment.id,
      changeId: 'c-1',
      quantity: 99,
      valueMinor: '24750',
      actor: 'person:rita',
      at: NOON,
    });
    expect(rowsOf(shop.calls, 'change_stock_adjustment')).toMatchObject([
      { subject: adjustment.id },
    ]);
    await lookAtApproval(shop.ledger, { approvalId });
    const decision = { approvalId, decisionId: 'd-1', actor: BOSS, at: NOON };
    await submitDecision(shop.ledger, { ...decision, decision: 'approve' });
    await recordDecision(shop.ledger, { approvalId, decisionId: 'd-1' });
    expect(rowsOf(shop.calls, 'adjust_stock')).toMatchObject([{ subject: adjustment.id }]);
    expect(rowsOf(shop.calls, 'submit_decision')).toMatchObject([{ subject: approvalId }]);
  });

  it('a delegation that is put and ended', async () => {
    const delegation = {
      delegationId: 'delegation:1',
      to: 'person:ann',
      subjects: null,
      limitMinor: null,
      validFrom: TODAY,
      validUntil: LATER,
      absent: true,
      actor: BOSS,
      at: TODAY,
    };
    await putDelegation(shop.ledger, { ...delegation, revoked: false });
    await putDelegation(shop.ledger, { ...delegation, revoked: true });
    expect(rowsOf(shop.calls, 'put_delegation')).toHaveLength(2);
  });

  it('a supplier who is rated', async () => {
    const rating = { party: 'supplier:acme', reason: 'late again', actor: BOSS, at: TODAY };
    await rateRisk(shop.ledger, { ...rating, risk: 'high' });
    expect(rowsOf(shop.calls, 'rate_risk')).toMatchObject([{ subject: 'supplier:acme' }]);
  });

  it('trouble on the board that is worked on', async () => {
    const processId = 'stock-adjustment:1';
    for (const step of ['one', 'two'])
      await reportFailure(shop.ledger, { processId, step, compensation: false, message: 'no' });
    const { data } = await listExceptions(shop.ledger, { limit: 2, state: 'open' });
    const [{ id: exceptionId } = { id: '' }, { id: duplicateId } = { id: '' }] = data;
    const act = { exceptionId, actor: BOSS, at: TODAY };
    await claimException(shop.ledger, { ...act, claimId: 'c-1' });
    await commentException(shop.ledger, { ...act, commentId: 'c-1', text: 'looking' });
    await assignException(shop.ledger, { ...act, assignmentId: 'a-1', assignee: 'person:olga' });
    const wakeAt = '2026-11-20T10:00:00Z';
    await snoozeException(shop.ledger, { ...act, snoozeId: 's-1', wakeAt, reason: 'in an hour' });
    await mergeExceptions(shop.ledger, { ...act, mergeId: 'm-1', duplicateId });
    await resolveException(shop.ledger, { ...act, resolutionId: 'r-1', action: 'retry' });
    expect(rowsOf(shop.calls, 'claim_exception')).toMatchObject([{ subject: exceptionId }]);
    expect(rowsOf(shop.calls, 'merge_exceptions')).toHaveLength(1);
  });

  it('a process that is repaired', async () => {
    const processId = 'stock-adjustment:1';
    await reportFailure(shop.ledger, {
      processId,
      step: 'three',
      compensation: false,
      message: 'no',
    });
    const repair = { processId, repairId: 'r-1', actor: BOSS, at: TODAY };
    await requestRepair(shop.ledger, { ...repair, action: 'reset', step: 'three', reason: 'try' });
    await finishRepair(shop.ledger, { ...repair, state: 'done', outcome: {} });
    expect(rowsOf(shop.calls, 'request_repair')).toMatchObject([{ subject: processId }]);
    expect(rowsOf(shop.calls, 'finish_repair')).toHaveLength(1);
  });

  it('policies that are drafted, put into force and withdrawn', async () => {
    const draft = (draftId: string, windowDays: number) => ({
      draftId,
      policy: 'return',
      actor: BOSS,
      at: TODAY,
      channel: '*',
      region: '*',
      document: { ...DEFAULT_POLICIES.return, windowDays },
      note: 'shorter',
      activeFrom: null,
      madeFrom: null,
    });
    const named = (draftId: string) => ({ draftId, policy: 'return', actor: BOSS, at: TODAY });
    const matrix = DEFAULT_POLICIES['approval-matrix'];
    const rows = matrix.rows.map((row) =>
      row.subject === 'policy-change' ? { ...row, levels: [] } : row,
    );
    await shop.owner`
      insert into ledger.policy_version (policy, version, channel, effective_from, document)
      values ('approval-matrix', 2, '*', '2000-01-01', ${shop.owner.json({ ...matrix, rows } as never)})`;
    await putPolicyDraft(shop.ledger, draft('p-1', 101));
    await notePolicySimulation(shop.ledger, {
      ...named('p-1'),
      from: '2026-10-01T00:00:00.000Z',
      until: '2026-11-01T00:00:00.000Z',
      summary: ['None of 7 returns would have gone another way.'],
    });
    await submitPolicyDraft(shop.ledger, { ...named('p-1'), note: null, approval: null });
    await activatePolicyDraft(shop.ledger, { ...named('p-1'), activeFrom: null });
    await putPolicyDraft(shop.ledger, draft('p-2', 102));
    await withdrawPolicyDraft(shop.ledger, { ...named('p-2'), note: null });
    await rollBackPolicy(shop.ledger, {
      ...draft('p-3', DEFAULT_POLICIES.return.windowDays),
      madeFrom: 1,
      approval: null,
    });
    expect(rowsOf(shop.calls, 'put_policy_draft').map(({ subject }) => subject)).toEqual([
      'policy-change:p-1',
      'policy-change:p-2',
    ]);
  });

  it('people and keys that come and go', async () => {
    const personId = 'person:zoe';
    await putPeople(shop.ledger, {
      people: [
        {
          personId,
          issuer: 'https://login.test',
          subject: 'zoe',
          name: 'Zoe',
          roles: ['support'],
          reach: EVERYWHERE,
        },
      ],
      at: TODAY,
    });
    await shop.owner`
      insert into ledger.session (digest, person_id, opened_at, seen_at, ends_at, hard_ends_at)
      values (sha256('s'), ${personId}, ${TODAY}, ${TODAY}, ${LATER}, ${LATER})`;
    await endSessionsOfPerson(shop.ledger, { personId, at: TODAY });
    await putNoticePreference(shop.ledger.as({ actor: personId }), {
      personId,
      at: TODAY,
      preference: { ...DEFAULT_PREFERENCE, digestHour: 11 },
    });
    await endPerson(shop.ledger, { personId, at: TODAY });
    const key = (keyId: string) => ({
      keyId,
      digest: createHash('sha256').update(keyId).digest('hex'),
      expiresAt: LATER,
    });
    await makeKey(shop.ledger, {
      ...key('key00000001'),
      name: 'Web shop',
      roles: ['connector'],
      scopes: ['orders:place'],
      reach: EVERYWHERE,
      at: TODAY,
    });
    await rotateKey(shop.ledger, {
      keyId: 'key00000001',
      next: key('key00000002'),
      overlapHours: 1,
      at: TODAY,
    });
    await revokeKey(shop.ledger, { keyId: 'key00000002', at: TODAY });
    expect(rowsOf(shop.calls, 'put_people')).toMatchObject([{ subject: personId }]);
    for (const act of ['make_key', 'rotate_key', 'revoke_key'])
      expect(rowsOf(shop.calls, act).length, act).toBeGreaterThan(0);
  });

  it('and these were the acts', () => {
    expect(actsOf(shop.calls)).toEqual(WALKS.decisions);
  });
});
