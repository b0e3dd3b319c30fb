-- People, service keys and sessions. What changed of whom is told by the audit, whose rows are written by the
-- same statements and sealed: a second history here could only repeat it or contradict it.

create sequence ledger.person_number;

-- Reach: the nodes, channels and regions (countries) that somebody may touch; null is every one.
create table ledger.person (
  person_id          text primary key check (person_id ~ '^person:[A-Za-z0-9._-]{1,64}$'),
  -- Who it is at the provider. The subject is null until the first login of somebody entered by address.
  issuer             text not null check (issuer <> ''),
  subject            text check (subject <> ''),
  login_email        text check (login_email = lower(login_email)),
  name               text not null,
  email              text,
  roles              text[] not null,
  nodes              text[],
  channels           text[],
  regions            text[],
  -- Minor units of the base currency; null is no limit.
  amount_limit_minor bigint check (amount_limit_minor >= 0),
  last_login_at      timestamptz,
  left_at            timestamptz,
  recorded_at        timestamptz not null default clock_timestamp(),
  unique (issuer, subject),
  unique (issuer, login_email),
  check (subject is not null or login_email is not null)
);
create index person_newest on ledger.person (recorded_at desc, person_id desc);

-- A key's rights never change: other rights are another key. Uses come often and touch no index.
create table ledger.service_key (
  key_id             text primary key check (key_id ~ '^[0-9A-Za-z]{11}$'),
  name               text not null check (name <> ''),
  roles              text[] not null,
  scopes             text[] not null,
  nodes              text[],
  channels           text[],
  regions            text[],
  amount_limit_minor bigint check (amount_limit_minor >= 0),
  -- SHA-256 of the whole key.
  digest             bytea not null unique check (length(digest) = 32),
  made_by            text not null,
  made_at            timestamptz not null,
  expires_at         timestamptz not null check (expires_at > made_at),
  -- The key that follows it, and when it stops counting beside that one.
  replaced_by        text unique references ledger.service_key check (replaced_by <> key_id),
  replaced_from      timestamptz check (replaced_from <= expires_at),
  revoked_at         timestamptz,
  revoked_by         text,
  last_used_at       timestamptz,
  check ((replaced_by is null) = (replaced_from is null)),
  check ((revoked_at is null) = (revoked_by is null))
) with (fillfactor = 80);
create index service_key_newest on ledger.service_key (made_at desc, key_id desc);

-- Nothing of the provider's tokens is kept. A session that is long over is deleted; the audit keeps the login.
create table ledger.session (
  -- SHA-256 of the random id in the cookie.
  digest         bytea primary key check (length(digest) = 32),
  person_id      text not null references ledger.person,
  opened_at      timestamptz not null,
  seen_at        timestamptz not null,
  -- When it ends without a further request, never behind the hard end.
  ends_at        timestamptz not null,
  hard_ends_at   timestamptz not null,
  ended_at       timestamptz,
  source_address text,
  check (ends_at <= hard_ends_at and opened_at <= seen_at)
) with (fillfactor = 80);
create index session_open on ledger.session (person_id) where ended_at is null;
create index session_oldest on ledger.session (hard_ends_at);

-- Who fails to show who they are, by address; nobody misses it after a crash.
create unlogged table ledger.failed_login (
  source_address text primary key check (length(source_address) <= 64),
  failures       bigint not null check (failures > 0),
  since          timestamptz not null
);
create index failed_login_newest on ledger.failed_login (since desc);
