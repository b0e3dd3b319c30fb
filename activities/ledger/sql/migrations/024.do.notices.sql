-- Notices to people and programs: how each person wants to hear of things, the endpoints of webhooks, what was
-- planned for whom, and every attempt to deliver it.

-- How notices reach one person; whoever has no row has said nothing.
create table ledger.notice_preference (
  person_id   text primary key,
  -- { kind: channel }; a kind that is not named has its own channel.
  kinds       jsonb not null check (jsonb_typeof(kinds) = 'object'),
  -- Local times, HH:MM; both or none.
  quiet_from  text check (quiet_from ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  quiet_to    text check (quiet_to ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  time_zone   text not null,
  digest_hour integer not null check (digest_hour between 0 and 23),
  changed_at  timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  check ((quiet_from is null) = (quiet_to is null)),
  check (quiet_from <> quiet_to)
);

-- A program that is told. Its secret signs every message, so it is kept sealed by a key that is not in the
-- database, and its digest tells whether another one was given. While `old_until` lies ahead, the secret that
-- it has replaced signs as well.
create table ledger.webhook_endpoint (
  endpoint_id     text primary key check (endpoint_id ~ '^[A-Za-z0-9._-]{1,64}$'),
  url             text not null,
  description     text not null default '',
  kinds           text[] not null check (cardinality(kinds) > 0),
  state           text not null check (state in ('active', 'disabled')),
  -- Why it was turned off, by itself or by a person.
  disabled_reason text,
  -- { keyId, data }
  secret          jsonb not null,
  secret_digest   text not null,
  old_secret      jsonb,
  old_until       timestamptz,
  -- Attempts that failed one after the other, over all messages, since the last that was taken.
  failures        integer not null default 0 check (failures >= 0),
  failing_since   timestamptz,
  changed_at      timestamptz not null,
  recorded_at     timestamptz not null default clock_timestamp(),
  check ((old_secret is null) = (old_until is null)),
  check ((failures = 0) = (failing_since is null)),
  check ((state = 'disabled') = (disabled_reason is not null))
) with (fillfactor = 80);

-- Append-only. What was planned for one person of something that happened: at once, when their quiet hours are
-- over, in a digest, or not at all.
create table ledger.notice (
  notice_id   text primary key,
  -- The occurrence that several people hear of.
  notice_key  text not null,
  person_id   text not null,
  kind        text not null,
  subject_id  text not null,
  -- The approval or exception that a link opens.
  item_id     text not null,
  facts       jsonb not null,
  plan        text not null check (plan in ('now', 'after-quiet-hours', 'digest', 'none', 'no-address')),
  due_at      timestamptz check ((due_at is null) = (plan in ('now', 'none', 'no-address'))),
  digest_id   text check ((digest_id is null) = (plan <> 'digest')),
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp()
);
create index notice_by_person on ledger.notice (person_id, recorded_at desc);
create index notice_by_digest on ledger.notice (digest_id) where digest_id is not null;

-- Append-only. Each attempt to deliver a mail or a webhook.
create table ledger.notice_attempt (
  outbox_id    bigint not null,
  attempt      integer not null check (attempt > 0),
  channel      text not null check (channel in ('mail', 'webhook')),
  -- The Message-ID or webhook-id: the same with every attempt.
  delivery_id  text not null,
  -- A person's id, an endpoint's id, or `customer`: addresses stay with the message.
  target       text not null,
  outcome      text not null check (outcome in ('delivered', 'failed', 'refused', 'gone', 'dropped')),
  status       integer,
  detail       text,
  duration_ms  integer not null check (duration_ms >= 0),
  attempted_at timestamptz not null,
  recorded_at  timestamptz not null default clock_timestamp(),
  primary key (outbox_id, attempt)
);
create index notice_attempt_by_delivery on ledger.notice_attempt (delivery_id);
create index notice_attempt_by_target on ledger.notice_attempt (target, recorded_at desc) where channel = 'webhook';

-- `notice`: something happened that people and programs want to hear of, not planned yet. `digest`: one
-- person's digest at its time. `webhook`: one message to one endpoint.
alter table ledger.outbox drop constraint outbox_kind_check,
  add constraint outbox_kind_check
    check (kind in ('signal', 'decision', 'mail', 'channel-notice', 'notice', 'digest', 'webhook'));
-- However many notices a digest has, it is one mail.
create unique index outbox_one_digest on ledger.outbox (subject_id) where kind = 'digest';

-- Whoever writes an event of an approval or of the board cannot forget to tell people: that is done when the
-- transaction commits, as the approval or the entry then stands as its event has left it. The triggers run as
-- their owner, whatever role commits.
create function ledger.tell_of_approval_event() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform ledger.notify_of_approval(new.approval_id, new.sequence);
  return null;
end $$;
create constraint trigger tell_people after insert on ledger.approval_event
  deferrable initially deferred for each row execute function ledger.tell_of_approval_event();

create function ledger.tell_of_exception_event() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform ledger.notify_of_exception(new.event_id);
  return null;
end $$;
create constraint trigger tell_people after insert on ledger.exception_event
  deferrable initially deferred for each row execute function ledger.tell_of_exception_event();

do $$
declare name text;
begin
  foreach name in array array['notice', 'notice_attempt'] loop
    execute format('create trigger append_only before update or delete on ledger.%I
                    for each row execute function ledger.refuse_change()', name);
    execute format('create trigger append_only_whole before truncate on ledger.%I
                    for each statement execute function ledger.refuse_change()', name);
  end loop;
end $$;
