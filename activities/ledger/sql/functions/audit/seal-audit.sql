-- Seals the next rows of the audit, at most `limit` (1 to 10,000, else 5,000). Answers { sealed, busy,
-- sequence, rowHash }: how many, whether another sealer is at work, and the chain's end. Safe to repeat.
--
-- Nothing is lost and nothing overtakes: a row is sealed once its transaction is older than every one of this
-- database that is still under way (ledger.audit_horizon). All those have ended, so no row of theirs can
-- appear any more, and (xact, audit_id) is an order in which new rows only come behind. Ids alone are not: a
-- transaction that commits late brings a smaller one. A long transaction that writes delays the seals behind
-- it and nothing else. The horizon is taken before the rows are read: whoever ended before it is seen.
create or replace function loopline.seal_audit(request jsonb) returns jsonb language plpgsql as $$
declare
  v_limit integer := least(greatest(coalesce((request ->> 'limit')::integer, 5000), 1), 10000);
  v_head ledger.audit_head;
  v_seen pg_snapshot;
  v_horizon xid8;
  v_at timestamptz;
  v_anchor text;
  v_row record;
  v_sequence bigint;
  v_hash bytea;
  v_xacts xid8[]; v_ids bigint[]; v_contents bytea[]; v_hashes bytea[];
begin
  -- One at a time. It is held to the end of the transaction, which the next sealer therefore sees.
  if not pg_try_advisory_xact_lock(4519) then return ledger.sealing(0, true); end if;
  select * into strict v_head from ledger.audit_head;
  v_seen := pg_current_snapshot();
  if pg_snapshot_xmax(v_seen) <= v_head.xact then
    raise exception 'The server counts transactions from %, the audit is sealed up to %: a copy was loaded into a new server; set its counter behind that with pg_resetwal',
      pg_snapshot_xmax(v_seen), v_head.xact using errcode = 'LL500';
  end if;
  v_horizon := ledger.audit_horizon(v_seen);
  v_at := greatest(clock_timestamp(), v_head.sealed_at);
  v_anchor := ledger.seal_anchor(v_head.sequence, v_head.row_hash, v_head.sealed_at, v_at);
  v_sequence := v_head.sequence;
  v_hash := v_head.row_hash;

  for v_row in
    select a.xact, a.audit_id, ledger.audit_hash(a) as content_hash from ledger.audit a
    where (a.xact, a.audit_id) > (v_head.xact, v_head.audit_id) and a.xact < v_horizon
    order by a.xact, a.audit_id limit v_limit
  loop
    v_sequence := v_sequence + 1;
    v_hash := ledger.seal_hash(v_hash, v_row.content_hash, v_sequence, v_at,
      case when v_sequence = v_head.sequence + 1 then v_anchor end);
    v_xacts := array_append(v_xacts, v_row.xact);
    v_ids := array_append(v_ids, v_row.audit_id);
    v_contents := array_append(v_contents, v_row.content_hash);
    v_hashes := array_append(v_hashes, v_hash);
  end loop;
  if v_sequence = v_head.sequence then return ledger.sealing(0, false); end if;

  insert into ledger.audit_seal (sequence, xact, audit_id, previous_hash, content_hash, row_hash, anchor, sealed_at)
  select v_head.sequence + n.position, n.xact, n.audit_id,
    lag(n.row_hash, 1, v_head.row_hash) over (order by n.position), n.content_hash, n.row_hash,
    case when n.position = 1 then v_anchor end, v_at
  from unnest(v_xacts, v_ids, v_contents, v_hashes) with ordinality n(xact, audit_id, content_hash, row_hash, position)
  order by n.position;
  update ledger.audit_head set sequence = v_sequence, xact = v_row.xact, audit_id = v_row.audit_id, row_hash = v_hash,
    sealed_at = v_at;
  return ledger.sealing((v_sequence - v_head.sequence)::integer, false);
end $$;

-- The first transaction that the snapshot saw under way in this database, else the first that it saw nothing
-- of. Those of other databases write nothing here and may last. Who they are is asked after the snapshot: one
-- that has ended meanwhile counts no more, as whoever reads the rows from now on sees all of it.
create or replace function ledger.audit_horizon(p_seen pg_snapshot) returns xid8 language sql volatile as $$
  select coalesce(min(x.xact), pg_snapshot_xmax(p_seen))
  from pg_snapshot_xip(p_seen) x(xact)
  where pg_xact_status(x.xact) = 'in progress' and not exists (
    select from pg_locks l join pg_stat_activity b on b.pid = l.pid
    where l.locktype = 'transactionid' and l.mode = 'ExclusiveLock' and l.granted and l.transactionid = x.xact::xid
      and b.datid <> (select d.oid from pg_database d where d.datname = current_database()))
$$;

create or replace function ledger.sealing(p_sealed integer, p_busy boolean) returns jsonb language sql as $$
  select jsonb_build_object('sealed', p_sealed, 'busy', p_busy, 'sequence', h.sequence,
    'rowHash', encode(h.row_hash, 'hex')) from ledger.audit_head h
$$;
