-- Gives a hold's units back, first to the orders that wait for them. Content { holdId }. A hold that is
-- not held any more stays as it is.
create or replace function loopline.release_hold(request jsonb) returns jsonb language plpgsql as $$
declare v_state text; v_id text := request ->> 'holdId';
begin
  select h.state into v_state from ledger.stock_hold h where h.hold_id = v_id for no key update;
  if not found then perform ledger.fail_not_found('Hold', v_id); end if;
  if v_state <> 'held' then
    return jsonb_build_object('holdId', v_id, 'applied', false, 'state', v_state);
  end if;
  perform ledger.give_back_holds(array[v_id], 'released', coalesce(request ->> 'actor', 'loopline'),
    (request ->> 'occurredAt')::timestamptz);
  return jsonb_build_object('holdId', v_id, 'applied', true, 'state', 'released');
end $$;

-- Ends the holds whose time was up at `until`, the longest overdue first.
create or replace function loopline.expire_holds(request jsonb) returns jsonb language plpgsql as $$
declare
  v_until timestamptz := (request ->> 'until')::timestamptz;
  v_ids text[];
begin
  select array_agg(h.hold_id) into v_ids
  from (
    select n.hold_id from ledger.stock_hold n
    where n.state = 'held' and n.expires_at <= v_until
    order by n.expires_at, n.hold_id
    limit least(greatest(coalesce((request ->> 'limit')::integer, 200), 1), 1000)
    for no key update skip locked) h;
  if v_ids is not null then
    perform ledger.give_back_holds(v_ids, 'expired', 'loopline', v_until);
    perform ledger.audit_each(ledger.acting(), 'expire_holds', 'hold', v_until,
      array(select 'hold:' || h from unnest(v_ids) with ordinality u(h, n) order by n), null,
      array(select '{"state": "expired"}'::jsonb from unnest(v_ids)));
  end if;
  return jsonb_build_object('expired', coalesce(cardinality(v_ids), 0),
    'more', exists (select from ledger.stock_hold h where h.state = 'held' and h.expires_at <= v_until));
end $$;

-- The caller holds the locks of the holds' rows. Reserved units go back on hand, then to backorders.
create or replace function ledger.give_back_holds(
  p_holds text[], p_state text, p_actor text, p_at timestamptz
) returns void language plpgsql as $$
declare v_moves ledger.movement[]; v_skus text[]; v_nodes text[]; v_key text;
begin
  v_key := 'hold:' || p_holds[1] || ':' || p_state || ':1';
  select array_agg(r.sku), array_agg(r.node) into v_skus, v_nodes
  from (select distinct n.sku, n.node from ledger.reservation n
        where n.owner_id in (select 'hold:' || h from unnest(p_holds) h)) r;
  update ledger.stock_hold h set state = p_state where h.hold_id = any (p_holds);
  perform ledger.note('hold:' || h, 'stock-' || p_state, p_actor, p_at, v_key) from unnest(p_holds) h;
  if v_skus is null then return; end if;

  perform ledger.lock_items(v_skus, v_nodes);
  with freed as (
    delete from ledger.reservation r where r.owner_id in (select 'hold:' || h from unnest(p_holds) h)
    returning r.*)
  select array_agg((f.sku, f.node, f.lot, 'reserved', 'on-hand', f.quantity, f.owner_id, f.line_no,
    null)::ledger.movement order by f.owner_id, f.line_no, f.lot)
  into v_moves from freed f where f.quantity > 0;
  perform ledger.move_stock(v_moves, p_state, v_key, p_at);
  perform ledger.allocate_backorders(v_skus, v_nodes, v_key, p_at);
end $$;
