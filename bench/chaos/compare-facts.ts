import type postgres from 'postgres';
import type { Comparison } from './comparison.ts';
import type { FactBook, FactKind } from './facts.ts';

/**
 * What the ledger holds of each kind: the caller's key, the ledger's id, how often, and what else was
 * promised with it. What was there before, or came of a process, is left out.
 */
const QUERIES: Readonly<Record<FactKind, string>> = {
  order: `select o.channel || '/' || o.external_id as key, o.order_id as id, o.total_minor::text as detail,
      (select count(*) from ledger.intake i where i.order_id = o.order_id)::integer as times
    from ledger.orders o`,
  // What is refused is kept each time that it comes, whoever sent it apart from what was ordered.
  'changed order': `select r.channel || '/' || r.external_id || ' '
        || substring(n.person #>> '{customer,email}' from '^changed-(.*)@') as key,
      null as id, null as detail, 1 as times
    from ledger.intake_refusal r left join ledger.intake_refusal_person n using (refusal_id) group by 1`,
  cancellation: `select split_part(s.key, ':cancel:', 2) as key, null as id, 1 as times,
      (select coalesce(sum((c ->> 'quantity')::bigint), 0)
        from jsonb_array_elements(s.result -> 'cancelled') c)::text as detail
    from ledger.step s where s.key like 'order:%:cancel:cancel-%' and s.key not like '%:advance:%'`,
  return: `select r.channel || '/' || r.external_ref as key, r.return_id as id, sum(l.quantity)::text as detail,
      1 as times
    from ledger.returns r join ledger.return_line l using (return_id) group by 1, 2`,
  receipt: `select l.receipt_id as key, null as id, max(l.lines)::integer as times,
      max(l.node) || ': ' || string_agg(l.sku || ' ' || l.quantity, ', ' order by l.sku) as detail
    from (select receipt_id, sku, max(node) as node, sum(quantity) as quantity, count(*) as lines
      from ledger.receipt where purchase_order_id is null and receipt_id not like 'opening-%' group by 1, 2) l
    group by 1`,
  hold: `select h.hold_id as key, null as id, s.result ->> 'state' as detail, 1 as times
    from ledger.stock_hold h left join ledger.step s on s.key = 'hold:' || h.hold_id || ':hold:1'`,
  'hold given back': `select h.hold_id as key, null as id, null as detail, 1 as times
    from ledger.stock_hold h join ledger.step s on s.key = 'hold:' || h.hold_id || ':hold:1'
    where h.state = 'released' and s.result ->> 'state' = 'held'`,
  adjustment: `select a.external_ref as key, a.adjustment_id as id, 1 as times,
      a.node || ': ' || a.sku || ' ' || a.quantity as detail
    from ledger.stock_adjustment a`,
  'finance entry': `select e.external_ref as key, e.entry_id as id, e.amount_minor::text as detail, 1 as times
    from ledger.finance_entry e`,
  'purchase order': `select p.external_ref as key, p.purchase_order_id as id, 1 as times,
      p.node || ': ' || string_agg(l.sku || ' ' || l.quantity, ', ' order by l.sku) as detail
    from ledger.purchase_order p join ledger.purchase_order_line l using (purchase_order_id)
    where p.cycle_id is null group by 1, 2, p.node`,
  replenishment: `select c.node || ':' || c.cycle_date as key, c.cycle_id as id, null as detail, 1 as times
    from ledger.replenishment_cycle c`,
  decision: `select d.decision_id as key, d.approval_id as id, d.decision as detail, 1 as times
    from ledger.decision d`,
  resolution: `select split_part(s.key, ':resolve:', 2) as key, split_part(s.key, ':resolve:', 1) as id,
      s.result #>> '{exception,resolution}' as detail, 1 as times
    from ledger.step s where s.key like '%:resolve:resolve-%'`,
};

interface LedgerFact {
  readonly key: string;
  readonly id: string | null;
  readonly detail: string | null;
  readonly times: number;
}

/** Everything that Loopline promised is in the ledger once, as promised, and nothing that nobody asked for. */
export async function compareFacts(sql: postgres.Sql, book: FactBook): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const [kind, query] of Object.entries(QUERIES) as [FactKind, string][]) {
    const rows = await sql.unsafe<LedgerFact[]>(query);
    const promises = book.promises.get(kind) ?? new Map();
    const ledger = new Map(rows.map((row) => [row.key, row]));
    const differences: string[] = [];
    for (const [key, promise] of promises) {
      const found = ledger.get(key);
      if (found === undefined)
        differences.push(`${key} (${promise.id}) was acknowledged and is lost`);
      else if (found.times !== 1)
        differences.push(`${key} (${found.id}) is there ${found.times} times`);
      else if (!isAsPromised(found, promise)) {
        differences.push(`${key}: ${JSON.stringify(promise)} became ${JSON.stringify(found)}`);
      }
    }
    const asked = book.askedKeys.get(kind) ?? new Set();
    for (const { key, id } of rows) {
      if (!asked.has(key)) differences.push(`${key} (${id}): nobody asked for it`);
    }
    comparisons.push({ name: `acknowledged: ${kind}`, count: promises.size, differences });
  }
  const { contradictions } = book;
  return [
    ...comparisons,
    { name: 'the same answer to the same request', count: 0, differences: contradictions },
  ];
}

function isAsPromised(
  found: LedgerFact,
  promise: { readonly id: string | null; readonly detail: string | null },
): boolean {
  return (
    (promise.id === null || found.id === promise.id) &&
    (promise.detail === null || found.detail === promise.detail)
  );
}
