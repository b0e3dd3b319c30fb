-- Leaves the row of something that was refused to somebody who is known. What was asked for is named by its route
-- and the id in its path; words of the request are not kept. request { by, route, about?, rule, at }
create or replace function loopline.record_refusal(request jsonb) returns jsonb language plpgsql as $$
begin
  perform ledger.audit(request -> 'by', 'access-refused', 'route', left(request ->> 'route', 200),
    (request ->> 'at')::timestamptz, left(request ->> 'rule', 100), null,
    jsonb_strip_nulls(jsonb_build_object('about', left(request ->> 'about', 200))));
  return null;
end $$;

-- Whether what an act was about lies within the reach of whoever acts, asked when it is done: what was answered
-- before is older than its locks. p_within { subjects: [{ kind, id }], nodes?, channels?, regions?, limitMinor? };
-- what is left out restricts nothing. LL403 names the rule, and the act is undone.
create or replace function ledger.check_reach(p_within jsonb) returns void language plpgsql as $$
declare v_rule text; v_id text;
begin
  select r.rule, s.subject ->> 'id' into v_rule, v_id
  from jsonb_array_elements(p_within -> 'subjects') s(subject)
  cross join lateral (select ledger.access_facts(s.subject ->> 'kind', s.subject ->> 'id') as facts) f
  cross join lateral (select case
    when f.facts is null then null
    when not ledger.all_within(f.facts -> 'nodes', p_within -> 'nodes') then 'node-out-of-reach'
    when not ledger.all_within(f.facts -> 'channels', p_within -> 'channels') then 'channel-out-of-reach'
    when not ledger.all_within(f.facts -> 'regions', p_within -> 'regions') then 'region-out-of-reach'
    when p_within ->> 'limitMinor' is null then null
    when f.facts ->> 'amountMinor' is null then 'amount-unknown'
    when abs((f.facts ->> 'amountMinor')::numeric) > (p_within ->> 'limitMinor')::numeric then 'amount-above-limit'
    end as rule) r
  where r.rule is not null
  limit 1;
  if v_rule is not null then
    raise exception '% does not lie within reach', v_id using errcode = 'LL403', detail = v_rule;
  end if;
end $$;

-- As judgePlace in rules/access/decide-access.ts for acts: every place, and what has none is for those who reach all.
create or replace function ledger.all_within(p_places jsonb, p_own jsonb) returns boolean language sql immutable as $$
  select p_own is null or p_places = '"*"' or (p_places <> '[]' and p_own @> p_places)
$$;
