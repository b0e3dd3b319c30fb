-- Approvals as the approval matrix asks for them: levels, runs, everything that happened to each, who decides
-- in whose place, and the acts that one person may not do both of.

alter table ledger.approval
  -- What it is about, in the words of the matrix.
  add column matrix_subject text,
  add column policy_version text,
  -- The rule of the subject's own policy that wanted a person whatever the matrix said.
  add column wanted_by      text,
  add column requested_for  text,
  -- 1 for the first; a material change begins another one.
  add column run            integer not null default 1 check (run > 0),
  -- Of the last event.
  add column sequence       integer not null default 0 check (sequence >= 0),
  add column phase          text not null default 'deciding' check (phase in ('deciding', 'information-asked', 'returned')),
  -- Of this run: who is asked and by when, the facts as they were, the row and why it is that one.
  add column plan           jsonb,
  add column facts          jsonb,
  add column applied        jsonb,
  add column passed_over    jsonb not null default '[]',
  add column reasons        text,
  -- In minor units of the base currency.
  add column base_minor     bigint,
  -- Whose turn it is, while it is open.
  add column asked_roles    text[] not null default '{}',
  add column asked_people   text[] not null default '{}',
  add column open_levels    integer[] not null default '{}',
  add column escalated      boolean not null default false,
  add column closed_by      text check (closed_by in ('decision', 'expiry', 'withdrawal', 'automatic')),
  -- For whom whoever decided it has decided.
  add column decided_for    text,
  -- Where the subject lies; {*} where it has no such place at all, {} where nobody has told.
  add column reach_nodes    text[] not null default '{}',
  add column reach_channels text[] not null default '{}',
  add column reach_regions  text[] not null default '{}';

-- Append-only. A request's history; the rest of a request follows from it.
create table ledger.approval_event (
  approval_id  text not null references ledger.approval,
  sequence     integer not null check (sequence > 0),
  kind         text not null check (kind in ('requested', 'decided', 'information-asked', 'information-given',
                 'information-overdue', 'returned-for-change', 'reminded', 'escalated', 'expired', 'reassigned',
                 'commented', 'withdrawn', 'restarted')),
  run          integer not null check (run > 0),
  level        integer check (level >= 0),
  body         jsonb not null default '{}',
  actor        text not null,
  on_behalf_of text check (on_behalf_of <> actor),
  -- What the person said, and the stored word that it came with.
  note         text,
  decision_id  text references ledger.decision,
  occurred_at  timestamptz not null,
  recorded_at  timestamptz not null default clock_timestamp(),
  primary key (approval_id, sequence),
  check (kind <> 'decided' or (level is not null and body ? 'seat' and body ? 'decision'))
);
-- One person has one say in a run, whatever the level, and one word is one event.
create unique index approval_event_one_say on ledger.approval_event (approval_id, run, actor) where kind = 'decided';
create unique index approval_event_one_say_for on ledger.approval_event (approval_id, run, on_behalf_of)
  where kind = 'decided' and on_behalf_of is not null;
create unique index approval_event_one_word on ledger.approval_event (decision_id) where decision_id is not null;

-- A word that is stored can be any that people say about an approval, not only yes or no.
alter table ledger.decision
  add column kind text not null default 'decide' check (kind in ('decide', 'ask-information', 'give-information',
    'return-for-change', 'reassign', 'comment', 'withdraw', 'resubmit')),
  -- What it says besides: { run, level, askee?, seat?, to? }.
  add column body jsonb not null default '{}',
  -- The clock of whoever heard it: delegations are judged by it, as it cannot be set back.
  add column heard_at timestamptz,
  alter column decision drop not null,
  add check ((kind = 'decide') = (decision is not null));
create index decision_by_approval on ledger.decision (approval_id);

-- Append-only. A delegation as it was put, changed and ended; the last row of each counts.
create sequence ledger.delegation_number;
create table ledger.delegation (
  delegation_id text not null check (delegation_id ~ '^delegation:[A-Za-z0-9._-]{1,120}$'),
  sequence      integer not null check (sequence > 0),
  from_person   text not null,
  -- Null: the person is away, and nobody acts in their place.
  to_person     text check (to_person <> from_person),
  -- Kinds of subject; null is every one.
  subjects      text[] check (cardinality(subjects) > 0),
  limit_minor   bigint check (limit_minor >= 0),
  valid_from    timestamptz not null,
  valid_until   timestamptz not null check (valid_until > valid_from),
  -- Whether the person is away meanwhile, so that a level without anybody else goes on at once.
  absent        boolean not null,
  revoked_at    timestamptz,
  reason        text,
  actor         text not null,
  recorded_at   timestamptz not null default clock_timestamp(),
  primary key (delegation_id, sequence),
  check (absent or to_person is not null)
);
create index delegation_from on ledger.delegation (from_person, recorded_at desc);
create index delegation_to on ledger.delegation (to_person, recorded_at desc);

-- Append-only. Who did what to a thing, of the acts that a policy separates. `thing` is what both of a pair
-- are done to: a subject, or `supplier:<id>`.
create table ledger.act (
  act_id       bigint generated always as identity primary key,
  duty         text not null,
  thing        text not null,
  subject_id   text not null,
  actor        text not null,
  on_behalf_of text,
  occurred_at  timestamptz not null,
  recorded_at  timestamptz not null default clock_timestamp()
);
create index act_by_thing on ledger.act (thing, duty);

-- An approval that belongs to no process has one of its own, which reminds, escalates and expires.
alter table ledger.process drop constraint process_kind_check,
  add constraint process_kind_check check (kind in ('order', 'return', 'purchase-order', 'replenishment',
    'stock-adjustment', 'finance-entry', 'approval'));

-- What was asked for before is one level of the role that it named. Its hours ran day and night; of a working
-- day they are a third.
update ledger.approval set
  matrix_subject = case subject_kind when 'return' then 'return' when 'purchase-order' then 'purchase-order'
    when 'stock-adjustment' then 'stock-correction' else 'manual-journal' end,
  policy_version = 'approval-matrix@0', wanted_by = rule, reasons = rule, base_minor = abs(amount_minor),
  applied = jsonb_build_object('row', rule, 'applies', 'yes', 'conditions', '[]'::jsonb),
  asked_roles = case when state = 'open' then array[role] else '{}' end,
  open_levels = case when state = 'open' then '{0}'::integer[] else '{}' end,
  closed_by = case state when 'open' then null when 'withdrawn' then 'withdrawal' when 'expired' then 'expiry'
    else 'decision' end,
  sequence = case when state = 'open' then 1 else 2 end;
update ledger.approval set
  facts = jsonb_build_object('subject', matrix_subject, 'amountMinor', base_minor::text, 'currency', currency,
    'quantityEach', null, 'marginBasisPoints', null, 'customerRisk', 'normal', 'supplierRisk', 'normal',
    'skuClasses', null, 'reasonCodes', null, 'channel', null, 'region', null, 'details', '{}'::jsonb),
  plan = jsonb_build_object('row', rule, 'because', rule, 'order', 'sequence', 'needed', 'all',
    'informationHours', 24, 'changeHours', 40, 'calendar', 'default', 'levels', jsonb_build_array(jsonb_build_object(
      'name', role, 'roles', jsonb_build_array(role), 'people', '[]'::jsonb, 'quorum', 'any', 'calendar', 'default',
      'deadlineHours', hours, 'remindAfterHours', hours / 2, 'onExpiry', 'escalate', 'escalateTo', jsonb_build_object(
        'roles', '["ops"]'::jsonb, 'people', '[]'::jsonb, 'deadlineHours', 8, 'onExpiry', 'reject'))))
from (select approval_id as id, greatest(round(extract(epoch from due_at - requested_at) / 10800, 2), 1) as hours
      from ledger.approval) asked
where asked.id = approval_id;
insert into ledger.approval_event (approval_id, sequence, kind, run, body, actor, occurred_at, recorded_at)
select approval_id, 1, 'requested', 1, jsonb_build_object('requestedFor', null, 'plan', plan, 'facts', facts),
  requested_by, requested_at, recorded_at
from ledger.approval;
insert into ledger.approval_event (approval_id, sequence, kind, run, level, body, actor, note, occurred_at)
select approval_id, 2,
  case when state = 'withdrawn' then 'withdrawn' when decided_by is null then 'expired' else 'decided' end, 1,
  case when state <> 'withdrawn' then 0 end,
  case when decided_by is null or state = 'withdrawn' then '{}'::jsonb else jsonb_build_object('delegationId', null,
    'decision', case state when 'approved' then 'approve' else 'reject' end,
    'seat', jsonb_build_object('kind', 'role', 'name', role, 'escalation', false)) end,
  coalesce(decided_by, 'loopline'), note, coalesce(decided_at, due_at)
from ledger.approval where state <> 'open';

alter table ledger.approval
  alter column matrix_subject set not null,
  alter column policy_version set not null,
  alter column plan set not null,
  alter column facts set not null,
  alter column applied set not null,
  alter column reasons set not null,
  alter column base_minor set not null,
  add check ((state = 'open') = (closed_by is null));
create index approval_open_by_subject on ledger.approval (matrix_subject, recorded_at) where state = 'open';

do $$
declare name text;
begin
  foreach name in array array['approval_event', 'delegation', 'act'] loop
    execute format('create trigger append_only before update or delete on ledger.%I
                    for each row execute function ledger.refuse_change()', name);
    execute format('create trigger append_only_whole before truncate on ledger.%I
                    for each statement execute function ledger.refuse_change()', name);
  end loop;
end $$;
