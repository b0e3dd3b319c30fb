-- One stock adjustment; LL404 when there is none of that id.
create or replace function loopline.read_stock_adjustment(request jsonb) returns jsonb
language plpgsql stable as $$
declare v_adjustment jsonb := ledger.adjustment_json(request ->> 'adjustmentId');
begin
  if v_adjustment is null then
    perform ledger.fail_not_found('Stock adjustment', request ->> 'adjustmentId');
  end if;
  return v_adjustment;
end $$;
