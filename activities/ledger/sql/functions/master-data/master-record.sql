-- A record as its PUT takes it: every field by its name on the wire, without the key; null where there is none.
create or replace function ledger.master_record(p_noun text, p_key text) returns jsonb language sql stable as $$
  select case p_noun
    when 'supplier' then (
      select jsonb_build_object('name', s.name, 'currency', s.currency, 'leadTimeDays', s.lead_time_days, 'email', s.email)
      from ledger.supplier s where s.supplier = p_key)
    when 'sku' then (
      select jsonb_build_object('description', s.description, 'unitOfMeasure', s.unit_of_measure, 'barcode', s.barcode,
        'class', s.class, 'costMethod', s.cost_method, 'standardCost', ledger.price_text(s.standard_cost),
        'supplier', s.supplier, 'supplierPrice', ledger.price_text(p.unit_price),
        'minimumQuantity', p.minimum_quantity, 'multipleQuantity', p.multiple_quantity, 'leadTimeDays', s.lead_time_days)
      from ledger.sku s left join ledger.supplier_sku p on p.supplier = s.supplier and p.sku = s.sku
      where s.sku = p_key)
    when 'node' then (
      select jsonb_build_object('name', n.name, 'country', n.country, 'priority', n.priority)
      from ledger.node n where n.node = p_key)
    when 'channel' then (
      select jsonb_build_object('name', c.name, 'kind', c.kind, 'backorder', c.backorder, 'trustsFile', c.trusted,
        'nodes', to_jsonb(c.nodes))
      from ledger.channel c where c.channel = p_key)
  end
$$;

-- Some fields of a record.
create or replace function ledger.picked(p_record jsonb, p_fields text[]) returns jsonb language sql immutable as $$
  select coalesce(jsonb_object_agg(f, p_record -> f), '{}') from unnest(p_fields) f
$$;

-- What the rule needs to judge edits of these records: { currency, matrices: { <version>: document },
-- elements: [{ record, channel, region, risk, matrix }] }, one element for each key in the order given. A record lies
-- where its noun lies: a channel at itself, a node in its country, all else everywhere; a supplier has a risk.
-- request { noun, keys: [key], at }
create or replace function loopline.read_master_data_snapshot(request jsonb) returns jsonb language sql stable as $$
  with element as materialized (
    select k.position, ledger.master_record(request ->> 'noun', k.key) as record,
      case when request ->> 'noun' = 'channel' then k.key end as channel,
      case when request ->> 'noun' = 'node' then ledger.node_region(k.key) end as region,
      case when request ->> 'noun' = 'supplier' then ledger.risk_of('supplier:' || k.key) end as risk
    from jsonb_array_elements_text(request -> 'keys') with ordinality k(key, position)
  ), matrix as materialized (
    select s.channel, s.region, ledger.policy_at('approval-matrix', s.channel, s.region,
      (request ->> 'at')::timestamptz) as policy
    from (select distinct e.channel, e.region from element e) s
  )
  select jsonb_build_object(
    'currency', ledger.base_currency(),
    'matrices', (select jsonb_object_agg(m.policy ->> 'version', m.policy -> 'document') from matrix m),
    'elements', (select jsonb_agg(jsonb_build_object('record', e.record, 'channel', e.channel, 'region', e.region,
        'risk', e.risk, 'matrix', m.policy ->> 'version') order by e.position)
      from element e
      join matrix m on m.channel is not distinct from e.channel and m.region is not distinct from e.region))
$$;

-- Before records are written: locks the changes of them that wait and then the records themselves, and answers
-- whether one of them says something else by now than what the rule has seen (`seen` of an element, null for a
-- record that is to be new; an element without it was judged by nobody, as those of a shop that is being set up).
create or replace function ledger.begin_put(p_noun text, p_elements jsonb) returns boolean language plpgsql as $$
declare
  v_keys text[] := array(select e.value ->> p_noun from jsonb_array_elements(p_elements) e where e.value ->> p_noun is not null);
begin
  perform from ledger.master_data_change c
  where c.noun = p_noun and c.record_key = any (v_keys) and c.state = 'waiting' order by c.change_id for no key update;
  perform ledger.lock_records(p_noun, v_keys);
  return exists (
    select from jsonb_array_elements(p_elements) e
    where e.value ? 'seen' and coalesce(ledger.master_record(p_noun, e.value ->> p_noun), 'null') <> e.value -> 'seen');
end $$;

create or replace function ledger.lock_records(p_noun text, p_keys text[]) returns void language plpgsql as $$
begin
  case p_noun
    when 'sku' then
      -- Cost layers are kept by method, so the locks of the items come before their count is trusted.
      perform from ledger.stock_item s where s.sku = any (p_keys) order by s.sku, s.node for no key update;
      perform from ledger.sku s where s.sku = any (p_keys) order by s.sku for no key update;
    when 'supplier' then
      perform from ledger.supplier s where s.supplier = any (p_keys) order by s.supplier for no key update;
    when 'node' then perform from ledger.node n where n.node = any (p_keys) order by n.node for no key update;
    when 'channel' then
      perform from ledger.channel c where c.channel = any (p_keys) order by c.channel for no key update;
  end case;
end $$;

-- Writes records of a noun in the name of p_by. Answers as put_results does.
create or replace function ledger.write_records(p_noun text, p_elements jsonb, p_by jsonb) returns jsonb
language plpgsql as $$
begin
  return case p_noun
    when 'sku' then ledger.write_skus(p_elements, p_by)
    when 'supplier' then ledger.write_suppliers(p_elements, p_by)
    when 'node' then ledger.write_nodes(p_elements, p_by)
    when 'channel' then ledger.write_channels(p_elements, p_by) end;
end $$;

-- What every PUT of these records does. An element may carry { seen, change? } of the rule (api/master-data-edits):
-- `change` { fields, after, approval } is what of it waits for people. Answers { results }, or { moved: true }
-- and has done nothing when the rule has to look again.
create or replace function ledger.put_records(p_noun text, p_elements jsonb, p_at timestamptz) returns jsonb
language plpgsql as $$
declare v_answer jsonb; v_by jsonb := ledger.acting();
begin
  if ledger.begin_put(p_noun, p_elements) then return jsonb_build_object('moved', true); end if;
  v_answer := ledger.write_records(p_noun, p_elements, v_by);
  -- What nobody knew of appeared just now, so nobody has judged what changes it.
  if exists (
    select from jsonb_array_elements(p_elements) with ordinality e(value, position)
    where e.value -> 'seen' = 'null' and v_answer #>> array['results', (e.position - 1)::text, 'result'] = 'updated') then
    raise exception 'a % appeared while it was written', p_noun using errcode = '40001';
  end if;
  if p_noun = 'supplier' then
    perform ledger.record_act('supplier-change', s.thing, s.thing, v_by ->> 'actor', v_by ->> 'onBehalfOf', clock_timestamp())
    from (select 'supplier:' || (r.value ->> 'supplier') as thing from jsonb_array_elements(v_answer -> 'results') r
          where r.value ->> 'result' in ('created', 'updated') order by 1 offset 0) s;
  end if;
  perform ledger.rebase_changes(p_noun, p_elements, p_at);
  return ledger.ask_changes(p_noun, p_elements, v_answer, p_at);
end $$;
