-- A capture that is under way is waited for: what it brings can be refunded instead of credited.
-- Answers whether the return has to wait; it then has a deadline. The caller holds the return's lock.
create or replace function ledger.await_captures(p_return text, p_at timestamptz) returns boolean
language plpgsql as $$
begin
  if not ledger.captures_under_way(p_return) then return false; end if;
  -- Whoever settles a capture holds its order's lock. With the orders held, either the capture is settled
  -- and seen here, or whoever settles it later finds this wait and tells the process.
  perform from ledger.orders o
  where o.order_id in (select order_id from ledger.return_line where return_id = p_return and cover = 'sale')
  order by o.order_id for no key update;
  if not ledger.captures_under_way(p_return) or exists (
      select from ledger.exception e
      where e.subject_id = p_return and e.kind = 'capture-overdue' and e.resolution = 'accept') then
    return false;
  end if;
  if not exists (select from ledger.due d
                 where d.subject_id = p_return and d.kind = 'capture' and d.state in ('open', 'reached')) then
    -- A gateway that is away is asked for two hours before its capture counts as failed.
    perform ledger.set_due(p_return, p_return, 'capture', 'remindCapture', p_at + interval '3 hours',
      (select (count(*) + 1)::text from ledger.due d where d.subject_id = p_return and d.kind = 'capture'));
  end if;
  return true;
end $$;

create or replace function ledger.captures_under_way(p_return text) returns boolean language sql stable as $$
  select exists (select from ledger.capture c where c.state = 'due' and c.order_id in (
    select l.order_id from ledger.return_line l where l.return_id = p_return and l.cover = 'sale'))
$$;

-- A capture of this order is settled: the returns that wait for it are told. The caller holds the order's lock.
create or replace function ledger.wake_returns(p_order text, p_fact text) returns void language plpgsql as $$
declare v_return text;
begin
  for v_return in
    select distinct l.return_id from ledger.return_line l where l.order_id = p_order and l.cover = 'sale' order by 1
  loop
    if exists (select from ledger.due d
               where d.subject_id = v_return and d.kind = 'capture' and d.state in ('open', 'reached')) then
      perform ledger.signal(v_return, p_fact);
    end if;
  end loop;
end $$;

-- The capture was not settled in time: finance finds it on the board, and the return waits on until it is
-- settled or somebody lets the return go on without it. Idempotency key:
-- <return id>:capture-deadline:<due id>. request { returnId, dueId }.
create or replace function loopline.remind_capture(request jsonb) returns jsonb language plpgsql as $$
declare
  v_id text := request ->> 'returnId';
  v_key text := v_id || ':capture-deadline:' || (request ->> 'dueId');
  v_stored jsonb;
  v_due ledger.due;
begin
  perform ledger.lock_return(v_id);
  v_stored := ledger.stored_step(v_key, request);
  if v_stored is not null then return v_stored; end if;
  select * into v_due from ledger.due d where d.due_id = request ->> 'dueId' and d.subject_id = v_id and d.kind = 'capture';
  if not found then perform ledger.fail_not_found('Due date', request ->> 'dueId'); end if;
  if v_due.state <> 'met' then
    update ledger.due set state = 'met' where due_id = v_due.due_id;
    if ledger.captures_under_way(v_id) then
      perform ledger.raise_exception('capture-overdue', v_id, v_id, '', jsonb_build_object(
        'dueAt', ledger.instant_text(v_due.due_at), 'captures', ledger.open_captures_json(v_id)), v_due.due_at);
    end if;
  end if;
  return ledger.store_step(v_key, v_id, request, ledger.advance_return(v_id));
end $$;

create or replace function ledger.open_captures_json(p_return text) returns jsonb language sql stable as $$
  select jsonb_agg(jsonb_build_object('captureId', c.capture_id, 'orderId', c.order_id,
    'amountMinor', c.amount_minor::text) order by c.capture_id)
  from ledger.capture c where c.state = 'due' and c.order_id in (
    select l.order_id from ledger.return_line l where l.return_id = p_return and l.cover = 'sale')
$$;
