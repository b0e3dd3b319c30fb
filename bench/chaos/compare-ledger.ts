import type postgres from 'postgres';
import type { Comparison } from './comparison.ts';

interface Check {
  readonly ok: boolean;
  readonly drift: readonly unknown[];
  readonly trialBalance: readonly {
    readonly currency: string;
    readonly debitMinor: string;
    readonly creditMinor: string;
  }[];
}

interface Rule {
  readonly name: string;
  /** One line for each violation. */
  readonly query: string;
  /** How much it was held against, as `count`; where it is left out, nobody counts. */
  readonly counted?: string;
}

/** What must hold within the ledger at rest. */
const RULES: readonly Rule[] = [
  {
    name: 'no reservation without an order',
    query: `select r.owner_id || ' line ' || r.line_no || ': ' || r.quantity as line
      from ledger.reservation r left join ledger.orders o on o.order_id = r.owner_id
      where r.quantity > 0 and coalesce(o.state, '') not in ('accepted', 'released')
        and not exists (select from ledger.stock_hold h where 'hold:' || h.hold_id = r.owner_id and h.state = 'held')`,
  },
  {
    name: 'no hold without an owner',
    query: `select h.order_id || ' ' || h.hold || ' (' || o.state || ')' as line
      from ledger.order_hold h join ledger.orders o using (order_id)
      where h.cleared_at is null and o.state not in ('accepted', 'released')
      union all select 'hold ' || h.hold_id from ledger.stock_hold h where h.state = 'held'
        and (h.expires_at < clock_timestamp() - interval '2 minutes'
          or not exists (select from ledger.reservation r where r.owner_id = 'hold:' || h.hold_id))`,
  },
  {
    name: 'nothing left to start or to send',
    // What people want to hear later is not left over.
    query: `select process_id || ' ' || state as line from ledger.process where state = 'pending'
      union all select 'outbox ' || outbox_id || ' ' || kind || ' ' || subject_id || ' tried ' || attempts
        from ledger.outbox where done_at is null
          and not (kind in ('mail', 'digest') and attempts = 0 and available_at > clock_timestamp())`,
  },
  {
    name: 'what waits has a deadline',
    query: `select p.process_id as line from ledger.process p where p.state = 'running'
        and not exists (select from ledger.due d where d.process_id = p.process_id and d.state = 'open'
          and d.due_at > clock_timestamp())`,
  },
  {
    name: 'what has ended is at rest',
    query: `select o.order_id || ' ' || o.state || ', process ' || p.state as line
        from ledger.orders o join ledger.process p on p.process_id = o.order_id
        where (o.state in ('completed', 'cancelled', 'rejected')) <> (p.state = 'ended')
      union all select c.capture_id || ' is due' from ledger.capture c where c.state = 'due'
      union all select r.refund_id || ' is due' from ledger.refund r where r.state = 'due'
      union all select r.return_id || ' ' || r.state from ledger.returns r
        join ledger.process p on p.process_id = r.return_id
        where (r.state in ('closed', 'refused', 'expired')) <> (p.state = 'ended')`,
  },
  {
    // Workers that are killed again and again let tasks time out; the watcher says so until they go on.
    name: 'no exception that is a defect',
    query: `select exception_id || ' ' || kind || ' ' || subject_id || ' ' || evidence as line
      from ledger.exception where kind in ('workflow-failed', 'compensation-failed')
        and not (resolution = 'healed' and evidence ->> 'message' like '%category=WorkflowTaskTimedOut%') is true`,
  },
  {
    name: 'an approval is what was decided',
    query: `select a.approval_id || ' ' || a.state || ': ' || d.decision_id || ' ' || d.decision
        || coalesce(' ' || (s.result ->> 'applied'), ' was never taken') as line
      from ledger.approval a join ledger.decision d using (approval_id)
        left join ledger.step s on s.key = a.approval_id || ':decide:' || d.decision_id
      where a.state = 'open' or s.key is null
        or ((s.result ->> 'applied')::boolean and d.decision = 'reject' and a.state <> 'rejected')`,
  },
  {
    name: 'what is approved by several has the yes of each',
    counted: `select count(*)::integer as count from ledger.approval a
      where a.state = 'approved' and jsonb_array_length(a.plan -> 'levels') > 1`,
    query: `select a.approval_id || ' level ' || l.number - 1 as line
      from ledger.approval a cross join jsonb_array_elements(a.plan -> 'levels') with ordinality l(level, number)
      where a.state = 'approved' and a.closed_by = 'decision'
        and not exists (select from ledger.approval_event e where e.approval_id = a.approval_id and e.run = a.run
          and e.kind = 'decided' and e.level = l.number - 1 and e.body ->> 'decision' = 'approve')`,
  },
  {
    // Every level here is decided by whoever of a role is first.
    name: 'one decision counts',
    counted: `select count(*)::integer as count from ledger.approval_event where kind = 'decided'`,
    query: `select e.approval_id || ' level ' || e.level || ': ' || count(*) || ' decisions counted' as line
      from ledger.approval_event e where e.kind = 'decided'
      group by e.approval_id, e.run, e.level having count(*) <> 1
      union all select a.approval_id || ' ' || a.state || ': nobody decided it' from ledger.approval a
      where a.state in ('approved', 'rejected') and a.closed_by = 'decision' and not exists (
        select from ledger.approval_event e where e.approval_id = a.approval_id and e.kind = 'decided')
      union all select d.decision_id || ' was told that it counts, and did not' from ledger.decision d
        join ledger.step s on s.key = d.approval_id || ':decide:' || d.decision_id
      where d.kind = 'decide' and (s.result ->> 'applied')::boolean is distinct from exists (
        select from ledger.approval_event e where e.decision_id = d.decision_id and e.kind = 'decided')`,
  },
  {
    name: 'nobody decides what they asked for, nor two levels',
    counted: `select count(*)::integer as count from ledger.approval a join ledger.person p on p.person_id = a.requested_by`,
    query: `select e.approval_id || ': ' || e.actor || ' asked for it' as line
      from ledger.approval_event e join ledger.approval a using (approval_id)
      where e.kind = 'decided' and e.actor in (a.requested_by, a.requested_for)
      union all select e.approval_id || ': ' || e.actor || ' decided ' || count(*) || ' levels'
      from ledger.approval_event e where e.kind = 'decided'
      group by e.approval_id, e.run, e.actor having count(*) > 1`,
  },
];

/** The ledger's own check, its trial balance, and what must hold when the house is at rest. */
export async function compareLedger(sql: postgres.Sql): Promise<Comparison[]> {
  const [row] = await sql<{ check: Check }[]>`select loopline.check_ledger('{}') as check`;
  if (row === undefined) throw new Error('the ledger was not checked');
  const { drift, trialBalance } = row.check;
  const unbalanced = trialBalance.filter(
    ({ debitMinor, creditMinor }) => debitMinor !== creditMinor,
  );
  const comparisons: Comparison[] = [
    {
      name: 'ledger check',
      count: 0,
      differences: drift.map((difference) => JSON.stringify(difference)),
    },
    {
      name: 'trial balance',
      count: trialBalance.length,
      differences: unbalanced.map((balance) => JSON.stringify(balance)),
    },
  ];
  for (const { name, query, counted = 'select 0 as count' } of RULES) {
    const lines = await sql.unsafe<{ line: string }[]>(query);
    const [held] = await sql.unsafe<{ count: number }[]>(counted);
    const differences = lines.map(({ line }) => line);
    comparisons.push({ name, count: held?.count ?? 0, differences });
  }
  return comparisons;
}
