-- Approvals newest first. request { state?, subjectKind?, subject?, subjectId?, role?: whose turn it is,
-- askedOf?: a person, by name, by role or in the place of another, who may still have a say, roleOf?: a person whose
-- roles are asked, requestedBy?, overdue?: escalated, or past when it wanted to be decided, at: the clock for all of
-- these, within?: reach, reader?: whose list it is, where they do not see everything, as ledger.is_shown has it }
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
  v_reader jsonb := request -> 'reader';
  v_stands record; v_roles text[];
begin
  v_stands := ledger.stands_for(v_asked, v_at);
  select p.roles into v_roles from ledger.person p where p.person_id = request ->> 'roleOf' and p.left_at is null;
  return query
    select n.approval_id, n.recorded_at from ledger.approval n
    where (request ->> 'state' is null or n.state = request ->> 'state')
      and (request ->> 'subjectKind' is null or n.subject_kind = request ->> 'subjectKind')
      and (request ->> 'subject' is null or n.matrix_subject = request ->> 'subject')
      and (request ->> 'subjectId' is null or n.subject_id = request ->> 'subjectId')
      and (request ->> 'requestedBy' is null or request ->> 'requestedBy' in (n.requested_by, n.requested_for))
      and (request ->> 'role' is null or (n.state = 'open' and n.asked_roles @> array[request ->> 'role']))
      and (coalesce(request ->> 'overdue', 'false') <> 'true' or (n.state = 'open' and (n.escalated or n.due_at <= v_at)))
      and (request ->> 'roleOf' is null or (n.state = 'open' and n.asked_roles && coalesce(v_roles, '{}')))
      and (v_asked is null or (n.state = 'open'
        and (n.asked_people && v_stands.people or n.asked_roles && v_stands.roles)
        and ledger.is_asked(n, v_asked, v_at)))
      and ledger.lies_within(n.reach_nodes, request #> '{within,nodes}')
      and ledger.lies_within(n.reach_channels, request #> '{within,channels}')
      and ledger.lies_within(n.reach_regions, request #> '{within,regions}')
      and (v_reader is null or ledger.is_shown(n, v_reader, v_at))
      and (v_after is null or (n.recorded_at, n.approval_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.approval_id desc
    limit p_count;
end $$;

-- Whether somebody may still have a say on an open approval: who is asked by name, also for information; who has a
-- role that is asked and authority enough; and who decides for one of these by a delegation that covers it. Whoever
-- asked for it, or has had a say, decides nothing, nor does anybody for them.
create or replace function ledger.is_asked(p ledger.approval, p_person text, p_at timestamptz) returns boolean
language sql stable as $$
  select p_person = any (p.asked_people) or (not ledger.is_done_with(p, p_person) and (
    exists (select from ledger.person o where o.person_id = p_person and ledger.has_asked_role(p, o))
    or exists (
      select from ledger.delegations_now() d join ledger.person o on o.person_id = d.from_person
      where d.to_person = p_person and ledger.delegation_holds(d, p.matrix_subject, p.base_minor, p_at)
        and (o.person_id = any (p.asked_people) or ledger.has_asked_role(p, o))
        and not ledger.is_done_with(p, o.person_id))))
$$;

create or replace function ledger.has_asked_role(p ledger.approval, p_person ledger.person) returns boolean
language sql immutable as $$
  select p_person.left_at is null and p_person.roles && p.asked_roles
    and (p_person.amount_limit_minor is null or p.base_minor <= p_person.amount_limit_minor)
$$;

-- Who asked for it, and who has had a say in this run.
create or replace function ledger.is_done_with(p ledger.approval, p_person text) returns boolean
language sql stable as $$
  select p_person in (p.requested_by, coalesce(p.requested_for, p.requested_by)) or exists (
    select from ledger.approval_event e
    where e.approval_id = p.approval_id and e.run = p.run and e.kind = 'decided'
      and (e.actor = p_person or e.on_behalf_of = p_person))
$$;

-- The names and roles that a person may answer to: their own, and those of everybody who has delegated to them.
create or replace function ledger.stands_for(p_person text, p_at timestamptz, out people text[], out roles text[])
language sql stable as $$
  with stands (id) as (
    select p_person where p_person is not null
    union select d.from_person from ledger.delegations_now() d
      where d.to_person = p_person and ledger.delegation_lasts(d, p_at))
  select array(select id from stands), array(
    select distinct r from ledger.person p cross join unnest(p.roles) r
    where p.person_id in (select id from stands) and p.left_at is null)
$$;

-- Whether something that lies at these places is within reach; null is everywhere, and {*} is no place at all.
create or replace function ledger.lies_within(p_places text[], p_reach jsonb) returns boolean
language sql immutable as $$
  select p_reach is null or p_reach = 'null' or p_places = '{*}' or p_places && ledger.text_array(p_reach)
$$;
