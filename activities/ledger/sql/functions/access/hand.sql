-- The hand that an actor is: a key stands for the person who made it, however many keys lie between. Everybody
-- else, and a key of the installation itself, stands for themself. What one hand did, one person did.
create or replace function ledger.hand(p_actor text) returns text language plpgsql stable as $$
declare v_actor text := p_actor; v_maker text;
begin
  for v_step in 1 .. 20 loop
    exit when v_actor is null or not starts_with(v_actor, 'key:');
    select k.made_by into v_maker from ledger.service_key k where k.key_id = substr(v_actor, length('key:') + 1);
    exit when v_maker is null or not (starts_with(v_maker, 'person:') or starts_with(v_maker, 'key:'));
    v_actor := v_maker;
  end loop;
  return v_actor;
end $$;

-- A person and a key speak for themselves: LL500 where one of them acts in another's name.
create or replace function ledger.check_speaker(p_actor text) returns void language plpgsql stable as $$
declare v_by text := ledger.acting() ->> 'actor';
begin
  if v_by <> p_actor and (starts_with(v_by, 'person:') or starts_with(v_by, 'key:')) then
    raise exception '% speaks in the name of %', v_by, p_actor using errcode = 'LL500';
  end if;
end $$;
