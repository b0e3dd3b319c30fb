-- Where something lies and what it is worth, for the question whether it is within somebody's reach:
-- { nodes, channels, regions, amountMinor }, each place an array, or '*' where such things have no such place
-- at all; amountMinor null where there is none, or none in the base currency. Null for what does not exist.
-- request { kind, id }
create or replace function loopline.access_facts(request jsonb) returns jsonb language sql stable as $$
  select ledger.access_facts(request ->> 'kind', request ->> 'id')
$$;

create or replace function ledger.access_facts(p_kind text, p_id text) returns jsonb language plpgsql stable as $$
begin
  return case p_kind
    when 'order' then ledger.order_places(p_id)
    when 'shipment' then ledger.shipment_places(p_id)
    when 'return' then ledger.return_places(p_id)
    when 'stock-adjustment' then ledger.adjustment_places(p_id)
    when 'purchase-order' then ledger.purchase_order_places(p_id)
    when 'shipping-notice' then (select ledger.places_of_node(n.node) from ledger.shipping_notice n where n.notice_id = p_id)
    when 'replenishment' then (select ledger.places_of_node(c.node) from ledger.replenishment_cycle c where c.cycle_id = p_id)
    when 'finance-entry' then ledger.finance_entry_places(p_id)
    when 'goodwill' then ledger.goodwill_places(p_id)
    when 'hold' then ledger.hold_places(p_id)
    when 'customer' then ledger.customer_places(p_id)
    when 'approval' then ledger.approval_places(p_id)
    when 'exception' then ledger.exception_places(p_id)
    when 'policy-draft' then ledger.policy_draft_places(p_id)
    else ledger.unknown_kind(p_kind) end;
end $$;

create or replace function ledger.unknown_kind(p_kind text) returns jsonb language plpgsql stable as $$
begin
  perform ledger.fail_invalid('kind', format('%s is no kind of thing that lies within reach', p_kind));
  return null;
end $$;

create or replace function ledger.places_json(
  p_nodes jsonb, p_channels jsonb, p_regions jsonb, p_amount_minor bigint default null, p_currency text default null
) returns jsonb language sql stable as $$
  select jsonb_build_object('nodes', coalesce(p_nodes, '[]'), 'channels', coalesce(p_channels, '[]'),
    'regions', coalesce(p_regions, '[]'),
    'amountMinor', case when p_currency = ledger.base_currency() then p_amount_minor::text end)
$$;

-- What lies at one node and has no channel.
create or replace function ledger.places_of_node(
  p_node text, p_amount_minor bigint default null, p_currency text default null
) returns jsonb language sql stable as $$
  select ledger.places_json(jsonb_build_array(n.node), '"*"', jsonb_build_array(n.country), p_amount_minor, p_currency)
  from ledger.node n where n.node = p_node
$$;

-- An order lies where its units are reserved, wait or have left from.
create or replace function ledger.order_places(p_order text) returns jsonb language sql stable as $$
  select ledger.places_json(
    (select jsonb_agg(distinct u.node order by u.node) from (
      select l.node from ledger.order_line l where l.order_id = o.order_id
      union all select r.node from ledger.reservation r where r.owner_id = o.order_id and r.quantity > 0
      union all select b.node from ledger.backorder b where b.order_id = o.order_id and b.quantity > 0
      union all select s.node from ledger.shipment s where s.order_id = o.order_id) u
     where u.node is not null),
    jsonb_build_array(o.channel),
    case when o.ship_to ->> 'country' is not null then jsonb_build_array(o.ship_to ->> 'country') end,
    o.total_minor, o.currency)
  from ledger.orders o where o.order_id = p_order
$$;

create or replace function ledger.shipment_places(p_shipment text) returns jsonb language sql stable as $$
  select ledger.places_json(jsonb_build_array(s.node), jsonb_build_array(o.channel),
    case when o.ship_to ->> 'country' is not null then jsonb_build_array(o.ship_to ->> 'country') end)
  from ledger.shipment s join ledger.orders o on o.order_id = s.order_id
  where s.shipment_id = p_shipment
$$;

-- A line comes back to the node that took it in, until then to the one that sent it; what was cancelled before
-- it was sent comes back nowhere. A line's region is the country that it was delivered to, of a blind one that of
-- its node.
create or replace function ledger.return_lies(p_return text)
returns table (node text, region text) language sql stable as $$
  select case when l.cover <> 'cancelled' then n.node end, coalesce(o.ship_to ->> 'country', n.country)
  from ledger.return_line l
  left join ledger.orders o on o.order_id = l.order_id
  left join ledger.order_line s on s.order_id = l.order_id and s.line_no = l.order_line_no
  left join ledger.node n on n.node = coalesce(l.node, s.node)
  where l.return_id = p_return
$$;

create or replace function ledger.return_places(p_return text) returns jsonb language sql stable as $$
  select ledger.places_json(
    (select jsonb_agg(distinct p.node order by p.node) from ledger.return_lies(r.return_id) p where p.node is not null),
    case when r.channel is not null then jsonb_build_array(r.channel) end,
    (select jsonb_agg(distinct p.region order by p.region) from ledger.return_lies(r.return_id) p where p.region is not null),
    (select coalesce(sum(l.amount_minor), 0)::bigint from ledger.return_line l
     where l.return_id = r.return_id and l.cover <> 'cancelled'),
    r.currency)
  from ledger.returns r where r.return_id = p_return
$$;

create or replace function ledger.adjustment_places(p_adjustment text) returns jsonb language sql stable as $$
  select ledger.places_of_node(a.node, a.value_minor, ledger.base_currency())
  from ledger.stock_adjustment a where a.adjustment_id = p_adjustment
$$;

create or replace function ledger.purchase_order_places(p_po text) returns jsonb language sql stable as $$
  select ledger.places_of_node(o.node, o.total_minor, o.currency)
  from ledger.purchase_order o where o.purchase_order_id = p_po
$$;

-- An entry about a customer lies in their channel, and has no node or region. One about nobody belongs to the shop as
-- a whole and lies nowhere, so that it is for those who reach every place.
create or replace function ledger.finance_entry_places(p_entry text) returns jsonb language sql stable as $$
  select case when c.channel is not null
    then ledger.places_json('"*"', jsonb_build_array(c.channel), '"*"', f.amount_minor, f.currency)
    else ledger.places_json('[]', '[]', '[]', f.amount_minor, f.currency) end
  from ledger.finance_entry f left join ledger.customer c on c.customer_id = f.customer_id
  where f.entry_id = p_entry
$$;

-- A hold lies where it keeps stock; one that is over, where it kept it.
create or replace function ledger.hold_places(p_hold text) returns jsonb language sql stable as $$
  select ledger.places_json(jsonb_agg(distinct n.node order by n.node) filter (where n.node is not null), '"*"',
    jsonb_agg(distinct n.country order by n.country) filter (where n.node is not null))
  from ledger.stock_hold h
  left join ledger.timeline t on t.subject_id = 'hold:' || h.hold_id and t.event = 'stock-held'
  left join jsonb_array_elements(t.detail -> 'units') u(value) on true
  left join ledger.node n on n.node = u.value ->> 'node'
  where h.hold_id = p_hold
  group by h.hold_id
$$;

-- A customer is known to one channel, and lies nowhere else.
create or replace function ledger.customer_places(p_customer text) returns jsonb language sql stable as $$
  select ledger.places_json('"*"', jsonb_build_array(c.channel), '"*"')
  from ledger.customer c
  where c.customer_id = case when p_customer ~ '^customer:[1-9]\d{0,17}$'
    then substr(p_customer, length('customer:') + 1)::bigint end
$$;

-- A draft lies in the channel and region that it is to hold in, and has no node. What is to hold in every channel or
-- region lies in no single one, and what is to hold everywhere lies nowhere.
create or replace function ledger.policy_draft_places(p_draft text) returns jsonb language sql stable as $$
  select ledger.places_json(case when (d.channel, d.region) <> ('*', '*') then '"*"'::jsonb end,
    case when d.channel <> '*' then jsonb_build_array(d.channel) end,
    case when d.region <> '*' then jsonb_build_array(d.region) end)
  from ledger.policy_draft d where d.draft_id = p_draft
$$;

-- Approvals and exceptions lie where their subject did when they were raised, as their lists have it.
create or replace function ledger.approval_places(p_approval text) returns jsonb language sql stable as $$
  select ledger.places_json(ledger.places_stored(a.reach_nodes), ledger.places_stored(a.reach_channels),
    ledger.places_stored(a.reach_regions), a.base_minor, ledger.base_currency())
  from ledger.approval a where a.approval_id = p_approval
$$;

create or replace function ledger.exception_places(p_exception text) returns jsonb language sql stable as $$
  select ledger.places_json(ledger.places_stored(e.reach_nodes), ledger.places_stored(e.reach_channels),
    ledger.places_stored(e.reach_regions))
  from ledger.exception e where e.exception_id = p_exception
$$;

-- Rows have {*} for no such place at all.
create or replace function ledger.places_stored(p_places text[]) returns jsonb language sql immutable as $$
  select case when p_places = '{*}' then '"*"' else to_jsonb(p_places) end
$$;

-- The other way round: {*} for no such place at all, {} where nobody can tell.
create or replace function ledger.places_to_store(
  p_places jsonb, out nodes text[], out channels text[], out regions text[]
) language sql immutable as $$
  select coalesce(ledger.text_array(p_places -> 'nodes'), '{*}'), coalesce(ledger.text_array(p_places -> 'channels'), '{*}'),
    coalesce(ledger.text_array(p_places -> 'regions'), '{*}')
$$;

-- Where the subject of an approval or exception lies, and what it is worth; one that is nothing of ours is
-- nowhere, which is for those who reach every place.
create or replace function ledger.subject_places(p_subject text) returns jsonb language sql stable as $$
  select coalesce(
    case when k.kind in ('order', 'shipment', 'return', 'stock-adjustment', 'purchase-order', 'replenishment', 'finance-entry',
        'goodwill')
      then ledger.access_facts(k.kind, p_subject)
      when k.kind = 'hold' then ledger.hold_places(substr(p_subject, length('hold:') + 1))
      when k.kind = 'channel' then ledger.places_json('"*"', jsonb_build_array(substr(p_subject, length('channel:') + 1)), '"*"')
      when k.kind = 'policy-change' then ledger.policy_draft_places(substr(p_subject, length('policy-change:') + 1))
      when k.kind in ('supplier-change', 'master-data-edit') then ledger.change_places(p_subject) end,
    ledger.places_json('[]', '[]', '[]'))
  from (select split_part(p_subject, ':', 1) as kind) k
$$;
