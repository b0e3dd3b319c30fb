-- Payments, newest first. request { limit?, cursor?, orderId?, state?, within? }
create or replace function loopline.list_payments(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_channels text[] := ledger.within(request, 'channels');
  v_regions text[] := ledger.within(request, 'regions');
  v_rows jsonb;
begin
  select jsonb_agg(jsonb_build_object(
      'paymentId', p.payment_id, 'orderId', p.order_id, 'provider', p.provider, 'reference', p.reference,
      'currency', p.currency, 'authorizedMinor', p.authorized_minor::text,
      'capturedMinor', p.captured_minor::text, 'refundedMinor', p.refunded_minor::text, 'state', p.state,
      'recordedAt', ledger.instant_text(p.recorded_at),
      'cursor', ledger.cursor_text(array[p.recorded_at::text, p.payment_id]))
      order by p.recorded_at desc, p.payment_id desc)
  into v_rows
  from (
    select * from ledger.payment n
    where (request ->> 'orderId' is null or n.order_id = request ->> 'orderId')
      and (request ->> 'state' is null or n.state = request ->> 'state')
      and (v_channels is null and v_regions is null or exists (
        select from ledger.orders o where o.order_id = n.order_id
          and (v_channels is null or o.channel = any (v_channels))
          and (v_regions is null or o.ship_to ->> 'country' = any (v_regions)) offset 0))
      and (v_after is null or (n.recorded_at, n.payment_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.payment_id desc
    limit v_limit + 1) p;
  return ledger.page_of(v_rows, v_limit);
end $$;
