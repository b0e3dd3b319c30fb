-- Reserves stock that belongs to no order yet: many requests in one call, in the order given. Content
-- { holdId, expiresAt, plans: [[{ sku, node, quantity }, …], …] }: the first plan that holds as a whole
-- is reserved, else nothing is and what is short of the last plan is named. Answers one result each.
create or replace function loopline.hold_stock(request jsonb) returns jsonb language plpgsql as $$
declare
  v_at timestamptz := (request ->> 'occurredAt')::timestamptz;
  v_faults jsonb := ledger.hold_faults(request -> 'holds');
  v_new text[];
  v_hold record;
  v_results jsonb := '[]';
  v_known jsonb;
  v_skus text[];
  v_nodes text[];
begin
  -- The hold's row is its lock: a second call with the same id waits here and then reads the answer.
  with inserted as (
    insert into ledger.stock_hold (hold_id, state, expires_at)
    select e.value ->> 'holdId', 'held', (e.value ->> 'expiresAt')::timestamptz
    from jsonb_array_elements(request -> 'holds') with ordinality e(value, position)
    where not v_faults ? (e.position - 1)::text order by 1
    on conflict do nothing returning hold_id)
  select array_agg(i.hold_id) into v_new from inserted i;

  select array_agg(p.sku), array_agg(p.node) into v_skus, v_nodes
  from (
    select distinct u.value ->> 'sku' as sku, u.value ->> 'node' as node
    from jsonb_array_elements(request -> 'holds') with ordinality h(value, position),
      jsonb_array_elements(h.value -> 'plans') p(value), jsonb_array_elements(p.value) u(value)
    -- A refused request may bear the name of a new one, and what it names may not exist.
    where h.value ->> 'holdId' = any (v_new) and not v_faults ? (h.position - 1)::text) p;
  if v_skus is not null then perform ledger.lock_items(v_skus, v_nodes); end if;

  for v_hold in
    select e.value as content, (e.position - 1)::text as position, e.value ->> 'holdId' as id
    from jsonb_array_elements(request -> 'holds') with ordinality e(value, position) order by e.position
  loop
    if v_faults ? v_hold.position then
      v_results := v_results || jsonb_build_array(jsonb_build_object('holdId', v_hold.id, 'applied', false,
        'state', 'refused', 'errors', v_faults -> v_hold.position));
    elsif v_hold.id = any (v_new) then
      v_results := v_results || jsonb_build_array(ledger.place_hold(v_hold.id, v_hold.content, v_at));
    else
      select s.result || jsonb_build_object('replayed', true) into v_known from ledger.step s
      where s.key = 'hold:' || v_hold.id || ':hold:1' and s.request_hash = ledger.content_hash(v_hold.content);
      v_results := v_results || jsonb_build_array(coalesce(v_known, jsonb_build_object('holdId', v_hold.id,
        'applied', false, 'state', 'refused', 'errors', jsonb_build_array(jsonb_build_object('path', 'holdId',
          'message', 'was used with other content')))));
    end if;
  end loop;
  perform ledger.audit_each(ledger.acting(), 'hold_stock', 'hold', v_at, array_agg('hold:' || (r.value ->> 'holdId') order by r.position),
    array_agg(null::jsonb), array_agg(jsonb_build_object('state', 'held', 'expiresAt', r.value -> 'expiresAt',
      'units', h.value -> 'plans' -> (r.value ->> 'plan')::integer) order by r.position))
  from jsonb_array_elements(v_results) with ordinality r(value, position)
  join jsonb_array_elements(request -> 'holds') with ordinality h(value, position) using (position)
  where (r.value ->> 'applied')::boolean and not r.value ? 'replayed';
  return jsonb_build_object('results', v_results);
end $$;

-- What is wrong with the requests, by their position.
create or replace function ledger.hold_faults(p_holds jsonb) returns jsonb language sql as $$
  with fault (position, path, message) as (
    select e.position - 1, 'plans', 'names a SKU or node that does not exist'
    from jsonb_array_elements(p_holds) with ordinality e(value, position)
    where exists (
      select from jsonb_array_elements(e.value -> 'plans') p(value), jsonb_array_elements(p.value) u(value)
      where not exists (select from ledger.sku s where s.sku = u.value ->> 'sku')
        or not exists (select from ledger.node n where n.node = u.value ->> 'node'))
  )
  select ledger.repeated_faults(p_holds, array['holdId']) || coalesce((
    select jsonb_object_agg(f.position::text,
      jsonb_build_array(jsonb_build_object('path', f.path, 'message', f.message))) from fault f), '{}')
$$;

-- One new hold, with the locks of all its items held: the first plan that is available as a whole.
create or replace function ledger.place_hold(p_hold text, p_content jsonb, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_owner text := 'hold:' || p_hold;
  v_key text := 'hold:' || p_hold || ':hold:1';
  v_plan record;
  v_short jsonb;
  v_given ledger.allocation[];
begin
  for v_plan in
    select p.value as units, p.position - 1 as rank
    from jsonb_array_elements(p_content -> 'plans') with ordinality p(value, position) order by p.position
  loop
    select jsonb_agg(jsonb_build_object('sku', w.sku, 'node', w.node, 'quantity', w.quantity - w.available)
      order by w.sku, w.node)
    into v_short
    from (
      select u.value ->> 'sku' as sku, u.value ->> 'node' as node,
        sum((u.value ->> 'quantity')::bigint)::bigint as quantity, max(i.available) as available
      from jsonb_array_elements(v_plan.units) u(value)
      join ledger.stock_item i on i.sku = u.value ->> 'sku' and i.node = u.value ->> 'node'
      group by 1, 2) w
    where w.quantity > w.available;
    if v_short is not null then continue; end if;

    select array_agg((v_owner, u.position, u.value ->> 'sku', u.value ->> 'node',
      (u.value ->> 'quantity')::bigint, null)::ledger.allocation order by u.position)
    into v_given from jsonb_array_elements(v_plan.units) with ordinality u(value, position);
    perform ledger.reserve(v_given, 'held', v_key, p_at);
    perform ledger.note(v_owner, 'stock-held', 'loopline', p_at, v_key, null,
      jsonb_build_object('plan', v_plan.rank, 'units', v_plan.units));
    return ledger.store_step(v_key, v_owner, p_content, jsonb_build_object('holdId', p_hold, 'applied', true,
      'state', 'held', 'plan', v_plan.rank, 'expiresAt', p_content -> 'expiresAt'));
  end loop;
  update ledger.stock_hold h set state = 'released' where h.hold_id = p_hold;
  return ledger.store_step(v_key, v_owner, p_content, jsonb_build_object('holdId', p_hold, 'applied', false,
    'state', 'short', 'short', coalesce(v_short, '[]')));
end $$;
