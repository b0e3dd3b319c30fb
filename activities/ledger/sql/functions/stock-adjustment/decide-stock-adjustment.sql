-- The effect of a decision on an adjustment in review; in any other state there is none.
-- The caller (settle_decision) has locked the adjustment's row.
create or replace function ledger.decide_stock_adjustment(
  p_subject text, p_approved boolean, p_actor text, p_at timestamptz
) returns void language plpgsql as $$
begin
  perform from ledger.stock_adjustment where adjustment_id = p_subject and state = 'in-review' for no key update;
  if not found then return; end if;
  if p_approved then
    perform ledger.apply_adjustment(p_subject, p_subject || ':apply:1', p_actor, p_at);
  else
    update ledger.stock_adjustment set state = 'rejected' where adjustment_id = p_subject;
    perform ledger.note(p_subject, 'adjustment-rejected', p_actor, p_at);
  end if;
end $$;
