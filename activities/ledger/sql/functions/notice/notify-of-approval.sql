-- Tells people of an event of an approval: who is asked, reminded or escalated to, who is asked for information,
-- and in the end whoever asked for it.
create or replace function ledger.notify_of_approval(p_approval text, p_sequence integer) returns void
language plpgsql as $$
declare
  v_approval ledger.approval; v_event ledger.approval_event; v_kind text;
  v_people text[]; v_roles text[]; v_requesters text[]; v_without text[];
  v_reach jsonb;
begin
  select * into v_event from ledger.approval_event where approval_id = p_approval and sequence = p_sequence;
  select * into v_approval from ledger.approval where approval_id = p_approval;
  -- What was done behind an event in the same transaction has told already, or will.
  if v_approval.sequence <> p_sequence then return; end if;
  v_requesters := array_remove(array[v_approval.requested_by, v_approval.requested_for], null);
  v_kind := ledger.approval_notice_kind(v_approval, v_event);
  if v_kind is null then return; end if;
  v_without := array[v_event.actor];
  v_reach := ledger.notice_reach(v_approval.reach_nodes, v_approval.reach_channels, v_approval.reach_regions,
    v_approval.base_minor);
  if v_kind in ('approval-closed', 'approval-returned') then
    v_people := v_requesters;
  elsif v_event.kind = 'information-asked' then
    v_people := array[v_event.body ->> 'askee'];
  elsif v_event.kind = 'reassigned' then
    v_people := array[v_event.body ->> 'to'];
  else
    -- Nobody decides what they asked for, so a role does not bring it back to them.
    v_without := v_without || v_requesters;
    v_roles := v_approval.asked_roles;
    v_people := v_approval.asked_people || ledger.delegates_of(v_approval, v_without, v_reach, v_event.occurred_at);
  end if;
  perform ledger.notify(p_approval || ':' || p_sequence, v_kind, v_approval.subject_id, p_approval, v_people, v_roles,
    v_without, v_reach, ledger.notice_facts(replace(v_approval.matrix_subject, '-', ' '), v_approval.subject_id,
      v_approval.amount_minor, v_approval.currency, v_event.actor, coalesce(v_event.note, v_approval.reasons),
      case when v_approval.state = 'open' then v_approval.due_at end,
      case when v_approval.state <> 'open' then v_approval.state end),
    v_event.occurred_at);
end $$;

-- The kind of notice that an event is; null where nobody has to hear of it.
create or replace function ledger.approval_notice_kind(
  p_approval ledger.approval, p_event ledger.approval_event
) returns text language sql stable as $$
  select case
    -- What no person was asked for is no news.
    when p_approval.closed_by = 'automatic' then null
    when p_approval.state <> 'open' then 'approval-closed'
    when p_event.kind in ('requested', 'restarted', 'reassigned') then 'approval-requested'
    -- Nobody has answered: whoever decides has to do without.
    when p_event.kind in ('reminded', 'information-overdue') then 'approval-reminder'
    when p_event.kind = 'escalated' then 'approval-escalated'
    when p_event.kind = 'information-asked' then 'approval-question'
    when p_event.kind = 'information-given' then 'approval-answered'
    when p_event.kind = 'returned-for-change' then 'approval-returned'
    -- One level has said yes, and it is the next one's turn; levels side by side were asked at the beginning.
    when p_event.kind = 'decided' and p_approval.plan ->> 'order' = 'sequence'
      and not p_event.level = any (p_approval.open_levels) then 'approval-requested'
  end
$$;

-- Those who may decide in the place of somebody who is asked, by the delegations that hold at a time. Whether they
-- may in the end, deciding says.
create or replace function ledger.delegates_of(
  p_approval ledger.approval, p_without text[], p_reach jsonb, p_at timestamptz
) returns text[] language sql stable as $$
  select coalesce(array_agg(distinct d.to_person), '{}')
  from ledger.delegations_now() d
  join ledger.notice_people(p_approval.asked_people, p_approval.asked_roles, p_without, p_reach) p
    on p.person_id = d.from_person
  where ledger.delegation_holds(d, p_approval.matrix_subject, p_approval.base_minor, p_at)
$$;
