import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { writeEvent } from '../../activities/ledger/approval-json.ts';
import { readApprovalCase, type ApprovalWord } from '../../activities/ledger/read/approval-case.ts';
import type { ApprovalEvent } from '../../rules/approval/approval-events.ts';
import { addEvents } from '../../rules/approval/command-events.ts';
import { projectRun } from '../../rules/approval/project-run.ts';
import type { ApprovalShop } from './approval-shop.ts';

export const HOUR_MS = 3_600_000;
/** When approval shops are asked. */
export const NOON_MS = Date.parse('2010-12-01T12:00:00Z');

interface Forgery {
  readonly decisionId?: string;
  readonly restart?: object;
  /** What is said to follow, where it is not what the rules make of the events. */
  readonly projection?: object;
}

/**
 * Calls the ledger's function with the right of the application, and with all that it would send if a rule had
 * let the events pass.
 */
export async function forge(
  desk: ApprovalShop,
  approvalId: string,
  events: readonly ApprovalEvent[],
  { projection = {}, ...forged }: Forgery = {},
): Promise<unknown> {
  const found = await readApprovalCase(desk.shop.ledger, { approvalId });
  const { run } = addEvents(found.events, events);
  return desk.shop.ledger.call('append_approval_events', {
    approvalId,
    expectedSequence: found.sequence,
    events: events.map(writeEvent),
    projection: { ...projectRun(run, found.matrix.document.calendars), ...projection },
    ...forged,
  });
}

/** Stores a word past the rules, with the right of the application; answers its id. */
export async function sayPast(
  desk: ApprovalShop,
  approvalId: string,
  actor: string,
  word: ApprovalWord,
  level = 0,
  run = 1,
): Promise<string> {
  const { kind, decision, ...body } = { decision: undefined, ...word };
  const decisionId = randomUUID();
  const at = '2010-12-01T13:00:00Z';
  await desk.shop.ledger.call('submit_decision', {
    approvalId,
    decisionId,
    kind,
    decision,
    actor,
    at,
    body: { ...body, run, level },
  });
  return decisionId;
}

export const refusedAs = (why: string) => ({
  type: 'InvariantViolated',
  message: expect.stringContaining(why) as string,
});

/** It waits as it did before, and nothing was carried out. */
export async function expectUntouched(
  desk: ApprovalShop,
  approvalId: string,
  history = ['requested'],
): Promise<void> {
  expect(await desk.review(approvalId)).toMatchObject({ state: 'open', decidedBy: null });
  expect(await desk.history(approvalId)).toEqual(history);
  expect(await desk.effects(approvalId)).toBe(0);
}
