-- Who sees an approval: whoever may see what it is about, which the API's table of routes says by kind, and whoever
-- has a part in it: `own` for whoever asked for it, is asked by name, was asked a question or has had a say; `asked`
-- for whoever is asked now as one of a role, or in the place of somebody else.

-- What decides whether somebody sees an approval; null when there is none. request { approvalId, person, at }
-- answers { subjectKind, baseMinor, part }
create or replace function loopline.read_approval_sight(request jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('subjectKind', a.subject_kind, 'baseMinor', a.base_minor::text,
    'part', ledger.part_in(a, request ->> 'person', coalesce((request ->> 'at')::timestamptz, clock_timestamp())))
  from ledger.approval a where a.approval_id = request ->> 'approvalId'
$$;

-- Whether a list shows an approval to its reader { person, kinds?, limitMinor? }: of these kinds, or asked of them, up
-- to that amount; what is their own in any case. What is left out restricts nothing.
create or replace function ledger.is_shown(p_approval ledger.approval, p_reader jsonb, p_at timestamptz) returns boolean
language sql stable as $$
  select coalesce(abs(p_approval.base_minor) <= (p_reader ->> 'limitMinor')::bigint, true)
      and (not p_reader ? 'kinds' or p_reader -> 'kinds' ? p_approval.subject_kind
        or ledger.is_asked(p_approval, p_reader ->> 'person', p_at))
    or ledger.has_own_part(p_approval, p_reader ->> 'person')
$$;

create or replace function ledger.part_in(p_approval ledger.approval, p_person text, p_at timestamptz) returns text
language sql stable as $$
  select case when ledger.has_own_part(p_approval, p_person) then 'own'
    when ledger.is_asked(p_approval, p_person, p_at) then 'asked' end
$$;

-- To have commented is no part: whoever comments has seen it before.
create or replace function ledger.has_own_part(p_approval ledger.approval, p_person text) returns boolean
language sql stable as $$
  select p_person in (p_approval.requested_by, coalesce(p_approval.requested_for, p_approval.requested_by))
    or p_person = any (p_approval.asked_people)
    or exists (select from ledger.approval_event e where e.approval_id = p_approval.approval_id
      and (e.kind in ('decided', 'information-asked', 'returned-for-change', 'reassigned')
          and p_person in (e.actor, coalesce(e.on_behalf_of, e.actor))
        or e.kind = 'information-asked' and e.body ->> 'askee' = p_person))
$$;
