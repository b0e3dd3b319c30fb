-- Returns, newest first. request { limit?, cursor?, state?, orderId?, customer? }; customer is the
-- external id.
create or replace function loopline.list_returns(request jsonb) returns jsonb language plpgsql stable as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_rows jsonb;
begin
  select jsonb_agg(ledger.return_json(p.return_id)
      || jsonb_build_object('cursor', ledger.cursor_text(array[p.recorded_at::text, p.return_id]))
      order by p.recorded_at desc, p.return_id desc)
  into v_rows
  from (
    select r.return_id, r.recorded_at from ledger.returns r
    where (request ->> 'state' is null or r.state = request ->> 'state')
      and (request ->> 'orderId' is null or exists (
        select from ledger.return_line l where l.return_id = r.return_id and l.order_id = request ->> 'orderId'))
      and (request ->> 'customer' is null or r.customer_id in (
        select c.customer_id from ledger.customer c where c.external_id = request ->> 'customer'))
      and (v_after is null or (r.recorded_at, r.return_id) < (v_after[1]::timestamptz, v_after[2]))
    order by r.recorded_at desc, r.return_id desc
    limit v_limit + 1) p;
  return ledger.page_of(v_rows, v_limit);
end $$;
