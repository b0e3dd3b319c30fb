-- The last step of the process. An adjustment that is still in review does not end.
-- Answers { applied, state }. Safe to repeat.
create or replace function loopline.end_stock_adjustment(request jsonb) returns jsonb language plpgsql as $$
declare v_state text;
begin
  select state into v_state from ledger.stock_adjustment
  where adjustment_id = request ->> 'processId' for no key update;
  if not found then perform ledger.fail_not_found('Stock adjustment', request ->> 'processId'); end if;
  if v_state <> 'in-review' then perform ledger.end_process(request ->> 'processId'); end if;
  return jsonb_build_object('applied', v_state <> 'in-review', 'state', v_state);
end $$;
