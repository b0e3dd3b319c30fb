import type postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NoticeDesk } from './notice-desk.ts';

let desk: NoticeDesk;

beforeEach(async () => {
  desk = await NoticeDesk.open();
});
afterEach(() => desk.shop.close());

/** Kind and reader of every mail so far. */
async function told(): Promise<string[]> {
  await desk.deliverAll();
  return desk.mails.map(({ template, to }) => `${template} ${to.split('@', 1)[0]}`).toSorted();
}

describe('trouble on the board', () => {
  const raise = (kind: string, subject = 'order:web:1') => desk.shop.owner`
    select ledger.raise_exception(${kind}, ${subject}, null, 'x', '{"channel": "web", "node": "north"}', '2026-01-10T12:00:00Z')`;

  test('of high severity is told at once to those who own it', async () => {
    await desk.person('fin', { roles: ['finance'] });
    await desk.person('ware', { roles: ['warehouse'] });
    await raise('refund-failed');
    expect(await told()).toEqual(['exception-urgent fin']);
    expect(desk.mails[0]).toMatchObject({ subject: 'Urgent: refund failed of order:web:1' });
    expect(desk.mails[0]?.body).toMatch(/\/v1\/exceptions\/exception%3A\d+\n$/);
  });

  test('of lower severity waits for the digest', async () => {
    const ware = await desk.person('ware', { roles: ['warehouse'] });
    await raise('carrier');
    await desk.deliver();
    expect(await desk.plans()).toEqual({ [ware]: 'digest' });
  });

  test('that is raised again while it is open is no news', async () => {
    await desk.person('fin', { roles: ['finance'] });
    await raise('refund-failed');
    await raise('refund-failed');
    expect(await told()).toEqual(['exception-urgent fin']);
  });

  test('of a transaction that is undone is told to nobody', async () => {
    await desk.person('fin', { roles: ['finance'] });
    await desk.shop.owner
      .begin(async (sql) => {
        await sql`select ledger.raise_exception('refund-failed', 'order:web:1', null, 'x', '{}', now())`;
        throw new Error('undone');
      })
      .catch(() => undefined);
    expect(await desk.open()).toBe(0);
  });

  test('that is given to somebody is told to them, unless they took it themselves', async () => {
    await desk.person('fin', { roles: ['finance'] });
    const ida = await desk.person('ida', { roles: ['finance'], nodes: ['nowhere'] });
    await raise('refund-failed');
    await told();
    desk.mails.splice(0);
    await desk.shop.owner`update ledger.exception set assignee = ${ida}`;
    const assigned = (actor: string) => desk.shop.owner`
      insert into ledger.exception_event (exception_id, event, actor, occurred_at)
      select exception_id, 'assigned', ${actor}, now() from ledger.exception`;
    await assigned('person:fin');
    await assigned(ida);
    expect(await told()).toEqual(['exception-assigned ida']);
  });
});

describe('an approval', () => {
  const APPROVAL = 'approval:return:R-000001:1';
  const level = (role: string) => ({
    name: role,
    roles: [role],
    people: [],
    quorum: 'any',
    calendar: 'default',
    deadlineHours: 8,
    remindAfterHours: 4,
    onExpiry: 'escalate',
    escalateTo: { roles: ['ops'], people: [], deadlineHours: 8, onExpiry: 'reject' },
  });
  const LEVELS = [level('finance'), level('ops')];
  const YES = { decision: 'approve', seat: { kind: 'role', name: 'finance', escalation: false } };
  let sequence = 0;

  /** Writes an approval as it stands after its first event, without a process around it. */
  async function ask(change: { people?: string[]; order?: 'sequence' | 'parallel' } = {}) {
    sequence = 0;
    await desk.shop.owner.begin(async (sql) => {
      await sql`
        insert into ledger.approval (approval_id, process_id, subject_kind, subject_id, amount_minor, currency, role,
          requested_by, rule, state, due_at, requested_at, matrix_subject, policy_version, plan, facts, applied, reasons,
          base_minor, asked_roles, asked_people, open_levels, reach_nodes, reach_channels, reach_regions)
        values (${APPROVAL}, 'return:R-000001', 'return', 'return:R-000001', 12050, 'GBP', 'finance', 'person:sam', 'above',
          'open', '2026-01-12T09:30:00Z', '2026-01-10T12:00:00Z', 'refund', 'approval-matrix@1',
          ${sql.json({ order: change.order ?? 'sequence', needed: 'all', levels: LEVELS })}, '{}', '{}', 'Refunds above 100.00 need an approval.', 12050,
          '{finance}', ${change.people ?? []}::text[], '{0}', '{*}', '{*}', '{*}')`;
      await write(sql, 'requested', 'person:sam', {});
    });
  }

  async function write(
    sql: postgres.TransactionSql,
    kind: string,
    actor: string,
    body: object,
    level: number | null = null,
  ) {
    sequence += 1;
    await sql`
      insert into ledger.approval_event (approval_id, sequence, kind, run, level, body, actor, occurred_at)
      values (${APPROVAL}, ${sequence}, ${kind}, 1, ${level}, ${JSON.stringify(body)}::text::jsonb, ${actor}, now())`;
    await sql`update ledger.approval set sequence = ${sequence} where approval_id = ${APPROVAL}`;
  }

  /** Another event, and how the approval stands by it; answers whom it is told to. */
  async function event(
    kind: string,
    actor: string,
    { body = {}, level = null, set }: { body?: object; level?: number | null; set?: object } = {},
  ): Promise<string[]> {
    await told();
    desk.mails.splice(0);
    await desk.shop.owner.begin(async (sql) => {
      await write(sql, kind, actor, body, level);
      if (set !== undefined)
        await sql`update ledger.approval set ${sql(set as Record<string, string>)} where approval_id = ${APPROVAL}`;
    });
    return told();
  }

  beforeEach(async () => {
    await desk.person('fin', { roles: ['finance'] });
    await desk.person('sam', { roles: ['finance', 'support'] });
    await desk.person('olga', { roles: ['ops'] });
  });

  test('is told to whoever is asked, and never to whoever asked for it', async () => {
    await ask({ people: ['person:olga'] });
    expect(await told()).toEqual(['approval-requested fin', 'approval-requested olga']);
  });

  test('is told to a delegate too, as long as the delegation holds and covers it', async () => {
    const delegate = async (name: string, columns: object = {}) => {
      await desk.person(name, { roles: ['support'] });
      const row = {
        delegation_id: `delegation:${name}`,
        sequence: 1,
        from_person: 'person:fin',
        to_person: `person:${name}`,
        valid_from: '2020-01-01T00:00:00Z',
        valid_until: '2190-01-01T00:00:00Z',
        absent: true,
        actor: 'person:fin',
        ...columns,
      };
      await desk.shop.owner`insert into ledger.delegation ${desk.shop.owner(row)}`;
    };
    await delegate('dan');
    await delegate('over', { valid_until: '2020-02-01T00:00:00Z' });
    await delegate('small', { limit_minor: 12_049 });
    await delegate('revoked', { revoked_at: '2020-01-02T00:00:00Z' });
    await delegate('other', { subjects: '{purchase-order}' });
    await ask();
    expect(await told()).toEqual(['approval-requested dan', 'approval-requested fin']);
  });

  test('that waits is told again: a reminder, an escalation, a question and its answer', async () => {
    await ask();
    expect(await event('reminded', 'loopline', { level: 0 })).toEqual(['approval-reminder fin']);
    expect(
      await event('escalated', 'loopline', { level: 0, set: { asked_roles: '{ops}' } }),
    ).toEqual(['approval-escalated olga']);
    expect(
      await event('information-asked', 'person:olga', {
        level: 0,
        body: { askee: 'person:sam' },
        set: { phase: 'information-asked', asked_people: '{person:sam}' },
      }),
    ).toEqual(['approval-question sam']);
    expect(
      await event('information-given', 'person:sam', {
        level: 0,
        set: { phase: 'deciding', asked_people: '{}' },
      }),
    ).toEqual(['approval-answered olga']);
    expect(await event('commented', 'person:olga')).toEqual([]);
  });

  test('whose level has said yes is told to the next one in a sequence', async () => {
    await ask();
    const decided = {
      level: 0,
      body: YES,
      set: { asked_roles: '{ops}', open_levels: '{1}' },
    };
    expect(await event('decided', 'person:fin', decided)).toEqual(['approval-requested olga']);
  });

  test('with levels side by side asks nobody a second time', async () => {
    await ask({ order: 'parallel', people: ['person:olga'] });
    const decided = {
      level: 0,
      body: YES,
      set: { asked_roles: '{}', open_levels: '{1}' },
    };
    expect(await event('decided', 'person:fin', decided)).toEqual([]);
  });

  test('that is closed is told to whoever asked for it, in the day’s digest', async () => {
    await ask();
    await event('decided', 'person:fin', {
      level: 0,
      body: YES,
      set: { state: 'approved', closed_by: 'decision', open_levels: '{}', asked_roles: '{}' },
    });
    const [row] = await desk.shop.owner<{ person: string; plan: string; outcome: string }[]>`
      select person_id as person, plan, facts ->> 'outcome' as outcome from ledger.notice
      where kind = 'approval-closed'`;
    expect(row).toEqual({ person: 'person:sam', plan: 'digest', outcome: 'approved' });
  });
});
