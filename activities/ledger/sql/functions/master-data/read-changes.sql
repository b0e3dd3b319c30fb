-- One change as the API shows it; `before` is what the record says, or said when it was decided.
create or replace function ledger.change_json(p_change text) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', c.change_id, 'noun', c.noun, 'record', c.record_key, 'fields', to_jsonb(c.fields), 'before', c.before,
    'after', c.after, 'state', c.state, 'refusal', c.refusal, 'requestedBy', c.requested_by,
    'requestedAt', ledger.instant_text(c.requested_at), 'decidedBy', c.decided_by,
    'decidedAt', ledger.instant_text(c.decided_at), 'recordedAt', ledger.instant_text(c.recorded_at),
    'approval', ledger.approval_json(c.approval_id))
  from ledger.master_data_change c where c.change_id = p_change
$$;

-- Changes of one kind of record, newest first. request { noun, state?, record?, limit?, cursor? }
create or replace function loopline.list_changes(request jsonb) returns jsonb language plpgsql stable as $$
declare v_limit integer := ledger.page_limit(request); v_rows jsonb;
begin
  select jsonb_agg(ledger.change_json(p.id)
      || jsonb_build_object('cursor', ledger.cursor_text(array[p.at::text, p.id])) order by p.at desc, p.id desc)
  into v_rows from ledger.changes_page(request, v_limit + 1) p;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- The ids of the page that begins behind the cursor, in their order.
create or replace function ledger.changes_page(request jsonb, p_count integer)
returns table (id text, at timestamptz)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
begin
  return query
    select n.change_id, n.recorded_at from ledger.master_data_change n
    where n.noun = request ->> 'noun'
      and (request ->> 'state' is null or n.state = request ->> 'state')
      and (request ->> 'record' is null or n.record_key = request ->> 'record')
      and (v_after is null or (n.recorded_at, n.change_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.change_id desc
    limit p_count;
end $$;

-- One change with everything that happened to it, oldest first; LL404 when there is none of that id and noun.
-- request { noun, changeId }
create or replace function loopline.read_change(request jsonb) returns jsonb language plpgsql stable as $$
declare v_id text := request ->> 'changeId';
begin
  if not exists (select from ledger.master_data_change c where c.change_id = v_id and c.noun = request ->> 'noun') then
    perform ledger.fail_not_found('Change', v_id);
  end if;
  return ledger.change_json(v_id) || jsonb_build_object('timeline', (
    select jsonb_agg(jsonb_build_object('event', t.event, 'actor', t.actor, 'cause', t.cause, 'reason', t.reason,
        'detail', t.detail, 'occurredAt', ledger.instant_text(t.occurred_at),
        'recordedAt', ledger.instant_text(t.recorded_at)) order by t.timeline_id)
    from ledger.timeline t where t.subject_id = v_id));
end $$;
