-- What is held of a customer can be erased: it stands where it may be changed, and only there.

-- Since when nothing of the person is held any more; the row stays for the books.
alter table ledger.customer add column erased_at timestamptz;

-- Who was named by an order that came again with other content. The rest of it is kept as evidence for ever,
-- this until it is erased.
create table ledger.intake_refusal_person (
  refusal_id bigint primary key references ledger.intake_refusal,
  -- { customer, shipTo, payment } as they came.
  person     jsonb not null
);

insert into ledger.intake_refusal_person (refusal_id, person)
select r.refusal_id, jsonb_build_object('customer', r.payload -> 'customer', 'shipTo', r.payload -> 'shipTo',
  'payment', r.payload -> 'payment')
from ledger.intake_refusal r;
alter table ledger.intake_refusal disable trigger append_only;
update ledger.intake_refusal set payload = payload - '{customer,shipTo,payment}'::text[];
alter table ledger.intake_refusal enable trigger append_only;

-- First answers are kept for ever, so they are kept without their customer, who is added when they are given
-- again (ledger.stored_step).
alter table ledger.step disable trigger append_only;
update ledger.step set result = result #- '{order,customer}' #- '{return,customer}' #- '{entry,customer}'
where jsonb_typeof(result) = 'object'
  and (result #> '{order,customer}' is not null or result #> '{return,customer}' is not null
    or result #> '{entry,customer}' is not null);
alter table ledger.step enable trigger append_only;
alter table ledger.inbox disable trigger append_only;
update ledger.inbox set result = result #- '{return,customer}'
where jsonb_typeof(result) = 'object' and result #> '{return,customer}' is not null;
alter table ledger.inbox enable trigger append_only;
