import { describe, expect, test } from 'vitest';
import { judgeAtOnce, type Known } from './judge-at-once.ts';

const OPEN: Known = {
  state: 'open',
  closing: null,
  run: 2,
  openLevels: [1],
  requesters: ['person:rita'],
  decided: ['person:ann', 'person:bob'],
  separated: [{ by: 'person:wim', text: 'Whoever counted does not approve the correction' }],
};
const SAID = {
  decisionId: 'd1',
  approvalId: 'approval:x:1',
  kind: 'decide',
  by: 'person:fay',
  run: 2,
};

function judge(said: Partial<typeof SAID>, known: Known | undefined = OPEN) {
  return judgeAtOnce(SAID.approvalId, known, { ...SAID, ...said });
}

describe('a word that the process hears', () => {
  test('is let through where nothing is known against it', () => {
    expect(judge({})).toBeUndefined();
    expect(judgeAtOnce(SAID.approvalId, undefined, { ...SAID, by: 'person:rita' })).toBeUndefined();
    expect(
      judgeAtOnce(undefined, undefined, { decisionId: 'd1', approvalId: 'other' }),
    ).toBeUndefined();
  });

  test('is refused about another approval than the one that is waited for', () => {
    expect(judge({ approvalId: 'approval:y:1' })).toMatchObject({
      status: 409,
      rule: 'not-awaited',
    });
  });

  test.each([
    ['whoever asked', 'person:rita', 'requester-may-not-decide'],
    ['whoever has had a say', 'person:ann', 'one-decision-per-request'],
    ['whoever did what is separated from it', 'person:wim', 'separated-duties'],
  ])('is refused from %s', (_who, by, rule) => {
    expect(judge({ by })).toMatchObject({ status: 403, rule });
  });

  test('other than a decision may come from whoever asked', () => {
    expect(judge({ by: 'person:rita', kind: 'withdraw' })).toBeUndefined();
    expect(judge({ by: 'person:ann', kind: 'ask-information' })).toBeUndefined();
  });

  test('about a run that is over is refused, and one about a run that nobody told the process of is not', () => {
    expect(judge({ run: 1 })).toMatchObject({ status: 409, rule: 'restarted' });
    expect(judge({ run: 3 })).toBeUndefined();
  });

  test('comes too late when it is decided, and is told by whom and when', () => {
    const at = '2026-11-22T10:00:00.000Z';
    const closing = { by: 'person:bob', onBehalfOf: 'person:ann', at, cause: 'decision' } as const;
    expect(judge({}, { state: 'approved', closing })).toEqual({
      status: 409,
      rule: 'already-decided',
      text: 'approved by person:bob for person:ann',
      by: 'person:bob',
      onBehalfOf: 'person:ann',
      at,
    });
    const expired = { by: null, onBehalfOf: null, at, cause: 'expiry' } as const;
    expect(judge({}, { state: 'rejected', closing: expired })).toMatchObject({
      text: 'rejected by the deadline',
      by: null,
    });
    expect(judge({ kind: 'comment' }, { state: 'approved', closing })).toBeUndefined();
  });

  test('about what was withdrawn is told so', () => {
    const at = '2026-11-22T10:00:00.000Z';
    const closing = { by: 'person:rita', onBehalfOf: null, at, cause: 'withdrawal' } as const;
    expect(judge({}, { state: 'withdrawn', closing })).toMatchObject({
      status: 410,
      text: 'person:rita has withdrawn the request',
    });
  });
});
