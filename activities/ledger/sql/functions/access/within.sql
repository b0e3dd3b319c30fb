-- Lists show what lies within reach: `within` { nodes?, channels?, regions? } of a request, each an array of
-- which one has to fit; what is left out filters nothing, an empty array leaves nothing.
-- A list goes along its own index and asks of each row that it comes by; where it asks another table, `offset 0`
-- keeps the planner from reading the whole of that first.

create or replace function ledger.within(request jsonb, p_dimension text) returns text[] language sql immutable as $$
  select ledger.text_array(request -> 'within' -> p_dimension)
$$;

-- For what lies at a node and nowhere else: the nodes that fit by name and by country; null for all.
create or replace function ledger.nodes_within(request jsonb) returns text[] language sql stable as $$
  select case when coalesce(w.nodes, w.regions) is not null then array(
    select n.node from ledger.node n
    where (w.nodes is null or n.node = any (w.nodes)) and (w.regions is null or n.country = any (w.regions))) end
  from (select ledger.within(request, 'nodes') as nodes, ledger.within(request, 'regions') as regions) w
$$;
