import type postgres from 'postgres';

const SENT_WITHIN_MS = 300_000;

/** What a cycle is asked of, and where the ledger can be looked at. */
export interface Site {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly owner: postgres.Sql;
}

/** Plans one node's cycle as its planner does; answers its id. The answer is read to its end. */
export async function planCycle(
  { apiUrl, apiKey }: Site,
  node: string,
  date: string,
): Promise<string> {
  const response = await fetch(`${apiUrl}/v1/replenishment/cycles`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ node, date, businessTime: `${date}T06:00:00Z` }),
  });
  const answer = await response.text();
  if (response.status !== 201) {
    throw new Error(`the cycle of ${node} answered ${response.status}: ${answer.slice(0, 500)}`);
  }
  return `replenishment:${node}:${date}`;
}

/** Until each purchase order of the cycles runs, and is with its supplier or waits for its approval. */
export async function untilSent({ owner }: Site, cycles: readonly string[]): Promise<void> {
  const deadline = Date.now() + SENT_WITHIN_MS;
  for (;;) {
    const [open] = await owner<{ count: number }[]>`
      select count(*)::int as count from ledger.purchase_order o join ledger.process p on p.process_id = o.purchase_order_id
      where o.cycle_id = any(${[...cycles]})
        and not (p.state = 'running' and o.state in ('acknowledged', 'in-review'))`;
    if (open?.count === 0) return;
    if (Date.now() > deadline) throw new Error(`${open?.count} purchase orders were not sent`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What the cycles came to. */
export interface Outcome {
  readonly proposals: number;
  readonly purchaseOrders: number;
  /** Of every proposal with its terms and of every line of the purchase orders, in their order. */
  readonly hash: string;
}

/** Throws when a proposal was dropped or is not on the purchase order that it names. */
export async function outcomeOf({ owner }: Site, cycles: readonly string[]): Promise<Outcome> {
  const ids = [...cycles];
  const [found] = await owner<{ proposals: number; ordered: number; hash: string }[]>`
    select count(*)::int as proposals, count(l.sku)::int as ordered,
      md5(string_agg(md5(concat_ws('|', r.cycle_id, r.sku, r.supplier, r.quantity, r.terms, l.line_no, l.quantity,
        l.unit_price, o.supplier, o.total_minor, o.state)), '' order by r.cycle_id collate "C", r.sku collate "C")) as hash
    from ledger.replenishment_proposal r
    left join ledger.purchase_order o on o.purchase_order_id = r.purchase_order_id
    left join ledger.purchase_order_line l on l.purchase_order_id = r.purchase_order_id and l.sku = r.sku
      and l.quantity = r.quantity
    where r.cycle_id = any(${ids})`;
  const [orders] = await owner<{ count: number; lines: number }[]>`
    select count(distinct o.purchase_order_id)::int as count, count(*)::int as lines
    from ledger.purchase_order o join ledger.purchase_order_line l using (purchase_order_id) where o.cycle_id = any(${ids})`;
  const proposals = found?.proposals ?? 0;
  if (proposals === 0 || found?.ordered !== proposals || orders?.lines !== proposals) {
    throw new Error(
      `${proposals} proposals, ${found?.ordered} ordered, ${orders?.lines} lines of purchase orders`,
    );
  }
  return { proposals, purchaseOrders: orders.count, hash: found.hash };
}

/** Forgets what the cycles ordered, so that the next one finds the same need. */
export async function giveUpOrders({ owner }: Site, cycles: readonly string[]): Promise<void> {
  await owner`update ledger.purchase_order set state = 'closed' where cycle_id = any(${[...cycles]})`;
}

/** Calls of the ledger's functions since they were last forgotten, the dearest first, in words. */
export async function statementsOf({ owner }: Site): Promise<string> {
  const rows = await owner<{ name: string; calls: number; ms: number }[]>`
    select substring(query from 'loopline\\.(\\w+)') as name, sum(calls)::int as calls,
      sum(total_exec_time)::float as ms
    from pg_stat_statements where query like 'select loopline.%' group by 1 order by 3 desc limit 8`;
  return rows
    .map(({ name, calls, ms }) => `${name} ${calls} × ${(ms / calls).toFixed(1)} ms`)
    .join(', ');
}

export async function forgetStatements({ owner }: Site): Promise<void> {
  await owner`select pg_stat_statements_reset()`;
}
