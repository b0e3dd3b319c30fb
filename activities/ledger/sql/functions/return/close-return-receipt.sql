-- The deadline for the goods passed: the return goes on with what came, or expires. Does nothing when
-- the goods came first. Idempotency key: <return id>:receipt-deadline:<due id>. request { returnId, dueId }.
create or replace function loopline.close_return_receipt(request jsonb) returns jsonb language plpgsql as $$
declare
  v_id text := request ->> 'returnId';
  v_key text := v_id || ':receipt-deadline:' || (request ->> 'dueId');
  v_return ledger.returns := ledger.lock_return(v_id);
  v_stored jsonb := ledger.stored_step(v_key, request);
  v_due ledger.due;
begin
  if v_stored is not null then return v_stored; end if;
  select * into v_due from ledger.due d where d.due_id = request ->> 'dueId' and d.subject_id = v_id and d.kind = 'receipt';
  if not found then perform ledger.fail_not_found('Due date', request ->> 'dueId'); end if;
  if v_return.state = 'awaiting-receipt' then
    perform from ledger.orders o
    where o.order_id in (select order_id from ledger.return_line where return_id = v_id and cover = 'sale')
    order by o.order_id for no key update;
    perform ledger.finish_return_receipt(v_id, greatest(v_due.due_at, ledger.business_time(v_id)));
  end if;
  return ledger.store_step(v_key, v_id, request,
    ledger.advance_return(v_id) || jsonb_build_object('applied', v_return.state = 'awaiting-receipt'));
end $$;

-- Nobody inspected in time: the warehouse finds it on the board. Idempotency key:
-- <return id>:inspection-deadline:<due id>. request { returnId, dueId }.
create or replace function loopline.remind_inspection(request jsonb) returns jsonb language plpgsql as $$
declare
  v_id text := request ->> 'returnId';
  v_key text := v_id || ':inspection-deadline:' || (request ->> 'dueId');
  v_return ledger.returns := ledger.lock_return(v_id);
  v_stored jsonb := ledger.stored_step(v_key, request);
  v_due ledger.due;
begin
  if v_stored is not null then return v_stored; end if;
  select * into v_due from ledger.due d where d.due_id = request ->> 'dueId' and d.subject_id = v_id and d.kind = 'inspection';
  if not found then perform ledger.fail_not_found('Due date', request ->> 'dueId'); end if;
  update ledger.due set state = 'met' where due_id = v_due.due_id;
  if v_return.state = 'awaiting-inspection' then
    perform ledger.raise_exception('inspection', v_id, v_id, '',
      jsonb_build_object('dueAt', ledger.instant_text(v_due.due_at)), v_due.due_at);
  end if;
  return ledger.store_step(v_key, v_id, request,
    ledger.advance_return(v_id) || jsonb_build_object('applied', v_return.state = 'awaiting-inspection'));
end $$;
