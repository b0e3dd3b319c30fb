-- Every policy: what holds everywhere, where something else holds, what is to come, and who is at work on it.
-- request { at }
create or replace function loopline.list_policies(request jsonb) returns jsonb language sql stable as $$
  with asked as (select (request ->> 'at')::timestamptz as at)
  select jsonb_build_object('data', coalesce(jsonb_agg(jsonb_build_object(
      'policy', n.policy,
      'inForce', (select ledger.policy_version_json(f) - 'document' from ledger.policy_in_force(n.policy, '*', '*', asked.at) f),
      'overrides', ledger.policy_overrides(n.policy, asked.at),
      'toCome', (select coalesce(jsonb_agg(ledger.policy_version_json(v) - 'document' order by v.effective_from, v.version), '[]')
        from ledger.policy_version v where v.policy = n.policy and v.effective_from > asked.at),
      'openDrafts', (select coalesce(jsonb_agg(jsonb_build_object('draftId', d.draft_id, 'channel', d.channel,
          'region', d.region, 'state', d.state, 'author', d.author) order by d.recorded_at, d.draft_id), '[]')
        from ledger.policy_draft d where d.policy = n.policy and d.state in ('draft', 'submitted', 'approved')))
    order by n.policy), '[]'))
  from asked cross join (select distinct policy from ledger.policy_version) n
$$;

-- What holds for single channels and regions at a time.
create or replace function ledger.policy_overrides(p_policy text, p_at timestamptz) returns jsonb
language sql stable as $$
  select coalesce(jsonb_agg(ledger.policy_version_json(f) - 'document' order by s.channel, s.region), '[]')
  from (select distinct channel, region from ledger.policy_version
        where policy = p_policy and (channel, region) <> ('*', '*')) s
  cross join lateral ledger.policy_in_force(p_policy, s.channel, s.region, p_at) f
  where (f.channel, f.region) = (s.channel, s.region)
$$;

-- The version in force for a channel and a region at a time. request { policy, channel, region, at }. LL404.
create or replace function loopline.read_policy(request jsonb) returns jsonb language plpgsql stable as $$
declare v_version jsonb;
begin
  select ledger.policy_version_json(f) into v_version from ledger.policy_in_force(request ->> 'policy',
    request ->> 'channel', request ->> 'region', (request ->> 'at')::timestamptz) f;
  if v_version is null then perform ledger.fail_not_found('Policy', request ->> 'policy'); end if;
  return v_version;
end $$;

-- One version of a policy. request { policy, version }. LL404.
create or replace function loopline.read_policy_version(request jsonb) returns jsonb language plpgsql stable as $$
declare v_version jsonb;
begin
  select ledger.policy_version_json(v) into v_version from ledger.policy_version v
  where v.policy = request ->> 'policy' and v.version = (request ->> 'version')::integer;
  if v_version is null then
    perform ledger.fail_not_found('Policy', (request ->> 'policy') || '@' || (request ->> 'version'));
  end if;
  return v_version;
end $$;

-- The versions of a policy, newest first. request { policy, limit?, cursor?, channel?, region? }. LL404.
create or replace function loopline.list_policy_versions(request jsonb) returns jsonb language plpgsql stable as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_before integer := (ledger.cursor_values(request ->> 'cursor', '{integer}'))[1]::integer;
  v_rows jsonb;
begin
  if not exists (select from ledger.policy_version v where v.policy = request ->> 'policy') then
    perform ledger.fail_not_found('Policy', request ->> 'policy');
  end if;
  select jsonb_agg(ledger.policy_version_json(n.version_row)
      || jsonb_build_object('cursor', ledger.cursor_text(array[n.version::text])) order by n.version desc)
  into v_rows from (
    select p as version_row, p.version from ledger.policy_version p
    where p.policy = request ->> 'policy' and (v_before is null or p.version < v_before)
      and (request ->> 'channel' is null or p.channel = request ->> 'channel')
      and (request ->> 'region' is null or p.region = request ->> 'region')
    order by p.version desc limit v_limit + 1) n;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- One draft with the version that it would replace and everything that happened to it. request { draftId,
-- policy }. LL404.
create or replace function loopline.read_policy_draft(request jsonb) returns jsonb language plpgsql stable as $$
begin
  if not exists (select from ledger.policy_draft d
                 where d.draft_id = request ->> 'draftId' and d.policy = request ->> 'policy') then
    perform ledger.fail_not_found('Draft', request ->> 'draftId');
  end if;
  return ledger.draft_json(request ->> 'draftId');
end $$;

create or replace function ledger.draft_json(p_draft text) returns jsonb language sql stable as $$
  select jsonb_build_object('draftId', d.draft_id, 'policy', d.policy, 'channel', d.channel, 'region', d.region,
    'state', d.state, 'document', d.document, 'author', d.author, 'note', d.note,
    'activeFrom', ledger.instant_text(d.active_from), 'madeFrom', d.made_from, 'version', d.version,
    'base', ledger.policy_version_json(b), 'approvalId', d.approval_id,
    -- What was to come already takes the draft's place when its time comes.
    'followedBy', (select coalesce(jsonb_agg(jsonb_build_object('version', v.version,
        'effectiveFrom', ledger.instant_text(v.effective_from)) order by v.effective_from, v.version), '[]')
      from ledger.policy_version v
      where v.policy = d.policy and v.channel = d.channel and v.region = d.region
        and v.effective_from > coalesce(d.active_from, b.effective_from) and v.version is distinct from d.version),
    'simulation', ledger.last_simulation(d.draft_id),
    'events', (select jsonb_agg(jsonb_build_object('event', e.event, 'actor', e.actor, 'note', e.note,
        'occurredAt', ledger.instant_text(e.occurred_at), 'recordedAt', ledger.instant_text(e.recorded_at))
        order by e.event_id) from ledger.policy_draft_event e where e.draft_id = d.draft_id),
    'recordedAt', ledger.instant_text(d.recorded_at))
  from ledger.policy_draft d
  join ledger.policy_version b on b.policy = d.policy and b.version = d.base_version
  where d.draft_id = p_draft
$$;
