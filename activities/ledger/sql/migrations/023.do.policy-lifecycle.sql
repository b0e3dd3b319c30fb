-- Policies change by drafts: written, submitted, decided, and put into force from a date as the next version
-- of their channel and region. What is in force is found along one index, the narrower scope first.

alter table ledger.policy_version
  -- ISO 3166 alpha-2 of where goods are sent, or of a node; * is everywhere.
  add column region text not null default '*' check (region ~ '^([A-Z]{2}|[*])$'),
  -- The draft that it was, and the older version that it brings back; null for what we ship.
  add column draft_id text,
  add column made_from integer,
  add column actor text not null default 'loopline',
  add column note text,
  add check (channel ~ '^([a-z0-9-]{1,32}|[*])$');

drop index ledger.policy_version_in_force;
create index policy_version_in_force
  on ledger.policy_version (policy, channel, region, effective_from desc, version desc);
-- Which regions have versions of their own: mostly none.
create index policy_version_regional on ledger.policy_version (region, policy) where region <> '*';

create table ledger.policy_draft (
  draft_id     text primary key check (draft_id ~ '^[A-Za-z0-9._-]{1,120}$'),
  policy       text not null,
  channel      text not null check (channel ~ '^([a-z0-9-]{1,32}|[*])$'),
  region       text not null check (region ~ '^([A-Z]{2}|[*])$'),
  document     jsonb not null,
  -- What was in force for this scope when the draft was written: the draft is a change of that.
  base_version integer not null,
  made_from    integer,
  author       text not null,
  note         text,
  -- From when it is to hold; null leaves it to an activation of its own.
  active_from  timestamptz,
  state        text not null check (state in ('draft', 'submitted', 'approved', 'rejected', 'withdrawn', 'active')),
  approval_id  text,
  -- The version that it became.
  version      integer,
  recorded_at  timestamptz not null default clock_timestamp(),
  foreign key (policy, base_version) references ledger.policy_version,
  foreign key (policy, version) references ledger.policy_version,
  check ((state = 'active') = (version is not null))
);
create index policy_draft_open on ledger.policy_draft (policy, recorded_at)
  where state in ('draft', 'submitted', 'approved');

-- Append-only. Everything that happened to a draft, with what it said then.
create table ledger.policy_draft_event (
  event_id    bigint generated always as identity primary key,
  draft_id    text not null references ledger.policy_draft,
  event       text not null check (event in ('written', 'submitted', 'approved', 'rejected', 'withdrawn', 'activated')),
  actor       text not null,
  note        text,
  detail      jsonb not null default '{}',
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp()
);
create index policy_draft_event_by_draft on ledger.policy_draft_event (draft_id, event_id);

do $$
begin
  create trigger append_only before update or delete on ledger.policy_draft_event
    for each row execute function ledger.refuse_change();
  create trigger append_only_whole before truncate on ledger.policy_draft_event
    for each statement execute function ledger.refuse_change();
end $$;

-- Past returns are judged again by what was known of them, so what the channel's word was worth is kept.
alter table ledger.returns add column trusted boolean;
create index returns_by_request on ledger.returns (requested_at, return_id);
