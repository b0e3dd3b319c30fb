-- What a carrier reports of a parcel: noted on its order or return; a lost one is trouble with an owner, and so is
-- one that nobody takes.
create or replace function ledger.apply_tracking_event(p_fact text, p_event jsonb) returns jsonb
language plpgsql as $$
declare
  v_tracking text := p_event -> 'data' ->> 'trackingNumber';
  v_status text := p_event -> 'data' ->> 'status';
  v_at timestamptz := (p_event ->> 'occurredAt')::timestamptz;
  v_subject text;
begin
  select d.order_id into v_subject from ledger.dispatch d where d.tracking_number = v_tracking limit 1;
  if v_subject is null then
    select r.return_id into v_subject from ledger.returns r where r.tracking_number = v_tracking limit 1;
  end if;
  if v_subject is null then return jsonb_build_object('applied', false, 'state', 'unknown-parcel'); end if;
  perform ledger.note(v_subject, 'parcel-' || v_status, 'carrier', v_at, p_fact, null,
    jsonb_build_object('trackingNumber', v_tracking));
  if v_status = 'lost' then
    perform ledger.withhold_action(ledger.raise_exception('carrier', v_subject, v_subject, v_tracking,
      jsonb_build_object('trackingNumber', v_tracking, 'status', v_status), v_at), 'retry');
  elsif v_status in ('delivery-failed', 'returned-to-sender') then
    perform ledger.raise_exception('delivery', v_subject, v_subject, v_tracking,
      jsonb_build_object('trackingNumber', v_tracking, 'status', v_status), v_at);
  elsif v_status = 'delivered' then
    -- A parcel that turns up after all ends the search for it.
    perform ledger.heal_exception('carrier', v_subject, v_tracking, v_at);
    perform ledger.heal_exception('delivery', v_subject, v_tracking, v_at);
  end if;
  return jsonb_build_object('applied', true, 'state', v_status);
end $$;
