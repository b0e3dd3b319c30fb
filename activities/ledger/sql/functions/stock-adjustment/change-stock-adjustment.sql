-- Whoever asked for an adjustment that waits for its approval says how many units it is about after all. Its process
-- looks, and the approval starts again where that is a material change; one that was returned waits to be brought
-- back. request { adjustmentId, changeId, quantity: as adjust_stock takes it, valueMinor, note?, actor, at }
-- answers { rule, replayed, adjustment }; rule: null, not-in-review, only-requester-may-change. Idempotent by changeId.
create or replace function loopline.change_stock_adjustment(request jsonb) returns jsonb language plpgsql as $$
declare
  v_content jsonb := jsonb_build_object('quantity', request -> 'quantity', 'note', request -> 'note');
  v_row ledger.stock_adjustment; v_key text; v_result jsonb; v_quantity bigint := (request ->> 'quantity')::bigint;
begin
  select * into v_row from ledger.stock_adjustment where adjustment_id = request ->> 'adjustmentId' for no key update;
  if not found then perform ledger.fail_not_found('Stock adjustment', request ->> 'adjustmentId'); end if;
  v_key := v_row.adjustment_id || ':change:' || (request ->> 'changeId');
  v_result := ledger.stored_step(v_key, v_content);
  if v_result is not null then return v_result || '{"replayed": true}'; end if;
  if v_row.state <> 'in-review' then return ledger.adjustment_answer(v_row.adjustment_id, 'not-in-review'); end if;
  if not exists (select from ledger.approval a where a.subject_id = v_row.adjustment_id and a.state = 'open'
                 and ledger.is_requester(a, request ->> 'actor')) then
    return ledger.adjustment_answer(v_row.adjustment_id, 'only-requester-may-change');
  end if;

  update ledger.stock_adjustment set quantity = case when kind = 'write-off' then -v_quantity else v_quantity end,
    value_minor = (request ->> 'valueMinor')::bigint
  where adjustment_id = v_row.adjustment_id;
  perform ledger.note(v_row.adjustment_id, 'adjustment-changed', request ->> 'actor',
    greatest(ledger.business_time(v_row.adjustment_id), (request ->> 'at')::timestamptz), request ->> 'changeId',
    request ->> 'note', jsonb_build_object('from', abs(v_row.quantity), 'to', abs(v_quantity),
      'fromMinor', v_row.value_minor::text, 'toMinor', request -> 'valueMinor'));
  perform ledger.signal(v_row.adjustment_id, v_key);
  return ledger.store_step(v_key, v_row.adjustment_id, v_content, ledger.adjustment_answer(v_row.adjustment_id, null));
end $$;

create or replace function ledger.adjustment_answer(p_adjustment text, p_rule text) returns jsonb
language sql stable as $$
  select jsonb_build_object('rule', p_rule, 'replayed', false, 'adjustment', ledger.adjustment_json(p_adjustment))
$$;
