-- Carries an adjustment into stock and money. Found goods wake the orders that wait for them. A
-- write-off takes what is on hand and promised to nobody; the rest is short: it breaks no reservation,
-- makes no demand, and is put on the exception board. The caller holds the adjustment's row.
create or replace function ledger.apply_adjustment(
  p_adjustment text, p_key text, p_actor text, p_at timestamptz
) returns void language plpgsql as $$
declare v_row ledger.stock_adjustment; v_units bigint; v_minor bigint;
begin
  select * into v_row from ledger.stock_adjustment where adjustment_id = p_adjustment;
  perform ledger.lock_items(array[v_row.sku], array[v_row.node]);
  if v_row.quantity > 0 then
    v_units := v_row.quantity;
    v_minor := ledger.find_stock(v_row, p_key);
  else
    select w.units, w.minor into v_units, v_minor
    from ledger.write_off_stock(v_row, abs(v_row.quantity) - v_row.applied, p_key) w;
  end if;
  update ledger.stock_adjustment a
  set state = 'applied', applied = a.applied + v_units, short = abs(a.quantity) - a.applied - v_units
  where a.adjustment_id = p_adjustment returning * into v_row;
  perform ledger.note(p_adjustment, 'adjustment-applied', p_actor, p_at, p_key, v_row.reason_code,
    jsonb_build_object('quantity', v_units, 'short', v_row.short, 'amountMinor', v_minor::text));
  if v_row.quantity > 0 then
    perform ledger.allocate_backorders(array[v_row.sku], array[v_row.node], p_key, p_at);
  end if;
  if v_row.short > 0 then perform ledger.raise_short_write_off(v_row, p_at); end if;
end $$;

-- Units enter at the current unit cost. Answers what they are worth in minor units.
create or replace function ledger.find_stock(p_row ledger.stock_adjustment, p_key text) returns bigint
language plpgsql as $$
declare v_minor bigint;
begin
  select c.amount_minor into v_minor from ledger.add_cost(p_row.sku, p_row.node, 'stock', p_row.quantity,
    ledger.current_cost(p_row.sku, p_row.node, p_row.quantity), 'stock-found', p_key, p_row.adjustment_id,
    null, p_row.source_ref, p_row.occurred_at) c;
  perform ledger.move_stock(array[(p_row.sku, p_row.node, p_row.lot, 'adjustment', 'on-hand', p_row.quantity,
    p_row.adjustment_id, null::integer, p_row.source_ref)::ledger.movement], 'stock-found', p_key, p_row.occurred_at);
  perform ledger.post(p_key, 'stock-found', 'inventory', 'inventory-gain', ledger.base_currency(), v_minor,
    p_row.adjustment_id, p_row.occurred_at, null, p_row.source_ref);
  return v_minor;
end $$;

-- Takes at most p_asked units from the lot that was named, else from the lots in the order of their
-- names. What stands in the bucket on-hand is reserved for nobody.
create or replace function ledger.write_off_stock(
  p_row ledger.stock_adjustment, p_asked bigint, p_key text, out units bigint, out minor bigint
) language plpgsql as $$
declare v_moves ledger.movement[];
begin
  with lots as (
    select b.lot, b.quantity, sum(b.quantity) over (order by b.lot) - b.quantity as before
    from ledger.stock_balance b
    where b.sku = p_row.sku and b.node = p_row.node and b.bucket = 'on-hand' and b.quantity > 0
      and (p_row.lot = '' or b.lot = p_row.lot)
  )
  select array_agg((p_row.sku, p_row.node, l.lot, 'on-hand', 'adjustment', least(l.quantity, p_asked - l.before),
           p_row.adjustment_id, null::integer, p_row.source_ref)::ledger.movement order by l.lot),
    coalesce(sum(least(l.quantity, p_asked - l.before)), 0)
  into v_moves, units
  from lots l where l.before < p_asked;
  minor := 0;
  if units = 0 then return; end if;

  perform ledger.move_stock(v_moves, 'stock-written-off', p_key, p_row.occurred_at);
  select c.amount_minor into minor from ledger.take_cost(p_row.sku, p_row.node, 'stock', units, 'stock-written-off',
    p_key, p_row.adjustment_id, null, p_row.source_ref, p_row.occurred_at) c;
  perform ledger.post(p_key, 'stock-written-off', 'write-offs', 'inventory', ledger.base_currency(), minor,
    p_row.adjustment_id, p_row.occurred_at, null, p_row.source_ref);
end $$;

create or replace function ledger.raise_short_write_off(p_row ledger.stock_adjustment, p_at timestamptz)
returns void language plpgsql as $$
declare v_exception text;
begin
  v_exception := ledger.raise_exception('stock-short', p_row.adjustment_id, null, '',
    jsonb_build_object('sku', p_row.sku, 'node', p_row.node, 'asked', abs(p_row.quantity),
      'applied', p_row.applied, 'short', p_row.short), p_at);
  -- No order waits here, so there is none to cancel.
  update ledger.exception set actions = array['accept-short', 'wait'] where exception_id = v_exception;
end $$;

-- Somebody chose to wait: what has become free meanwhile is taken now, and what is still short is
-- trouble again, with a new deadline. Anything but an applied write-off is left alone.
create or replace function ledger.retry_write_off(
  p_adjustment text, p_exception text, p_actor text, p_at timestamptz
) returns void language plpgsql as $$
begin
  if exists (select from ledger.stock_adjustment
             where adjustment_id = p_adjustment and state = 'applied' and short > 0) then
    perform ledger.apply_adjustment(p_adjustment, p_adjustment || ':apply:' || p_exception, p_actor, p_at);
  end if;
end $$;
