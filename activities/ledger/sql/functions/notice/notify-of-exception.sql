-- Tells people of what happens on the board: the owner's role of new trouble, whoever is given an entry, and
-- the role that it is escalated to.
create or replace function ledger.notify_of_exception(p_event bigint) returns void language plpgsql as $$
declare v_event ledger.exception_event; v_entry ledger.exception; v_kind text; v_people text[]; v_roles text[];
begin
  select * into v_event from ledger.exception_event where event_id = p_event;
  select * into v_entry from ledger.exception where exception_id = v_event.exception_id;
  if v_entry.state <> 'open' then return; end if;
  if v_event.event in ('raised', 'reopened') then
    v_kind := case v_entry.severity when 'high' then 'exception-urgent' else 'exception-raised' end;
    v_roles := array[v_entry.owner];
  elsif v_event.event = 'assigned' and v_entry.assignee is not null then
    v_kind := 'exception-assigned';
    v_people := array[v_entry.assignee];
  elsif v_event.event = 'escalated' and v_entry.escalated_to is not null then
    v_kind := 'exception-escalated';
    v_roles := array[v_entry.escalated_to];
  else
    return;
  end if;
  perform ledger.notify(v_entry.exception_id || ':' || p_event, v_kind, v_entry.subject_id, v_entry.exception_id,
    v_people, v_roles, array[v_event.actor],
    ledger.notice_reach(v_entry.reach_nodes, v_entry.reach_channels, v_entry.reach_regions),
    ledger.notice_facts(replace(v_entry.kind, '-', ' '), v_entry.subject_id, null, null, v_event.actor, v_event.reason,
      v_entry.due_at, null),
    v_event.occurred_at);
end $$;
