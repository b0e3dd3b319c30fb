-- The board at a glance, for a daily review. `at` is now, `since` the begin of the time whose closings are judged,
-- `bounds` the hours at which one age bucket ends and the next begins. Entries that are merged into another one
-- count there, not here. request { at, since, bounds: [4, 24, …], owner?, kind?, within? }
-- answers { open, overdue, unassigned, snoozed, escalated, merged, ageing: [{ bucket, open }], owners, assignees,
--   closed: [{ kind, closed, inTime, healed }], rootCauses: [{ rootCause, closed }] }; a bucket is its number, from 0.
create or replace function loopline.read_exception_summary(request jsonb) returns jsonb language sql stable as $$
  with board as (
    select e.owner, e.assignee, e.raised_at, e.due_at, e.snoozed_until, e.escalations, e.merged_into,
      e.due_at < (request ->> 'at')::timestamptz as is_overdue,
      width_bucket((extract(epoch from (request ->> 'at')::timestamptz - e.raised_at) / 3600)::numeric,
        ledger.text_array(request -> 'bounds')::numeric[]) as bucket
    from ledger.exception e
    where e.state = 'open' and ledger.is_reviewed(e, request)
  ), waiting as (
    select * from board where merged_into is null
  ), closed as (
    select e.kind, v.event, (v.detail ->> 'inTime')::boolean as in_time, v.detail ->> 'rootCause' as root_cause
    from ledger.exception_event v join ledger.exception e using (exception_id)
    where v.event in ('resolved', 'healed', 'repaired') and v.occurred_at >= (request ->> 'since')::timestamptz
      and v.occurred_at <= (request ->> 'at')::timestamptz and ledger.is_reviewed(e, request)
  )
  select jsonb_build_object(
    'open', (select count(*) from waiting),
    'overdue', (select count(*) from waiting where is_overdue),
    'unassigned', (select count(*) from waiting where assignee is null),
    'snoozed', (select count(*) from waiting where snoozed_until is not null),
    'escalated', (select count(*) from waiting where escalations > 0),
    'merged', (select count(*) from board where merged_into is not null),
    'ageing', coalesce((select jsonb_agg(jsonb_build_object('bucket', b.bucket, 'open', b.open) order by b.bucket)
      from (select bucket, count(*) as open from waiting group by bucket) b), '[]'),
    'owners', coalesce((select jsonb_agg(jsonb_build_object('owner', o.owner, 'open', o.open, 'overdue', o.overdue,
        'unassigned', o.unassigned, 'snoozed', o.snoozed, 'escalated', o.escalated,
        'oldestRaisedAt', ledger.instant_text(o.oldest), 'nextDueAt', ledger.instant_text(o.next_due)) order by o.owner)
      from (select owner, count(*) as open, count(*) filter (where is_overdue) as overdue,
          count(*) filter (where assignee is null) as unassigned, count(*) filter (where snoozed_until is not null) as snoozed,
          count(*) filter (where escalations > 0) as escalated, min(raised_at) as oldest,
          min(due_at) filter (where not is_overdue) as next_due
        from waiting group by owner) o), '[]'),
    'assignees', coalesce((select jsonb_agg(jsonb_build_object('assignee', a.assignee, 'open', a.open, 'overdue', a.overdue)
        order by a.assignee)
      from (select assignee, count(*) as open, count(*) filter (where is_overdue) as overdue
        from waiting where assignee is not null group by assignee) a), '[]'),
    'closed', coalesce((select jsonb_agg(jsonb_build_object('kind', c.kind, 'closed', c.closed, 'inTime', c.in_time,
        'healed', c.healed) order by c.kind)
      from (select kind, count(*) as closed, count(*) filter (where in_time) as in_time,
          count(*) filter (where event = 'healed') as healed from closed group by kind) c), '[]'),
    'rootCauses', coalesce((select jsonb_agg(jsonb_build_object('rootCause', c.root_cause, 'closed', c.closed)
        order by c.closed desc, c.root_cause)
      from (select coalesce(root_cause, 'not-investigated') as root_cause, count(*) as closed from closed group by 1) c), '[]'))
$$;

create or replace function ledger.is_reviewed(p_row ledger.exception, request jsonb) returns boolean
language sql immutable as $$
  select (request ->> 'owner' is null or p_row.owner = request ->> 'owner')
    and (request ->> 'kind' is null or p_row.kind = request ->> 'kind')
    and ledger.lies_within(p_row.reach_nodes, request #> '{within,nodes}')
    and ledger.lies_within(p_row.reach_channels, request #> '{within,channels}')
    and ledger.lies_within(p_row.reach_regions, request #> '{within,regions}')
$$;
