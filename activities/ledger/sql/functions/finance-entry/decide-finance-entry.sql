-- The effect of a decision on an entry in review: the postings that the rule had mapped it to when it
-- was recorded. In any other state there is none. The caller (settle_decision) has locked the row.
create or replace function ledger.decide_finance_entry(
  p_subject text, p_approved boolean, p_actor text, p_at timestamptz
) returns void language plpgsql as $$
declare v_ref text; v_recorded jsonb;
begin
  select external_ref into v_ref from ledger.finance_entry
  where entry_id = p_subject and state = 'in-review' for no key update;
  if not found then return; end if;
  if not p_approved then
    update ledger.finance_entry set state = 'rejected' where entry_id = p_subject;
    perform ledger.note(p_subject, 'entry-rejected', p_actor, p_at);
    return;
  end if;
  select result into v_recorded from ledger.step where key = p_subject || ':record:' || v_ref;
  perform ledger.post_finance_entry(p_subject, v_recorded -> 'decision', p_subject || ':post:1', p_actor, p_at);
end $$;

-- Posts what the decision says. Credit given to a customer is a balance that a limit is enforced on.
create or replace function ledger.post_finance_entry(
  p_entry text, p_decision jsonb, p_key text, p_actor text, p_at timestamptz
) returns void language plpgsql as $$
declare v_row ledger.finance_entry; v_posting jsonb; v_minor bigint;
begin
  update ledger.finance_entry set state = 'posted' where entry_id = p_entry returning * into v_row;
  for v_posting in select value from jsonb_array_elements(p_decision -> 'postings') loop
    v_minor := (v_posting ->> 'amountMinor')::bigint;
    perform ledger.post(p_key, v_row.kind, v_posting ->> 'debit', v_posting ->> 'credit', v_row.currency, v_minor,
      p_entry, v_row.occurred_at, null, v_row.source_ref, null, v_row.customer_id, p_decision ->> 'policyVersion');
    if v_posting ->> 'credit' = 'customer-credit' then
      insert into ledger.customer_credit as c (customer_id, currency, balance_minor)
      values (v_row.customer_id, v_row.currency, v_minor)
      on conflict (customer_id, currency) do update set balance_minor = c.balance_minor + excluded.balance_minor;
    end if;
  end loop;
  perform ledger.note(p_entry, 'entry-posted', p_actor, p_at, p_key, v_row.kind,
    jsonb_build_object('amountMinor', v_row.amount_minor::text, 'currency', v_row.currency));
end $$;
