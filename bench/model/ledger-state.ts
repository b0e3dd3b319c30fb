import type postgres from 'postgres';
import { idOf, type Shop } from './operations/operation.ts';
import { costText } from './plain/cost.ts';
import { backordered, queueAt, unitsIn } from './plain/stock.ts';
import type { Order, World } from './plain/world.ts';

/** Everything that is compared, each thing under a name of its own. What is nothing is left out. */
export type State = Map<string, string>;

/** Where a case begins in the tables that know no case. */
export interface Since {
  readonly posting: string;
}

export async function sinceNow(owner: postgres.Sql): Promise<Since> {
  const [row] = await owner<{ posting: string }[]>`
    select coalesce(max(posting_id), 0)::text as posting from ledger.posting`;
  return { posting: row?.posting ?? '0' };
}

/** What the ledger's tables say of one case. */
export async function readState(
  owner: postgres.Sql,
  { world, shop, since }: { readonly world: World; readonly shop: Shop; readonly since: Since },
): Promise<State> {
  const named = (kind: string, refs: Iterable<string>) =>
    [...refs].map((ref) => idOf(shop, kind, ref));
  const rows = await owner.unsafe<{ name: string; value: string }[]>(
    STATE,
    [
      [...shop.skus],
      [...world.orders.keys()],
      [...world.holds.keys()],
      named('adjustment', world.adjustments.keys()),
      named('po', world.purchaseOrders.keys()),
      named('return', world.returns.keys()),
      [...shop.customers],
      since.posting,
    ],
    { prepare: true },
  );
  return new Map(rows.map(({ name, value }) => [name, value]));
}

const STATE = `
  select 'stock ' || sku || '@' || node || ' ' || bucket as name, sum(quantity)::text as value
  from ledger.stock_balance where sku = any ($1) group by sku, node, bucket having sum(quantity) <> 0
  union all
  select 'available ' || sku || '@' || node, available::text from ledger.stock_item
  where sku = any ($1) and available <> 0
  union all
  select 'layers ' || sku || '@' || node || ' ' || pool,
    string_agg(remaining_quantity || '/' || trim_scale(remaining_value), ' ' order by layer_id)
  from ledger.cost_layer where sku = any ($1) and remaining_quantity > 0 group by sku, node, pool
  union all
  select 'order ' || order_id, state || ' [' || array_to_string(screening, ' ') || ']' from ledger.orders where order_id = any ($2)
  union all
  select 'line ' || order_id || '#' || line_no, concat_ws(' ', reserved, backordered, short, shipped, cancelled, "returning",
    returned, invoiced_minor, cancelled_minor, trim_scale(shipped_cost), trim_scale(returned_cost))
  from ledger.order_line where order_id = any ($2)
  union all
  select 'reserved ' || owner_id || '#' || line_no || '@' || node, sum(quantity) || ' ' || sum(on_shipment)
  from ledger.reservation where owner_id = any ($2) group by owner_id, line_no, node having sum(quantity) > 0
  union all
  select 'waiting ' || order_id || '#' || line_no || '@' || node, quantity::text
  from ledger.backorder where order_id = any ($2) and quantity > 0
  union all
  select 'queue ' || sku || '@' || node, string_agg(order_id || '#' || line_no, ' ' order by priority, queued_at, sequence)
  from ledger.backorder where order_id = any ($2) and quantity > 0 group by sku, node
  union all
  select 'last receipt ' || sku, trim_scale(unit_cost)::text from (
    select distinct on (sku) sku, unit_cost from ledger.receipt where sku = any ($1) order by sku, recorded_at desc) r
  union all
  select 'first word ' || subject_id || ' ' || reference, case reason when 'authorization.succeeded' then 'authorized' else 'declined' end
  from (
    select distinct on (subject_id, detail ->> 'authorizationId') subject_id, detail ->> 'authorizationId' as reference, reason
    from ledger.timeline where subject_id = any ($2) and event = 'payment-event'
    order by subject_id, detail ->> 'authorizationId', timeline_id) t
  union all
  select 'hold on ' || order_id, string_agg(hold, ' ' order by hold) from ledger.order_hold
  where order_id = any ($2) and cleared_at is null group by order_id
  union all
  select payment_id, concat_ws(' ', state, authorized_minor, captured_minor, refunded_minor, deposit_minor)
  from ledger.payment where order_id = any ($2)
  union all
  select 'captures ' || order_id, string_agg(state || ' ' || amount_minor, ', ' order by state, amount_minor)
  from ledger.capture where order_id = any ($2) group by order_id
  union all
  select shipment_id, state || ' ' || (select string_agg(l.line_no || ':' || sum || '/' || sent, ' ' order by l.line_no) from (
      select line_no, sum(quantity), sum(dispatched) as sent from ledger.shipment_line l
      where l.shipment_id = s.shipment_id group by line_no having sum(quantity) > 0) l)
  from ledger.shipment s where order_id = any ($2)
    and exists (select from ledger.shipment_line l where l.shipment_id = s.shipment_id and l.quantity > 0)
  union all
  select 'trouble ' || subject_id, count(*)::text from ledger.exception
  where subject_id = any ($2) and kind = 'capture-failed' and state = 'open' group by subject_id
  union all
  select 'hold ' || hold_id, h.state || coalesce((select ' ' || sum(r.quantity) from ledger.reservation r
    where r.owner_id = 'hold:' || h.hold_id and r.quantity > 0), '') from ledger.stock_hold h where hold_id = any ($3)
  union all
  select adjustment_id, concat_ws(' ', state, applied, short) from ledger.stock_adjustment where adjustment_id = any ($4)
  union all
  select purchase_order_id, state || ' ' || (select string_agg(concat_ws('/', l.noticed, l.received, l.short), ' ' order by l.line_no)
    from ledger.purchase_order_line l where l.purchase_order_id = p.purchase_order_id)
  from ledger.purchase_order p where purchase_order_id = any ($5)
  union all
  select return_id, state || ' ' || (select string_agg(concat_ws('/', l.amount_minor, coalesce(l.node, '-'), l.received, l.inspected, l.credited_minor,
      trim_scale(l.received_cost), trim_scale(l.disposed_cost)), ' ' order by l.line_no)
    from ledger.return_line l where l.return_id = r.return_id)
  from ledger.returns r where return_id = any ($6)
  union all
  select 'refunds ' || subject_id, string_agg(amount_minor || ' ' || state, ', ' order by refund_id)
  from ledger.refund where subject_id = any ($6) group by subject_id
  union all
  select 'credit ' || c.external_id, sum(b.balance_minor)::text from ledger.customer_credit b join ledger.customer c using (customer_id)
  where c.external_id = any ($7) group by 1
  union all
  select 'account ' || account, sum(minor)::text from (
    select debit as account, amount_minor as minor from ledger.posting where posting_id > $8::bigint
    union all select credit, -amount_minor from ledger.posting where posting_id > $8::bigint) p
  group by account having sum(minor) <> 0`;

/** The same of the model. */
export function stateOf(world: World, shop: Shop): State {
  const state: State = new Map();
  for (const [key, item] of world.items) {
    for (const [bucket, units] of item.buckets) set(state, `stock ${key} ${bucket}`, units);
    set(state, `available ${key}`, unitsIn(item, 'on-hand'));
    const pools = { stock: item.layers, returns: [item.returnsPool] };
    for (const [pool, layers] of Object.entries(pools)) {
      const open = layers.filter(({ units }) => units > 0);
      const text = open.map(({ units, value }) => `${units}/${costText(value)}`).join(' ');
      set(state, `layers ${key} ${pool}`, text);
    }
  }
  for (const { sku, lastReceipt } of world.skus.values())
    if (lastReceipt !== null) state.set(`last receipt ${sku}`, costText(lastReceipt));
  for (const item of world.items.values()) {
    const turn = queueAt(world, item).map(({ orderId, lineNo }) => `${orderId}#${lineNo}`);
    set(state, `queue ${item.sku}@${item.node}`, turn.join(' '));
  }
  for (const order of world.orders.values()) setOrder(state, world, order);
  for (const [id, { state: held, units }] of world.holds) {
    const sum = units.reduce((total, { quantity }) => total + quantity, 0);
    state.set(`hold ${id}`, held === 'held' ? `held ${sum}` : held);
  }
  for (const [ref, { state: now, applied, short }] of world.adjustments)
    state.set(idOf(shop, 'adjustment', ref), `${now} ${applied} ${short}`);
  for (const [ref, { state: now, lines }] of world.purchaseOrders) {
    const text = lines.map((line) => `${line.noticed}/${line.received}/${line.short}`);
    state.set(idOf(shop, 'po', ref), [now, ...text].join(' '));
  }
  setReturns(state, world, shop);
  for (const [customer, minor] of world.customerCredit) set(state, `credit ${customer}`, minor);
  for (const [account, minor] of world.books) set(state, `account ${account}`, minor);
  return state;
}

function set(state: State, name: string, value: number | bigint | string): void {
  if (value !== 0 && value !== 0n && value !== '') state.set(name, value.toString());
}

function setOrder(state: State, world: World, order: Order): void {
  const { id, payment } = order;
  state.set(`order ${id}`, `${order.state} [${order.screening.join(' ')}]`);
  for (const line of order.lines) {
    const name = `${id}#${line.lineNo}`;
    let reserved = 0;
    for (const [node, { quantity, onShipment }] of line.reserved) {
      reserved += quantity;
      if (quantity > 0) state.set(`reserved ${name}@${node}`, `${quantity} ${onShipment}`);
    }
    const units = [reserved, backordered(world, id, line.lineNo), line.short, line.shipped];
    const more = [
      line.cancelled,
      line.returning,
      line.returned,
      line.invoiced,
      line.cancelledMinor,
    ];
    const costs = [line.shippedCost, line.returnedCost].map(costText);
    state.set(`line ${name}`, [...units, ...more, ...costs].join(' '));
  }
  for (const { orderId, lineNo, node, quantity } of world.queue)
    if (orderId === id) set(state, `waiting ${id}#${lineNo}@${node}`, quantity);
  for (const [reference, word] of order.events) state.set(`first word ${id} ${reference}`, word);
  set(state, `hold on ${id}`, [...order.holds].toSorted().join(' '));
  if (payment !== null) {
    const { authorized, captured, refunded, deposit } = payment;
    state.set(payment.id, [payment.state, authorized, captured, refunded, deposit].join(' '));
  }
  const captures = order.captures.toSorted(
    (a, b) => a.state.localeCompare(b.state) || Number(a.amount - b.amount),
  );
  set(state, `captures ${id}`, captures.map((one) => `${one.state} ${one.amount}`).join(', '));
  for (const shipment of order.shipments) {
    const lines = [...shipment.lines].filter(([, { quantity }]) => quantity > 0);
    const text = lines
      .toSorted(([a], [b]) => a - b)
      .map(([lineNo, { quantity, dispatched }]) => `${lineNo}:${quantity}/${dispatched}`);
    if (text.length > 0) state.set(shipment.id, [shipment.state, ...text].join(' '));
  }
  set(state, `trouble ${id}`, order.trouble.size);
}

function setReturns(state: State, world: World, shop: Shop): void {
  for (const [ref, of] of world.returns) {
    const id = idOf(shop, 'return', ref);
    const lines = of.lines.map((line) =>
      [
        line.amount,
        line.node ?? '-',
        line.received,
        line.inspected,
        line.creditedMinor,
        costText(line.receivedCost),
        costText(line.disposedCost),
      ].join('/'),
    );
    state.set(id, [of.state, ...lines].join(' '));
    const refunds = of.refunds.map(({ amount, state: now }) => `${amount} ${now}`);
    set(state, `refunds ${id}`, refunds.join(', '));
  }
}

/** What differs, as `name: the model says …, the ledger says …`. */
export function differences(expected: State, seen: State): string[] {
  return [...new Set([...expected.keys(), ...seen.keys()])]
    .filter((name) => expected.get(name) !== seen.get(name))
    .toSorted()
    .map(
      (name) =>
        `${name}: expected ${expected.get(name) ?? 'nothing'}, seen ${seen.get(name) ?? 'nothing'}`,
    );
}
