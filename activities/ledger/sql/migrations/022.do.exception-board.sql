-- The exception board: who works on an entry until when, what happened to it, and the repairs of processes.

alter table ledger.exception
  -- The person who works on it; the owner is the role that has to.
  add column assignee       text,
  add column order_class    text,
  -- Once it is reopened, raised_at and due_at are those of the last time.
  add column first_seen_at  timestamptz not null default clock_timestamp(),
  add column last_seen_at   timestamptz not null default clock_timestamp(),
  add column seen           integer not null default 1 check (seen > 0),
  add column reopened       integer not null default 0 check (reopened >= 0),
  -- How far its facts lay behind the clock when it was raised: today's clock does not escalate old trade.
  add column behind         interval not null default '0',
  add column snoozed_until  timestamptz,
  add column snooze_reason  text,
  add column snoozes        integer not null default 0,
  add column root_cause     text,
  add column merged_into    text references ledger.exception check (merged_into <> exception_id),
  -- When it is escalated next; null when it is not any more.
  add column escalate_at    timestamptz,
  add column escalations    integer not null default 0,
  add column escalated_to   text,
  -- As the catalogue said when it was raised.
  add column snooze_limit   integer not null default 3,
  add column snooze_hours   integer not null default 24,
  add column reopen_hours   integer not null default 0,
  add column root_causes    text[] not null default '{}',
  add column escalate_to    text not null default 'ops',
  add column escalate_every_hours integer not null default 24,
  add column escalation_limit integer not null default 3,
  -- Where the subject lies; {*} where it has no such place at all, {} where nobody has told.
  add column reach_nodes    text[] not null default '{}',
  add column reach_channels text[] not null default '{}',
  add column reach_regions  text[] not null default '{}',
  add check (snoozes between 0 and snooze_limit),
  add check ((snoozed_until is null) = (snooze_reason is null));

update ledger.exception set first_seen_at = raised_at, last_seen_at = raised_at,
  escalate_at = case state when 'open' then due_at end;

update ledger.exception e set order_class = o.class, reach_channels = array[o.channel],
  reach_regions = array_remove(array[o.ship_to ->> 'country'], null),
  reach_nodes = array(select distinct l.node from ledger.order_line l
    where l.order_id = o.order_id and l.node is not null order by 1)
from ledger.orders o where o.order_id = e.subject_id;
update ledger.exception e set reach_channels = array_remove(array[r.channel], null),
  reach_nodes = array(select distinct coalesce(l.node, s.node) from ledger.return_line l
    left join ledger.order_line s on s.order_id = l.order_id and s.line_no = l.order_line_no
    where l.return_id = r.return_id and coalesce(l.node, s.node) is not null order by 1),
  reach_regions = array(select distinct o.ship_to ->> 'country' from ledger.return_line l
    join ledger.orders o using (order_id)
    where l.return_id = r.return_id and o.ship_to ->> 'country' is not null order by 1)
from ledger.returns r where r.return_id = e.subject_id;
update ledger.exception e set reach_nodes = array[p.node], reach_channels = '{*}', reach_regions = array[n.country]
from (select purchase_order_id as id, node from ledger.purchase_order
      union all select adjustment_id, node from ledger.stock_adjustment
      union all select cycle_id, node from ledger.replenishment_cycle) p
join ledger.node n using (node)
where p.id = e.subject_id;
update ledger.exception e set reach_nodes = '{*}', reach_regions = '{*}', reach_channels = array_remove(array[c.channel], null)
from ledger.finance_entry f left join ledger.customer c using (customer_id) where f.entry_id = e.subject_id;

-- Whether the same trouble was closed lately.
create index exception_by_key on ledger.exception (dedupe_key, recorded_at desc);
create index exception_merged on ledger.exception (merged_into) where merged_into is not null;
create index exception_to_escalate on ledger.exception (escalate_at) where escalate_at is not null;
create index exception_snoozed on ledger.exception (snoozed_until) where snoozed_until is not null;
create index exception_by_assignee on ledger.exception (assignee, recorded_at desc, exception_id desc)
  where assignee is not null;

-- Append-only. Everything that happened to an entry.
create table ledger.exception_event (
  event_id     bigint generated always as identity primary key,
  exception_id text not null references ledger.exception,
  event        text not null check (event in ('raised', 'reopened', 'claimed', 'assigned', 'commented', 'snoozed',
                 'woken', 'escalated', 'merged', 'unmerged', 'resolved', 'healed', 'repaired', 'repair-failed')),
  actor        text not null,
  -- What the person said.
  reason       text,
  detail       jsonb not null default '{}',
  occurred_at  timestamptz not null,
  recorded_at  timestamptz not null default clock_timestamp()
);
create index exception_event_by_exception on ledger.exception_event (exception_id, event_id);
-- What was closed in a time, and whether in time.
create index exception_event_closed on ledger.exception_event (occurred_at)
  where event in ('resolved', 'healed', 'repaired');

insert into ledger.exception_event (exception_id, event, actor, occurred_at)
select exception_id, 'raised', 'loopline', raised_at from ledger.exception order by recorded_at;
insert into ledger.exception_event (exception_id, event, actor, reason, detail, occurred_at)
select exception_id, case resolution when 'healed' then 'healed' else 'resolved' end, coalesce(resolved_by, 'loopline'),
  note, jsonb_build_object('action', resolution, 'inTime', resolved_at <= due_at), resolved_at
from ledger.exception where state = 'resolved' order by resolved_at;

-- What an operator did about a process that stood still. A reset needs the engine, which may be away.
create table ledger.process_repair (
  process_id  text not null references ledger.process,
  repair_id   text not null,
  action      text not null check (action in ('retry', 'skip', 'reset')),
  step        text,
  reason      text not null,
  actor       text not null,
  state       text not null check (state in ('pending', 'done', 'failed')),
  -- The entries that it settles, each with how often its trouble had been seen by then.
  settles     jsonb not null default '{}',
  outcome     jsonb,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  ended_at    timestamptz,
  primary key (process_id, repair_id),
  check (action = 'retry' or step is not null),
  check ((state = 'pending') = (ended_at is null))
);

do $$
begin
  create trigger append_only before update or delete on ledger.exception_event
    for each row execute function ledger.refuse_change();
  create trigger append_only_whole before truncate on ledger.exception_event
    for each statement execute function ledger.refuse_change();
end $$;
