-- Facts from suppliers and scanners: each is a row of the inbox, answered once and for ever the same.
-- Fact ids are the sender's, so they are unique per purchase order only.

create or replace function ledger.stored_supply_fact(p_source text, p_fact text, p_content jsonb) returns jsonb
language plpgsql stable as $$
declare v_known ledger.inbox;
begin
  select * into v_known from ledger.inbox where source = p_source and fact_id = p_fact;
  if not found then return null; end if;
  if v_known.payload_hash <> ledger.content_hash(p_content) then
    raise exception 'was used before, for a % at %, with other content; the first stands', replace(p_source, '-', ' '),
      ledger.instant_text(v_known.recorded_at) using errcode = 'LL409', detail = p_fact;
  end if;
  return v_known.result || '{"replayed": true}';
end $$;

create or replace function ledger.store_supply_fact(p_source text, p_fact text, p_content jsonb, p_result jsonb)
returns jsonb language plpgsql as $$
begin
  insert into ledger.inbox (source, fact_id, payload_hash, payload, result)
  values (p_source, p_fact, ledger.content_hash(p_content), p_content, p_result);
  return p_result;
end $$;

-- Refuses line numbers that the order does not have, and (unless they may differ by lot) repeated ones.
create or replace function ledger.check_supply_lines(p_po text, p_lines jsonb, p_repeats boolean) returns void
language plpgsql as $$
declare v_position bigint; v_line text;
begin
  select x.n - 1, x.line ->> 'lineNo' into v_position, v_line
  from jsonb_array_elements(p_lines) with ordinality x(line, n)
  where not exists (select from ledger.purchase_order_line l
                    where l.purchase_order_id = p_po and l.line_no = (x.line ->> 'lineNo')::integer)
  order by x.n limit 1;
  if found then
    perform ledger.fail_invalid(format('lines[%s].lineNo', v_position), format('%s has no line %s', p_po, v_line));
  end if;
  if p_repeats then return; end if;
  select max(x.n) - 1, x.line ->> 'lineNo' into v_position, v_line
  from jsonb_array_elements(p_lines) with ordinality x(line, n)
  group by x.line ->> 'lineNo' having count(*) > 1 limit 1;
  if found then
    perform ledger.fail_invalid(format('lines[%s].lineNo', v_position), format('line %s is named twice', v_line));
  end if;
end $$;
