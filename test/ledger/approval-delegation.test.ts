import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { putDelegation } from '../../activities/ledger/intake/delegation.ts';
import { listDelegations } from '../../activities/ledger/read/delegation.ts';
import { lookAtApproval } from '../../activities/ledger/steps/decision.ts';
import { ApprovalShop } from './approval-shop.ts';

let desk: ApprovalShop;

beforeEach(async () => {
  desk = await ApprovalShop.open();
});
afterEach(() => desk.close());

const IN_FORCE = { at: '2010-12-02T09:00:00Z' };
const NOON_TEXT = '2010-12-01T12:00:00.000Z';

describe('a delegation', () => {
  test('in force lets the delegate decide, and both names are shown', async () => {
    const id = await desk.ask();
    const delegationId = await desk.delegate('person:ann', { to: 'person:otto' });
    expect(await desk.decide(id, 'person:otto', 'approve', IN_FORCE)).toMatchObject({
      applied: true,
      approval: { decidedBy: 'person:otto', decidedFor: 'person:ann' },
    });
    const { events, levelRuns } = await desk.review(id);
    expect(events.at(-1)?.detail).toMatchObject({ onBehalfOf: 'person:ann', delegationId });
    expect(levelRuns[0]?.decisions).toMatchObject([
      { by: 'person:otto', onBehalfOf: 'person:ann' },
    ]);
  });

  test.each([
    ['that has not begun', {}, { at: '2010-11-30T09:00:00Z' }, 'delegation-not-begun'],
    ['that is over', {}, { at: '2011-01-01T09:00:00Z' }, 'delegation-ended'],
    ['for something else', { subjects: ['refund'] as const }, IN_FORCE, 'delegation-out-of-scope'],
    ['up to less', { limitMinor: '24999' }, IN_FORCE, 'delegation-above-limit'],
  ])('%s gives nothing', async (_what, terms, said, rule) => {
    const id = await desk.ask();
    await desk.delegate('person:ann', { to: 'person:otto', ...terms });
    expect(await desk.decide(id, 'person:otto', 'approve', said)).toMatchObject({
      status: 'refused',
      rule,
    });
  });

  test('that ended cannot be used by setting back the time of the decision', async () => {
    const id = await desk.ask();
    await desk.delegate('person:ann', { to: 'person:otto' });
    const late = { occurredAt: '2010-12-02T09:00:00Z', at: '2011-01-01T09:00:00Z' };
    expect(await desk.decide(id, 'person:otto', 'approve', late)).toMatchObject({
      rule: 'delegation-ended',
    });
  });

  test('that was revoked gives nothing, stays revoked, and is kept with its history', async () => {
    const id = await desk.ask();
    const terms = { to: 'person:otto', delegationId: 'delegation:leave' };
    await desk.delegate('person:ann', terms);
    await desk.delegate('person:ann', { ...terms, revoked: true });
    expect(await desk.decide(id, 'person:otto', 'approve', IN_FORCE)).toMatchObject({
      rule: 'delegation-ended',
    });
    expect(
      await putDelegation(desk.shop.ledger, {
        ...terms,
        subjects: null,
        limitMinor: null,
        absent: false,
        revoked: false,
        validFrom: '2010-12-01T00:00:00Z',
        validUntil: '2012-12-31T00:00:00Z',
        actor: 'person:ann',
        at: '2010-12-03T12:00:00Z',
      }),
    ).toMatchObject({ outcome: 'refused', rule: 'revoked' });
    expect(await desk.shop.owner`select 1 from ledger.delegation`).toHaveLength(2);
  });

  test('put again with the same content is one', async () => {
    const terms = { to: 'person:otto', delegationId: 'delegation:leave' };
    await desk.delegate('person:ann', terms);
    await desk.delegate('person:ann', terms);
    expect(await desk.shop.owner`select 1 from ledger.delegation`).toHaveLength(1);
    const { data } = await listDelegations(desk.shop.ledger, { limit: 5, person: 'person:otto' });
    expect(data).toMatchObject([{ id: 'delegation:leave', from: 'person:ann', version: 1 }]);
    expect(await listDelegations(desk.shop.ledger, { limit: 5, person: 'person:fay' })).toEqual({
      data: [],
      nextCursor: null,
    });
  });

  test('is changed by nobody else, and names people only', async () => {
    const delegationId = await desk.delegate('person:ann', { to: 'person:otto' });
    const terms = {
      delegationId,
      subjects: null,
      limitMinor: null,
      absent: false,
      revoked: true,
      validFrom: '2010-12-01T00:00:00Z',
      validUntil: '2010-12-31T00:00:00Z',
      at: '2010-12-01T12:00:00Z',
    };
    const { ledger } = desk.shop;
    expect(
      await putDelegation(ledger, { ...terms, to: 'person:otto', actor: 'person:bob' }),
    ).toMatchObject({ outcome: 'refused', rule: 'not-own' });
    expect(
      await putDelegation(ledger, { ...terms, to: 'key:robot', actor: 'person:ann' }),
    ).toMatchObject({ outcome: 'refused', rule: 'unknown-person' });
  });

  test('for somebody who cannot say so themself is entered by another, and stays theirs', async () => {
    const id = await desk.ask();
    const terms = { to: 'person:otto', delegationId: 'delegation:ill' };
    await desk.delegate('person:olga', { ...terms, from: 'person:ann', reason: 'is ill' });
    const { data } = await listDelegations(desk.shop.ledger, { limit: 5, person: 'person:ann' });
    expect(data).toMatchObject([{ from: 'person:ann', to: 'person:otto', by: 'person:olga' }]);
    const { subjectId } = await desk.review(id);
    expect(
      await desk.shop.owner`select actor, reason from ledger.timeline
        where subject_id = ${subjectId} and event = 'approval-delegation'`,
    ).toMatchObject([{ actor: 'person:olga', reason: 'is ill' }]);
    expect(await desk.decide(id, 'person:otto', 'approve', IN_FORCE)).toMatchObject({
      approval: { decidedBy: 'person:otto', decidedFor: 'person:ann' },
    });
    // Whose it is may end it.
    await desk.delegate('person:ann', { ...terms, revoked: true });
    const after = await listDelegations(desk.shop.ledger, { limit: 5, person: 'person:ann' });
    expect(after.data).toMatchObject([{ version: 2, by: 'person:ann', revokedAt: NOON_TEXT }]);
  });

  test('of somebody else is entered by nobody to themself, nor for whom nobody knows', async () => {
    const terms = {
      subjects: null,
      limitMinor: null,
      absent: false,
      revoked: false,
      validFrom: '2010-12-01T00:00:00Z',
      validUntil: '2010-12-31T00:00:00Z',
      actor: 'person:olga',
      at: '2010-12-01T12:00:00Z',
    };
    const { ledger, owner } = desk.shop;
    const from = 'person:ann';
    expect(await putDelegation(ledger, { ...terms, from, to: 'person:olga' })).toMatchObject({
      outcome: 'refused',
      rule: 'to-oneself',
    });
    await expect(
      putDelegation(ledger, { ...terms, from: 'person:eve', to: 'person:otto' }),
    ).rejects.toMatchObject({ type: 'NotFound' });
    expect(await owner`select 1 from ledger.delegation`).toHaveLength(0);
  });

  test('is not passed on', async () => {
    const id = await desk.ask();
    await desk.delegate('person:ann', { to: 'person:otto' });
    await desk.delegate('person:otto', { to: 'person:rita' });
    await desk.delegate('person:otto', { to: 'person:pat' });
    expect(await desk.decide(id, 'person:pat', 'approve', IN_FORCE)).toMatchObject({
      rule: 'delegation-chain',
    });
  });

  test('lets the delegate give the seat to nobody else, whom its owner may give it to', async () => {
    const id = await desk.ask();
    await desk.delegate('person:ann', { to: 'person:otto' });
    const seat = { kind: 'role', name: 'approver', escalation: false } as const;
    const toBob = { kind: 'reassign', seat, to: 'person:bob' } as const;
    expect(await desk.say(id, 'person:otto', toBob, IN_FORCE)).toMatchObject({
      status: 'refused',
      rule: 'delegation-chain',
      answer: { text: 'person:otto decides for person:ann and cannot pass that on to person:bob' },
    });
    expect(await desk.review(id)).toMatchObject({ askedRoles: ['approver'], askedPeople: [] });
    expect(await desk.say(id, 'person:ann', toBob, IN_FORCE)).toMatchObject({ applied: true });
  });
});

describe('an absence', () => {
  const away = { absent: true, to: null };

  test('of everybody who could decide escalates at once', async () => {
    const id = await desk.ask();
    for (const person of ['ann', 'bob', 'boss', 'ivan'])
      await desk.delegate(`person:${person}`, away);
    expect(await lookAtApproval(desk.shop.ledger, { approvalId: id })).toMatchObject({
      applied: true,
    });
    expect(await desk.review(id)).toMatchObject({
      escalated: true,
      levelRuns: [{ escalated: 'absence' }],
      askedRoles: ['ops', 'approver'],
    });
    expect(await desk.decide(id, 'person:olga', 'approve', IN_FORCE)).toMatchObject({
      applied: true,
    });
  });

  test('with a delegate who is there does not', async () => {
    const id = await desk.ask();
    for (const person of ['ann', 'bob', 'boss', 'ivan'])
      await desk.delegate(`person:${person}`, away);
    await desk.delegate('person:ann', { to: 'person:otto' });
    expect(await lookAtApproval(desk.shop.ledger, { approvalId: id })).toMatchObject({
      applied: false,
    });
    expect(await desk.review(id)).toMatchObject({ escalated: false });
  });

  test('stands on the timeline of what waits for the person', async () => {
    const id = await desk.ask();
    const { subjectId } = await desk.review(id);
    await desk.delegate('person:ann', { ...away, reason: 'on leave' });
    expect(
      await desk.shop.owner`select actor, reason from ledger.timeline
        where subject_id = ${subjectId} and event = 'approval-delegation'`,
    ).toMatchObject([{ actor: 'person:ann', reason: 'on leave' }]);
  });
});
