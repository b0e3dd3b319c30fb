-- One exception with its events; LL404 when there is none of that id.
create or replace function loopline.read_exception(request jsonb) returns jsonb language plpgsql stable as $$
declare v_exception jsonb := ledger.exception_json(request ->> 'exceptionId');
begin
  if v_exception is null then perform ledger.fail_not_found('Exception', request ->> 'exceptionId'); end if;
  return v_exception || jsonb_build_object('events', ledger.exception_events_json(request ->> 'exceptionId'));
end $$;
