-- The number that the merchant's own books give an account, by the mapping in force at a time; the account's own
-- name where there is none.
create or replace function ledger.account_number(p_account text, p_at timestamptz) returns text language sql stable as $$
  select coalesce((select f.document -> 'numbers' ->> p_account
    from ledger.policy_in_force('account-mapping', '*', '*', p_at) f), p_account)
$$;

-- The journal, newest first: every posting with the merchant's account numbers, by the mapping that was in force
-- when its day began, so that a day has one mapping. request { account?, subject?, from?, until?, limit?, cursor? };
-- days of posting, `until` exclusive.
create or replace function loopline.list_journal(request jsonb) returns jsonb language plpgsql stable as $$
declare v_limit integer := ledger.page_limit(request); v_rows jsonb;
begin
  select jsonb_agg(ledger.posting_json(p)
      || jsonb_build_object('cursor', ledger.cursor_text(array[p.posting_id::text])) order by p.posting_id desc)
  into v_rows from ledger.journal_page(request, v_limit + 1) p;
  return ledger.page_of(v_rows, v_limit);
end $$;

create or replace function ledger.journal_page(request jsonb, p_count integer) returns setof ledger.posting
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare v_after text[] := ledger.cursor_values(request ->> 'cursor', '{bigint}');
begin
  return query
    select p.* from ledger.posting p
    where (request ->> 'account' is null or request ->> 'account' in (p.debit, p.credit))
      and (request ->> 'subject' is null or p.subject_id = request ->> 'subject')
      and (request ->> 'from' is null or p.posted_on >= (request ->> 'from')::date)
      and (request ->> 'until' is null or p.posted_on < (request ->> 'until')::date)
      and (v_after is null or p.posting_id < v_after[1]::bigint)
    order by p.posting_id desc
    limit p_count;
end $$;

create or replace function ledger.posting_json(p_row ledger.posting) returns jsonb language sql stable as $$
  select jsonb_build_object('id', p_row.posting_id::text, 'key', p_row.key, 'event', p_row.event,
    'debit', jsonb_build_object('account', p_row.debit, 'number', ledger.account_number(p_row.debit, d.begins)),
    'credit', jsonb_build_object('account', p_row.credit, 'number', ledger.account_number(p_row.credit, d.begins)),
    'amount', jsonb_build_object('amountMinor', p_row.amount_minor::text, 'currency', p_row.currency),
    'subjectId', p_row.subject_id, 'lineNo', p_row.line_no, 'sourceRef', p_row.source_ref,
    'postedOn', p_row.posted_on, 'occurredAt', ledger.instant_text(p_row.occurred_at),
    'recordedAt', ledger.instant_text(p_row.recorded_at))
  from (select p_row.posted_on::timestamp at time zone 'UTC' as begins) d
$$;
