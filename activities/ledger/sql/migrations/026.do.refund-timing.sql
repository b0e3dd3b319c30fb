-- When the money of a return goes back is decided with its request, by the version in force then, and kept.
alter table ledger.returns
  -- Once all of its goods have arrived, or once they are inspected.
  add column refund_release text not null default 'inspection' check (refund_release in ('receipt', 'inspection')),
  -- The rule that said so and the version of the policy; null for returns from before there was one.
  add column refund_rule text,
  add column refund_policy_version text;
