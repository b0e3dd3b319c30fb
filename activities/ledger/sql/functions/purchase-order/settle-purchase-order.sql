-- The process looks at the ledger: carries out what people have resolved, matches invoices, and closes
-- the order when nothing more will come. Idempotency key: the fact that made it look.
-- request { processId, occurrence }; answers the status.
create or replace function loopline.settle_purchase_order(request jsonb) returns jsonb language plpgsql as $$
declare
  v_po ledger.purchase_order := ledger.lock_purchase_order(request ->> 'processId');
  v_id text := v_po.purchase_order_id;
  v_key text := v_id || ':settle:' || (request ->> 'occurrence');
  v_result jsonb := ledger.stored_step(v_key, request);
begin
  if v_result is not null then return v_result; end if;
  perform ledger.settle_supply(v_po);
  return ledger.store_step(v_key, v_id, request, ledger.purchase_order_status(v_id));
end $$;

-- Brings a locked order up to date with what the ledger knows. Doing it again changes nothing.
create or replace function ledger.settle_supply(p_po ledger.purchase_order) returns void language plpgsql as $$
declare v_id text := p_po.purchase_order_id; v_at timestamptz := ledger.business_time(p_po.purchase_order_id);
begin
  if p_po.state not in ('approved', 'sent', 'acknowledged') then return; end if;
  perform ledger.apply_resolutions(p_po, v_at);
  perform ledger.match_supplier_invoices(p_po, v_at);
  if p_po.state = 'acknowledged' and ledger.purchase_order_complete(v_id) then
    perform ledger.close_purchase_order(v_id, 'loopline', 'nothing more is to come, and everything is invoiced', v_at);
  end if;
end $$;

-- Each resolution of a person is carried out once.
create or replace function ledger.apply_resolutions(p_po ledger.purchase_order, p_at timestamptz) returns void
language plpgsql as $$
declare v_exception ledger.exception; v_key text;
begin
  for v_exception in
    select * from ledger.exception e
    where e.subject_id = p_po.purchase_order_id and e.state = 'resolved' and e.resolution <> 'healed'
      and not exists (select from ledger.step s where s.key = p_po.purchase_order_id || ':resolve:' || ledger.occurrence_of(e))
    order by e.resolved_at, e.exception_id
  loop
    v_key := p_po.purchase_order_id || ':resolve:' || ledger.occurrence_of(v_exception);
    case v_exception.kind || '/' || v_exception.resolution
      when 'supplier-late/wait', 'invoice-missing/wait' then
        perform ledger.renew_supplier_due(p_po.purchase_order_id, ledger.occurrence_of(v_exception));
      when 'supplier-late/close-short', 'supplier-refused/close-short' then
        perform ledger.close_short(p_po, v_exception.resolved_by, p_at);
      when 'invoice-mismatch/accept', 'invoice-mismatch/dispute' then
        perform ledger.settle_invoice_difference(p_po, v_exception.evidence ->> 'invoiceNumber',
          v_exception.resolution = 'accept', p_at);
      when 'receipt-over/accept', 'receipt-over/return-to-supplier' then
        perform ledger.settle_over_receipt(p_po, v_exception.evidence, v_exception.resolution = 'accept', v_key, p_at);
      else null; -- supplier-refused/retry: the status says to submit again.
    end case;
    if v_exception.resolution <> 'retry' then perform ledger.trace(p_po.purchase_order_id, p_at); end if;
    perform ledger.store_step(v_key, p_po.purchase_order_id,
      jsonb_build_object('exceptionId', v_exception.exception_id), jsonb_build_object('resolution', v_exception.resolution));
  end loop;
end $$;

create or replace function ledger.purchase_order_complete(p_po text) returns boolean language sql stable as $$
  select not exists (select from ledger.purchase_order_line l where l.purchase_order_id = p_po
      and (l.received + l.short < l.quantity or l.invoiced < l.received))
    and not exists (select from ledger.supplier_invoice i where i.purchase_order_id = p_po
      and i.state in ('waiting', 'mismatch'))
    and not exists (select from ledger.exception e where e.subject_id = p_po and e.kind = 'receipt-over' and e.state = 'open')
$$;
