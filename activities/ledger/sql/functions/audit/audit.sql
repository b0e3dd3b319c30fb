-- Leaves the trace of one act, in the statement that does it. p_by says who: { actor, onBehalfOf?,
-- credential?, requestId?, sourceAddress? }; p_before and p_after hold what the act changed, and nothing
-- of a customer's name, address or mail.
create or replace function ledger.audit(
  p_by jsonb, p_act text, p_subject_kind text, p_subject text, p_occurred_at timestamptz,
  p_reason text default null, p_before jsonb default null, p_after jsonb default null
) returns void language plpgsql as $$
begin
  insert into ledger.audit (actor, on_behalf_of, credential, act, subject_kind, subject_id, before, after, reason,
    request_id, source_address, occurred_at)
  values (p_by ->> 'actor', p_by ->> 'onBehalfOf', p_by ->> 'credential', p_act, p_subject_kind, p_subject, p_before,
    p_after, p_reason, p_by ->> 'requestId', p_by ->> 'sourceAddress', p_occurred_at);
  perform set_config('loopline.trace', 'own', true);
end $$;

-- The same for many subjects of one kind in one statement: p_subjects[i] was p_befores[i] and is p_afters[i].
create or replace function ledger.audit_each(
  p_by jsonb, p_act text, p_subject_kind text, p_occurred_at timestamptz,
  p_subjects text[], p_befores jsonb[], p_afters jsonb[]
) returns void language plpgsql as $$
begin
  if coalesce(cardinality(p_subjects), 0) = 0 then return; end if;
  insert into ledger.audit (actor, on_behalf_of, credential, act, subject_kind, subject_id, before, after, request_id,
    source_address, occurred_at)
  select p_by ->> 'actor', p_by ->> 'onBehalfOf', p_by ->> 'credential', p_act, p_subject_kind, s.id, s.before, s.after,
    p_by ->> 'requestId', p_by ->> 'sourceAddress', p_occurred_at
  from unnest(p_subjects, p_befores, p_afters) with ordinality s(id, before, after, position)
  order by s.position;
  perform set_config('loopline.trace', 'own', true);
end $$;

-- A row's one canonical text: Postgres's own text of a row with these values in this order, times in seconds
-- since 1970 with six places, so that no setting of a session changes it.
create or replace function ledger.audit_text(p_row ledger.audit) returns text language sql stable as $$
  select row(p_row.xact, p_row.audit_id, p_row.actor, p_row.on_behalf_of, p_row.credential, p_row.act,
    p_row.subject_kind, p_row.subject_id, p_row.before, p_row.after, p_row.reason, p_row.request_id,
    p_row.source_address, extract(epoch from p_row.occurred_at), extract(epoch from p_row.recorded_at))::text
$$;

create or replace function ledger.audit_hash(p_row ledger.audit) returns bytea language sql stable as $$
  select sha256(convert_to(ledger.audit_text(p_row), 'UTF8'))
$$;

-- A seal's hash: SHA-256 over the previous seal's hash, the row's, and what the seal itself says.
create or replace function ledger.seal_hash(
  p_previous_hash bytea, p_content_hash bytea, p_sequence bigint, p_sealed_at timestamptz, p_anchor text
) returns bytea language sql stable as $$
  select sha256(p_previous_hash || p_content_hash || convert_to(
    p_sequence || '|' || extract(epoch from p_sealed_at) || '|' || coalesce(p_anchor, ''), 'UTF8'))
$$;

-- What the first seal of a day says of the day before it, null between two seals of one day and at the
-- chain's beginning.
create or replace function ledger.seal_anchor(
  p_last_sequence bigint, p_last_hash bytea, p_last_sealed_at timestamptz, p_sealed_at timestamptz
) returns text language sql stable as $$
  select case when p_last_sequence > 0
      and (p_last_sealed_at at time zone 'UTC')::date <> (p_sealed_at at time zone 'UTC')::date
    then to_char(p_last_sealed_at at time zone 'UTC', 'YYYY-MM-DD') || '|' || p_last_sequence || '|' || encode(p_last_hash, 'hex')
  end
$$;
