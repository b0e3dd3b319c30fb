-- Asks for an approval: its row, the first event of its history and its first deadline. p_ask is what the rule
-- has made of the matrix: { rule, wantedBy, facts, plan, applied, passedOver, text, policyVersion, projection,
-- requestedFor?: who is behind a process that asks }.
-- Without a process the approval gets one of its own, which bears its id. Answers the id, which names the
-- subject and the round; an approval that is there stays as it is.
create or replace function ledger.ask_approval(
  p_process text, p_subject_kind text, p_subject text, p_round text, p_amount_minor bigint, p_currency text,
  p_ask jsonb, p_requested_by text, p_occurred_at timestamptz
) returns text language plpgsql as $$
declare
  v_id text := 'approval:' || p_subject || ':' || p_round;
  v_process text := coalesce(p_process, v_id);
  -- A key asks for whoever made it: else they could ask with one hand and decide with the other.
  v_for text := nullif(ledger.hand(coalesce(p_ask ->> 'requestedFor', p_requested_by)), p_requested_by);
  v_facts jsonb; v_reach record; v_role text; v_run jsonb;
begin
  if jsonb_typeof(p_ask -> 'plan') is distinct from 'object' then
    raise exception 'An approval of % is asked for without a plan', p_subject using errcode = 'LL500';
  end if;
  v_run := ledger.begin_run(p_ask -> 'plan', to_jsonb(ledger.ms_of(p_occurred_at)));
  if v_run ->> 'state' <> 'open' then
    raise exception 'The approval of % asks nobody', p_subject using errcode = 'LL500';
  end if;
  -- What the subject itself holds counts: parts of it may have been dropped since the rule saw it.
  v_facts := ledger.approval_facts(p_subject_kind, p_subject, p_ask -> 'facts');
  v_reach := ledger.places_to_store(ledger.subject_places(p_subject));
  v_role := coalesce(p_ask #>> '{projection,askedRoles,0}', p_ask #>> '{projection,askedPeople,0}', '');
  insert into ledger.approval (approval_id, process_id, subject_kind, subject_id, amount_minor, currency, role,
    requested_by, rule, state, due_at, requested_at, matrix_subject, policy_version, wanted_by, requested_for, plan,
    facts, applied, passed_over, reasons, base_minor, reach_nodes, reach_channels, reach_regions)
  values (v_id, v_process, p_subject_kind, p_subject, p_amount_minor, p_currency, v_role, p_requested_by,
    p_ask ->> 'rule', 'open', ledger.instant_of_ms(p_ask #> '{projection,dueAtMs}'), p_occurred_at,
    v_facts ->> 'subject', p_ask ->> 'policyVersion', p_ask ->> 'wantedBy', v_for,
    p_ask -> 'plan', v_facts, p_ask -> 'applied', coalesce(p_ask -> 'passedOver', '[]'), p_ask ->> 'text',
    (v_facts ->> 'amountMinor')::bigint, v_reach.nodes, v_reach.channels, v_reach.regions)
  on conflict (approval_id) do nothing;
  if not found then return v_id; end if;
  if p_process is null then
    perform ledger.open_process(v_id, 'approval', jsonb_build_object('Owner', v_role));
  end if;
  perform ledger.store_approval_event(v_id, 1, 1, jsonb_build_object('kind', 'requested', 'by', p_requested_by,
    'requestedFor', v_for, 'plan', p_ask -> 'plan', 'facts', v_facts,
    'atMs', ledger.ms_of(p_occurred_at)), null);
  perform ledger.project_approval(v_id, (p_ask -> 'projection') || ledger.projection_of_run(v_run) || '{"run": 1}', 1);
  perform ledger.note(p_subject, 'approval-asked', p_requested_by, p_occurred_at, v_id, p_ask ->> 'rule',
    jsonb_build_object('amountMinor', p_amount_minor::text, 'currency', p_currency, 'role', v_role,
      'row', p_ask #> '{plan,row}', 'why', p_ask -> 'text'));
  return v_id;
end $$;

-- Milliseconds since 1970, as the rules count, to and from an instant.
create or replace function ledger.instant_of_ms(p_ms jsonb) returns timestamptz language sql immutable as $$
  select case when jsonb_typeof(p_ms) = 'number'
    then 'epoch'::timestamptz + (p_ms::text)::numeric::double precision * interval '1 millisecond' end
$$;

create or replace function ledger.ms_of(p_at timestamptz) returns bigint language sql immutable as $$
  select floor(extract(epoch from p_at) * 1000)::bigint
$$;
