-- Locks the roots of the given items in the one order that everybody uses, creating what is new.
-- p_skus[i] is at p_nodes[i].
create or replace function ledger.lock_items(p_skus text[], p_nodes text[]) returns void
language plpgsql as $$
begin
  insert into ledger.stock_item (sku, node)
  select distinct i.sku, i.node from unnest(p_skus, p_nodes) i(sku, node)
  where not exists (select from ledger.stock_item s where s.sku = i.sku and s.node = i.node)
  order by 1, 2
  on conflict do nothing;
  perform from ledger.stock_item s
  where (s.sku, s.node) in (select i.sku, i.node from unnest(p_skus, p_nodes) i(sku, node))
  order by s.sku, s.node for no key update;
end $$;

-- Records the moves and carries them into balances and availability. The caller holds the items'
-- locks. A key that begins with a colon is each subject's own. A balance that would go negative breaks the statement: callers check before they move.
create or replace function ledger.move_stock(
  p_moves ledger.movement[], p_event text, p_key text, p_occurred_at timestamptz
) returns void language plpgsql as $$
begin
  insert into ledger.stock_move (sku, node, lot, from_bucket, to_bucket, quantity, event, key,
    subject_id, line_no, source_ref, occurred_at)
  select m.sku, m.node, coalesce(m.lot, ''), m.from_bucket, m.to_bucket, m.quantity, p_event,
    case when p_key like ':%' then m.subject_id || p_key else p_key end, m.subject_id, m.line_no, m.source_ref, p_occurred_at
  from unnest(p_moves) m;

  with delta as (
    select d.sku, d.node, d.bucket, d.lot, sum(d.quantity)::bigint as quantity
    from unnest(p_moves) m
    cross join lateral (values
      (m.sku, m.node, m.from_bucket, coalesce(m.lot, ''), -m.quantity),
      (m.sku, m.node, m.to_bucket, coalesce(m.lot, ''), m.quantity)) d(sku, node, bucket, lot, quantity)
    where d.bucket not in ('supplier', 'customer', 'adjustment')
    group by 1, 2, 3, 4
  ), changed as (
    update ledger.stock_balance b set quantity = b.quantity + d.quantity
    from delta d
    where (b.sku, b.node, b.bucket, b.lot) = (d.sku, d.node, d.bucket, d.lot)
    returning b.sku, b.node, b.bucket, b.lot
  )
  insert into ledger.stock_balance (sku, node, bucket, lot, quantity)
  select d.sku, d.node, d.bucket, d.lot, d.quantity from delta d
  where (d.sku, d.node, d.bucket, d.lot) not in (select c.sku, c.node, c.bucket, c.lot from changed c);

  update ledger.stock_item i set available = i.available + d.quantity
  from (select m.sku, m.node,
          sum(case when m.to_bucket = 'on-hand' then m.quantity else -m.quantity end)::bigint as quantity
        from unnest(p_moves) m
        where 'on-hand' in (m.from_bucket, m.to_bucket)
        group by 1, 2) d
  where i.sku = d.sku and i.node = d.node and d.quantity <> 0;
end $$;
