-- Whose return this is: channel, customer, currency and whether the channel's facts are history.
-- Content is what the caller asked for; its lines carry { orderId, orderLineNo } where they name a sale.
create or replace function ledger.return_scope(
  p_content jsonb, out channel text, out customer_id bigint, out currency text, out trusted boolean
) language plpgsql stable as $$
declare v_order ledger.orders; v_named text; v_customer text := p_content #>> '{customer,externalId}';
begin
  v_named := coalesce(p_content ->> 'orderId', (select l ->> 'orderId' from jsonb_array_elements(p_content -> 'lines') l
                                                where l ? 'orderLineNo' limit 1));
  if v_named is not null then
    select * into v_order from ledger.orders o where o.order_id = v_named;
    if not found then perform ledger.fail_invalid('orderId', format('Order %s does not exist', v_named)); end if;
  end if;
  channel := coalesce(p_content ->> 'channel', v_order.channel);
  if channel is null and v_customer is not null then
    perform ledger.fail_invalid('channel', 'A customer is known by channel and external id: name the channel');
  end if;
  if channel is not null then
    select c.trusted into trusted from ledger.channel c where c.channel = return_scope.channel;
    if not found then perform ledger.fail_invalid('channel', format('%s is not a known channel', channel)); end if;
  end if;
  trusted := coalesce(trusted, false) and coalesce((p_content ->> 'trusted')::boolean, true);
  if v_customer is null then
    customer_id := v_order.customer_id;
  else
    select c.customer_id into customer_id from ledger.customer c
    where c.channel = return_scope.channel and c.external_id = v_customer;
    if v_named is not null and v_order.customer_id is distinct from customer_id then
      perform ledger.fail_invalid('customer.externalId', format('%s did not place %s', v_customer, v_named));
    end if;
  end if;
  currency := coalesce(p_content ->> 'currency', v_order.currency, ledger.base_currency());
end $$;

-- The first answer to a request that came before, or null. Natural key: channel + external reference.
create or replace function ledger.known_return(p_channel text, p_content jsonb) returns jsonb
language plpgsql stable as $$
declare v_return ledger.returns; v_ref text := p_content ->> 'externalRef';
begin
  if p_channel is null then
    select * into v_return from ledger.returns r where r.channel is null and r.external_ref = v_ref;
  else
    select * into v_return from ledger.returns r where r.channel = p_channel and r.external_ref = v_ref;
  end if;
  if not found then return null; end if;
  if v_return.request_hash <> ledger.content_hash(p_content) then
    raise exception 'was used before, for % at %, with other content; the first stands', v_return.return_id,
      ledger.instant_text(v_return.recorded_at) using errcode = 'LL409', detail = 'externalRef';
  end if;
  return (select ledger.with_customer(s.result) || '{"replayed": true}' from ledger.step s where s.key = v_return.return_id || ':request:1');
end $$;

-- Refuses what no rule needs to judge: unknown SKUs, reasons and sales, and sales of somebody else.
create or replace function ledger.check_return_lines(
  p_content jsonb, p_customer_id bigint, p_channel text, p_at timestamptz
) returns void
language plpgsql stable as $$
declare v_line jsonb; v_path text; v_sale ledger.order_line;
begin
  for v_line, v_path in
    select l, format('lines[%s]', n - 1) from jsonb_array_elements(p_content -> 'lines') with ordinality x(l, n) order by n
  loop
    if v_line ->> 'kind' = 'goods' and not exists (select from ledger.sku s where s.sku = v_line ->> 'code') then
      perform ledger.fail_invalid(v_path || '.sku', format('%s is not a known SKU', v_line ->> 'code'));
    end if;
    if not ledger.reason_offered('return', v_line ->> 'reasonCode', p_channel, ledger.return_region(p_content), p_at) then
      perform ledger.fail_invalid(v_path || '.reasonCode', format('%s is no reason for a return', v_line ->> 'reasonCode'));
    end if;
    continue when not v_line ? 'orderLineNo';
    select * into v_sale from ledger.order_line l
    where l.order_id = v_line ->> 'orderId' and l.line_no = (v_line ->> 'orderLineNo')::integer;
    if not found then
      perform ledger.fail_invalid(v_path || '.orderLineId', 'This order line does not exist');
    elsif (v_sale.kind, v_sale.code) <> (v_line ->> 'kind', v_line ->> 'code') then
      perform ledger.fail_invalid(v_path || '.sku', format('The order line sold %s', v_sale.code));
    elsif v_sale.customer_id is distinct from p_customer_id then
      perform ledger.fail_invalid(v_path || '.orderLineId', 'The order line belongs to another customer');
    end if;
  end loop;
end $$;
