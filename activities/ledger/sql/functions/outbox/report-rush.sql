-- Orders queue for an answer in the process that says so; claim_processes tells every dispatcher for a second.
create or replace function loopline.report_rush(request jsonb) returns jsonb language sql as $$
  insert into ledger.intake_rush (reported_at) values (clock_timestamp())
  on conflict (is_only) do update set reported_at = excluded.reported_at
  returning jsonb_build_object('reported', true)
$$;
