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

/** What must hold within the ledger at rest; each query answers one line for each violation. */
const RULES: readonly { readonly name: string; readonly query: string }[] = [
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
    query: `select process_id || ' ' || state as line from ledger.process where state = 'pending'
      union all select 'outbox ' || outbox_id || ' ' || kind || ' ' || subject_id || ' tried ' || attempts
        from ledger.outbox where done_at is null`,
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
        or ((s.result ->> 'applied')::boolean
          and a.state <> case d.decision when 'approve' then 'approved' else 'rejected' end)`,
  },
  {
    name: 'one decision counts',
    query: `select a.approval_id || ' ' || a.state || ': ' || count(s.key) || ' decisions counted' as line
      from ledger.approval a left join ledger.step s
        on starts_with(s.key, a.approval_id || ':decide:') and (s.result ->> 'applied')::boolean
      where a.state in ('approved', 'rejected') and a.decided_by is not null
      group by a.approval_id, a.state having count(s.key) <> 1`,
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
  for (const { name, query } of RULES) {
    const lines = await sql.unsafe<{ line: string }[]>(query);
    comparisons.push({ name, count: 0, differences: lines.map(({ line }) => line) });
  }
  return comparisons;
}
