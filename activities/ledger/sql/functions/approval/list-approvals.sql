-- Approvals newest first. request { state?, subjectKind?, subject?, subjectId?, role?: whose turn it is,
-- askedOf?: a person, by name, by role or in the place of another, who may still have a say, requestedBy?,
-- overdue?: escalated, or past when it wanted to be decided, at: the clock for both, within?: reach }
create or replace function loopline.list_approvals(request jsonb) returns jsonb language plpgsql stable as $$
declare v_limit integer := ledger.page_limit(request); v_rows jsonb;
begin
  select jsonb_agg(ledger.approval_json(p.id)
      || jsonb_build_object('cursor', ledger.cursor_text(array[p.at::text, p.id])) order by p.at desc, p.id desc)
  into v_rows from ledger.approvals_page(request, v_limit + 1) p;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- The ids of the page that begins behind the cursor, in their order.
create or replace function ledger.approvals_page(request jsonb, p_count integer)
returns table (id text, at timestamptz)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_at timestamptz := coalesce((request ->> 'at')::timestamptz, clock_timestamp());
  v_asked text := request ->> 'askedOf';
  v_stands record;
begin
  v_stands := ledger.stands_for(v_asked, v_at);
  return query
    select n.approval_id, n.recorded_at from ledger.approval n
    where (request ->> 'state' is null or n.state = request ->> 'state')
      and (request ->> 'subjectKind' is null or n.subject_kind = request ->> 'subjectKind')
      and (request ->> 'subject' is null or n.matrix_subject = request ->> 'subject')
      and (request ->> 'subjectId' is null or n.subject_id = request ->> 'subjectId')
      and (request ->> 'requestedBy' is null or request ->> 'requestedBy' in (n.requested_by, n.requested_for))
      and (request ->> 'role' is null or (n.state = 'open' and n.asked_roles @> array[request ->> 'role']))
      and (coalesce(request ->> 'overdue', 'false') <> 'true' or (n.state = 'open' and (n.escalated or n.due_at <= v_at)))
      and (v_asked is null or (n.state = 'open'
        and (n.asked_people && v_stands.people or n.asked_roles && v_stands.roles)
        and (n.phase = 'returned' or v_asked not in (n.requested_by, coalesce(n.requested_for, '')))
        and not exists (select from ledger.approval_event e where e.approval_id = n.approval_id and e.run = n.run
          and e.kind = 'decided' and v_asked in (e.actor, e.on_behalf_of))))
      and ledger.lies_within(n.reach_nodes, request #> '{within,nodes}')
      and ledger.lies_within(n.reach_channels, request #> '{within,channels}')
      and ledger.lies_within(n.reach_regions, request #> '{within,regions}')
      and (v_after is null or (n.recorded_at, n.approval_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.approval_id desc
    limit p_count;
end $$;

-- The names and roles that a person answers to now: their own, and those of everybody who has delegated to them.
create or replace function ledger.stands_for(p_person text, p_at timestamptz, out people text[], out roles text[])
language sql stable as $$
  with stands (id) as (
    select p_person where p_person is not null
    union select d.from_person from ledger.delegations_now() d
      where d.to_person = p_person and d.revoked_at is null and d.valid_from <= p_at and p_at < d.valid_until)
  select array(select id from stands), array(
    select distinct r from ledger.person p cross join unnest(p.roles) r
    where p.person_id in (select id from stands) and p.left_at is null)
$$;

-- Whether something that lies at these places is within reach; null is everywhere, and {*} is no place at all.
create or replace function ledger.lies_within(p_places text[], p_reach jsonb) returns boolean
language sql immutable as $$
  select p_reach is null or p_reach = 'null' or p_places = '{*}' or p_places && ledger.text_array(p_reach)
$$;
