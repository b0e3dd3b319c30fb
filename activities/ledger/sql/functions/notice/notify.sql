-- Something happened that people and programs want to hear of; it is planned and delivered after the commit.
-- p_key names the occurrence. p_people are asked by name, p_roles through everybody who has one of them and
-- whose reach the item lies within: p_reach is { nodes, channels, regions: '*' or names, amountMinor? }.
-- p_without is left out: whoever did it knows. Nothing is written where nobody wants to hear.
create or replace function ledger.notify(
  p_key text, p_kind text, p_subject text, p_item text, p_people text[], p_roles text[], p_without text[],
  p_reach jsonb, p_facts jsonb, p_at timestamptz
) returns void language plpgsql as $$
begin
  if not exists (select from ledger.notice_people(p_people, p_roles, p_without, p_reach))
    and not exists (select from ledger.webhook_endpoint e where e.state = 'active' and p_kind = any (e.kinds)) then
    return;
  end if;
  insert into ledger.outbox (kind, subject_id, payload)
  values ('notice', 'notice:' || p_key, jsonb_build_object('key', p_key, 'kind', p_kind, 'subjectId', p_subject,
    'itemId', p_item, 'people', coalesce(to_jsonb(p_people), '[]'), 'roles', coalesce(to_jsonb(p_roles), '[]'),
    'without', coalesce(to_jsonb(p_without), '[]'), 'reach', p_reach, 'facts', p_facts,
    'occurredAt', ledger.instant_text(p_at)));
end $$;

-- The people who hear of something, each once. Whoever has left hears of nothing.
create or replace function ledger.notice_people(
  p_people text[], p_roles text[], p_without text[], p_reach jsonb
) returns setof ledger.person language sql stable as $$
  select p.* from ledger.person p
  where p.left_at is null and p.person_id <> all (coalesce(p_without, '{}'))
    and (p.person_id = any (coalesce(p_people, '{}'))
      or (p.roles && coalesce(p_roles, '{}')
        and ledger.within_places(p.nodes, p_reach -> 'nodes')
        and ledger.within_places(p.channels, p_reach -> 'channels')
        and ledger.within_places(p.regions, p_reach -> 'regions')
        and (p.amount_limit_minor is null
          or abs(coalesce((p_reach ->> 'amountMinor')::numeric, 0)) <= p.amount_limit_minor)))
$$;

-- Whether something lies where somebody reaches: p_reached null is everywhere; p_places "*" is what has no such
-- place at all, and nothing named is what those alone reach who reach everywhere.
create or replace function ledger.within_places(p_reached text[], p_places jsonb) returns boolean
language sql immutable as $$
  select p_reached is null or p_places = '"*"'
    or coalesce(ledger.text_array(p_places) && p_reached, false)
$$;

-- Where something lies, from its columns; {*} is what has no such place at all.
create or replace function ledger.notice_reach(
  p_nodes text[], p_channels text[], p_regions text[], p_amount_minor bigint default null
) returns jsonb language sql immutable as $$
  select jsonb_build_object(
    'nodes', case when p_nodes = '{*}' then '"*"' else to_jsonb(p_nodes) end,
    'channels', case when p_channels = '{*}' then '"*"' else to_jsonb(p_channels) end,
    'regions', case when p_regions = '{*}' then '"*"' else to_jsonb(p_regions) end,
    'amountMinor', p_amount_minor::text)
$$;

-- What a notice tells. Amounts in minor units, instants in milliseconds since 1970.
create or replace function ledger.notice_facts(
  p_what text, p_subject text, p_amount_minor bigint, p_currency text, p_by text, p_reason text,
  p_due_at timestamptz, p_outcome text
) returns jsonb language sql immutable as $$
  select jsonb_build_object('what', p_what, 'subjectId', p_subject, 'amountMinor', p_amount_minor::text,
    'currency', p_currency, 'by', p_by, 'reason', p_reason,
    'dueAtMs', floor(extract(epoch from p_due_at) * 1000)::bigint, 'outcome', p_outcome)
$$;
