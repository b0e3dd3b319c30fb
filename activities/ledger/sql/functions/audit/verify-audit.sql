-- Recomputes a part of the audit's chain: the seals behind sequence `after`, at most `limit` (1 to 200,000,
-- else 100,000). Answers { checked, bad, nextAfter, sequence, rowHash, unsealed }: how many seals it looked
-- at, the first fault { sequence, auditId, fault } or null, where the next part begins (null at the end),
-- the chain's end, and the rows that no seal covers yet { rows, oldestAt }. A part
-- believes the seal at `after`, which the part before it verifies, so parts may run side by side. `known`
-- { sequence, rowHash } is an end of the chain that somebody has noted elsewhere; the part that holds it
-- compares. Faults:
--   gap            a seal is missing           tail-missing   the chain ends before its recorded end
--   row-missing    a sealed row is gone        row-inserted   a row stands among sealed ones without a seal
--   row-changed    its hash is another         seal-changed   the seal's own hash is another
--   chain-broken   the seal does not name the hash before it
--   out-of-order   from this seal to the next, rows or times run backwards
--   anchor-changed the day before is not named as it ended
--   head-changed   the recorded end is not the chain's
--   known-changed  the chain says otherwise than `known`
create or replace function loopline.verify_audit(request jsonb) returns jsonb
language plpgsql stable set work_mem = '64MB' set plan_cache_mode = force_custom_plan as $$
declare
  v_after bigint := greatest(coalesce((request ->> 'after')::bigint, 0), 0);
  v_limit integer := least(greatest(coalesce((request ->> 'limit')::integer, 100000), 1), 200000);
  v_head ledger.audit_head;
  v_end bigint;
  v_is_last boolean;
  v_checked bigint;
  v_bad jsonb;
begin
  select * into strict v_head from ledger.audit_head;
  select coalesce(max(s.sequence), 0) into v_end from ledger.audit_seal s;
  v_is_last := v_end <= v_after + v_limit;
  -- Whoever asks for parts ahead may ask for one behind the end.
  select p.checked, p.bad into v_checked, v_bad from ledger.verify_seals(v_after, v_after + v_limit) p where v_after <= v_end;
  v_bad := ledger.first_fault(v_bad, ledger.verify_known(request -> 'known', v_after, v_after + v_limit, v_is_last));
  v_bad := ledger.first_fault(v_bad,
    case when v_is_last then ledger.verify_end(v_head, v_end) else ledger.verify_reach(v_after, v_after + v_limit) end);
  return jsonb_build_object('checked', coalesce(v_checked, 0), 'bad', v_bad,
    'nextAfter', case when not v_is_last then v_after + v_limit end,
    'sequence', v_head.sequence, 'rowHash', encode(v_head.row_hash, 'hex'),
    'unsealed', (
      select jsonb_build_object('rows', count(*), 'oldestAt', ledger.instant_text(min(a.recorded_at)))
      from ledger.audit a where (a.xact, a.audit_id) > (v_head.xact, v_head.audit_id)));
end $$;

-- The fault that comes first in the chain.
create or replace function ledger.first_fault(p_one jsonb, p_other jsonb) returns jsonb language sql immutable as $$
  select case when p_one is null or (p_other ->> 'sequence')::bigint < (p_one ->> 'sequence')::bigint
    then p_other else p_one end
$$;

create or replace function ledger.fault(p_sequence bigint, p_audit_id bigint, p_fault text) returns jsonb
language sql immutable as $$
  select jsonb_build_object('sequence', p_sequence, 'auditId', p_audit_id::text, 'fault', p_fault)
$$;

-- The seals behind p_after up to p_until, and the rows that they cover, in one pass.
create or replace function ledger.verify_seals(p_after bigint, p_until bigint)
returns table (checked bigint, bad jsonb)
language plpgsql stable as $$
declare
  v_from ledger.audit_seal;
  v_last ledger.audit_seal;
begin
  select * into v_from from ledger.audit_seal s where s.sequence = p_after;
  if not found then
    if p_after > 0 then
      return query select 0::bigint, ledger.fault(p_after, null, 'gap');
      return;
    end if;
    -- Where the chain begins.
    v_from.xact := '0'; v_from.audit_id := 0; v_from.row_hash := sha256(''); v_from.sealed_at := '-infinity';
  end if;
  select * into v_last from ledger.audit_seal s where s.sequence > p_after and s.sequence <= p_until
  order by s.sequence desc limit 1;
  return query
    with seal as (
      select s.*, lag(s.sequence, 1, p_after) over w as last_sequence, lag(s.row_hash, 1, v_from.row_hash) over w as last_hash,
        lag(s.xact, 1, v_from.xact) over w as last_xact, lag(s.audit_id, 1, v_from.audit_id) over w as last_id,
        lag(s.sealed_at, 1, v_from.sealed_at) over w as last_sealed_at
      from ledger.audit_seal s where s.sequence > p_after and s.sequence <= p_until
      window w as (order by s.sequence)
    ), covered as (
      select a.xact, a.audit_id, ledger.audit_hash(a) as content_hash from ledger.audit a
      where (a.xact, a.audit_id) > (v_from.xact, v_from.audit_id) and (a.xact, a.audit_id) <= (v_last.xact, v_last.audit_id)
    ), judged as materialized (
      select s.sequence, s.last_sequence, coalesce(s.xact, c.xact) as xact, coalesce(s.audit_id, c.audit_id) as audit_id,
        case
          when s.sequence is null then 'row-inserted'
          when s.sequence <> s.last_sequence + 1 then 'gap'
          when s.previous_hash <> s.last_hash then 'chain-broken'
          when c.content_hash is null then 'row-missing'
          when s.content_hash <> c.content_hash then 'row-changed'
          when s.row_hash <> ledger.seal_hash(s.previous_hash, s.content_hash, s.sequence, s.sealed_at, s.anchor) then 'seal-changed'
          when (s.xact, s.audit_id) <= (s.last_xact, s.last_id) or s.sealed_at < s.last_sealed_at then 'out-of-order'
          when s.anchor is distinct from
            ledger.seal_anchor(s.last_sequence, s.last_hash, s.last_sealed_at, s.sealed_at) then 'anchor-changed'
        end as fault
      from seal s full join covered c on c.xact = s.xact and c.audit_id = s.audit_id
    ), faulty as (
      -- A missing seal is named by its own number, two in the wrong order by the first one's, a row without
      -- a seal by that of the next sealed one.
      select case j.fault
          when 'gap' then j.last_sequence + 1
          when 'out-of-order' then j.last_sequence
          when 'row-inserted' then (
            select min(s.sequence) from ledger.audit_seal s
            where (s.xact, s.audit_id) > (j.xact, j.audit_id) and s.sequence > p_after)
          else j.sequence end as sequence, j.audit_id, j.fault
      from judged j where j.fault is not null
    )
    select (select count(j.sequence) from judged j),
      (select ledger.fault(f.sequence, f.audit_id, f.fault) from faulty f
        order by f.sequence, (f.fault = 'out-of-order') limit 1);
end $$;

-- Whether a part that is not the last is there to its end.
create or replace function ledger.verify_reach(p_after bigint, p_until bigint) returns jsonb
language sql stable as $$
  select ledger.fault(r.reached + 1, null, 'gap')
  from (select coalesce(max(s.sequence), p_after) as reached from ledger.audit_seal s
        where s.sequence > p_after and s.sequence <= p_until) r
  where r.reached < p_until
$$;

-- Whether the chain still says what somebody has noted of it.
create or replace function ledger.verify_known(p_known jsonb, p_after bigint, p_until bigint, p_is_last boolean)
returns jsonb language sql stable as $$
  select ledger.fault(k.sequence, null, 'known-changed')
  from (select (p_known ->> 'sequence')::bigint as sequence) k
  where k.sequence > p_after and (k.sequence <= p_until or p_is_last)
    and not exists (select from ledger.audit_seal s
      where s.sequence = k.sequence and encode(s.row_hash, 'hex') = lower(p_known ->> 'rowHash'))
$$;

-- Whether the chain ends where the last sealing left it.
create or replace function ledger.verify_end(p_head ledger.audit_head, p_end bigint) returns jsonb
language sql stable as $$
  select case
    when p_head.sequence > p_end then ledger.fault(p_end + 1, null, 'tail-missing')
    when p_head.sequence < p_end then ledger.fault(p_head.sequence + 1, null, 'head-changed')
    when p_end > 0 and not exists (select from ledger.audit_seal s
      where (s.sequence, s.xact, s.audit_id, s.row_hash, s.sealed_at)
        = (p_end, p_head.xact, p_head.audit_id, p_head.row_hash, p_head.sealed_at))
      then ledger.fault(p_end, p_head.audit_id, 'head-changed') end
$$;
