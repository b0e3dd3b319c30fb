import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEvent } from '../../activities/ledger/approval-json.ts';
import type { ApprovalEvent } from '../../rules/approval/approval-events.ts';
import {
  ASKED_AT,
  sampleLevel,
  samplePlan,
  sampleRequest,
} from '../../rules/approval/approval-sample.ts';
import { nextDeadline } from '../../rules/approval/next-deadline.ts';
import { projectRun } from '../../rules/approval/project-run.ts';
import { runApproval, type ApprovalRun } from '../../rules/approval/run-approval.ts';
import type { BusinessCalendar } from '../../rules/policy/approval-matrix.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';

let shop: TestLedger;

beforeAll(async () => {
  shop = await openLedger();
});
afterAll(() => shop?.close());

/** Hours of business pass as hours do, so that both count the same deadlines. */
const ALWAYS: BusinessCalendar = {
  timeZone: 'UTC',
  hours: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '00:00', to: '24:00' })),
  holidays: [],
  roles: [],
  regions: [],
};
const PEOPLE = ['ann', 'bob', 'fay'];

const quorum = fc.constantFrom('all' as const, 'any' as const, { count: 2 });
const level = fc
  .record({
    roles: fc.subarray(['approver', 'finance']),
    people: fc.subarray(PEOPLE),
    quorum,
    onExpiry: fc.constantFrom('reject' as const, 'approve' as const, 'escalate' as const),
    escalates: fc.boolean(),
  })
  .map(({ escalates, roles, ...terms }) => {
    const isEscalated = escalates || terms.onExpiry === 'escalate';
    const escalateTo = {
      roles: ['ops'],
      people: [],
      deadlineHours: 8,
      onExpiry: terms.quorum === 'all' ? ('approve' as const) : ('reject' as const),
    };
    const asked = roles.length + terms.people.length === 0 ? ['approver'] : roles;
    return { ...terms, roles: asked, escalateTo: isEscalated ? escalateTo : null };
  });
const plan = fc
  .record({
    levels: fc.array(level, { minLength: 1, maxLength: 3 }),
    order: fc.constantFrom('sequence' as const, 'parallel' as const),
    needed: fc.constantFrom('all' as const, 'any' as const),
  })
  .map(({ levels, order, needed }) =>
    samplePlan(
      levels.map((terms, at) => sampleLevel(`level-${at}`, terms)),
      { order, needed: order === 'sequence' ? 'all' : needed },
    ),
  );

const seat = fc.oneof(
  fc.record({
    kind: fc.constant('role' as const),
    name: fc.constantFrom('approver', 'finance', 'ops'),
    escalation: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('person' as const),
    name: fc.constantFrom(...PEOPLE),
    escalation: fc.boolean(),
  }),
);
const at = fc.constantFrom(0, 1, 2);
const by = fc.constantFrom(...PEOPLE);
const plain = fc.constantFrom(
  'information-given' as const,
  'information-overdue' as const,
  'returned-for-change' as const,
  'reminded' as const,
);
const decision = fc.constantFrom('approve' as const, 'reject' as const);
const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('decided' as const), level: at, by, decision, seat }),
  },
  { weight: 3, arbitrary: fc.record({ kind: plain, level: at, by }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('information-asked' as const),
      level: at,
      by,
      askee: by,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('escalated' as const), level: at, by }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('reassigned' as const), level: at, by, seat, to: by }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('expired' as const),
      level: fc.constantFrom(0, 1, 2, null),
      by,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('commented' as const, 'withdrawn' as const), by }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restarted' as const), by, plan }) },
);
const story = fc.record({
  plan,
  said: fc.array(fc.tuple(event, fc.integer({ min: 1, max: 9 })), { maxLength: 9 }),
});

type Story = typeof story extends fc.Arbitrary<infer Told> ? Told : never;

/** The events of a story, each some hours after the one before. */
function eventsOf({ plan: asked, said }: Story): ApprovalEvent[] {
  const first = sampleRequest(Date.parse(ASKED_AT), asked);
  let atMs = first.atMs;
  const rest = said.map(([one, hours]) => {
    atMs += hours * 3_600_000;
    const terms = { onBehalfOf: null, delegationId: null, cause: 'deadline', reasons: [] };
    const facts = one.kind === 'restarted' ? { facts: first.facts } : {};
    return { ...terms, ...facts, ...one, atMs } as unknown as ApprovalEvent;
  });
  return [first, ...rest];
}

interface Folded {
  readonly state: string;
  readonly closing: { cause: string; by: string | null; atMs: number } | null;
  readonly levels: readonly { state: string; escalated: boolean; askee: string | null }[];
}

/** The ledger's fold: where it stands after each event, and whether that found something to act on. */
async function foldedBy(
  events: readonly ApprovalEvent[],
): Promise<{ run: Folded; ignored: number }> {
  const [first, ...rest] = events.map(writeEvent) as unknown as { plan: object; atMs: number }[];
  const { owner } = shop;
  const [begun] = await owner<{ run: Folded }[]>`
    select ledger.begin_run(${owner.json((first?.plan ?? {}) as never)}, ${owner.json(first?.atMs ?? 0)}) as run`;
  let run = begun?.run as Folded;
  let ignored = 0;
  for (const one of rest) {
    const [after] = await owner<{ run: Folded | null }[]>`
      select ledger.run_after(${owner.json(run as never)}, ${owner.json(one as never)}) as run`;
    if (after?.run) run = after.run;
    else ignored += 1;
  }
  return { run, ignored };
}

/** What both say of a run; a level that is over has no question any more. */
function told(run: ApprovalRun) {
  const { closing, levels } = run;
  const { phase } = projectRun(run, { default: ALWAYS });
  return {
    state: phase === 'returned' ? 'returned' : closing === null ? 'open' : run.state,
    closing: closing && { cause: closing.cause, by: closing.by, atMs: closing.atMs },
    open: levels.flatMap(({ state, escalated, question }, no) =>
      closing === null && state === 'open'
        ? [{ no, escalated: escalated !== null, askee: question?.askee ?? null }]
        : [],
    ),
  };
}

function toldBy({ state, closing, levels }: Folded) {
  return {
    state,
    closing: closing && { cause: closing.cause, by: closing.by, atMs: closing.atMs },
    open: levels.flatMap((one, no) =>
      closing === null && one.state === 'open'
        ? [{ no, escalated: one.escalated, askee: one.askee }]
        : [],
    ),
  };
}

test('the ledger folds every history as the rule does, and knows the same next deadline', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (one) => {
      const events = eventsOf(one);
      const run = runApproval(events);
      const { run: folded, ignored } = await foldedBy(events);
      expect(toldBy(folded)).toEqual(told(run));
      expect(ignored).toBe(run.ignored.length);
      const next = nextDeadline(run, { default: ALWAYS });
      if (next === null) return;
      const [row] = await shop.owner<{ next: { what: string; atMs: number } }[]>`
        select ledger.deadline_of(${shop.owner.json(folded as never)}, ${next.level === null ? null : String(next.level)}) as next`;
      expect(row?.next).toEqual({ what: next.what, atMs: next.atMs - 1_000 });
    }),
    { numRuns: 300 },
  );
}, 120_000);
