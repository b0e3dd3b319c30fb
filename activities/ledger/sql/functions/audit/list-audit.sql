-- Acts newest first: by `actor`, `subject` (its id), `act`, and
-- recorded `from` (inclusive) to `until` (exclusive). `sequence` and `rowHash` are null until the row is sealed.
create or replace function loopline.list_audit(request jsonb) returns jsonb language plpgsql stable as $$
declare v_limit integer := ledger.page_limit(request); v_rows jsonb;
begin
  select jsonb_agg(ledger.audit_json(p)
      || jsonb_build_object('cursor', ledger.cursor_text(array[p.recorded_at::text, p.audit_id::text]))
    order by p.recorded_at desc, p.audit_id desc)
  into v_rows from ledger.audit_page(request, v_limit + 1) p;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- The rows of the page that begins behind the cursor, in their order.
create or replace function ledger.audit_page(request jsonb, p_count integer) returns setof ledger.audit
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,bigint}');
begin
  return query
    select n.* from ledger.audit n
    where (request ->> 'actor' is null or n.actor = request ->> 'actor')
      and (request ->> 'subject' is null or n.subject_id = request ->> 'subject')
      and (request ->> 'act' is null or n.act = request ->> 'act')
      and (request ->> 'from' is null or n.recorded_at >= (request ->> 'from')::timestamptz)
      and (request ->> 'until' is null or n.recorded_at < (request ->> 'until')::timestamptz)
      and (v_after is null or (n.recorded_at, n.audit_id) < (v_after[1]::timestamptz, v_after[2]::bigint))
    order by n.recorded_at desc, n.audit_id desc
    limit p_count;
end $$;

create or replace function ledger.audit_json(p_row ledger.audit) returns jsonb language sql stable as $$
  select jsonb_build_object('id', p_row.audit_id::text, 'actor', p_row.actor, 'onBehalfOf', p_row.on_behalf_of,
    'credential', p_row.credential, 'act', p_row.act, 'subjectKind', p_row.subject_kind, 'subjectId', p_row.subject_id,
    'before', p_row.before, 'after', p_row.after, 'reason', p_row.reason, 'requestId', p_row.request_id,
    'sourceAddress', p_row.source_address, 'occurredAt', ledger.instant_text(p_row.occurred_at),
    'recordedAt', ledger.instant_text(p_row.recorded_at), 'sequence', s.sequence, 'rowHash', encode(s.row_hash, 'hex'))
  from (select) one
  left join ledger.audit_seal s on s.xact = p_row.xact and s.audit_id = p_row.audit_id
$$;
