-- What somebody may give to others and take from them: p_limits { nodes?, channels?, regions?, limitMinor?, roles?,
-- scopes? } of a request, as api/access/giving.ts makes them of who asks; what is left out restricts nothing.

-- The rules by which a reach goes beyond the limits, the first place first; none where it lies within them.
create or replace function ledger.beyond_limits(
  p_limits jsonb, p_nodes text[], p_channels text[], p_regions text[], p_amount_minor bigint
) returns text[] language sql immutable as $$
  select array_remove(array[
    case when p_limits ? 'nodes' and not coalesce(p_nodes <@ ledger.text_array(p_limits -> 'nodes'), false)
      then 'node-out-of-reach' end,
    case when p_limits ? 'channels' and not coalesce(p_channels <@ ledger.text_array(p_limits -> 'channels'), false)
      then 'channel-out-of-reach' end,
    case when p_limits ? 'regions' and not coalesce(p_regions <@ ledger.text_array(p_limits -> 'regions'), false)
      then 'region-out-of-reach' end,
    case when p_limits ? 'limitMinor' and not coalesce(p_amount_minor <= (p_limits ->> 'limitMinor')::bigint, false)
      then 'amount-above-limit' end], null)
$$;

-- Refuses to change or end what reaches further than whoever asks: LL403 names the rule.
create or replace function ledger.check_limits(
  p_what text, p_limits jsonb, p_nodes text[], p_channels text[], p_regions text[], p_amount_minor bigint
) returns void language plpgsql stable as $$
declare v_beyond text[] := ledger.beyond_limits(p_limits, p_nodes, p_channels, p_regions, p_amount_minor);
begin
  if v_beyond <> '{}' then
    raise exception '% reaches further than whoever asks for this', p_what using errcode = 'LL403', detail = v_beyond[1];
  end if;
end $$;

-- A key is shown to whoever makes it, so it does nothing and reaches nothing that they do not: LL403 names the rule.
create or replace function ledger.check_key_limits(p_key ledger.service_key, p_limits jsonb) returns void
language plpgsql stable as $$
declare v_lacking text;
begin
  select string_agg(s, ', ' order by s) into v_lacking from unnest(p_key.scopes) s
  where p_limits ? 'scopes' and not p_limits -> 'scopes' ? s;
  if v_lacking is not null then
    raise exception 'A key does nothing that whoever makes it may not do: % is not theirs', v_lacking
      using errcode = 'LL403', detail = 'scope-missing';
  end if;
  perform ledger.check_limits('The key ' || p_key.name, p_limits, p_key.nodes, p_key.channels, p_key.regions,
    p_key.amount_limit_minor);
end $$;

-- What is wrong with an element of people for whoever sends it: [{ path, message, rule }]. Both what the person reaches
-- today and what they shall reach has to lie within the limits; a role that they have they keep.
create or replace function ledger.giving_faults(p_given jsonb, p_old ledger.person, p_limits jsonb) returns jsonb
language sql stable as $$
  with fault (path, message, rule) as (
    select 'id', format('is of somebody who reaches further than you (%s)', b), b
    from unnest(ledger.beyond_limits(p_limits, p_old.nodes, p_old.channels, p_old.regions, p_old.amount_limit_minor)) b
    where p_old.person_id is not null
    union all
    select case b when 'node-out-of-reach' then 'reach.nodes' when 'channel-out-of-reach' then 'reach.channels'
      when 'region-out-of-reach' then 'reach.regions' else 'reach.amountMinor' end,
      format('goes beyond your own reach (%s)', b), b
    from unnest(ledger.beyond_limits(p_limits, ledger.names_of(p_given #> '{reach,nodes}'),
      ledger.names_of(p_given #> '{reach,channels}'), ledger.names_of(p_given #> '{reach,regions}'),
      case when p_given #>> '{reach,amountMinor}' ~ '^\d{1,18}$' then (p_given #>> '{reach,amountMinor}')::bigint end)) b
    union all
    select 'roles', format('%s has scopes that you lack (scope-missing)', r), 'scope-missing'
    from unnest(ledger.names_of(p_given -> 'roles')) r
    where p_limits ? 'roles' and not p_limits -> 'roles' ? r and not r = any (coalesce(p_old.roles, '{}'))
  )
  select coalesce(jsonb_agg(jsonb_build_object('path', f.path, 'message', f.message, 'rule', f.rule)), '[]') from fault f
$$;

-- Whether somebody gives rights to everybody: an admin who works here and reaches everything.
create or replace function ledger.gives_everything(p_person ledger.person) returns boolean language sql immutable as $$
  select coalesce(p_person.left_at is null and 'admin' = any (p_person.roles) and p_person.nodes is null
    and p_person.channels is null and p_person.regions is null and p_person.amount_limit_minor is null, false)
$$;

-- Whether nobody would be left who does, once this person does no more. The caller holds the lock of people.
create or replace function ledger.is_last_admin(p_person ledger.person) returns boolean language sql stable as $$
  select ledger.gives_everything(p_person) and not exists (
    select from ledger.person o where o.person_id <> p_person.person_id and ledger.gives_everything(o))
$$;

-- Changes of people come one after the other: two that enter the same person make one, and of two last admins one
-- stays.
create or replace function ledger.lock_people() returns void language sql as $$
  select pg_advisory_xact_lock(hashtextextended('loopline.put_people', 0))
$$;
