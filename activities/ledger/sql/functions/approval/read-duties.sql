-- What somebody is about to do, as duties that the policy may separate, with what was done before to the same
-- things: settling an exception, or changing suppliers. Whether it may be done, the rule says; the table of acts
-- refuses what no rule has judged.
-- request { exceptionId, action } or { suppliers: [supplier] }, and { actor, at? }
-- answers { separatedDuties, hand, cases: [{ duty, thing, priorActs: [{ duty, by, onBehalfOf, subjectId }] }] }; `hand`
-- is the actor's, and acts are told by the hands that did them, so that a key is whoever made it
create or replace function loopline.read_duties(request jsonb) returns jsonb language sql stable as $$
  with act_of (duty, thing) as (
    select d.duty, d.thing
    from ledger.exception e cross join lateral ledger.duties_of_resolution(e, request ->> 'action') d
    where e.state = 'open' and request ->> 'exceptionId' in (e.exception_id, e.merged_into)
    union
    select 'supplier-change', 'supplier:' || s.supplier
    from jsonb_array_elements_text(coalesce(request -> 'suppliers', '[]')) s(supplier)
  )
  select jsonb_build_object(
    'separatedDuties', ledger.policy_at('approval-matrix',
      coalesce((request ->> 'at')::timestamptz, clock_timestamp())) #> '{document,separatedDuties}',
    'hand', ledger.hand(request ->> 'actor'),
    'cases', coalesce(jsonb_agg(jsonb_build_object('duty', c.duty, 'thing', c.thing, 'priorActs', (
      select coalesce(jsonb_agg(jsonb_build_object('duty', a.duty, 'by', ledger.hand(a.actor),
        'onBehalfOf', ledger.hand(a.on_behalf_of), 'subjectId', a.subject_id) order by a.act_id), '[]')
      from ledger.act a where a.thing = c.thing)) order by c.thing, c.duty), '[]'))
  from act_of c
$$;

-- What it is to settle an exception in this way. Whoever settles a difference matches the invoice; whoever
-- accepts it also pays the supplier what is asked for beyond the order.
create or replace function ledger.duties_of_resolution(p_row ledger.exception, p_action text)
returns table (duty text, thing text) language sql stable as $$
  select d.duty, d.thing
  from ledger.purchase_order o
  cross join lateral (values
    ('invoice-match', o.purchase_order_id),
    (case when p_action = 'accept' then 'supplier-payment' end, 'supplier:' || o.supplier)) d(duty, thing)
  where p_row.kind = 'invoice-mismatch' and o.purchase_order_id = p_row.subject_id and d.duty is not null
$$;
