-- Counts failed logins and keys of an address in windows of 15 minutes. Each of the first ten of a window leaves an
-- audit row, then the hundredth, the thousandth …: nobody fills the trail.
-- request { sourceAddress, failures, credential, at, requestId? } answers { failures, since }
create or replace function loopline.record_failed_logins(request jsonb) returns jsonb language plpgsql as $$
declare
  v_at timestamptz := (request ->> 'at')::timestamptz;
  v_address text := left(request ->> 'sourceAddress', 64);
  v_new bigint := greatest((request ->> 'failures')::bigint, 1);
  v_row ledger.failed_login;
begin
  insert into ledger.failed_login as f (source_address, failures, since) values (v_address, v_new, v_at)
  on conflict (source_address) do update
  set failures = v_new + case when f.since > v_at - interval '15 minutes' then f.failures else 0 end,
    since = case when f.since > v_at - interval '15 minutes' then f.since else v_at end
  returning f.* into v_row;
  if v_row.failures <= 10 or length(v_row.failures::text) > length((v_row.failures - v_new)::text) then
    perform ledger.audit(jsonb_build_object('actor', 'unknown', 'requestId', request ->> 'requestId',
        'sourceAddress', v_address), 'login-failed', 'address', v_address, v_at, request ->> 'credential', null,
      jsonb_build_object('failures', v_row.failures, 'since', ledger.instant_text(v_row.since)));
  end if;
  if v_row.failures = v_new then perform ledger.forget_failed_logins(v_at); end if;
  return jsonb_build_object('failures', v_row.failures, 'since', ledger.instant_text(v_row.since));
end $$;

-- Windows that are over, and all but the newest 10,000 addresses.
create or replace function ledger.forget_failed_logins(p_at timestamptz) returns void language sql as $$
  delete from ledger.failed_login f where f.source_address in (
    select o.source_address from ledger.failed_login o
    where o.since <= greatest(p_at - interval '15 minutes',
      coalesce((select n.since from ledger.failed_login n order by n.since desc offset 10000 limit 1), '-infinity'))
    order by o.since limit 100 for update skip locked)
$$;
