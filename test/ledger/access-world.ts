import type postgres from 'postgres';

/**
 * One of everything that lies somewhere, in two countries, two channels and three nodes: north and east are in
 * GB, south is in DE. Written as rows, because only where things lie matters here.
 */
export async function writeWorld(owner: postgres.Sql): Promise<void> {
  await owner.begin(async (sql) => {
    await writePlacesAndGoods(sql);
    await writeSales(sql);
    await writeReturns(sql);
    await writeSupply(sql);
    await writeStockAndMoney(sql);
    await writeQuestions(sql);
  });
}

async function writePlacesAndGoods(sql: postgres.TransactionSql): Promise<void> {
  await sql`insert into ledger.node (node, name, country) values
    ('north', 'North', 'GB'), ('east', 'East', 'GB'), ('south', 'South', 'DE')`;
  await sql`insert into ledger.channel (channel, name, kind) values
    ('web', 'Web', 'web-shop'), ('b2b', 'B2B', 'b2b-portal')`;
  await sql`insert into ledger.customer (channel, external_id) values ('web', 'c-1'), ('b2b', 'c-2')`;
  await sql`insert into ledger.supplier (supplier, name, currency, lead_time_days) values ('acme', 'Acme', 'GBP', 3)`;
  await sql`insert into ledger.sku (sku) values ('MUG'), ('JAR')`;
  await sql`insert into ledger.stock_item (sku, node) values ('MUG', 'north'), ('MUG', 'south'), ('JAR', 'east')`;
}

async function writeSales(sql: postgres.TransactionSql): Promise<void> {
  await sql`
    insert into ledger.orders (order_id, channel, external_id, currency, ship_to, state, total_minor, placed_at) values
      ('order:web:1', 'web', '1', 'GBP', '{"country": "GB"}', 'accepted', 1000, now()),
      ('order:web:2', 'web', '2', 'EUR', '{"country": "DE"}', 'completed', 2000, now()),
      ('order:b2b:3', 'b2b', '3', 'GBP', '{"country": "DE"}', 'accepted', 3000, now()),
      ('order:b2b:4', 'b2b', '4', 'GBP', '{}', 'accepted', 4000, now())`;
  await sql`
    insert into ledger.order_line (order_id, line_no, external_line_id, kind, code, node, quantity, unit_price,
      amount_minor, placed_at, shipped) values
      ('order:web:1', 1, '1', 'goods', 'MUG', 'north', 2, 5, 1000, now(), 0),
      ('order:web:2', 1, '1', 'goods', 'MUG', 'south', 2, 10, 2000, now(), 2),
      ('order:web:2', 2, '2', 'shipping', 'post', null, 1, 0, 0, now(), 0),
      ('order:b2b:3', 1, '1', 'goods', 'JAR', null, 3, 10, 3000, now(), 0),
      ('order:b2b:4', 1, '1', 'goods', 'JAR', 'east', 4, 10, 4000, now(), 0)`;
  await sql`
    insert into ledger.reservation (owner_id, line_no, sku, node, quantity) values
      ('order:web:1', 1, 'MUG', 'east', 1), ('order:web:1', 1, 'MUG', 'south', 0)`;
  await sql`
    insert into ledger.backorder (order_id, line_no, sku, node, quantity, queued_at) values
      ('order:b2b:4', 1, 'JAR', 'north', 4, now())`;
  await sql`
    insert into ledger.shipment (shipment_id, order_id, node, state, released_at) values
      ('shipment:web:1:1', 'order:web:1', 'north', 'released', now()),
      ('shipment:web:2:1', 'order:web:2', 'south', 'dispatched', now()),
      ('shipment:b2b:4:1', 'order:b2b:4', 'east', 'released', now())`;
  await sql`
    insert into ledger.payment (payment_id, order_id, provider, currency, state, requested_minor)
    select 'payment:' || o.order_id || ':1', o.order_id, 'gateway', o.currency, 'due', o.total_minor from ledger.orders o`;
}

async function writeReturns(sql: postgres.TransactionSql): Promise<void> {
  await sql`
    insert into ledger.returns (return_id, channel, request_hash, currency, state, resolution, rule, requested_at) values
      ('return:R-000001', 'web', '', 'GBP', 'awaiting-receipt', 'refund', 'ok', now()),
      ('return:R-000002', null, '', 'GBP', 'awaiting-inspection', 'refund', 'ok', now()),
      ('return:R-000003', 'b2b', '', 'EUR', 'in-review', 'refund', 'ok', now()),
      ('return:R-000004', 'web', '', 'GBP', 'awaiting-inspection', 'refund', 'ok', now())`;
  await sql`
    insert into ledger.return_line (return_id, line_no, external_line_id, kind, code, cover, order_id, order_line_no,
      quantity, unit_price, amount_minor, reason_code, node) values
      ('return:R-000001', 1, '1', 'goods', 'MUG', 'sale', 'order:web:2', 1, 1, 10, 1000, 'damaged', null),
      ('return:R-000001', 2, '2', 'goods', 'MUG', 'cancelled', 'order:web:1', 1, 1, 5, 500, 'changed-mind', null),
      ('return:R-000002', 1, '1', 'goods', 'JAR', 'blind', null, null, 1, 7, 700, 'damaged', 'south'),
      ('return:R-000003', 1, '1', 'goods', 'JAR', 'blind', null, null, 1, 8, 800, 'damaged', null),
      ('return:R-000004', 1, '1', 'goods', 'MUG', 'sale', 'order:web:2', 1, 1, 10, 1000, 'damaged', 'north')`;
}

async function writeSupply(sql: postgres.TransactionSql): Promise<void> {
  await sql`
    insert into ledger.purchase_order (purchase_order_id, number, request_hash, supplier, node, currency, state,
      total_minor, ordered_at) values
      ('purchase-order:PO-000001', 'PO-000001', '', 'acme', 'north', 'GBP', 'sent', 5000, now()),
      ('purchase-order:PO-000002', 'PO-000002', '', 'acme', 'south', 'EUR', 'sent', 6000, now())`;
  await sql`
    insert into ledger.shipping_notice (notice_id, purchase_order_id, node, state, final, shipped_at, expected_at) values
      ('ASN-1', 'purchase-order:PO-000001', 'north', 'open', true, now(), now()),
      ('ASN-2', 'purchase-order:PO-000002', 'south', 'open', true, now(), now())`;
  await sql`
    insert into ledger.replenishment_cycle (cycle_id, node, cycle_date, state, business_time)
    values ('replenishment:south:2026-01-05', 'south', '2026-01-05', 'done', now())`;
}

async function writeStockAndMoney(sql: postgres.TransactionSql): Promise<void> {
  await sql`
    insert into ledger.stock_adjustment (adjustment_id, external_ref, request_hash, kind, sku, node, quantity, reason_code,
      state, value_minor, requested_by, occurred_at) values
      ('stock-adjustment:1', 'A-1', '', 'write-off', 'MUG', 'south', -1, 'broken', 'in-review', 450, 'x', now()),
      ('stock-adjustment:2', 'A-2', '', 'found', 'JAR', 'east', 1, 'found', 'applied', 300, 'x', now())`;
  await sql`
    insert into ledger.finance_entry (entry_id, external_ref, request_hash, kind, quantity, unit_price, currency,
      amount_minor, customer_id, state, requested_by, occurred_at)
    select 'finance-entry:' || n, 'F-' || n, '', 'fee', 1, 1, 'GBP', -100 * n,
      (select customer_id from ledger.customer where channel = case n when 1 then 'b2b' when 2 then 'web' end), 'posted', 'x', now()
    from generate_series(1, 3) n`;
  await sql`
    insert into ledger.goodwill (goodwill_id, external_ref, order_id, currency, amount_minor, resolution, reason_code,
      state, policy_version, requested_by, occurred_at)
    select 'goodwill:' || n, 'G-' || n, o.order_id, o.currency, 100 * n, 'credit', 'poor-service', 'closed',
      'approval-matrix@1', 'x', now()
    from (select order_id, currency, row_number() over (order by order_id) as n from ledger.orders) o`;
  await sql`insert into ledger.stock_hold (hold_id, state, expires_at) values ('H1', 'released', now()), ('H2', 'released', now())`;
  await sql`
    insert into ledger.timeline (subject_id, event, actor, detail, occurred_at) values
      ('hold:H1', 'stock-held', 'loopline',
       '{"plan": 0, "units": [{"sku": "MUG", "node": "south", "quantity": 1}, {"sku": "MUG", "node": "north", "quantity": 2}]}', now()),
      ('hold:H1', 'stock-released', 'loopline', '{}', now())`;
}

async function writeQuestions(sql: postgres.TransactionSql): Promise<void> {
  await sql`
    insert into ledger.policy_draft (draft_id, policy, channel, region, document, base_version, author, state)
    select x.id, 'finance-entry', x.channel, x.region, '{}', 1, 'person:x', 'submitted'
    from (values ('7', 'web', 'GB'), ('8', '*', '*')) x(id, channel, region)`;
  await sql`
    insert into ledger.approval (approval_id, process_id, subject_kind, subject_id, amount_minor, currency, role,
      requested_by, rule, state, due_at, requested_at, matrix_subject, policy_version, plan, facts, applied, reasons,
      base_minor, reach_nodes, reach_channels, reach_regions)
    select 'approval:' || x.subject || ':1', x.subject, x.kind, x.subject, 1, x.currency, 'approver', 'x', 'r', 'open', now(),
      now(), x.kind, 'approval-matrix@1', '{}', '{}', '{}', 'because', x.base_minor, x.nodes, x.channels, x.regions
    from (values
      ('return', 'return:R-000001', 'GBP', 1200, '{south}'::text[], '{web}'::text[], '{DE}'::text[]),
      ('purchase-order', 'purchase-order:PO-000002', 'EUR', 5100, '{south}', '{*}', '{DE}'),
      ('policy-change', 'policy-change:7', 'GBP', 0, '{*}', '{web}', '{GB}'),
      ('manual-journal', 'finance-entry:3', 'GBP', 300, '{}', '{}', '{}')
    ) x(kind, subject, currency, base_minor, nodes, channels, regions)`;
  await sql`
    insert into ledger.exception (exception_id, dedupe_key, kind, subject_id, owner, severity, state, actions, raised_at,
      due_at, first_seen_at, last_seen_at, reach_nodes, reach_channels, reach_regions)
    select 'exception:' || x.n, x.n, x.kind, x.subject, 'ops', 'normal', 'open', '{}', now(), now(), now(), now(), x.nodes,
      x.channels, x.regions
    from (values
      ('1', 'stock-short', 'order:web:1', '{east,north}'::text[], '{web}'::text[], '{GB}'::text[]),
      ('2', 'receipt-over', 'purchase-order:PO-000001', '{north}', '{*}', '{GB}'),
      ('3', 'workflow-failed', 'something:else', '{}', '{}', '{}')
    ) x(n, kind, subject, nodes, channels, regions)`;
}
