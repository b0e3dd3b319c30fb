-- The version of a policy that is in force for a channel and a region at a business time. The narrower scope
-- goes first: channel and region, the channel, the region, then everywhere; null is as good as *. Four looks
-- along one index, whatever the number of versions.
create or replace function ledger.policy_in_force(
  p_policy text, p_channel text, p_region text, p_at timestamptz
) returns setof ledger.policy_version language sql stable rows 1 as $$
  select v.* from (values (1, p_channel, p_region), (2, p_channel, '*'), (3, '*', p_region), (4, '*', '*'))
    s(place, channel, region)
  cross join lateral (
    select * from ledger.policy_version p
    where p.policy = p_policy and p.channel = s.channel and p.region = s.region and p.effective_from <= p_at
    order by p.effective_from desc, p.version desc limit 1) v
  order by s.place limit 1
$$;

-- The version that holds everywhere at a business time, as { version: "<policy>@<version>", document }.
create or replace function ledger.policy_at(p_policy text, p_at timestamptz) returns jsonb
language sql stable as $$ select ledger.policy_at(p_policy, '*', '*', p_at) $$;

-- The same for a channel and a region.
create or replace function ledger.policy_at(p_policy text, p_channel text, p_region text, p_at timestamptz)
returns jsonb language sql stable as $$
  select jsonb_build_object('version', p.policy || '@' || p.version, 'document', p.document)
  from ledger.policy_in_force(p_policy, p_channel, p_region, p_at) p
$$;

-- The document that an order is judged by: of the version that was in force when it was placed.
create or replace function ledger.order_policy(p_order text, p_policy text) returns jsonb language sql stable as $$
  select coalesce(
    (select v.document from ledger.policy_version v
     where v.policy = p_policy and v.version = substring(o.policy_versions ->> p_policy from '\d+$')::integer),
    (select f.document
     from ledger.policy_in_force(p_policy, o.channel, o.ship_to ->> 'country', o.placed_at) f))
  from ledger.orders o where o.order_id = p_order
$$;

-- The region of a node: the country that it stands in.
create or replace function ledger.node_region(p_node text) returns text language sql stable as $$
  select n.country from ledger.node n where n.node = p_node
$$;

-- Whether this reason may be given for such a subject, by the policy in force; the newest one without a time.
create or replace function ledger.reason_offered(
  p_subject text, p_code text, p_channel text, p_region text, p_at timestamptz
) returns boolean language sql stable as $$
  select exists (
    select from ledger.policy_in_force('reason-codes', p_channel, p_region, coalesce(p_at, 'infinity')) f
    where f.document -> p_subject ? p_code)
$$;

-- A field of a policy that counts hours; policies may say half an hour.
create or replace function ledger.policy_hours(p_document jsonb, p_field text) returns interval
language sql immutable as $$
  select make_interval(secs => ((p_document ->> p_field)::numeric * 3600)::double precision)
$$;

-- One version as the API shows it. What holds since ever has no date; amounts are in the base currency.
create or replace function ledger.policy_version_json(p ledger.policy_version) returns jsonb language sql stable as $$
  select jsonb_build_object('policy', p.policy, 'version', p.version, 'channel', p.channel, 'region', p.region,
    'effectiveFrom', case when isfinite(p.effective_from) then ledger.instant_text(p.effective_from) end,
    'document', p.document, 'currency', ledger.base_currency(), 'draftId', p.draft_id, 'madeFrom', p.made_from, 'by', p.actor, 'note', p.note,
    'recordedAt', ledger.instant_text(p.recorded_at))
$$;
