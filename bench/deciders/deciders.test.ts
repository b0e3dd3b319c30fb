import { expect, test } from 'vitest';
import { DEFAULT_APPROVAL_MATRIX } from '../../rules/policy/default-approval-matrix.ts';
import { DECIDERS, decisionName, whoDecides, type OpenApproval } from './deciders.ts';
import { openedWhenNeeded, type SessionHeaders } from './log-in.ts';

const OPEN: OpenApproval = {
  id: 'approval:stock-adjustment:7:1',
  askedRoles: ['finance'],
  requestedBy: 'operator',
  run: 1,
  openLevels: [1],
  requestedAt: '2026-03-02T10:00:00Z',
};

const namesOf = (approval: OpenApproval) => whoDecides(approval).map(({ personId }) => personId);

test('whoever the matrix asks or escalates to is there, twice', () => {
  const asked = DEFAULT_APPROVAL_MATRIX.rows.flatMap(({ levels }) =>
    levels.flatMap(({ roles, escalateTo }) => [...roles, ...(escalateTo?.roles ?? [])]),
  );
  expect(asked.length).toBeGreaterThan(0);
  for (const role of asked)
    expect(DECIDERS.filter((decider) => decider.role === role)).toHaveLength(2);
});

test('those of the asked role decide, for the same request always in the same order', () => {
  expect(namesOf(OPEN).toSorted()).toEqual(['person:finance-1', 'person:finance-2']);
  expect(namesOf({ ...OPEN, openLevels: [0] })).toEqual(namesOf(OPEN));
  const firsts = Array.from({ length: 20 }, (_, index) => namesOf({ ...OPEN, id: `${index}` })[0]);
  expect(new Set(firsts).size).toBe(2);
});

test('whoever asked for something is not among those who decide it', () => {
  expect(namesOf({ ...OPEN, requestedBy: 'person:finance-1' })).toEqual(['person:finance-2']);
  expect(namesOf({ ...OPEN, askedRoles: ['support'] })).toEqual([]);
});

test('each level of each run has a decision of its own name, which the API takes', () => {
  const long = { ...OPEN, id: `approval:order:web:${'x'.repeat(150)}/é:1` };
  const names = [OPEN, { ...OPEN, openLevels: [0] }, { ...OPEN, run: 2 }, long].map((approval) =>
    decisionName('replay-approves', approval),
  );
  expect(new Set(names).size).toBe(4);
  for (const name of names) expect(name).toMatch(/^[\w.:-]{1,120}$/);
});

test('a session is opened once, again when it has ended, and again when it could not be opened', async () => {
  let opened = 0;
  const session = openedWhenNeeded(async (): Promise<SessionHeaders> => {
    opened += 1;
    if (opened === 2) throw new Error('nobody answers');
    return { Cookie: `session=${opened}`, 'X-CSRF-Token': 'token' };
  });
  const [first, same] = await Promise.all([session.headers(), session.headers()]);
  expect(same).toBe(first);
  session.forget(first);
  await expect(session.headers()).rejects.toThrow('nobody answers');
  const second = await session.headers();
  expect(second.Cookie).toBe('session=3');
  // Somebody who comes late with the first one ends nothing.
  session.forget(first);
  expect(await session.headers()).toBe(second);
});
