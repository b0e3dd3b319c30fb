-- What a freshly migrated ledger consists of, read from its own catalogue. For reading and for
-- seeing what a migration changes; the database is made by activities/ledger/sql/.
-- Written by `npm run schema`, compared by test/ledger/schema.test.ts.

create type ledger.allocation as (
  owner_id text,
  line_no integer,
  sku text,
  node text,
  quantity bigint,
  source_ref text
);

create type ledger.incoming_line as (
  pos integer,
  line_no integer,
  external_line_id text,
  kind text,
  code text,
  quantity bigint,
  unit_price numeric,
  amount_minor bigint,
  below_minor numeric,
  tax_minor bigint,
  discount_minor bigint,
  source_ref text
);

create type ledger.incoming_order as (
  pos integer,
  order_id text,
  channel text,
  external_id text,
  payload_hash bytea,
  class text,
  currency text,
  placed_at timestamp with time zone,
  priority integer,
  customer_id bigint,
  customer_ref text,
  customer_name text,
  customer_email text,
  ship_to jsonb,
  screening text[],
  policy_versions jsonb,
  total_minor bigint,
  plans jsonb,
  backorder_nodes text[],
  payment jsonb,
  actor text,
  promised_dispatch_at timestamp with time zone
);

create type ledger.movement as (
  sku text,
  node text,
  lot text,
  from_bucket text,
  to_bucket text,
  quantity bigint,
  subject_id text,
  line_no integer,
  source_ref text
);

create type ledger.placed_order as (
  pos integer,
  order_id text,
  outcome text,
  node text,
  reserved bigint,
  backordered bigint,
  allocations jsonb,
  backorders jsonb
);

create type ledger.plan_entry as (
  pos integer,
  order_id text,
  plan_no integer,
  line_no integer,
  rank integer,
  sku text,
  node text,
  quantity bigint,
  source_ref text
);

create type ledger.return_arrival as (
  line_no integer,
  sku text,
  node text,
  quantity bigint,
  finding text
);

create sequence ledger.adjustment_number;
create sequence ledger.credit_note_number;
create sequence ledger.delegation_number;
create sequence ledger.exception_number;
create sequence ledger.finance_entry_number;
create sequence ledger.goodwill_number;
create sequence ledger.invoice_number;
create sequence ledger.master_data_change_number;
create sequence ledger.person_number;
create sequence ledger.purchase_order_number;
create sequence ledger.return_number;

create table ledger.account (
  account text not null,
  name text not null,
  kind text not null,
  PRIMARY KEY (account),
  CHECK ((account ~ '^[a-z-]{1,64}$'::text)),
  CHECK ((kind = ANY (ARRAY['asset'::text, 'liability'::text, 'income'::text, 'expense'::text, 'equity'::text])))
);

create table ledger.act (
  act_id bigint not null generated always as identity,
  duty text not null,
  thing text not null,
  subject_id text not null,
  actor text not null,
  on_behalf_of text,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (act_id)
);
create index act_by_thing ON ledger.act USING btree (thing, duty);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.act FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.act FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER refuse_act BEFORE INSERT ON ledger.act FOR EACH ROW EXECUTE FUNCTION ledger.refuse_act();

create table ledger.approval (
  approval_id text not null,
  process_id text not null,
  subject_kind text not null,
  subject_id text not null,
  amount_minor bigint not null,
  currency text not null,
  role text not null,
  requested_by text not null,
  rule text not null,
  state text not null,
  due_at timestamp with time zone not null,
  decided_by text,
  decided_at timestamp with time zone,
  note text,
  requested_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  matrix_subject text not null,
  policy_version text not null,
  wanted_by text,
  requested_for text,
  run integer not null default 1,
  sequence integer not null default 0,
  phase text not null default 'deciding'::text,
  plan jsonb not null,
  facts jsonb not null,
  applied jsonb not null,
  passed_over jsonb not null default '[]'::jsonb,
  reasons text not null,
  base_minor bigint not null,
  asked_roles text[] not null default '{}'::text[],
  asked_people text[] not null default '{}'::text[],
  open_levels integer[] not null default '{}'::integer[],
  escalated boolean not null default false,
  closed_by text,
  decided_for text,
  reach_nodes text[] not null default '{}'::text[],
  reach_channels text[] not null default '{}'::text[],
  reach_regions text[] not null default '{}'::text[],
  PRIMARY KEY (approval_id),
  CHECK (((state = 'open'::text) = (closed_by IS NULL))),
  CHECK ((closed_by = ANY (ARRAY['decision'::text, 'expiry'::text, 'withdrawal'::text, 'automatic'::text]))),
  CHECK ((phase = ANY (ARRAY['deciding'::text, 'information-asked'::text, 'returned'::text]))),
  CHECK ((run > 0)),
  CHECK ((sequence >= 0)),
  CHECK ((state = ANY (ARRAY['open'::text, 'approved'::text, 'rejected'::text, 'expired'::text, 'withdrawn'::text])))
);
create index approval_by_subject ON ledger.approval USING btree (subject_id);
create index approval_newest ON ledger.approval USING btree (recorded_at DESC, approval_id DESC);
create index approval_open ON ledger.approval USING btree (recorded_at) WHERE (state = 'open'::text);
create index approval_open_by_subject ON ledger.approval USING btree (matrix_subject, recorded_at) WHERE (state = 'open'::text);

create table ledger.approval_event (
  approval_id text not null,
  sequence integer not null,
  kind text not null,
  run integer not null,
  level integer,
  body jsonb not null default '{}'::jsonb,
  actor text not null,
  on_behalf_of text,
  note text,
  decision_id text,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (approval_id, sequence),
  FOREIGN KEY (approval_id) REFERENCES ledger.approval(approval_id),
  FOREIGN KEY (decision_id) REFERENCES ledger.decision(decision_id),
  CHECK (((kind <> 'decided'::text) OR ((level IS NOT NULL) AND (body ? 'seat'::text) AND (body ? 'decision'::text)))),
  CHECK ((kind = ANY (ARRAY['requested'::text, 'decided'::text, 'information-asked'::text, 'information-given'::text, 'information-overdue'::text, 'returned-for-change'::text, 'reminded'::text, 'escalated'::text, 'expired'::text, 'reassigned'::text, 'commented'::text, 'withdrawn'::text, 'restarted'::text]))),
  CHECK ((level >= 0)),
  CHECK ((on_behalf_of <> actor)),
  CHECK ((run > 0)),
  CHECK ((sequence > 0))
);
create unique INDEX approval_event_one_say ON ledger.approval_event USING btree (approval_id, run, actor) WHERE (kind = 'decided'::text);
create unique INDEX approval_event_one_say_for ON ledger.approval_event USING btree (approval_id, run, on_behalf_of) WHERE ((kind = 'decided'::text) AND (on_behalf_of IS NOT NULL));
create unique INDEX approval_event_one_word ON ledger.approval_event USING btree (decision_id) WHERE (decision_id IS NOT NULL);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.approval_event FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.approval_event FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER refuse_decision BEFORE INSERT ON ledger.approval_event FOR EACH ROW WHEN ((new.kind = 'decided'::text)) EXECUTE FUNCTION ledger.refuse_decision();
CREATE CONSTRAINT TRIGGER tell_people AFTER INSERT ON ledger.approval_event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger.tell_of_approval_event();

create table ledger.audit (
  xact xid8 not null default pg_current_xact_id(),
  audit_id bigint not null generated always as identity,
  actor text not null,
  on_behalf_of text,
  credential text,
  act text not null,
  subject_kind text not null,
  subject_id text not null,
  before jsonb,
  after jsonb,
  reason text,
  request_id text,
  source_address text,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (xact, audit_id)
);
create index audit_by_act ON ledger.audit USING brin (act text_bloom_ops (n_distinct_per_range='100')) WITH (pages_per_range='32', autosummarize='on');
create index audit_by_actor ON ledger.audit USING brin (actor text_bloom_ops (n_distinct_per_range='100')) WITH (pages_per_range='32', autosummarize='on');
create index audit_by_subject ON ledger.audit USING btree (subject_id, recorded_at, audit_id);
create index audit_newest ON ledger.audit USING btree (recorded_at, audit_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.audit FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.audit FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.audit_head (
  only_one boolean not null default true,
  sequence bigint not null,
  xact xid8 not null,
  audit_id bigint not null,
  row_hash bytea not null,
  sealed_at timestamp with time zone not null,
  PRIMARY KEY (only_one),
  CHECK (only_one)
);

create table ledger.audit_seal (
  sequence bigint not null,
  xact xid8 not null,
  audit_id bigint not null,
  previous_hash bytea not null,
  content_hash bytea not null,
  row_hash bytea not null,
  anchor text,
  sealed_at timestamp with time zone not null,
  PRIMARY KEY (sequence),
  UNIQUE (xact, audit_id),
  CHECK ((length(content_hash) = 32)),
  CHECK ((length(previous_hash) = 32)),
  CHECK ((length(row_hash) = 32)),
  CHECK ((sequence > 0))
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.audit_seal FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.audit_seal FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.backorder (
  order_id text not null,
  line_no integer not null,
  sku text not null,
  node text not null,
  quantity bigint not null,
  priority integer not null default 100,
  queued_at timestamp with time zone not null,
  sequence bigint not null generated always as identity,
  source_ref text,
  PRIMARY KEY (order_id, line_no, node),
  CHECK ((quantity >= 0))
);
create index backorder_queue ON ledger.backorder USING btree (sku, node, priority, queued_at, sequence) WHERE (quantity > 0);

create table ledger.capture (
  capture_id text not null,
  payment_id text not null,
  order_id text not null,
  amount_minor bigint not null,
  state text not null,
  provider_id text,
  failure text,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (capture_id),
  FOREIGN KEY (payment_id) REFERENCES ledger.payment(payment_id),
  CHECK ((amount_minor > 0)),
  CHECK ((state = ANY (ARRAY['due'::text, 'captured'::text, 'failed'::text])))
);
create index capture_by_order ON ledger.capture USING btree (order_id);
create index capture_open ON ledger.capture USING btree (order_id) WHERE (state = 'due'::text);

create table ledger.channel (
  channel text not null,
  name text not null,
  kind text not null,
  backorder text,
  trusted boolean not null default false,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  nodes text[],
  PRIMARY KEY (channel),
  CHECK ((backorder = ANY (ARRAY['allow'::text, 'refuse'::text]))),
  CHECK ((channel ~ '^[a-z0-9-]{1,32}$'::text)),
  CHECK ((kind = ANY (ARRAY['web-shop'::text, 'marketplace'::text, 'b2b-portal'::text])))
);

create table ledger.closed_period (
  closed_through date not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (closed_through)
);

create table ledger.cost_entry (
  entry_id bigint not null generated always as identity,
  layer_id bigint not null,
  quantity bigint not null,
  value numeric(24,10) not null,
  amount_minor bigint not null,
  event text not null,
  key text not null,
  subject_id text not null,
  line_no integer,
  source_ref text,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (entry_id),
  FOREIGN KEY (layer_id) REFERENCES ledger.cost_layer(layer_id)
);
create index cost_entry_by_layer ON ledger.cost_entry USING btree (layer_id);
create index cost_entry_by_subject ON ledger.cost_entry USING btree (subject_id, line_no);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.cost_entry FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.cost_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.cost_layer (
  layer_id bigint not null generated always as identity,
  sku text not null,
  node text not null,
  pool text not null,
  method text not null,
  remaining_quantity bigint not null,
  remaining_value numeric(24,10) not null,
  source_key text not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (layer_id),
  FOREIGN KEY (sku, node) REFERENCES ledger.stock_item(sku, node),
  CHECK (((remaining_quantity > 0) OR (remaining_value = (0)::numeric))),
  CHECK ((method = ANY (ARRAY['fifo'::text, 'average'::text, 'standard'::text]))),
  CHECK ((pool = ANY (ARRAY['stock'::text, 'returns'::text]))),
  CHECK ((remaining_quantity >= 0)),
  CHECK ((remaining_value >= (0)::numeric))
);
create index cost_layer_by_source ON ledger.cost_layer USING btree (source_key);
create index cost_layer_open ON ledger.cost_layer USING btree (sku, node, pool, layer_id) WHERE (remaining_quantity > 0);
create unique INDEX cost_layer_running ON ledger.cost_layer USING btree (sku, node, pool) WHERE (method <> 'fifo'::text);

create table ledger.credit_note (
  credit_note_number text not null,
  return_id text not null,
  amount_minor bigint not null,
  tax_minor bigint not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (credit_note_number),
  FOREIGN KEY (return_id) REFERENCES ledger.returns(return_id)
);
create index credit_note_by_return ON ledger.credit_note USING btree (return_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.credit_note FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.credit_note FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.customer (
  customer_id bigint not null generated always as identity,
  channel text not null,
  external_id text not null,
  name text,
  email text,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  erased_at timestamp with time zone,
  PRIMARY KEY (customer_id),
  UNIQUE (channel, external_id),
  FOREIGN KEY (channel) REFERENCES ledger.channel(channel)
);
create index customer_by_external_id ON ledger.customer USING btree (external_id);

create table ledger.customer_credit (
  customer_id bigint not null,
  currency text not null,
  balance_minor bigint not null,
  PRIMARY KEY (customer_id, currency),
  FOREIGN KEY (customer_id) REFERENCES ledger.customer(customer_id),
  CHECK ((balance_minor >= 0))
);

create table ledger.decision (
  decision_id text not null,
  approval_id text not null,
  decision text,
  note text,
  actor text not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  occurred_at timestamp with time zone not null,
  kind text not null default 'decide'::text,
  body jsonb not null default '{}'::jsonb,
  heard_at timestamp with time zone,
  PRIMARY KEY (decision_id),
  FOREIGN KEY (approval_id) REFERENCES ledger.approval(approval_id),
  CHECK (((kind = 'decide'::text) = (decision IS NOT NULL))),
  CHECK ((decision = ANY (ARRAY['approve'::text, 'reject'::text]))),
  CHECK ((kind = ANY (ARRAY['decide'::text, 'ask-information'::text, 'give-information'::text, 'return-for-change'::text, 'reassign'::text, 'comment'::text, 'withdraw'::text, 'resubmit'::text])))
);
create index decision_by_approval ON ledger.decision USING btree (approval_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.decision FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.decision FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.delegation (
  delegation_id text not null,
  sequence integer not null,
  from_person text not null,
  to_person text,
  subjects text[],
  limit_minor bigint,
  valid_from timestamp with time zone not null,
  valid_until timestamp with time zone not null,
  absent boolean not null,
  revoked_at timestamp with time zone,
  reason text,
  actor text not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (delegation_id, sequence),
  CHECK ((absent OR (to_person IS NOT NULL))),
  CHECK ((cardinality(subjects) > 0)),
  CHECK ((delegation_id ~ '^delegation:[A-Za-z0-9._-]{1,120}$'::text)),
  CHECK ((limit_minor >= 0)),
  CHECK ((sequence > 0)),
  CHECK ((to_person <> from_person)),
  CHECK ((valid_until > valid_from))
);
create index delegation_from ON ledger.delegation USING btree (from_person, recorded_at DESC);
create index delegation_to ON ledger.delegation USING btree (to_person, recorded_at DESC);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.delegation FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.delegation FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.dispatch (
  dispatch_id text not null,
  shipment_id text not null,
  order_id text not null,
  invoice_number text not null,
  amount_minor bigint not null,
  tax_minor bigint not null,
  carrier text,
  tracking_number text,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (dispatch_id),
  UNIQUE (invoice_number),
  FOREIGN KEY (shipment_id) REFERENCES ledger.shipment(shipment_id)
);
create index dispatch_by_order ON ledger.dispatch USING btree (order_id);
create index dispatch_by_tracking ON ledger.dispatch USING btree (tracking_number) WHERE (tracking_number IS NOT NULL);

create table ledger.due (
  due_id text not null,
  subject_id text not null,
  process_id text not null,
  kind text not null,
  next_step text not null,
  due_at timestamp with time zone not null,
  state text not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (due_id),
  CHECK ((state = ANY (ARRAY['open'::text, 'reached'::text, 'met'::text])))
);
create index due_by_subject ON ledger.due USING btree (subject_id) WHERE (state = ANY (ARRAY['open'::text, 'reached'::text]));
create index due_open ON ledger.due USING btree (due_at) WHERE (state = 'open'::text);

create table ledger.exception (
  exception_id text not null,
  dedupe_key text not null,
  kind text not null,
  subject_id text not null,
  process_id text,
  owner text not null,
  severity text not null,
  state text not null,
  evidence jsonb not null default '{}'::jsonb,
  actions text[] not null,
  resolution text,
  resolved_by text,
  note text,
  raised_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  resolved_at timestamp with time zone,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  assignee text,
  order_class text,
  first_seen_at timestamp with time zone not null default clock_timestamp(),
  last_seen_at timestamp with time zone not null default clock_timestamp(),
  seen integer not null default 1,
  reopened integer not null default 0,
  behind interval not null default '00:00:00'::interval,
  snoozed_until timestamp with time zone,
  snooze_reason text,
  snoozes integer not null default 0,
  root_cause text,
  merged_into text,
  escalate_at timestamp with time zone,
  escalations integer not null default 0,
  escalated_to text,
  snooze_limit integer not null default 3,
  snooze_hours integer not null default 24,
  reopen_hours integer not null default 0,
  root_causes text[] not null default '{}'::text[],
  escalate_to text not null default 'ops'::text,
  escalate_every_hours integer not null default 24,
  escalation_limit integer not null default 3,
  reach_nodes text[] not null default '{}'::text[],
  reach_channels text[] not null default '{}'::text[],
  reach_regions text[] not null default '{}'::text[],
  PRIMARY KEY (exception_id),
  FOREIGN KEY (merged_into) REFERENCES ledger.exception(exception_id),
  CHECK (((snoozed_until IS NULL) = (snooze_reason IS NULL))),
  CHECK (((snoozes >= 0) AND (snoozes <= snooze_limit))),
  CHECK ((merged_into <> exception_id)),
  CHECK ((reopened >= 0)),
  CHECK ((seen > 0)),
  CHECK ((severity = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text]))),
  CHECK ((state = ANY (ARRAY['open'::text, 'resolved'::text])))
);
create index exception_by_assignee ON ledger.exception USING btree (assignee, recorded_at DESC, exception_id DESC) WHERE (assignee IS NOT NULL);
create index exception_by_key ON ledger.exception USING btree (dedupe_key, recorded_at DESC);
create index exception_by_subject ON ledger.exception USING btree (subject_id);
create index exception_merged ON ledger.exception USING btree (merged_into) WHERE (merged_into IS NOT NULL);
create index exception_newest ON ledger.exception USING btree (recorded_at DESC, exception_id DESC);
create unique INDEX exception_one_open ON ledger.exception USING btree (dedupe_key) WHERE (state = 'open'::text);
create index exception_open ON ledger.exception USING btree (recorded_at) WHERE (state = 'open'::text);
create index exception_snoozed ON ledger.exception USING btree (snoozed_until) WHERE (snoozed_until IS NOT NULL);
create index exception_to_escalate ON ledger.exception USING btree (escalate_at) WHERE (escalate_at IS NOT NULL);

create table ledger.exception_event (
  event_id bigint not null generated always as identity,
  exception_id text not null,
  event text not null,
  actor text not null,
  reason text,
  detail jsonb not null default '{}'::jsonb,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (event_id),
  FOREIGN KEY (exception_id) REFERENCES ledger.exception(exception_id),
  CHECK ((event = ANY (ARRAY['raised'::text, 'reopened'::text, 'claimed'::text, 'assigned'::text, 'commented'::text, 'snoozed'::text, 'woken'::text, 'escalated'::text, 'merged'::text, 'unmerged'::text, 'resolved'::text, 'healed'::text, 'repaired'::text, 'repair-failed'::text])))
);
create index exception_event_by_exception ON ledger.exception_event USING btree (exception_id, event_id);
create index exception_event_closed ON ledger.exception_event USING btree (occurred_at) WHERE (event = ANY (ARRAY['resolved'::text, 'healed'::text, 'repaired'::text]));
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.exception_event FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.exception_event FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE CONSTRAINT TRIGGER tell_people AFTER INSERT ON ledger.exception_event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger.tell_of_exception_event();

create table ledger.failed_login (
  source_address text not null,
  failures bigint not null,
  since timestamp with time zone not null,
  PRIMARY KEY (source_address),
  CHECK ((failures > 0)),
  CHECK ((length(source_address) <= 64))
);
create index failed_login_newest ON ledger.failed_login USING btree (since DESC);

create table ledger.finance_entry (
  entry_id text not null,
  external_ref text not null,
  request_hash bytea not null,
  kind text not null,
  quantity bigint not null,
  unit_price numeric(20,6) not null,
  currency text not null,
  amount_minor bigint not null,
  below_minor numeric(20,6) not null default 0,
  customer_id bigint,
  state text not null,
  source_ref text,
  requested_by text not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (entry_id),
  UNIQUE (external_ref),
  CHECK ((state = ANY (ARRAY['in-review'::text, 'posted'::text, 'rejected'::text])))
);
create index finance_entry_newest ON ledger.finance_entry USING btree (recorded_at DESC, entry_id DESC);

create table ledger.goodwill (
  goodwill_id text not null,
  external_ref text not null,
  order_id text not null,
  customer_id bigint,
  currency text not null,
  amount_minor bigint not null,
  given_minor bigint not null default 0,
  credited_minor bigint not null default 0,
  resolution text not null,
  reason_code text not null,
  state text not null,
  policy_version text not null,
  requested_by text not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (goodwill_id),
  UNIQUE (external_ref),
  FOREIGN KEY (customer_id) REFERENCES ledger.customer(customer_id),
  FOREIGN KEY (order_id) REFERENCES ledger.orders(order_id),
  FOREIGN KEY (reason_code) REFERENCES ledger.reason_code(reason_code),
  CHECK (((credited_minor >= 0) AND (credited_minor <= given_minor))),
  CHECK (((given_minor >= 0) AND (given_minor <= amount_minor))),
  CHECK ((amount_minor > 0)),
  CHECK ((goodwill_id ~ '^goodwill:[1-9]\d*$'::text)),
  CHECK ((resolution = ANY (ARRAY['refund'::text, 'credit'::text]))),
  CHECK ((state = ANY (ARRAY['in-review'::text, 'refunding'::text, 'closed'::text, 'refused'::text])))
);
create index goodwill_by_customer ON ledger.goodwill USING btree (customer_id) WHERE (customer_id IS NOT NULL);
create index goodwill_by_order ON ledger.goodwill USING btree (order_id);
create index goodwill_recorded ON ledger.goodwill USING btree (recorded_at, goodwill_id);

create table ledger.inbox (
  source text not null,
  fact_id text not null,
  payload_hash bytea not null,
  payload jsonb not null,
  result jsonb not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (source, fact_id)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.inbox FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.inbox FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.inspection (
  inspection_id text not null,
  return_id text not null,
  line_no integer not null,
  quantity bigint not null,
  grade text not null,
  disposition text not null,
  inspector text not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  FOREIGN KEY (return_id) REFERENCES ledger.returns(return_id),
  CHECK ((disposition = ANY (ARRAY['restock'::text, 'repack'::text, 'refurbish'::text, 'vendor-return'::text, 'quarantine'::text, 'scrap'::text]))),
  CHECK ((quantity > 0))
);
create index inspection_by_return ON ledger.inspection USING btree (return_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.inspection FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.inspection FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.intake (
  channel text not null,
  external_id text not null,
  payload_hash bytea not null,
  order_id text not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (channel, external_id),
  FOREIGN KEY (channel) REFERENCES ledger.channel(channel)
);

create table ledger.intake_refusal (
  refusal_id bigint not null generated always as identity,
  channel text not null,
  external_id text not null,
  payload_hash bytea not null,
  payload jsonb not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (refusal_id)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.intake_refusal FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.intake_refusal FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.intake_refusal_person (
  refusal_id bigint not null,
  person jsonb not null,
  PRIMARY KEY (refusal_id),
  FOREIGN KEY (refusal_id) REFERENCES ledger.intake_refusal(refusal_id)
);

create table ledger.intake_rush (
  is_only boolean not null default true,
  reported_at timestamp with time zone not null,
  PRIMARY KEY (is_only),
  CHECK (is_only)
);

create table ledger.master_data_change (
  change_id text not null,
  noun text not null,
  record_key text not null,
  fields text[] not null,
  before jsonb not null,
  after jsonb not null,
  basis integer not null default 1,
  state text not null,
  refusal text,
  approval_id text,
  requested_by text not null,
  requested_at timestamp with time zone not null,
  decided_by text,
  decided_at timestamp with time zone,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (change_id),
  FOREIGN KEY (approval_id) REFERENCES ledger.approval(approval_id),
  CHECK (((refusal IS NOT NULL) = (state = 'overtaken'::text))),
  CHECK (((state = 'waiting'::text) = (decided_at IS NULL))),
  CHECK ((basis > 0)),
  CHECK ((cardinality(fields) > 0)),
  CHECK ((change_id ~ '^(supplier-change|master-data-edit):[1-9]\d*$'::text)),
  CHECK ((noun = ANY (ARRAY['supplier'::text, 'sku'::text, 'node'::text, 'channel'::text]))),
  CHECK ((state = ANY (ARRAY['waiting'::text, 'applied'::text, 'rejected'::text, 'expired'::text, 'withdrawn'::text, 'overtaken'::text])))
);
create index master_data_change_by_noun ON ledger.master_data_change USING btree (noun, recorded_at, change_id);
create index master_data_change_by_record ON ledger.master_data_change USING btree (noun, record_key, recorded_at);
create unique INDEX master_data_change_waiting ON ledger.master_data_change USING btree (noun, record_key) WHERE (state = 'waiting'::text);

create table ledger.node (
  node text not null,
  name text not null,
  country text not null,
  priority integer not null default 100,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (node),
  CHECK ((node ~ '^[A-Za-z0-9._-]{1,64}$'::text))
);

create table ledger.notice (
  notice_id text not null,
  notice_key text not null,
  person_id text not null,
  kind text not null,
  subject_id text not null,
  item_id text not null,
  facts jsonb not null,
  plan text not null,
  due_at timestamp with time zone,
  digest_id text,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (notice_id),
  CHECK (((digest_id IS NULL) = (plan <> 'digest'::text))),
  CHECK (((due_at IS NULL) = (plan = ANY (ARRAY['now'::text, 'none'::text, 'no-address'::text])))),
  CHECK ((plan = ANY (ARRAY['now'::text, 'after-quiet-hours'::text, 'digest'::text, 'none'::text, 'no-address'::text])))
);
create index notice_by_digest ON ledger.notice USING btree (digest_id) WHERE (digest_id IS NOT NULL);
create index notice_by_person ON ledger.notice USING btree (person_id, recorded_at DESC);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.notice FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.notice FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.notice_attempt (
  outbox_id bigint not null,
  attempt integer not null,
  channel text not null,
  delivery_id text not null,
  target text not null,
  outcome text not null,
  status integer,
  detail text,
  duration_ms integer not null,
  attempted_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (outbox_id, attempt),
  CHECK ((attempt > 0)),
  CHECK ((channel = ANY (ARRAY['mail'::text, 'webhook'::text]))),
  CHECK ((duration_ms >= 0)),
  CHECK ((outcome = ANY (ARRAY['delivered'::text, 'failed'::text, 'refused'::text, 'gone'::text, 'dropped'::text])))
);
create index notice_attempt_by_delivery ON ledger.notice_attempt USING btree (delivery_id);
create index notice_attempt_by_target ON ledger.notice_attempt USING btree (target, recorded_at DESC) WHERE (channel = 'webhook'::text);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.notice_attempt FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.notice_attempt FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.notice_preference (
  person_id text not null,
  kinds jsonb not null,
  quiet_from text,
  quiet_to text,
  time_zone text not null,
  digest_hour integer not null,
  changed_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (person_id),
  CHECK (((digest_hour >= 0) AND (digest_hour <= 23))),
  CHECK (((quiet_from IS NULL) = (quiet_to IS NULL))),
  CHECK ((jsonb_typeof(kinds) = 'object'::text)),
  CHECK ((quiet_from <> quiet_to)),
  CHECK ((quiet_from ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'::text)),
  CHECK ((quiet_to ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'::text))
);

create table ledger.order_hold (
  order_id text not null,
  hold text not null,
  reason text not null,
  raised_at timestamp with time zone not null,
  cleared_at timestamp with time zone,
  PRIMARY KEY (order_id, hold),
  FOREIGN KEY (order_id) REFERENCES ledger.orders(order_id),
  CHECK ((hold = ANY (ARRAY['payment'::text, 'fraud'::text, 'address'::text, 'stock'::text, 'carrier'::text])))
);
create index order_hold_open ON ledger.order_hold USING btree (order_id) WHERE (cleared_at IS NULL);

create table ledger.order_line (
  order_id text not null,
  line_no integer not null,
  external_line_id text not null,
  kind text not null,
  code text not null,
  node text,
  quantity bigint not null,
  unit_price numeric(20,6) not null,
  amount_minor bigint not null,
  below_minor numeric(20,6) not null default 0,
  tax_minor bigint not null default 0,
  discount_minor bigint not null default 0,
  source_ref text,
  customer_id bigint,
  placed_at timestamp with time zone not null,
  reserved bigint not null default 0,
  backordered bigint not null default 0,
  shipped bigint not null default 0,
  cancelled bigint not null default 0,
  short bigint not null default 0,
  "returning" bigint not null default 0,
  invoiced_minor bigint not null default 0,
  tax_invoiced_minor bigint not null default 0,
  cancelled_minor bigint not null default 0,
  shipped_cost numeric(24,10) not null default 0,
  returned_cost numeric(24,10) not null default 0,
  returned bigint not null default 0,
  PRIMARY KEY (order_id, line_no),
  FOREIGN KEY (order_id) REFERENCES ledger.orders(order_id),
  CHECK ((("returning" >= 0) AND ("returning" <= shipped))),
  CHECK ((((((reserved + backordered) + shipped) + cancelled) + short) <= quantity)),
  CHECK ((backordered >= 0)),
  CHECK ((cancelled >= 0)),
  CHECK ((kind = ANY (ARRAY['goods'::text, 'shipping'::text, 'other'::text, 'discount'::text, 'manual'::text, 'voucher'::text]))),
  CHECK ((quantity > 0)),
  CHECK ((reserved >= 0)),
  CHECK ((returned <= shipped)),
  CHECK ((returned_cost <= shipped_cost)),
  CHECK ((shipped >= 0)),
  CHECK ((short >= 0))
);
create index order_line_by_customer ON ledger.order_line USING btree (customer_id, code, placed_at DESC) WHERE (customer_id IS NOT NULL);
create index order_line_by_source ON ledger.order_line USING btree (split_part(source_ref, ':'::text, 1)) WHERE (source_ref IS NOT NULL);
create index order_line_demand ON ledger.order_line USING btree (node, placed_at) WHERE ((kind = 'goods'::text) AND (node IS NOT NULL));

create table ledger.orders (
  order_id text not null,
  channel text not null,
  external_id text not null,
  class text not null default 'standard'::text,
  customer_id bigint,
  currency text not null,
  ship_to jsonb not null,
  state text not null,
  screening text[] not null default '{}'::text[],
  total_minor bigint not null,
  charges_due boolean not null default false,
  policy_versions jsonb not null default '{}'::jsonb,
  placed_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  priority integer not null default 100,
  promised_dispatch_at timestamp with time zone,
  PRIMARY KEY (order_id),
  FOREIGN KEY (channel) REFERENCES ledger.channel(channel),
  FOREIGN KEY (customer_id) REFERENCES ledger.customer(customer_id),
  CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  CHECK ((state = ANY (ARRAY['accepted'::text, 'released'::text, 'completed'::text, 'cancelled'::text, 'rejected'::text])))
);
create index orders_by_customer ON ledger.orders USING btree (customer_id, recorded_at DESC, order_id DESC) WHERE (customer_id IS NOT NULL);
create index orders_newest ON ledger.orders USING btree (recorded_at DESC, order_id DESC);
create index orders_not_completed ON ledger.orders USING btree (state, recorded_at DESC, order_id DESC) WHERE (state <> 'completed'::text);

create table ledger.outbox (
  outbox_id bigint not null generated always as identity,
  kind text not null,
  subject_id text not null,
  payload jsonb not null,
  leased_until timestamp with time zone,
  available_at timestamp with time zone not null default clock_timestamp(),
  attempts integer not null default 0,
  done_at timestamp with time zone,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (outbox_id),
  CHECK ((kind = ANY (ARRAY['signal'::text, 'decision'::text, 'mail'::text, 'channel-notice'::text, 'notice'::text, 'digest'::text, 'webhook'::text, 'repair'::text])))
);
create unique INDEX outbox_one_digest ON ledger.outbox USING btree (subject_id) WHERE (kind = 'digest'::text);
create index outbox_open ON ledger.outbox USING btree (outbox_id) WHERE (done_at IS NULL);
create index outbox_open_by_subject ON ledger.outbox USING btree (kind, subject_id, outbox_id) WHERE (done_at IS NULL);

create table ledger.payment (
  payment_id text not null,
  order_id text not null,
  provider text not null,
  token text,
  reference text,
  currency text not null,
  state text not null,
  requested_minor bigint not null,
  authorized_minor bigint not null default 0,
  captured_minor bigint not null default 0,
  refunded_minor bigint not null default 0,
  deposit_minor bigint not null default 0,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  attempt text not null default '1'::text,
  decline_code text,
  give_back_key integer not null default 1,
  give_back_try integer not null default 1,
  PRIMARY KEY (payment_id),
  CHECK (((refunded_minor >= 0) AND (refunded_minor <= captured_minor))),
  CHECK ((authorized_minor >= 0)),
  CHECK ((captured_minor <= authorized_minor)),
  CHECK ((captured_minor >= 0)),
  CHECK ((deposit_minor >= 0)),
  CHECK ((give_back_key > 0)),
  CHECK ((give_back_try > 0)),
  CHECK ((requested_minor >= 0)),
  CHECK ((state = ANY (ARRAY['due'::text, 'authorized'::text, 'challenged'::text, 'declined'::text, 'voided'::text])))
);
create index payment_by_order ON ledger.payment USING btree (order_id);
create index payment_by_reference ON ledger.payment USING btree (reference) WHERE (reference IS NOT NULL);
create index payment_newest ON ledger.payment USING btree (recorded_at DESC, payment_id DESC);
create index payment_not_authorized ON ledger.payment USING btree (state, recorded_at DESC, payment_id DESC) WHERE (state <> 'authorized'::text);

create table ledger.person (
  person_id text not null,
  issuer text not null,
  subject text,
  login_email text,
  name text not null,
  email text,
  roles text[] not null,
  nodes text[],
  channels text[],
  regions text[],
  amount_limit_minor bigint,
  last_login_at timestamp with time zone,
  left_at timestamp with time zone,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (person_id),
  UNIQUE (issuer, login_email),
  UNIQUE (issuer, subject),
  CHECK (((subject IS NOT NULL) OR (login_email IS NOT NULL))),
  CHECK ((amount_limit_minor >= 0)),
  CHECK ((issuer <> ''::text)),
  CHECK ((login_email = lower(login_email))),
  CHECK ((person_id ~ '^person:[A-Za-z0-9._-]{1,64}$'::text)),
  CHECK ((subject <> ''::text))
);
create index person_newest ON ledger.person USING btree (recorded_at DESC, person_id DESC);

create table ledger.policy_draft (
  draft_id text not null,
  policy text not null,
  channel text not null,
  region text not null,
  document jsonb not null,
  base_version integer not null,
  made_from integer,
  author text not null,
  note text,
  active_from timestamp with time zone,
  state text not null,
  approval_id text,
  version integer,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (draft_id),
  FOREIGN KEY (policy, base_version) REFERENCES ledger.policy_version(policy, version),
  FOREIGN KEY (policy, version) REFERENCES ledger.policy_version(policy, version),
  CHECK (((state = 'active'::text) = (version IS NOT NULL))),
  CHECK ((channel ~ '^([a-z0-9-]{1,32}|[*])$'::text)),
  CHECK ((draft_id ~ '^[A-Za-z0-9._-]{1,120}$'::text)),
  CHECK ((region ~ '^([A-Z]{2}|[*])$'::text)),
  CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'approved'::text, 'rejected'::text, 'withdrawn'::text, 'active'::text])))
);
create index policy_draft_open ON ledger.policy_draft USING btree (policy, recorded_at) WHERE (state = ANY (ARRAY['draft'::text, 'submitted'::text, 'approved'::text]));

create table ledger.policy_draft_event (
  event_id bigint not null generated always as identity,
  draft_id text not null,
  event text not null,
  actor text not null,
  note text,
  detail jsonb not null default '{}'::jsonb,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (event_id),
  FOREIGN KEY (draft_id) REFERENCES ledger.policy_draft(draft_id),
  CHECK ((event = ANY (ARRAY['written'::text, 'simulated'::text, 'submitted'::text, 'approved'::text, 'rejected'::text, 'withdrawn'::text, 'activated'::text])))
);
create index policy_draft_event_by_draft ON ledger.policy_draft_event USING btree (draft_id, event_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.policy_draft_event FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.policy_draft_event FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.policy_version (
  policy text not null,
  version integer not null,
  channel text not null default '*'::text,
  effective_from timestamp with time zone not null,
  document jsonb not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  region text not null default '*'::text,
  draft_id text,
  made_from integer,
  actor text not null default 'loopline'::text,
  note text,
  PRIMARY KEY (policy, version),
  CHECK ((channel ~ '^([a-z0-9-]{1,32}|[*])$'::text)),
  CHECK ((policy ~ '^[a-z-]{1,64}$'::text)),
  CHECK ((region ~ '^([A-Z]{2}|[*])$'::text)),
  CHECK ((version > 0))
);
create index policy_version_in_force ON ledger.policy_version USING btree (policy, channel, region, effective_from DESC, version DESC);
create index policy_version_regional ON ledger.policy_version USING btree (region, policy) WHERE (region <> '*'::text);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.policy_version FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.policy_version FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.posting (
  posting_id bigint not null generated always as identity,
  key text not null,
  event text not null,
  debit text not null,
  credit text not null,
  currency text not null,
  amount_minor bigint not null,
  subject_id text not null,
  line_no integer,
  source_ref text,
  payment_id text,
  customer_id bigint,
  policy_version text,
  posted_on date not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (posting_id),
  FOREIGN KEY (credit) REFERENCES ledger.account(account),
  FOREIGN KEY (debit) REFERENCES ledger.account(account),
  CHECK ((amount_minor > 0)),
  CHECK ((credit <> debit)),
  CHECK ((currency ~ '^[A-Z]{3}$'::text))
);
create index posting_by_payment ON ledger.posting USING btree (payment_id) WHERE (payment_id IS NOT NULL);
create index posting_by_source ON ledger.posting USING btree (split_part(source_ref, ':'::text, 1)) WHERE (source_ref IS NOT NULL);
create index posting_by_subject ON ledger.posting USING btree (subject_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.posting FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.posting FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.process (
  process_id text not null,
  kind text not null,
  state text not null,
  attributes jsonb not null default '{}'::jsonb,
  leased_until timestamp with time zone,
  attempts integer not null default 0,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  PRIMARY KEY (process_id),
  CHECK ((kind = ANY (ARRAY['order'::text, 'return'::text, 'purchase-order'::text, 'replenishment'::text, 'stock-adjustment'::text, 'finance-entry'::text, 'approval'::text, 'goodwill'::text]))),
  CHECK ((state = ANY (ARRAY['pending'::text, 'running'::text, 'ended'::text])))
);
create index process_pending ON ledger.process USING btree (recorded_at, process_id) WHERE (state = 'pending'::text);
create index process_running ON ledger.process USING btree (started_at) WHERE (state = 'running'::text);

create table ledger.process_repair (
  process_id text not null,
  repair_id text not null,
  action text not null,
  step text,
  reason text not null,
  actor text not null,
  state text not null,
  settles jsonb not null default '{}'::jsonb,
  outcome jsonb,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone,
  root_cause text,
  PRIMARY KEY (process_id, repair_id),
  FOREIGN KEY (process_id) REFERENCES ledger.process(process_id),
  CHECK (((action = 'retry'::text) OR (step IS NOT NULL))),
  CHECK (((state = 'pending'::text) = (ended_at IS NULL))),
  CHECK ((action = ANY (ARRAY['retry'::text, 'skip'::text, 'reset'::text]))),
  CHECK ((state = ANY (ARRAY['pending'::text, 'done'::text, 'failed'::text])))
);

create table ledger.purchase_order (
  purchase_order_id text not null,
  number text not null,
  external_ref text,
  request_hash bytea not null,
  cycle_id text,
  supplier text not null,
  node text not null,
  currency text not null,
  state text not null,
  total_minor bigint not null,
  deliver_exactly_at timestamp with time zone,
  expected_at timestamp with time zone,
  final boolean not null default false,
  ordered_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (purchase_order_id),
  UNIQUE (external_ref),
  UNIQUE (number),
  FOREIGN KEY (node) REFERENCES ledger.node(node),
  FOREIGN KEY (supplier) REFERENCES ledger.supplier(supplier),
  CHECK ((state = ANY (ARRAY['in-review'::text, 'approved'::text, 'sent'::text, 'acknowledged'::text, 'closed'::text, 'rejected'::text])))
);
create index purchase_order_by_cycle ON ledger.purchase_order USING btree (cycle_id, purchase_order_id) WHERE (cycle_id IS NOT NULL);
create index purchase_order_newest ON ledger.purchase_order USING btree (recorded_at DESC, purchase_order_id DESC);
create index purchase_order_open ON ledger.purchase_order USING btree (node) WHERE (state <> ALL (ARRAY['closed'::text, 'rejected'::text]));

create table ledger.purchase_order_line (
  purchase_order_id text not null,
  line_no integer not null,
  sku text not null,
  quantity bigint not null,
  unit_price numeric(20,6) not null,
  acknowledged bigint,
  noticed bigint not null default 0,
  received bigint not null default 0,
  short bigint not null default 0,
  invoiced bigint not null default 0,
  received_minor bigint not null default 0,
  matched_minor bigint not null default 0,
  PRIMARY KEY (purchase_order_id, line_no),
  FOREIGN KEY (purchase_order_id) REFERENCES ledger.purchase_order(purchase_order_id),
  FOREIGN KEY (sku) REFERENCES ledger.sku(sku),
  CHECK (((short >= 0) AND (received >= 0))),
  CHECK ((quantity > 0)),
  CHECK ((unit_price >= (0)::numeric))
);
create index purchase_order_line_by_sku ON ledger.purchase_order_line USING btree (sku);

create table ledger.reason_code (
  reason_code text not null,
  subject text not null,
  description text not null,
  PRIMARY KEY (reason_code),
  CHECK ((reason_code ~ '^[a-z0-9-]{1,64}$'::text)),
  CHECK ((subject = ANY (ARRAY['return'::text, 'cancellation'::text, 'adjustment'::text, 'exception'::text, 'goodwill'::text])))
);

create table ledger.receipt (
  receipt_id text not null,
  purchase_order_id text,
  notice_id text,
  line_no integer not null,
  sku text not null,
  node text not null,
  lot text not null default ''::text,
  quantity bigint not null,
  unit_cost numeric(20,6) not null,
  layer_id bigint not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  FOREIGN KEY (layer_id) REFERENCES ledger.cost_layer(layer_id),
  FOREIGN KEY (purchase_order_id) REFERENCES ledger.purchase_order(purchase_order_id),
  CHECK ((quantity > 0))
);
create index receipt_by_item ON ledger.receipt USING btree (sku, recorded_at DESC);
create index receipt_by_order ON ledger.receipt USING btree (purchase_order_id, line_no);
create index receipt_of_orders ON ledger.receipt USING btree (node, occurred_at) INCLUDE (sku, purchase_order_id) WHERE (purchase_order_id IS NOT NULL);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.receipt FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.receipt FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.refund (
  refund_id text not null,
  payment_id text not null,
  subject_id text not null,
  account text not null,
  amount_minor bigint not null,
  state text not null,
  provider_id text,
  failure text,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (refund_id),
  FOREIGN KEY (account) REFERENCES ledger.account(account),
  FOREIGN KEY (payment_id) REFERENCES ledger.payment(payment_id),
  CHECK ((amount_minor > 0)),
  CHECK ((state = ANY (ARRAY['due'::text, 'refunded'::text, 'failed'::text])))
);
create index refund_by_subject ON ledger.refund USING btree (subject_id);
create index refund_open ON ledger.refund USING btree (payment_id) WHERE (state = 'due'::text);

create table ledger.repeatable (
  hash text not null
);

create table ledger.replenishment_cycle (
  cycle_id text not null,
  node text not null,
  cycle_date date not null,
  state text not null,
  business_time timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone,
  PRIMARY KEY (cycle_id),
  UNIQUE (node, cycle_date),
  FOREIGN KEY (node) REFERENCES ledger.node(node),
  CHECK ((state = ANY (ARRAY['planned'::text, 'done'::text])))
);

create table ledger.replenishment_part (
  plan_id uuid not null,
  kind text not null,
  part_no integer not null,
  content jsonb not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (plan_id, kind, part_no),
  CHECK ((kind = ANY (ARRAY['facts'::text, 'orders'::text])))
);

create table ledger.replenishment_proposal (
  cycle_id text not null,
  sku text not null,
  supplier text not null,
  quantity bigint not null,
  purchase_order_id text,
  dropped text,
  terms jsonb not null,
  PRIMARY KEY (cycle_id, sku),
  FOREIGN KEY (cycle_id) REFERENCES ledger.replenishment_cycle(cycle_id),
  FOREIGN KEY (sku) REFERENCES ledger.sku(sku),
  FOREIGN KEY (supplier) REFERENCES ledger.supplier(supplier),
  CHECK ((quantity > 0))
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.replenishment_proposal FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.replenishment_proposal FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.reservation (
  owner_id text not null,
  line_no integer not null,
  sku text not null,
  node text not null,
  lot text not null default ''::text,
  quantity bigint not null,
  on_shipment bigint not null default 0,
  PRIMARY KEY (owner_id, line_no, node, lot),
  CHECK (((on_shipment >= 0) AND (on_shipment <= quantity))),
  CHECK ((quantity >= 0))
);
create index reservation_by_item ON ledger.reservation USING btree (sku, node) WHERE (quantity > 0);

create table ledger.return_line (
  return_id text not null,
  line_no integer not null,
  external_line_id text not null,
  kind text not null,
  code text not null,
  cover text not null,
  order_id text,
  order_line_no integer,
  quantity bigint not null,
  unit_price numeric(20,6) not null,
  amount_minor bigint not null,
  tax_minor bigint not null default 0,
  below_minor numeric(20,6) not null default 0,
  reason_code text not null,
  node text,
  source_ref text,
  received bigint not null default 0,
  inspected bigint not null default 0,
  credited bigint not null default 0,
  credited_minor bigint not null default 0,
  received_cost numeric(24,10) not null default 0,
  disposed_cost numeric(24,10) not null default 0,
  PRIMARY KEY (return_id, line_no),
  FOREIGN KEY (return_id) REFERENCES ledger.returns(return_id),
  CHECK (((cover = 'blind'::text) = (order_id IS NULL))),
  CHECK (((received <= quantity) AND (inspected <= received) AND (credited <= quantity))),
  CHECK ((cover = ANY (ARRAY['cancelled'::text, 'sale'::text, 'blind'::text]))),
  CHECK ((kind = ANY (ARRAY['goods'::text, 'shipping'::text, 'other'::text, 'discount'::text, 'manual'::text, 'voucher'::text]))),
  CHECK ((quantity > 0))
);
create index return_line_by_order ON ledger.return_line USING btree (order_id) WHERE (order_id IS NOT NULL);
create index return_line_by_source ON ledger.return_line USING btree (split_part(source_ref, ':'::text, 1)) WHERE (source_ref IS NOT NULL);

create table ledger.return_receipt (
  receipt_id text not null,
  return_id text not null,
  line_no integer,
  sku text not null,
  node text not null,
  quantity bigint not null,
  finding text not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  FOREIGN KEY (return_id) REFERENCES ledger.returns(return_id),
  CHECK ((finding = ANY (ARRAY['expected'::text, 'over'::text, 'wrong-item'::text]))),
  CHECK ((quantity > 0))
);
create index return_receipt_by_return ON ledger.return_receipt USING btree (return_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.return_receipt FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.return_receipt FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.returns (
  return_id text not null,
  channel text,
  external_ref text,
  request_hash bytea not null,
  customer_id bigint,
  currency text not null,
  state text not null,
  resolution text not null,
  rule text not null,
  reasons jsonb not null default '[]'::jsonb,
  policy_version text,
  label_id text,
  tracking_number text,
  receive_by timestamp with time zone,
  requested_at timestamp with time zone not null,
  authorized_at timestamp with time zone,
  received_at timestamp with time zone,
  ended_at timestamp with time zone,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  trusted boolean,
  refund_release text not null default 'inspection'::text,
  refund_rule text,
  refund_policy_version text,
  PRIMARY KEY (return_id),
  UNIQUE (channel, external_ref),
  FOREIGN KEY (channel) REFERENCES ledger.channel(channel),
  FOREIGN KEY (customer_id) REFERENCES ledger.customer(customer_id),
  CHECK ((refund_release = ANY (ARRAY['receipt'::text, 'inspection'::text]))),
  CHECK ((resolution = ANY (ARRAY['refund'::text, 'credit'::text]))),
  CHECK ((state = ANY (ARRAY['in-review'::text, 'awaiting-receipt'::text, 'awaiting-inspection'::text, 'refunding'::text, 'closed'::text, 'refused'::text, 'expired'::text])))
);
create index returns_by_customer ON ledger.returns USING btree (customer_id, recorded_at DESC, return_id DESC) WHERE (customer_id IS NOT NULL);
create index returns_by_request ON ledger.returns USING btree (requested_at, return_id);
create index returns_newest ON ledger.returns USING btree (recorded_at DESC, return_id DESC);
create index returns_not_closed ON ledger.returns USING btree (state, recorded_at DESC, return_id DESC) WHERE (state <> 'closed'::text);

create table ledger.risk_rating (
  party text not null,
  sequence integer not null,
  risk text not null,
  reason text not null,
  actor text not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (party, sequence),
  CHECK ((party ~ '^(customer:[1-9][0-9]{0,17}|supplier:[A-Za-z0-9._-]{1,64})$'::text)),
  CHECK ((risk = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text]))),
  CHECK ((sequence > 0))
);
create index risk_rating_newest ON ledger.risk_rating USING btree (recorded_at DESC, party DESC);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.risk_rating FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.risk_rating FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.schema_migration (
  version bigint not null,
  name text,
  md5 text,
  run_at timestamp with time zone,
  PRIMARY KEY (version)
);

create table ledger.service_key (
  key_id text not null,
  name text not null,
  roles text[] not null,
  scopes text[] not null,
  nodes text[],
  channels text[],
  regions text[],
  amount_limit_minor bigint,
  digest bytea not null,
  made_by text not null,
  made_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  replaced_by text,
  replaced_from timestamp with time zone,
  revoked_at timestamp with time zone,
  revoked_by text,
  last_used_at timestamp with time zone,
  PRIMARY KEY (key_id),
  UNIQUE (digest),
  UNIQUE (replaced_by),
  FOREIGN KEY (replaced_by) REFERENCES ledger.service_key(key_id),
  CHECK (((replaced_by IS NULL) = (replaced_from IS NULL))),
  CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
  CHECK ((amount_limit_minor >= 0)),
  CHECK ((expires_at > made_at)),
  CHECK ((key_id ~ '^[0-9A-Za-z]{11}$'::text)),
  CHECK ((length(digest) = 32)),
  CHECK ((name <> ''::text)),
  CHECK ((replaced_by <> key_id)),
  CHECK ((replaced_from <= expires_at))
);
create index service_key_newest ON ledger.service_key USING btree (made_at DESC, key_id DESC);

create table ledger.session (
  digest bytea not null,
  person_id text not null,
  opened_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  hard_ends_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  source_address text,
  PRIMARY KEY (digest),
  FOREIGN KEY (person_id) REFERENCES ledger.person(person_id),
  CHECK (((ends_at <= hard_ends_at) AND (opened_at <= seen_at))),
  CHECK ((length(digest) = 32))
);
create index session_oldest ON ledger.session USING btree (hard_ends_at);
create index session_open ON ledger.session USING btree (person_id) WHERE (ended_at IS NULL);

create table ledger.shipment (
  shipment_id text not null,
  order_id text not null,
  node text not null,
  state text not null,
  released_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (shipment_id),
  FOREIGN KEY (node) REFERENCES ledger.node(node),
  FOREIGN KEY (order_id) REFERENCES ledger.orders(order_id),
  CHECK ((state = ANY (ARRAY['released'::text, 'dispatched'::text, 'cancelled'::text])))
);
create index shipment_by_order ON ledger.shipment USING btree (order_id);
create index shipment_cancelled ON ledger.shipment USING btree (recorded_at, shipment_id) WHERE (state = 'cancelled'::text);
create index shipment_oldest ON ledger.shipment USING btree (recorded_at, shipment_id);
create index shipment_queue ON ledger.shipment USING btree (recorded_at, shipment_id) WHERE (state = 'released'::text);

create table ledger.shipment_line (
  shipment_id text not null,
  line_no integer not null,
  lot text not null default ''::text,
  sku text not null,
  quantity bigint not null,
  dispatched bigint not null default 0,
  PRIMARY KEY (shipment_id, line_no, lot),
  FOREIGN KEY (shipment_id) REFERENCES ledger.shipment(shipment_id),
  CHECK (((dispatched >= 0) AND (dispatched <= quantity))),
  CHECK ((quantity >= 0))
);

create table ledger.shipping_notice (
  notice_id text not null,
  purchase_order_id text not null,
  node text not null,
  state text not null,
  final boolean not null,
  shipped_at timestamp with time zone not null,
  expected_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (notice_id),
  FOREIGN KEY (purchase_order_id) REFERENCES ledger.purchase_order(purchase_order_id),
  CHECK ((state = ANY (ARRAY['open'::text, 'received'::text])))
);
create index shipping_notice_by_order ON ledger.shipping_notice USING btree (purchase_order_id);
create index shipping_notice_earliest ON ledger.shipping_notice USING btree (expected_at, notice_id);
create index shipping_notice_open ON ledger.shipping_notice USING btree (expected_at) WHERE (state = 'open'::text);

create table ledger.shipping_notice_line (
  notice_id text not null,
  line_no integer not null,
  sku text not null,
  quantity bigint not null,
  received bigint not null default 0,
  PRIMARY KEY (notice_id, line_no),
  FOREIGN KEY (notice_id) REFERENCES ledger.shipping_notice(notice_id),
  CHECK ((quantity > 0))
);

create table ledger.sku (
  sku text not null,
  description text not null default ''::text,
  unit_of_measure text not null default 'each'::text,
  barcode text,
  class text not null default 'B'::text,
  cost_method text not null default 'fifo'::text,
  standard_cost numeric(20,6),
  supplier text,
  lead_time_days integer,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (sku),
  FOREIGN KEY (supplier) REFERENCES ledger.supplier(supplier),
  CHECK (((cost_method <> 'standard'::text) OR (standard_cost IS NOT NULL))),
  CHECK (((length(sku) >= 1) AND (length(sku) <= 120))),
  CHECK ((cost_method = ANY (ARRAY['fifo'::text, 'average'::text, 'standard'::text]))),
  CHECK ((lead_time_days >= 0)),
  CHECK ((standard_cost >= (0)::numeric))
);
create index sku_newest ON ledger.sku USING btree (recorded_at DESC, sku DESC);

create table ledger.step (
  key text not null,
  subject_id text not null,
  request_hash bytea not null,
  result jsonb not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (key)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.step FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.step FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.stock_adjustment (
  adjustment_id text not null,
  external_ref text not null,
  request_hash bytea not null,
  kind text not null,
  sku text not null,
  node text not null,
  lot text not null default ''::text,
  quantity bigint not null,
  reason_code text not null,
  state text not null,
  value_minor bigint not null default 0,
  applied bigint not null default 0,
  short bigint not null default 0,
  source_ref text,
  requested_by text not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (adjustment_id),
  UNIQUE (external_ref),
  CHECK ((kind = ANY (ARRAY['found'::text, 'write-off'::text, 'correction'::text]))),
  CHECK ((quantity <> 0)),
  CHECK ((state = ANY (ARRAY['in-review'::text, 'applied'::text, 'rejected'::text])))
);
create index stock_adjustment_newest ON ledger.stock_adjustment USING btree (recorded_at DESC, adjustment_id DESC);

create table ledger.stock_balance (
  sku text not null,
  node text not null,
  bucket text not null,
  lot text not null default ''::text,
  quantity bigint not null,
  PRIMARY KEY (sku, node, bucket, lot),
  FOREIGN KEY (sku, node) REFERENCES ledger.stock_item(sku, node),
  CHECK ((bucket = ANY (ARRAY['inbound'::text, 'on-hand'::text, 'reserved'::text, 'picked'::text, 'returned'::text, 'quarantined'::text, 'damaged'::text]))),
  CHECK ((quantity >= 0))
);

create table ledger.stock_hold (
  hold_id text not null,
  state text not null,
  expires_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (hold_id),
  CHECK ((state = ANY (ARRAY['held'::text, 'released'::text, 'expired'::text])))
);
create index stock_hold_open ON ledger.stock_hold USING btree (expires_at) WHERE (state = 'held'::text);

create table ledger.stock_item (
  sku text not null,
  node text not null,
  available bigint not null default 0,
  PRIMARY KEY (sku, node),
  FOREIGN KEY (node) REFERENCES ledger.node(node),
  FOREIGN KEY (sku) REFERENCES ledger.sku(sku),
  CHECK ((available >= 0))
);

create table ledger.stock_move (
  move_id bigint not null generated always as identity,
  sku text not null,
  node text not null,
  lot text not null default ''::text,
  from_bucket text not null,
  to_bucket text not null,
  quantity bigint not null,
  event text not null,
  key text not null,
  subject_id text not null,
  line_no integer,
  source_ref text,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (move_id),
  CHECK ((from_bucket = ANY (ARRAY['supplier'::text, 'customer'::text, 'adjustment'::text, 'inbound'::text, 'on-hand'::text, 'reserved'::text, 'picked'::text, 'returned'::text, 'quarantined'::text, 'damaged'::text]))),
  CHECK ((quantity > 0)),
  CHECK ((to_bucket <> from_bucket)),
  CHECK ((to_bucket = ANY (ARRAY['supplier'::text, 'customer'::text, 'adjustment'::text, 'inbound'::text, 'on-hand'::text, 'reserved'::text, 'picked'::text, 'returned'::text, 'quarantined'::text, 'damaged'::text])))
);
create index stock_move_by_item ON ledger.stock_move USING btree (sku, node);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.stock_move FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.stock_move FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.supplier (
  supplier text not null,
  name text not null,
  currency text not null,
  lead_time_days integer not null,
  email text,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (supplier),
  CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  CHECK ((lead_time_days >= 0)),
  CHECK ((supplier ~ '^[A-Za-z0-9._-]{1,64}$'::text))
);

create table ledger.supplier_invoice (
  purchase_order_id text not null,
  invoice_number text not null,
  state text not null,
  lines jsonb not null,
  amount_minor bigint not null,
  difference_minor bigint not null default 0,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (purchase_order_id, invoice_number),
  FOREIGN KEY (purchase_order_id) REFERENCES ledger.purchase_order(purchase_order_id),
  CHECK ((state = ANY (ARRAY['waiting'::text, 'matched'::text, 'mismatch'::text, 'disputed'::text])))
);

create table ledger.supplier_sku (
  supplier text not null,
  sku text not null,
  unit_price numeric(20,6) not null,
  minimum_quantity bigint not null default 1,
  multiple_quantity bigint not null default 1,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (supplier, sku),
  FOREIGN KEY (sku) REFERENCES ledger.sku(sku),
  FOREIGN KEY (supplier) REFERENCES ledger.supplier(supplier),
  CHECK ((minimum_quantity > 0)),
  CHECK ((multiple_quantity > 0)),
  CHECK ((unit_price >= (0)::numeric))
);
create index supplier_sku_by_sku ON ledger.supplier_sku USING btree (sku);

create table ledger.timeline (
  timeline_id bigint not null generated always as identity,
  subject_id text not null,
  event text not null,
  actor text not null,
  cause text,
  reason text,
  detail jsonb not null default '{}'::jsonb,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (timeline_id)
);
create index timeline_by_subject ON ledger.timeline USING btree (subject_id, timeline_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.timeline FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger.timeline FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.webhook_endpoint (
  endpoint_id text not null,
  url text not null,
  description text not null default ''::text,
  kinds text[] not null,
  state text not null,
  disabled_reason text,
  secret jsonb not null,
  secret_digest text not null,
  old_secret jsonb,
  old_until timestamp with time zone,
  failures integer not null default 0,
  failing_since timestamp with time zone,
  changed_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (endpoint_id),
  CHECK (((failures = 0) = (failing_since IS NULL))),
  CHECK (((old_secret IS NULL) = (old_until IS NULL))),
  CHECK (((state = 'disabled'::text) = (disabled_reason IS NOT NULL))),
  CHECK ((cardinality(kinds) > 0)),
  CHECK ((endpoint_id ~ '^[A-Za-z0-9._-]{1,64}$'::text)),
  CHECK ((failures >= 0)),
  CHECK ((state = ANY (ARRAY['active'::text, 'disabled'::text])))
);

-- function ledger.abandon_return_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.accept_orders_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.accept_over_units(p_po ledger.purchase_order, p_line_no integer, p_sku text, p_quantity bigint, p_price numeric, p_event text, p_key text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.access_facts(p_kind text, p_id text) returns jsonb language plpgsql stable
-- function ledger.account_balance(p_account text) returns bigint language sql stable
-- function ledger.account_number(p_account text, p_at timestamp with time zone) returns text language sql stable
-- function ledger.acting() returns jsonb language sql stable
-- function ledger.activate_policy_draft_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.add_cost(p_sku text, p_node text, p_pool text, p_quantity bigint, p_value numeric, p_event text, p_key text, p_subject text, p_line_no integer, p_source_ref text, p_occurred_at timestamp with time zone, OUT layer_id bigint, OUT amount_minor bigint) returns record language plpgsql volatile
-- function ledger.adjust_stock_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.adjustment_answer(p_adjustment text, p_rule text) returns jsonb language sql stable
-- function ledger.adjustment_json(p_adjustment text) returns jsonb language sql stable
-- function ledger.adjustment_places(p_adjustment text) returns jsonb language sql stable
-- function ledger.advance_goodwill(p_goodwill text) returns jsonb language plpgsql volatile
-- function ledger.advance_goodwill_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.advance_order(p_order text, p_occurrence text) returns jsonb language plpgsql volatile
-- function ledger.advance_order_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.advance_refunded(p_subject text) returns jsonb language plpgsql volatile
-- function ledger.advance_rejected_order(p_order text, p_occurrence text) returns void language plpgsql volatile
-- function ledger.advance_return(p_return text) returns jsonb language plpgsql volatile
-- function ledger.advance_return_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.advance_run(p_run jsonb, p_event jsonb, p_closing jsonb, p_at_ms jsonb) returns jsonb language plpgsql stable
-- function ledger.all_within(p_places jsonb, p_own jsonb) returns boolean language sql immutable
-- function ledger.allocate_backorders(p_skus text[], p_nodes text[], p_key text, p_occurred_at timestamp with time zone) returns bigint language plpgsql volatile
-- function ledger.append_approval_events_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.appended(p_approval ledger.approval, p_decision text, p_answer jsonb, p_changed boolean) returns jsonb language plpgsql volatile
-- function ledger.apply_adjustment(p_adjustment text, p_key text, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.apply_change(p_change ledger.master_data_change) returns text language plpgsql volatile
-- function ledger.apply_notice(p_po ledger.purchase_order, p_notice text, p_final boolean, p_expected timestamp with time zone) returns bigint language plpgsql volatile
-- function ledger.apply_order_resolutions(p_order text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.apply_payment_event(p_fact text, p_event jsonb) returns jsonb language plpgsql volatile
-- function ledger.apply_resolutions(p_po ledger.purchase_order, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.apply_tracking_event(p_fact text, p_event jsonb) returns jsonb language plpgsql volatile
-- function ledger.approval_due(p_approval ledger.approval) returns ledger.due language sql stable
-- function ledger.approval_events_json(p_approval text) returns jsonb language sql stable
-- function ledger.approval_evidence(p_kind text, p_subject text) returns jsonb language plpgsql stable
-- function ledger.approval_facts(p_kind text, p_subject text, p_facts jsonb) returns jsonb language plpgsql stable
-- function ledger.approval_history(p_approval ledger.approval) returns jsonb language plpgsql stable
-- function ledger.approval_json(p_approval text) returns jsonb language sql stable
-- function ledger.approval_notice_kind(p_approval ledger.approval, p_event ledger.approval_event) returns text language sql stable
-- function ledger.approval_places(p_approval text) returns jsonb language sql stable
-- function ledger.approval_standing(p_approval text, p_applied boolean) returns jsonb language sql stable
-- function ledger.approval_wait(p_approval ledger.approval) returns text language sql immutable
-- function ledger.approvals_page(request jsonb, p_count integer) returns TABLE(id text, at timestamp with time zone) language plpgsql stable
-- function ledger.as_asked(p_elements jsonb) returns jsonb language sql immutable
-- function ledger.ask_approval(p_process text, p_subject_kind text, p_subject text, p_round text, p_amount_minor bigint, p_currency text, p_ask jsonb, p_requested_by text, p_occurred_at timestamp with time zone) returns text language plpgsql volatile
-- function ledger.ask_changes(p_noun text, p_elements jsonb, p_answer jsonb, p_at timestamp with time zone) returns jsonb language plpgsql volatile
-- function ledger.ask_policy_approval(p_draft ledger.policy_draft, p_approval jsonb, p_actor text, p_at timestamp with time zone) returns text language sql volatile
-- function ledger.asks_fewest(p_matrix jsonb, p_facts jsonb, p_row jsonb) returns boolean language sql stable
-- function ledger.assign_exception_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.audit(p_by jsonb, p_act text, p_subject_kind text, p_subject text, p_occurred_at timestamp with time zone, p_reason text DEFAULT NULL::text, p_before jsonb DEFAULT NULL::jsonb, p_after jsonb DEFAULT NULL::jsonb) returns void language plpgsql volatile
-- function ledger.audit_each(p_by jsonb, p_act text, p_subject_kind text, p_occurred_at timestamp with time zone, p_subjects text[], p_befores jsonb[], p_afters jsonb[]) returns void language plpgsql volatile
-- function ledger.audit_hash(p_row ledger.audit) returns bytea language sql stable
-- function ledger.audit_horizon(p_seen pg_snapshot) returns xid8 language sql volatile
-- function ledger.audit_json(p_row ledger.audit) returns jsonb language sql stable
-- function ledger.audit_page(request jsonb, p_count integer) returns SETOF ledger.audit language plpgsql stable
-- function ledger.audit_placed(p_elements jsonb, p_orders ledger.incoming_order[], p_new integer[], p_results jsonb) returns void language plpgsql volatile
-- function ledger.audit_text(p_row ledger.audit) returns text language sql stable
-- function ledger.authorize_return(p_return text, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.await_captures(p_return text, p_at timestamp with time zone) returns boolean language plpgsql volatile
-- function ledger.backordered_lines(p_order text) returns jsonb language sql stable
-- function ledger.base_currency() returns text language sql immutable
-- function ledger.begin_act(p_act text, request jsonb) returns jsonb language plpgsql volatile
-- function ledger.begin_board_act(request jsonb, p_act text, p_fact text, OUT entry ledger.exception, OUT key text, OUT content jsonb, OUT stored jsonb) returns record language plpgsql volatile
-- function ledger.begin_goodwill_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.begin_order_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.begin_purchase_order_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.begin_put(p_noun text, p_elements jsonb) returns boolean language plpgsql volatile
-- function ledger.begin_return_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.begin_review(p_process text) returns jsonb language plpgsql volatile
-- function ledger.begin_run(p_plan jsonb, p_at_ms jsonb) returns jsonb language sql stable
-- function ledger.beyond_limits(p_limits jsonb, p_nodes text[], p_channels text[], p_regions text[], p_amount_minor bigint) returns text[] language sql immutable
-- function ledger.board_answer(p_exception text, p_applied boolean) returns jsonb language sql stable
-- function ledger.board_event(p_exception text, p_event text, p_actor text, p_at timestamp with time zone, p_reason text DEFAULT NULL::text, p_detail jsonb DEFAULT '{}'::jsonb) returns void language plpgsql volatile
-- function ledger.board_is_due(p_until timestamp with time zone, p_subject text) returns boolean language sql stable
-- function ledger.board_time(p_row ledger.exception, request jsonb) returns timestamp with time zone language sql stable
-- function ledger.business_time(p_subject text) returns timestamp with time zone language sql stable
-- function ledger.cancel_lines(p_order ledger.orders, p_lines jsonb, p_key text, p_occurred_at timestamp with time zone, p_actor text, p_reason text) returns jsonb language plpgsql volatile
-- function ledger.cancel_order_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.cancel_return_parts(p_return ledger.returns, p_parts jsonb, p_actor text) returns void language plpgsql volatile
-- function ledger.cancel_units(p_order text, p_line integer, p_quantity bigint, p_key text, p_occurred_at timestamp with time zone, p_actor text, p_reason text, OUT part_minor bigint) returns bigint language plpgsql volatile
-- function ledger.captures_under_way(p_return text) returns boolean language sql stable
-- function ledger.carry_out(p_kind text, p_subject text, p_approved boolean, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.challenge_outcome(p_order text, p_outcome text, p_reference text) returns text language sql stable
-- function ledger.change_details(p_change text) returns jsonb language sql stable
-- function ledger.change_faults(p_noun text, p_elements jsonb) returns jsonb language sql stable
-- function ledger.change_json(p_change text) returns jsonb language sql stable
-- function ledger.change_places(p_change text) returns jsonb language sql stable
-- function ledger.change_shown(p_fields jsonb) returns jsonb language sql immutable
-- function ledger.change_stock_adjustment_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.change_subject(p_noun text) returns text language sql immutable
-- function ledger.changed_elements(p_orders jsonb, p_errors jsonb, p_new integer[]) returns TABLE(n bigint, o jsonb, order_id text, first_hash text) language sql stable
-- function ledger.changed_endpoint(p_before ledger.webhook_endpoint, p_given jsonb, p_at timestamp with time zone) returns ledger.webhook_endpoint language plpgsql stable
-- function ledger.changed_nothing(p_result jsonb) returns boolean language sql immutable
-- function ledger.changes_page(request jsonb, p_count integer) returns TABLE(id text, at timestamp with time zone) language plpgsql stable
-- function ledger.channel_faults(p_channels jsonb) returns jsonb language sql stable
-- function ledger.charge_and_take_back(p_return ledger.returns, p_line ledger.return_line, p_part bigint, p_key text) returns void language plpgsql volatile
-- function ledger.check_active_from(p_from timestamp with time zone, p_at timestamp with time zone) returns void language plpgsql stable
-- function ledger.check_adjustment(request jsonb) returns void language plpgsql stable
-- function ledger.check_cancelled_lines(p_order text, p_lines jsonb) returns void language plpgsql volatile
-- function ledger.check_cost() returns TABLE(kind text, id text, expected text, actual text, detail jsonb) language sql stable
-- function ledger.check_deadline(p_approval ledger.approval, p_run jsonb, p_event jsonb) returns void language plpgsql stable
-- function ledger.check_decision(p_approval ledger.approval, p_run jsonb, p_event jsonb, p_at timestamp with time zone) returns void language plpgsql stable
-- function ledger.check_draft_ask(p_draft ledger.policy_draft, p_approval jsonb, p_at timestamp with time zone) returns void language plpgsql stable
-- function ledger.check_duplicate(p_row ledger.exception, p_other ledger.exception, p_id text) returns void language plpgsql stable
-- function ledger.check_inspection(p_return text, p_units jsonb) returns void language plpgsql stable
-- function ledger.check_key_limits(p_key ledger.service_key, p_limits jsonb) returns void language plpgsql stable
-- function ledger.check_limits(p_what text, p_limits jsonb, p_nodes text[], p_channels text[], p_regions text[], p_amount_minor bigint) returns void language plpgsql stable
-- function ledger.check_merged_reach(p_exception text, p_within jsonb) returns void language plpgsql stable
-- function ledger.check_money() returns TABLE(kind text, id text, expected text, actual text, detail jsonb) language sql stable
-- function ledger.check_orders() returns TABLE(kind text, id text, expected text, actual text, detail jsonb) language sql stable
-- function ledger.check_plan(p_subject text, p_matrix jsonb, p_facts jsonb, p_plan jsonb, p_wanted boolean) returns void language plpgsql stable
-- function ledger.check_projection(p_approval ledger.approval, p_run jsonb, p_projection jsonb) returns void language plpgsql stable
-- function ledger.check_reach(p_within jsonb) returns void language plpgsql volatile
-- function ledger.check_reassignment(p_approval ledger.approval, p_run jsonb, p_event jsonb, p_at timestamp with time zone, p_business timestamp with time zone) returns void language plpgsql stable
-- function ledger.check_return_lines(p_content jsonb, p_customer_id bigint, p_channel text, p_at timestamp with time zone) returns void language plpgsql stable
-- function ledger.check_root_cause(p_row ledger.exception, p_code text) returns void language plpgsql stable
-- function ledger.check_speaker(p_actor text) returns void language plpgsql stable
-- function ledger.check_stock() returns TABLE(kind text, id text, expected text, actual text, detail jsonb) language sql stable
-- function ledger.check_stock_receipt(p_node text, p_lines jsonb) returns void language plpgsql volatile
-- function ledger.check_supply_lines(p_po text, p_lines jsonb, p_repeats boolean) returns void language plpgsql volatile
-- function ledger.check_time(p_approval ledger.approval, p_event jsonb, p_last timestamp with time zone, p_business timestamp with time zone) returns void language plpgsql stable
-- function ledger.check_word(p_approval ledger.approval, p_event jsonb, p_word ledger.decision) returns void language plpgsql stable
-- function ledger.claim_exception_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.claim_return_parts(p_return ledger.returns) returns void language sql volatile
-- function ledger.classes_of(p_codes text[]) returns jsonb language sql stable
-- function ledger.close_approval(p_approval text, p_projection jsonb, p_decision text) returns void language plpgsql volatile
-- function ledger.close_exception(p_row ledger.exception, request jsonb, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.close_goodwill(p_goodwill text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.close_notices(p_po text, p_node text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.close_purchase_order(p_po text, p_actor text, p_reason text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.close_return(p_return text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.close_return_receipt_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.close_short(p_po ledger.purchase_order, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.closing_detail(p_row ledger.exception) returns jsonb language sql stable
-- function ledger.closing_json(p_approval ledger.approval) returns jsonb language sql immutable
-- function ledger.closing_told(p_row ledger.exception) returns jsonb language sql immutable
-- function ledger.comment_exception_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.compare_settlement(p_order text, p_type text, p_data jsonb, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.content_hash(p_content jsonb) returns bytea language sql immutable
-- function ledger.covering_sales(p_content jsonb, p_customer_id bigint, p_currency text, p_trusted boolean, p_at timestamp with time zone) returns jsonb language sql stable
-- function ledger.create_purchase_order_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.credit_account(p_key text, p_from text, p_return ledger.returns, p_amount_minor bigint, p_occurred_at timestamp with time zone, p_line_no integer DEFAULT NULL::integer, p_source_ref text DEFAULT NULL::text) returns void language plpgsql volatile
-- function ledger.credit_goodwill(p_row ledger.goodwill, p_key text, p_minor bigint, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.credit_note_account(p_kind text) returns text language sql immutable
-- function ledger.current_cost(p_sku text, p_node text, p_quantity bigint) returns numeric language sql stable
-- function ledger.current_unit_cost(p_sku text, p_node text) returns numeric language sql stable
-- function ledger.cursor(p_at timestamp with time zone, p_id text) returns text language sql immutable
-- function ledger.cursor_id(p_cursor text) returns text language sql stable
-- function ledger.cursor_number(p_cursor text) returns bigint language sql stable
-- function ledger.cursor_text(p_values text[]) returns text language sql immutable
-- function ledger.cursor_time(p_cursor text) returns timestamp with time zone language sql stable
-- function ledger.cursor_values(p_cursor text, p_types text[]) returns text[] language plpgsql stable
-- function ledger.customer_document(p_customer bigint) returns jsonb language sql stable
-- function ledger.customer_id(p_customer text) returns bigint language plpgsql stable
-- function ledger.customer_places(p_customer text) returns jsonb language sql stable
-- function ledger.customer_under_way(p_customer bigint) returns text[] language sql stable
-- function ledger.customers_named(p_external_id text, p_channel text DEFAULT NULL::text) returns bigint[] language sql stable
-- function ledger.deadline_of(p_run jsonb, p_level text) returns jsonb language sql stable
-- function ledger.decide_change(p_subject text, p_approved boolean, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.decide_finance_entry(p_subject text, p_approved boolean, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.decide_goodwill(p_subject text, p_approved boolean, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.decide_policy_draft(p_subject text, p_approved boolean, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.decide_purchase_order(p_po text, p_approved boolean, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.decide_return(p_return text, p_approved boolean, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.decide_stock_adjustment(p_subject text, p_approved boolean, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.deciders_json(p_people text[], p_at timestamp with time zone) returns jsonb language sql stable
-- function ledger.decimal_text(p_value numeric) returns text language sql immutable
-- function ledger.decision_answer(p_decision text, p_replayed boolean) returns jsonb language plpgsql volatile
-- function ledger.decision_known(request jsonb) returns boolean language plpgsql volatile
-- function ledger.decision_result(p_approval text, p_decision text) returns jsonb language sql stable
-- function ledger.delegates_of(p_approval ledger.approval, p_without text[], p_reach jsonb, p_at timestamp with time zone) returns text[] language sql stable
-- function ledger.delegation_holds(p ledger.delegation, p_subject text, p_base_minor bigint, p_at timestamp with time zone) returns boolean language sql immutable
-- function ledger.delegation_json(p ledger.delegation) returns jsonb language sql stable
-- function ledger.delegation_lasts(p ledger.delegation, p_at timestamp with time zone) returns boolean language sql immutable
-- function ledger.delegations_among(p_people text[]) returns jsonb language sql stable
-- function ledger.delegations_for(p_approval ledger.approval, p_at timestamp with time zone) returns SETOF ledger.delegation language sql stable
-- function ledger.delegations_now() returns SETOF ledger.delegation language sql stable
-- function ledger.deliverer(request jsonb) returns jsonb language sql immutable
-- function ledger.demand_of(p_node text, p_to timestamp with time zone, p_days integer) returns TABLE(sku text, units numeric, squares numeric) language sql stable
-- function ledger.digest_given(p_digest text) returns bytea language plpgsql stable
-- function ledger.dispatch_moves(p_shipment ledger.shipment, p_lines jsonb) returns ledger.movement[] language plpgsql volatile
-- function ledger.dispatch_refusal(p_shipment ledger.shipment, p_lines jsonb) returns text language sql stable
-- function ledger.dispatch_shipment_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.dispose_returned(p_return ledger.returns, p_unit jsonb, p_key text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.draft_answer(p_draft text, p_reason text) returns jsonb language sql stable
-- function ledger.draft_asked_for(request jsonb, p_at timestamp with time zone) returns ledger.policy_draft language plpgsql stable
-- function ledger.draft_changes_nothing(p_draft ledger.policy_draft) returns boolean language sql stable
-- function ledger.draft_fits(p_draft ledger.policy_draft, p_at timestamp with time zone) returns boolean language sql stable
-- function ledger.draft_json(p_draft text) returns jsonb language sql stable
-- function ledger.draft_of(p_subject text) returns text language sql immutable
-- function ledger.draft_reaches(request jsonb, p_channel text, p_region text) returns boolean language sql stable
-- function ledger.draft_subject(p_draft text) returns text language sql immutable
-- function ledger.duties_of_resolution(p_row ledger.exception, p_action text) returns TABLE(duty text, thing text) language sql stable
-- function ledger.end_act(p_act text, p_by jsonb, request jsonb, p_result jsonb, p_is_traced boolean) returns void language plpgsql volatile
-- function ledger.end_board_act(p_entry ledger.exception, p_key text, p_content jsonb) returns jsonb language sql volatile
-- function ledger.end_open_sessions(p_person text, p_at timestamp with time zone) returns integer language plpgsql volatile
-- function ledger.end_order(p_order text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.end_person_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.end_process(p_process text) returns void language sql volatile
-- function ledger.end_repair(p_repair ledger.process_repair, p_state text, p_outcome jsonb, p_at timestamp with time zone) returns ledger.process_repair language plpgsql volatile
-- function ledger.end_replenishment_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.end_return_process(p_return text) returns void language plpgsql volatile
-- function ledger.end_run(p_run jsonb, p_state text, p_event jsonb, p_closing jsonb, p_at_ms jsonb) returns jsonb language sql immutable
-- function ledger.end_sessions_of_person_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.endpoint_json(p_endpoint ledger.webhook_endpoint) returns jsonb language sql stable
-- function ledger.endpoint_trace(p_endpoint ledger.webhook_endpoint) returns jsonb language sql stable
-- function ledger.entry_customer(request jsonb) returns bigint language plpgsql volatile
-- function ledger.erase_customer_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.erase_person(p_customer ledger.customer, p_at timestamp with time zone) returns jsonb language plpgsql volatile
-- function ledger.erasure(p_applied boolean, p_state text, p_customer bigint, p_at timestamp with time zone, p_under_way text[], p_erased jsonb) returns jsonb language sql immutable
-- function ledger.escalate_exceptions_body(request jsonb) returns jsonb language sql volatile
-- function ledger.escalate_late_supplier_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.event_holds(p_approval ledger.approval, p_run jsonb, p_event jsonb, p_restart jsonb, p_at timestamp with time zone, p_business timestamp with time zone) returns boolean language plpgsql stable
-- function ledger.events_told(p_approval ledger.approval, p_events jsonb) returns jsonb language sql immutable
-- function ledger.exception_entry(p_kind text, p_subject text, p_evidence jsonb, p_at timestamp with time zone) returns jsonb language plpgsql stable
-- function ledger.exception_events_json(p_exception text) returns jsonb language sql stable
-- function ledger.exception_json(p_exception text) returns jsonb language sql stable
-- function ledger.exception_lies(p_subject text, p_evidence jsonb) returns jsonb language sql stable
-- function ledger.exception_places(p_exception text) returns jsonb language sql stable
-- function ledger.exceptions_page(request jsonb, p_count integer) returns TABLE(id text, at timestamp with time zone) language plpgsql stable
-- function ledger.expire_holds_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.expire_order_wait_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.export_customer_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.fact_time(p_request jsonb, p_subject text) returns timestamp with time zone language sql stable
-- function ledger.facts_in_base(p_matrix jsonb, p_facts jsonb) returns jsonb language sql immutable
-- function ledger.fail_captures(p_order text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.fail_event(p_approval ledger.approval, p_event jsonb, p_why text) returns void language plpgsql volatile
-- function ledger.fail_invalid(p_path text, p_message text) returns void language plpgsql volatile
-- function ledger.fail_not_found(p_what text, p_id text) returns void language plpgsql volatile
-- function ledger.fail_other_key(p_known ledger.service_key) returns void language plpgsql volatile
-- function ledger.fail_unplanned() returns void language plpgsql volatile
-- function ledger.fault(p_sequence bigint, p_audit_id bigint, p_fault text) returns jsonb language sql immutable
-- function ledger.finance_entries_page(request jsonb, p_count integer) returns TABLE(id text, at timestamp with time zone) language plpgsql stable
-- function ledger.finance_entry_json(p_entry text) returns jsonb language sql stable
-- function ledger.finance_entry_places(p_entry text) returns jsonb language sql stable
-- function ledger.find_stock(p_row ledger.stock_adjustment, p_key text) returns bigint language plpgsql volatile
-- function ledger.finish_decision(p_decision text) returns void language sql volatile
-- function ledger.finish_repair_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.finish_return_receipt(p_return text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.first_fault(p_one jsonb, p_other jsonb) returns jsonb language sql immutable
-- function ledger.first_plans(p_entries ledger.plan_entry[]) returns ledger.allocation[] language plpgsql stable
-- function ledger.follower_given(p_old ledger.service_key, request jsonb, p_by jsonb) returns ledger.service_key language plpgsql stable
-- function ledger.forget_failed_logins(p_at timestamp with time zone) returns void language sql volatile
-- function ledger.gather_pages(p_plan uuid, p_node text, p_to timestamp with time zone, p_days integer) returns integer language plpgsql volatile
-- function ledger.give_back_holds(p_holds text[], p_state text, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.give_back_key(p_payment ledger.payment, p_name text) returns text language sql immutable
-- function ledger.give_back_trouble(p_order text) returns boolean language sql stable
-- function ledger.give_goodwill_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.gives_back(p_outcome text, p_payment jsonb) returns boolean language sql immutable
-- function ledger.gives_everything(p_person ledger.person) returns boolean language sql immutable
-- function ledger.giving_faults(p_given jsonb, p_old ledger.person, p_limits jsonb) returns jsonb language sql stable
-- function ledger.goodwill_detail(p_row ledger.goodwill, p_minor bigint) returns jsonb language sql immutable
-- function ledger.goodwill_json(p_goodwill text) returns jsonb language sql stable
-- function ledger.goodwill_left(p_order text) returns bigint language sql stable
-- function ledger.goodwill_page(request jsonb, p_count integer) returns TABLE(id text, at timestamp with time zone) language plpgsql stable
-- function ledger.goodwill_places(p_goodwill text) returns jsonb language sql stable
-- function ledger.goodwill_position(p_goodwill text) returns jsonb language sql stable
-- function ledger.grant_goodwill(p_row ledger.goodwill, p_key text, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.hand(p_actor text) returns text language plpgsql stable
-- function ledger.has_asked_role(p ledger.approval, p_person ledger.person) returns boolean language sql immutable
-- function ledger.has_had_say(p_run jsonb, p_hands text[]) returns boolean language sql stable
-- function ledger.has_own_part(p_approval ledger.approval, p_person text) returns boolean language sql stable
-- function ledger.has_stock_value(p_sku text) returns boolean language sql volatile
-- function ledger.heal_exception(p_kind text, p_subject text, p_discriminator text, p_occurred_at timestamp with time zone) returns boolean language plpgsql volatile
-- function ledger.heal_failure_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.hold_faults(p_holds jsonb) returns jsonb language sql volatile
-- function ledger.hold_places(p_hold text) returns jsonb language sql stable
-- function ledger.hold_stock_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.holders_of(p_approval ledger.approval, p_level jsonb) returns TABLE(person_id text, kind text, name text, escalation boolean) language sql stable
-- function ledger.hours_after(p_from_ms jsonb, p_hours jsonb, p_spent_ms numeric) returns numeric language sql immutable
-- function ledger.in_base(p_facts jsonb, p_today jsonb) returns jsonb language sql immutable
-- function ledger.incoming_lines(p_orders jsonb) returns ledger.incoming_line[] language sql immutable
-- function ledger.incoming_orders(p_orders jsonb) returns ledger.incoming_order[] language sql immutable
-- function ledger.insert_purchase_order(p_external_ref text, p_cycle text, p_supplier text, p_node text, p_currency text, p_ordered_at timestamp with time zone, p_deliver_at timestamp with time zone, p_decision jsonb, p_hash bytea, p_actor text) returns text language plpgsql volatile
-- function ledger.insert_return(p_content jsonb, p_decision jsonb, p_channel text, p_customer_id bigint, p_currency text, p_trusted boolean) returns ledger.returns language plpgsql volatile
-- function ledger.inspect_return_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.inspection_open(p_return text) returns boolean language sql stable
-- function ledger.instant_ms(p_at timestamp with time zone) returns bigint language sql immutable
-- function ledger.instant_of_ms(p_ms jsonb) returns timestamp with time zone language sql immutable
-- function ledger.instant_text(p_at timestamp with time zone) returns text language sql immutable
-- function ledger.invalid_orders(p_orders ledger.incoming_order[], p_lines ledger.incoming_line[]) returns jsonb language sql stable
-- function ledger.invoice_charges(p_order text, p_key text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.invoice_dispatch(p_shipment ledger.shipment, p_moves ledger.movement[], p_key text, p_request jsonb) returns jsonb language plpgsql volatile
-- function ledger.invoice_lines(p_order ledger.orders, p_moves ledger.movement[], p_key text, p_at timestamp with time zone, OUT total_minor bigint, OUT tax_minor bigint) returns record language plpgsql volatile
-- function ledger.invoice_shares(p_po text, p_lines jsonb) returns jsonb language sql stable
-- function ledger.is_asked(p ledger.approval, p_person text, p_at timestamp with time zone) returns boolean language sql stable
-- function ledger.is_attended(p_approval ledger.approval, p_run jsonb, p_level jsonb, p_at timestamp with time zone) returns boolean language sql stable
-- function ledger.is_done_with(p ledger.approval, p_person text) returns boolean language sql stable
-- function ledger.is_last_admin(p_person ledger.person) returns boolean language sql stable
-- function ledger.is_party(p_party text) returns boolean language sql stable
-- function ledger.is_requester(p_approval ledger.approval, p_actor text) returns boolean language sql stable
-- function ledger.is_reviewed(p_row ledger.exception, request jsonb) returns boolean language sql immutable
-- function ledger.is_shown(p_approval ledger.approval, p_reader jsonb, p_at timestamp with time zone) returns boolean language sql stable
-- function ledger.is_to_escalate(p_row ledger.exception, p_until timestamp with time zone, p_by_wall boolean) returns boolean language sql stable
-- function ledger.is_wait_of(p_due ledger.due, p_approval ledger.approval) returns boolean language sql immutable
-- function ledger.issue_credit_note(p_return ledger.returns, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.journal_page(request jsonb, p_count integer) returns SETOF ledger.posting language plpgsql stable
-- function ledger.judge_endpoint(request jsonb, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.judge_events(p_approval ledger.approval, request jsonb) returns jsonb language plpgsql stable
-- function ledger.judged_of_customer(p_customer bigint) returns jsonb language sql stable
-- function ledger.keep_append_only(p_table text) returns void language plpgsql volatile
-- function ledger.keep_changed_intake(p_orders jsonb, p_errors jsonb, p_new integer[]) returns void language plpgsql volatile
-- function ledger.kept_promise(p_placed ledger.placed_order, p_order ledger.incoming_order) returns timestamp with time zone language sql immutable
-- function ledger.key_given(request jsonb, p_by jsonb) returns ledger.service_key language plpgsql stable
-- function ledger.key_json(p_key ledger.service_key) returns jsonb language sql stable
-- function ledger.key_rights(p_key ledger.service_key) returns jsonb language sql stable
-- function ledger.known_fact(p_source text, p_fact text, p_content jsonb) returns jsonb language plpgsql stable
-- function ledger.known_repair(request jsonb) returns ledger.process_repair language plpgsql stable
-- function ledger.known_result(p_order ledger.incoming_order) returns jsonb language sql stable
-- function ledger.known_return(p_channel text, p_content jsonb) returns jsonb language plpgsql stable
-- function ledger.label_occurrence(p_return text) returns text language sql stable
-- function ledger.last_simulation(p_draft text) returns jsonb language sql stable
-- function ledger.layer_share(p_worth numeric, p_units bigint, p_first numeric) returns numeric language sql immutable
-- function ledger.layers_of_line(p_po text, p_line_no integer) returns SETOF ledger.cost_layer language sql stable
-- function ledger.lead_time_deviations(p_node text, p_to timestamp with time zone) returns TABLE(sku text, by_supplier jsonb) language sql stable
-- function ledger.level_after(p_level jsonb, p_event jsonb) returns jsonb language plpgsql stable
-- function ledger.level_decided(p_level jsonb, p_event jsonb) returns jsonb language plpgsql stable
-- function ledger.level_expired(p_level jsonb) returns jsonb language sql immutable
-- function ledger.lies_within(p_places text[], p_reach jsonb) returns boolean language sql immutable
-- function ledger.lock_arrivals(p_return text, p_arrivals ledger.return_arrival[]) returns void language plpgsql volatile
-- function ledger.lock_draft(p_policy text, p_draft text) returns ledger.policy_draft language plpgsql volatile
-- function ledger.lock_exception(p_exception text, p_other text DEFAULT NULL::text) returns ledger.exception language plpgsql volatile
-- function ledger.lock_goodwill(p_goodwill text) returns void language plpgsql volatile
-- function ledger.lock_items(p_skus text[], p_nodes text[]) returns void language plpgsql volatile
-- function ledger.lock_order_stock(p_order text) returns void language plpgsql volatile
-- function ledger.lock_payments(p_order text) returns void language plpgsql volatile
-- function ledger.lock_people() returns void language sql volatile
-- function ledger.lock_policy(p_policy text) returns void language plpgsql volatile
-- function ledger.lock_policy_draft(p_subject text) returns void language plpgsql volatile
-- function ledger.lock_process(p_process text) returns void language plpgsql volatile
-- function ledger.lock_purchase_order(p_po text) returns ledger.purchase_order language plpgsql volatile
-- function ledger.lock_records(p_noun text, p_keys text[]) returns void language plpgsql volatile
-- function ledger.lock_refunded(p_subject text) returns void language plpgsql volatile
-- function ledger.lock_return(p_return text) returns ledger.returns language plpgsql volatile
-- function ledger.lock_return_parts(p_parts jsonb) returns void language plpgsql volatile
-- function ledger.lock_subject(p_kind text, p_subject text) returns void language plpgsql volatile
-- function ledger.make_due(p_order ledger.orders, p_key text, p_amount_minor bigint, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.make_key_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.master_record(p_noun text, p_key text) returns jsonb language sql stable
-- function ledger.match_supplier_invoice(p_po ledger.purchase_order, p_invoice ledger.supplier_invoice, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.match_supplier_invoices(p_po ledger.purchase_order, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.may_decide_level(p_approval ledger.approval, p_run jsonb, p_level jsonb, p_person text, p_at timestamp with time zone) returns boolean language sql stable
-- function ledger.meet_approval_due(p_approval ledger.approval) returns void language sql volatile
-- function ledger.meet_due(p_subject text, p_kind text DEFAULT NULL::text) returns void language sql volatile
-- function ledger.merge_exceptions_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.move_deadline(p_approval ledger.approval, request jsonb) returns void language plpgsql volatile
-- function ledger.move_stock(p_moves ledger.movement[], p_event text, p_key text, p_occurred_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.ms_of(p_at timestamp with time zone) returns bigint language sql immutable
-- function ledger.named_subject(p_content jsonb) returns text language sql immutable
-- function ledger.names_of(p_names jsonb) returns text[] language sql immutable
-- function ledger.node_region(p_node text) returns text language sql stable
-- function ledger.nodes_within(request jsonb) returns text[] language sql stable
-- function ledger.note(p_subject text, p_event text, p_actor text, p_occurred_at timestamp with time zone, p_cause text DEFAULT NULL::text, p_reason text DEFAULT NULL::text, p_detail jsonb DEFAULT '{}'::jsonb) returns void language plpgsql volatile
-- function ledger.note_approval_event(p_approval ledger.approval, p_event jsonb, p_decision text) returns void language plpgsql volatile
-- function ledger.note_draft(p_draft text, p_event text, p_actor text, p_note text, p_at timestamp with time zone, p_detail jsonb DEFAULT '{}'::jsonb) returns void language sql volatile
-- function ledger.note_policy_simulation_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.notice_facts(p_what text, p_subject text, p_amount_minor bigint, p_currency text, p_by text, p_reason text, p_due_at timestamp with time zone, p_outcome text) returns jsonb language sql immutable
-- function ledger.notice_people(p_people text[], p_roles text[], p_without text[], p_reach jsonb) returns SETOF ledger.person language sql stable
-- function ledger.notice_reach(p_nodes text[], p_channels text[], p_regions text[], p_amount_minor bigint DEFAULT NULL::bigint) returns jsonb language sql immutable
-- function ledger.notify(p_key text, p_kind text, p_subject text, p_item text, p_people text[], p_roles text[], p_without text[], p_reach jsonb, p_facts jsonb, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.notify_of_approval(p_approval text, p_sequence integer) returns void language plpgsql volatile
-- function ledger.notify_of_exception(p_event bigint) returns void language plpgsql volatile
-- function ledger.observed_days(p_node text, p_to timestamp with time zone, p_days integer) returns integer language sql stable
-- function ledger.occurrence_of(p_row ledger.exception) returns text language sql immutable
-- function ledger.of_sources(p_source_ref text, p_sources text[]) returns boolean language sql immutable
-- function ledger.on_order(p_node text) returns TABLE(sku text, quantity bigint) language sql stable
-- function ledger.open_captures_json(p_return text) returns jsonb language sql stable
-- function ledger.open_change(p_noun text, p_element jsonb, p_at timestamp with time zone) returns ledger.master_data_change language plpgsql volatile
-- function ledger.open_day(p_occurred_at timestamp with time zone) returns date language sql stable
-- function ledger.open_exception(p_key text, p_kind text, p_subject text, p_process text, p_evidence jsonb, p_entry jsonb, p_at timestamp with time zone) returns text language sql volatile
-- function ledger.open_process(p_process text, p_kind text, p_attributes jsonb) returns void language sql volatile
-- function ledger.open_return(p_return ledger.returns, p_decision jsonb, p_actor text) returns void language plpgsql volatile
-- function ledger.order_at_rest(p_order text) returns boolean language sql stable
-- function ledger.order_class_of(p_subject text) returns text language sql stable
-- function ledger.order_give_back(p_order text) returns jsonb language sql stable
-- function ledger.order_is_clear(p_order text) returns boolean language sql stable
-- function ledger.order_json(p_order text) returns jsonb language sql stable
-- function ledger.order_places(p_order text) returns jsonb language sql stable
-- function ledger.order_policies() returns text[] language sql immutable
-- function ledger.order_policy(p_order text, p_policy text) returns jsonb language sql stable
-- function ledger.order_progress(p_order text) returns jsonb language sql stable
-- function ledger.other_facts(p_approval ledger.approval, p_seen jsonb) returns boolean language plpgsql volatile
-- function ledger.owe_goodwill(p_goodwill text, p_payment text, p_minor bigint, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.owe_refund(p_return text, p_number text, p_payment text, p_amount_minor bigint, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.page_limit(p_request jsonb) returns integer language sql immutable
-- function ledger.page_of(p_rows jsonb, p_limit integer) returns jsonb language sql immutable
-- function ledger.part_in(p_approval ledger.approval, p_person text, p_at timestamp with time zone) returns text language sql stable
-- function ledger.part_of_cost(p_cost numeric, p_quantity bigint, p_of bigint) returns numeric language sql immutable
-- function ledger.pass_on(p_deciders jsonb, p_event jsonb) returns jsonb language sql immutable
-- function ledger.past_parts_json(p_return ledger.returns, p_trusted boolean) returns jsonb language sql stable
-- function ledger.past_return_json(p_return text, p_region text) returns jsonb language sql stable
-- function ledger.past_returns_page(request jsonb, p_count integer) returns TABLE(id text, at timestamp with time zone, channel text, region text) language plpgsql stable
-- function ledger.payment_state(p_payment ledger.payment) returns text language sql immutable
-- function ledger.people_named(p_given jsonb) returns text[] language sql stable
-- function ledger.people_of(p_approval ledger.approval, p_named text[]) returns text[] language sql stable
-- function ledger.person_access(p_person ledger.person) returns jsonb language sql stable
-- function ledger.person_at_login(request jsonb) returns ledger.person language sql volatile
-- function ledger.person_faults(p_given jsonb, p_known text[], p_old ledger.person, p_seen text[]) returns jsonb language sql stable
-- function ledger.person_given(p_given jsonb, p_old ledger.person) returns ledger.person language plpgsql volatile
-- function ledger.person_json(p_person ledger.person) returns jsonb language sql stable
-- function ledger.person_timeline(p_subject text) returns jsonb language sql stable
-- function ledger.picked(p_record jsonb, p_fields text[]) returns jsonb language sql immutable
-- function ledger.place_hold(p_hold text, p_content jsonb, p_at timestamp with time zone) returns jsonb language plpgsql volatile
-- function ledger.place_orders(p_orders ledger.incoming_order[], p_lines ledger.incoming_line[]) returns jsonb language plpgsql volatile
-- function ledger.place_proposals(p_cycle text, p_node text, p_at timestamp with time zone, p_order jsonb, p_policy_version text, p_on_order jsonb) returns integer language plpgsql volatile
-- function ledger.placed_orders(p_orders ledger.incoming_order[], p_lines ledger.incoming_line[], p_allocations ledger.allocation[], p_backorders ledger.allocation[]) returns ledger.placed_order[] language sql immutable
-- function ledger.places_json(p_nodes jsonb, p_channels jsonb, p_regions jsonb, p_amount_minor bigint DEFAULT NULL::bigint, p_currency text DEFAULT NULL::text) returns jsonb language sql stable
-- function ledger.places_of_node(p_node text, p_amount_minor bigint DEFAULT NULL::bigint, p_currency text DEFAULT NULL::text) returns jsonb language sql stable
-- function ledger.places_stored(p_places text[]) returns jsonb language sql immutable
-- function ledger.places_to_store(p_places jsonb, OUT nodes text[], OUT channels text[], OUT regions text[]) returns record language sql immutable
-- function ledger.plain_levels(p_row jsonb) returns jsonb language sql immutable
-- function ledger.plain_values(request jsonb, p_result jsonb) returns jsonb language sql immutable
-- function ledger.plan_entries(p_orders ledger.incoming_order[], p_lines ledger.incoming_line[]) returns ledger.plan_entry[] language sql immutable
-- function ledger.plan_receipt(p_po text, p_notice text, p_lines jsonb) returns jsonb language sql stable
-- function ledger.plan_refunds(p_return ledger.returns, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.policies_in_force(p_policies text[], p_channels jsonb, p_at timestamp with time zone) returns jsonb language sql stable
-- function ledger.policy_at(p_policy text, p_at timestamp with time zone) returns jsonb language sql stable
-- function ledger.policy_at(p_policy text, p_channel text, p_region text, p_at timestamp with time zone) returns jsonb language sql stable
-- function ledger.policy_draft_places(p_draft text) returns jsonb language sql stable
-- function ledger.policy_hours(p_document jsonb, p_field text) returns interval language sql immutable
-- function ledger.policy_in_force(p_policy text, p_channel text, p_region text, p_at timestamp with time zone) returns SETOF ledger.policy_version language sql stable
-- function ledger.policy_overrides(p_policy text, p_at timestamp with time zone) returns jsonb language sql stable
-- function ledger.policy_version_json(p ledger.policy_version) returns jsonb language sql stable
-- function ledger.post(p_key text, p_event text, p_debit text, p_credit text, p_currency text, p_amount_minor bigint, p_subject text, p_occurred_at timestamp with time zone, p_line_no integer DEFAULT NULL::integer, p_source_ref text DEFAULT NULL::text, p_payment_id text DEFAULT NULL::text, p_customer_id bigint DEFAULT NULL::bigint, p_policy_version text DEFAULT NULL::text) returns void language plpgsql volatile
-- function ledger.post_charges(p_order ledger.orders, p_key text, p_at timestamp with time zone) returns bigint language plpgsql volatile
-- function ledger.post_finance_entry(p_entry text, p_decision jsonb, p_key text, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.posted_flows() returns TABLE(debit text, credit text, currency text, minor numeric) language sql stable
-- function ledger.posting_json(p_row ledger.posting) returns jsonb language sql stable
-- function ledger.preference_json(p_person text) returns jsonb language sql stable
-- function ledger.price_text(p_price numeric) returns text language sql immutable
-- function ledger.process_json(p_process ledger.process) returns jsonb language sql immutable
-- function ledger.project_approval(p_approval text, p_projection jsonb, p_sequence integer) returns void language plpgsql volatile
-- function ledger.projection_of_run(p_run jsonb) returns jsonb language sql stable
-- function ledger.provider_says(p_order text, p_type text, p_reference text) returns jsonb language sql stable
-- function ledger.purchase_order_complete(p_po text) returns boolean language sql stable
-- function ledger.purchase_order_json(p_po text) returns jsonb language sql stable
-- function ledger.purchase_order_places(p_po text) returns jsonb language sql stable
-- function ledger.purchase_order_status(p_po text) returns jsonb language sql stable
-- function ledger.purchase_order_summary(p_po ledger.purchase_order) returns jsonb language sql stable
-- function ledger.purchase_orders_page(request jsonb, p_count integer) returns TABLE(id text, at timestamp with time zone) language plpgsql stable
-- function ledger.purchasing_policy(p_at timestamp with time zone, p_node text) returns jsonb language sql stable
-- function ledger.put_channels_body(request jsonb) returns jsonb language sql volatile
-- function ledger.put_customers_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.put_delegation_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.put_in_force(p_draft ledger.policy_draft, p_from timestamp with time zone, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.put_nodes_body(request jsonb) returns jsonb language sql volatile
-- function ledger.put_notice_preference_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.put_people_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.put_person(p_given jsonb, p_seen text[], p_at timestamp with time zone, p_by jsonb, p_limits jsonb) returns jsonb language plpgsql volatile
-- function ledger.put_policy_draft_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.put_records(p_noun text, p_elements jsonb, p_at timestamp with time zone) returns jsonb language plpgsql volatile
-- function ledger.put_results(p_elements jsonb, p_fields text[], p_faults jsonb, p_created jsonb, p_updated jsonb) returns jsonb language sql volatile
-- function ledger.put_skus_body(request jsonb) returns jsonb language sql volatile
-- function ledger.put_suppliers_body(request jsonb) returns jsonb language sql volatile
-- function ledger.put_webhook_endpoint_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.quorum_count(p_quorum jsonb, p_all integer) returns integer language sql immutable
-- function ledger.raise_exception(p_kind text, p_subject text, p_process text, p_discriminator text, p_evidence jsonb, p_occurred_at timestamp with time zone) returns text language plpgsql volatile
-- function ledger.raise_short_write_off(p_row ledger.stock_adjustment, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.rate_risk_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.reach_faults(p_reach jsonb) returns jsonb language sql stable
-- function ledger.reach_json(p_nodes text[], p_channels text[], p_regions text[], p_amount_minor bigint) returns jsonb language sql immutable
-- function ledger.reaches_within(request jsonb, p_nodes text[], p_channels text[], p_regions text[]) returns boolean language sql immutable
-- function ledger.reason_offered(p_subject text, p_code text, p_channel text, p_region text, p_at timestamp with time zone) returns boolean language sql stable
-- function ledger.rebase_changes(p_noun text, p_elements jsonb, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.receipt_moves(p_po text, p_node text, p_rows jsonb) returns ledger.movement[] language sql stable
-- function ledger.receive_goods_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.receive_return_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.receive_stock_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.receive_units(p_key text, p_subject text, p_po text, p_notice text, p_receipt text, p_node text, p_credit text, p_currency text, p_occurred_at timestamp with time zone, p_lines jsonb) returns TABLE(line_no integer, posted_minor bigint) language plpgsql volatile
-- function ledger.record_acknowledgement_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.record_act(p_duty text, p_thing text, p_subject text, p_actor text, p_on_behalf_of text, p_at timestamp with time zone) returns void language sql volatile
-- function ledger.record_authorization_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.record_capture_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.record_fact_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.record_finance_entry_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.record_give_back_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.record_orders(p_orders ledger.incoming_order[], p_lines ledger.incoming_line[], p_allocations ledger.allocation[], p_backorders ledger.allocation[]) returns jsonb language plpgsql volatile
-- function ledger.record_payments(p_orders ledger.incoming_order[], p_placed ledger.placed_order[]) returns void language plpgsql volatile
-- function ledger.record_receipt(p_po ledger.purchase_order, p_key text, p_notice text, p_receipt text, p_rows jsonb, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.record_refund_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.record_replenishment_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.record_return_label_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.record_screening_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.record_shipping_notice_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.record_supplier_invoice_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.refund_trouble(p_return text) returns bigint language sql stable
-- function ledger.refundable_minor(p_payment text) returns bigint language sql stable
-- function ledger.refunds_planned(p_return text) returns boolean language sql stable
-- function ledger.refunds_to_send(p_subject text) returns jsonb language sql stable
-- function ledger.refuse_act() returns trigger language plpgsql volatile
-- function ledger.refuse_change() returns trigger language plpgsql volatile
-- function ledger.refuse_decision() returns trigger language plpgsql volatile
-- function ledger.refuse_goodwill(p_row ledger.goodwill, p_actor text, p_at timestamp with time zone, p_why text) returns void language plpgsql volatile
-- function ledger.regional_policies(p_policies text[], p_channels jsonb, p_regions jsonb, p_at timestamp with time zone) returns jsonb language sql stable
-- function ledger.release_hold_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.release_return_claims(p_return text) returns void language plpgsql volatile
-- function ledger.release_shipments(p_order text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.remind_capture_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.remind_inspection_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.renew_supplier_due(p_po text, p_occurrence text) returns void language plpgsql volatile
-- function ledger.reopen_exception(p_key text, p_process text, p_evidence jsonb, p_entry jsonb, p_at timestamp with time zone) returns text language plpgsql volatile
-- function ledger.repair_answer(p_repair ledger.process_repair, p_applied boolean, p_replayed boolean) returns jsonb language sql stable
-- function ledger.repair_given(request jsonb) returns ledger.process_repair language plpgsql stable
-- function ledger.repeated_faults(p_elements jsonb, p_fields text[]) returns jsonb language sql volatile
-- function ledger.repeated_key(p_key ledger.service_key) returns jsonb language plpgsql volatile
-- function ledger.repeated_session(p_digest bytea, p_person ledger.person) returns jsonb language plpgsql stable
-- function ledger.replenishment_facts(p_node text, p_to timestamp with time zone, p_days integer) returns TABLE(place bigint, sku text, supplier text, currency text, unit_price numeric, minimum_quantity bigint, multiple_quantity bigint, lead_time_days integer, lead_time_deviation numeric, available numeric, reserved numeric, on_order numeric, backordered numeric, units numeric, squares numeric) language sql stable
-- function ledger.report_delivery(request jsonb, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.report_failure_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.report_over_receipt(p_po text, p_receipt text, p_rows jsonb, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.report_oversold(p_orders ledger.incoming_order[], p_lines ledger.incoming_line[], p_results jsonb) returns void language plpgsql volatile
-- function ledger.report_short_supply(p_po ledger.purchase_order, p_notice text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.report_supplier_refusal_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.request_repair_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.request_return_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.reserve(p_allocations ledger.allocation[], p_event text, p_key text, p_occurred_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.reserve_accepted(p_allocations ledger.allocation[], p_orders ledger.incoming_order[]) returns void language sql volatile
-- function ledger.resolution_is_under_way(p_row ledger.exception) returns boolean language sql stable
-- function ledger.resolve_exception_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.restart_approval(p_approval text, p_run integer, p_event jsonb, p_restart jsonb) returns void language plpgsql volatile
-- function ledger.restart_holds(p_approval ledger.approval, p_run jsonb, p_event jsonb, p_restart jsonb, p_business timestamp with time zone) returns boolean language plpgsql stable
-- function ledger.restocked_share() returns numeric language sql stable
-- function ledger.resume_give_back(p_case ledger.exception) returns void language sql volatile
-- function ledger.resume_goodwill(p_row ledger.goodwill) returns void language plpgsql volatile
-- function ledger.resume_refund(p_return ledger.returns, p_case ledger.exception) returns void language plpgsql volatile
-- function ledger.resume_refunds(p_return ledger.returns) returns void language plpgsql volatile
-- function ledger.retry_delivery(p_evidence jsonb, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.retry_write_off(p_adjustment text, p_exception text, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.return_json(p_return text) returns jsonb language sql stable
-- function ledger.return_label_wanted(p_return ledger.returns) returns boolean language sql stable
-- function ledger.return_lies(p_return text) returns TABLE(node text, region text) language sql stable
-- function ledger.return_lines_json(p_return text, p_covers text[]) returns jsonb language sql stable
-- function ledger.return_node(p_line ledger.return_line) returns text language sql stable
-- function ledger.return_over_units(p_po ledger.purchase_order, p_line_no integer, p_sku text, p_quantity bigint, p_price numeric, p_event text, p_key text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.return_parts_hold(p_parts jsonb) returns boolean language sql stable
-- function ledger.return_places(p_return text) returns jsonb language sql stable
-- function ledger.return_policy(p_return text) returns jsonb language sql stable
-- function ledger.return_position(p_return text, p_applied boolean) returns jsonb language sql stable
-- function ledger.return_region(p_content jsonb) returns text language sql stable
-- function ledger.return_scope(p_content jsonb, OUT channel text, OUT customer_id bigint, OUT currency text, OUT trusted boolean) returns record language plpgsql stable
-- function ledger.returns_page(request jsonb, p_count integer) returns TABLE(id text, at timestamp with time zone) language plpgsql stable
-- function ledger.revalue_line(p_po text, p_line_no integer, p_minor bigint, p_key text, p_at timestamp with time zone) returns bigint language plpgsql volatile
-- function ledger.review_adjustment(p_adjustment text, request jsonb, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.revoke_key_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.risk_of(p_party text) returns text language sql stable
-- function ledger.risk_rating_json(p ledger.risk_rating) returns jsonb language sql stable
-- function ledger.risk_ratings_now() returns SETOF ledger.risk_rating language sql stable
-- function ledger.roll_back_policy_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.rotate_key_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.row_applies(p_when jsonb, p_facts jsonb) returns text language sql stable
-- function ledger.rows_for(p_matrix jsonb, p_facts jsonb, p_asking boolean) returns SETOF jsonb language sql stable
-- function ledger.run_after(p_run jsonb, p_event jsonb) returns jsonb language plpgsql stable
-- function ledger.run_board(p_until timestamp with time zone, p_subject text, p_limit integer, p_by_wall boolean) returns jsonb language plpgsql volatile
-- function ledger.run_dues_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.run_of(p_approval ledger.approval) returns jsonb language plpgsql stable
-- function ledger.same_draft(p_old ledger.policy_draft, p_new ledger.policy_draft) returns boolean language sql immutable
-- function ledger.scope_rank(p_channel text, p_region text) returns integer language sql immutable
-- function ledger.seal_anchor(p_last_sequence bigint, p_last_hash bytea, p_last_sealed_at timestamp with time zone, p_sealed_at timestamp with time zone) returns text language sql stable
-- function ledger.seal_hash(p_previous_hash bytea, p_content_hash bytea, p_sequence bigint, p_sealed_at timestamp with time zone, p_anchor text) returns bytea language sql stable
-- function ledger.sealing(p_sealed integer, p_busy boolean) returns jsonb language sql volatile
-- function ledger.seats_of(p_level jsonb) returns TABLE(kind text, name text, escalation boolean) language sql immutable
-- function ledger.send(p_kind text, p_subject text, p_payload jsonb) returns void language sql volatile
-- function ledger.send_purchase_order_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.separated_from(p_approval ledger.approval) returns TABLE(hand text, why text) language sql stable
-- function ledger.session_json(p_session ledger.session, p_person ledger.person) returns jsonb language sql stable
-- function ledger.session_name(p_digest bytea) returns text language sql immutable
-- function ledger.set_approval_due(p_approval ledger.approval, p_at timestamp with time zone, p_step text) returns void language plpgsql volatile
-- function ledger.set_due(p_subject text, p_process text, p_kind text, p_next_step text, p_due_at timestamp with time zone, p_occurrence text) returns void language plpgsql volatile
-- function ledger.set_order_dues(p_order text, p_occurrence text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.set_payment_due(p_order text, p_at timestamp with time zone, p_occurrence text) returns void language sql volatile
-- function ledger.settle_by_repair(p_row ledger.exception, p_repair ledger.process_repair, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.settle_difference(p_return ledger.returns, p_line ledger.return_line, p_difference bigint) returns void language plpgsql volatile
-- function ledger.settle_invoice_difference(p_po ledger.purchase_order, p_invoice_number text, p_accepted boolean, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.settle_over_receipt(p_po ledger.purchase_order, p_evidence jsonb, p_accepted boolean, p_key text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.settle_purchase_order_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.settle_supply(p_po ledger.purchase_order) returns void language plpgsql volatile
-- function ledger.share_out(p_orders ledger.incoming_order[], p_entries ledger.plan_entry[], OUT allocations ledger.allocation[], OUT backorders ledger.allocation[]) returns record language plpgsql stable
-- function ledger.share_over_payments(p_return text, p_total bigint) returns jsonb language plpgsql volatile
-- function ledger.shipment_places(p_shipment text) returns jsonb language sql stable
-- function ledger.shipping_notice_json(p_notice ledger.shipping_notice) returns jsonb language sql stable
-- function ledger.shipping_notices_page(request jsonb, p_count integer) returns TABLE(id text, at timestamp with time zone) language plpgsql stable
-- function ledger.signal(p_process text, p_fact text) returns void language sql volatile
-- function ledger.skip_return_label_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.skip_step(p_repair ledger.process_repair) returns void language plpgsql volatile
-- function ledger.sku_faults(p_skus jsonb) returns jsonb language sql volatile
-- function ledger.sla_hours(p_entry jsonb, p_class text) returns integer language sql immutable
-- function ledger.snooze_exception_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.sort_arrivals(p_return ledger.returns, p_entries jsonb) returns ledger.return_arrival[] language plpgsql stable
-- function ledger.stands_for(p_person text, p_at timestamp with time zone, OUT people text[], OUT roles text[]) returns record language sql stable
-- function ledger.state_after_authorization(p_parts jsonb) returns text language sql immutable
-- function ledger.stock_adjustments_page(request jsonb, p_count integer) returns TABLE(id text, at timestamp with time zone) language plpgsql stable
-- function ledger.stock_json(p_sku text, p_node text) returns jsonb language sql stable
-- function ledger.stock_page(request jsonb, p_count integer) returns TABLE(sku text, node text) language plpgsql stable
-- function ledger.store_adjustment(request jsonb, p_content jsonb) returns text language plpgsql volatile
-- function ledger.store_approval_event(p_approval text, p_sequence integer, p_run integer, p_event jsonb, p_decision text) returns void language sql volatile
-- function ledger.store_finance_entry(request jsonb, p_content jsonb) returns text language plpgsql volatile
-- function ledger.store_goodwill(request jsonb, p_at timestamp with time zone) returns ledger.goodwill language plpgsql volatile
-- function ledger.store_step(p_key text, p_subject text, p_content jsonb, p_result jsonb) returns jsonb language plpgsql volatile
-- function ledger.store_supply_fact(p_source text, p_fact text, p_content jsonb, p_result jsonb) returns jsonb language plpgsql volatile
-- function ledger.stored_step(p_key text, p_content jsonb) returns jsonb language plpgsql stable
-- function ledger.stored_supply_fact(p_source text, p_fact text, p_content jsonb) returns jsonb language plpgsql stable
-- function ledger.subject_places(p_subject text) returns jsonb language sql stable
-- function ledger.submission(p_status text, p_applied boolean, p_replayed boolean, p_rule text, p_approval text, p_answer jsonb) returns jsonb language sql stable
-- function ledger.submit_decision_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.submit_draft(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.submit_policy_draft_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.supplier_risks() returns jsonb language sql stable
-- function ledger.take_arrival(p_return ledger.returns, p_arrival ledger.return_arrival, p_key text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.take_cost(p_sku text, p_node text, p_pool text, p_quantity bigint, p_event text, p_key text, p_subject text, p_line_no integer, p_source_ref text, p_occurred_at timestamp with time zone, p_value numeric DEFAULT NULL::numeric, p_source_key text DEFAULT NULL::text, OUT value numeric, OUT amount_minor bigint) returns record language plpgsql volatile
-- function ledger.take_costs(p_moves ledger.movement[], p_event text, p_key text, p_occurred_at timestamp with time zone) returns TABLE(line_no integer, value numeric, amount_minor bigint) language plpgsql volatile
-- function ledger.take_in(p_orders ledger.incoming_order[], p_errors jsonb) returns integer[] language plpgsql volatile
-- function ledger.take_off_shipments(p_order text, p_line integer, p_node text, p_lot text, p_quantity bigint) returns void language plpgsql volatile
-- function ledger.tell(p_more jsonb) returns void language plpgsql volatile
-- function ledger.tell_access_changed(p_what text) returns void language sql volatile
-- function ledger.tell_of_approval_event() returns trigger language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function ledger.tell_of_delegation(p_delegation ledger.delegation, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.tell_of_exception_event() returns trigger language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function ledger.tell_of_matrix(p_draft ledger.policy_draft, p_version integer, p_from timestamp with time zone, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.tell_of_risk(p_rating ledger.risk_rating) returns void language plpgsql volatile
-- function ledger.text_array(p_array jsonb) returns text[] language sql immutable
-- function ledger.things_of(p_kind text, p_subject text) returns text[] language plpgsql stable
-- function ledger.trace(p_subject text, p_at timestamp with time zone, p_event text DEFAULT NULL::text, p_reason text DEFAULT NULL::text, p_detail jsonb DEFAULT '{}'::jsonb) returns void language plpgsql volatile
-- function ledger.trade_money(p_sources text[]) returns jsonb language plpgsql stable
-- function ledger.trade_states(p_sources text[]) returns jsonb language sql stable
-- function ledger.trade_units(p_sources text[]) returns jsonb language sql stable
-- function ledger.turn_on_endpoint(p_endpoint text, p_at timestamp with time zone) returns void language sql volatile
-- function ledger.unknown_kind(p_kind text) returns jsonb language plpgsql stable
-- function ledger.unmerge_rest(p_exception text, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.unposted_keys(p_account text, p_pool text) returns jsonb language sql stable
-- function ledger.verify_end(p_head ledger.audit_head, p_end bigint) returns jsonb language sql stable
-- function ledger.verify_known(p_known jsonb, p_after bigint, p_until bigint, p_is_last boolean) returns jsonb language sql stable
-- function ledger.verify_reach(p_after bigint, p_until bigint) returns jsonb language sql stable
-- function ledger.verify_seals(p_after bigint, p_until bigint) returns TABLE(checked bigint, bad jsonb) language plpgsql stable
-- function ledger.wake_returns(p_order text, p_fact text) returns void language plpgsql volatile
-- function ledger.whole_minutes(p_from timestamp with time zone, p_until timestamp with time zone) returns bigint language sql immutable
-- function ledger.with_customer(p_result jsonb) returns jsonb language plpgsql stable
-- function ledger.with_customers(p_orders ledger.incoming_order[]) returns ledger.incoming_order[] language plpgsql volatile
-- function ledger.withdraw_approvals(p_subject text, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.withdraw_change(p_change ledger.master_data_change, p_actor text, p_at timestamp with time zone) returns void language plpgsql volatile
-- function ledger.withdraw_policy_draft_body(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.withhold_action(p_exception text, p_action text) returns void language sql volatile
-- function ledger.within(request jsonb, p_dimension text) returns text[] language sql immutable
-- function ledger.within_places(p_reached text[], p_places jsonb) returns boolean language sql immutable
-- function ledger.without_brackets(p_array json) returns text language sql immutable
-- function ledger.without_customer(p_result jsonb) returns jsonb language plpgsql immutable
-- function ledger.word_json(p_word ledger.decision) returns jsonb language sql stable
-- function ledger.word_told(p_approval ledger.approval, request jsonb) returns jsonb language sql immutable
-- function ledger.write_channels(p_channels jsonb, p_by jsonb) returns jsonb language plpgsql volatile
-- function ledger.write_draft(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.write_nodes(p_nodes jsonb, p_by jsonb) returns jsonb language plpgsql volatile
-- function ledger.write_notices(request jsonb) returns jsonb language plpgsql volatile
-- function ledger.write_off_stock(p_row ledger.stock_adjustment, p_asked bigint, p_key text, OUT units bigint, OUT minor bigint) returns record language plpgsql volatile
-- function ledger.write_records(p_noun text, p_elements jsonb, p_by jsonb) returns jsonb language plpgsql volatile
-- function ledger.write_skus(p_skus jsonb, p_by jsonb) returns jsonb language plpgsql volatile
-- function ledger.write_suppliers(p_suppliers jsonb, p_by jsonb) returns jsonb language plpgsql volatile

-- function loopline.abandon_return(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.accept_orders(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.access_facts(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.acknowledge_decision(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.activate_policy_draft(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.adjust_stock(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.advance_goodwill(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.advance_order(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.advance_return(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.append_approval_events(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.assign_exception(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.begin_finance_entry(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.begin_goodwill(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.begin_order(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.begin_purchase_order(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.begin_replenishment(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.begin_return(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.begin_stock_adjustment(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.cancel_order(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.change_stock_adjustment(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.check_ledger(request jsonb) returns jsonb language plpgsql stable security definer work_mem=64MB search_path=pg_catalog, pg_temp
-- function loopline.claim_exception(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.claim_outbox(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.claim_processes(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.claim_webhooks(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.close_return_receipt(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.comment_exception(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.create_purchase_order(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.dispatch_shipment(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.end_finance_entry(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.end_person(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.end_replenishment(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.end_session(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.end_sessions_of_person(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.end_stock_adjustment(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.erase_customer(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.escalate_exceptions(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.escalate_late_supplier(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.expire_holds(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.expire_order_wait(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.export_customer(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.find_key(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.find_person(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.find_session(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.find_webhook_endpoint(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.finish_outbox(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.finish_repair(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.gather_replenishment_facts(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.give_goodwill(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.heal_failure(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.hold_stock(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.inspect_return(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.list_approvals(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_audit(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_changes(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_channels(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.list_colleagues(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.list_customers(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.list_delegations(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.list_dues(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.list_exceptions(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_finance_entries(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_goodwill(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_journal(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_keys(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.list_nodes(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.list_orders(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.list_past_returns(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_payments(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.list_people(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.list_policies(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_policy_versions(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_purchase_orders(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_replenishment_orders(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_replenishment_proposals(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_returns(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_risk_ratings(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.list_shipments(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.list_shipping_notices(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_skus(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.list_stock(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_stock_adjustments(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.list_suppliers(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.list_webhook_endpoints(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.make_key(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.mark_started(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.measure_past_returns(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.merge_exceptions(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.note_policy_simulation(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.open_session(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.ping(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.plan_notice(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.put_channels(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.put_customers(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.put_delegation(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.put_nodes(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.put_notice_preference(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.put_people(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.put_policy_draft(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.put_skus(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.put_suppliers(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.put_webhook_endpoint(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.rate_risk(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.read_adjustment_snapshot(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_approval(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_approval_case(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_approval_sight(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_backlog(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_change(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_digest(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_duties(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_exception(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_exception_summary(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_finance_entry(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_finance_entry_snapshot(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_goodwill(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_goodwill_snapshot(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_master_data_snapshot(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_notice_preference(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_notice_snapshot(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_order(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_order_snapshot(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_person(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_policy(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_policy_draft(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_policy_version(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_processes(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.read_purchase_order(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_purchase_order_facts(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_replenishment_cycle(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_replenishment_facts(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_return(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_return_snapshot(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_screening_facts(request jsonb) returns jsonb language sql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_stock(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_stock_adjustment(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_timeline(request jsonb) returns jsonb language plpgsql stable security definer plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.read_trade(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.read_trial_balance(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.receive_goods(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.receive_return(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.receive_stock(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_acknowledgement(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_authorization(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_capture(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_delivery(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_fact(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_failed_logins(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_finance_entry(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_give_back(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_refund(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_refusal(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_replenishment(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_return_label(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_screening(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_shipping_notice(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.record_supplier_invoice(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.release_hold(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.release_outbox(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.release_processes(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.remind_capture(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.remind_inspection(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.report_failure(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.report_rush(request jsonb) returns jsonb language sql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.report_supplier_refusal(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.request_repair(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.request_return(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.resolve_exception(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.review_approval(request jsonb) returns jsonb language plpgsql stable security definer search_path=pg_catalog, pg_temp
-- function loopline.revoke_key(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.roll_back_policy(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.rotate_key(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.run_dues(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.seal_audit(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.send_purchase_order(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.settle_purchase_order(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.skip_return_label(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.snooze_exception(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.stage_replenishment_orders(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.submit_decision(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.submit_policy_draft(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.touch_key(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
-- function loopline.verify_audit(request jsonb) returns jsonb language plpgsql stable security definer work_mem=64MB plan_cache_mode=force_custom_plan search_path=pg_catalog, pg_temp
-- function loopline.withdraw_policy_draft(request jsonb) returns jsonb language plpgsql volatile security definer search_path=pg_catalog, pg_temp
