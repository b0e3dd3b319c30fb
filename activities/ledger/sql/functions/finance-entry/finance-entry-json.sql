-- One finance entry as the API shows it, with the postings that it has made.
create or replace function ledger.finance_entry_json(p_entry text) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', f.entry_id, 'externalRef', f.external_ref, 'kind', f.kind, 'quantity', f.quantity,
    'unitPrice', ledger.price_text(f.unit_price),
    'amount', jsonb_build_object('amountMinor', f.amount_minor::text, 'currency', f.currency),
    'belowMinor', trim_scale(f.below_minor)::text, 'state', f.state, 'sourceRef', f.source_ref,
    'customer', (select jsonb_build_object('channel', c.channel, 'externalId', c.external_id)
                 from ledger.customer c where c.customer_id = f.customer_id),
    'requestedBy', f.requested_by, 'occurredAt', ledger.instant_text(f.occurred_at),
    'recordedAt', ledger.instant_text(f.recorded_at),
    'process', (select p.state from ledger.process p where p.process_id = f.entry_id),
    'approval', (select ledger.approval_json(v.approval_id) from ledger.approval v
                 where v.subject_id = f.entry_id order by v.recorded_at desc limit 1),
    'postings', coalesce((select jsonb_agg(jsonb_build_object('debit', p.debit, 'credit', p.credit,
        'amountMinor', p.amount_minor::text, 'currency', p.currency, 'postedOn', p.posted_on) order by p.posting_id)
      from ledger.posting p where p.subject_id = f.entry_id), '[]'))
  from ledger.finance_entry f where f.entry_id = p_entry
$$;
