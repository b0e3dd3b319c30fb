import type postgres from 'postgres';

const ROWS_AT_ONCE = 1_000;
const LOG_EVERY = 200_000;

/** Writes so many rows as acts leave them, a thousand in a transaction; answers the seconds it took. */
export async function writeAuditRows(
  owner: postgres.Sql,
  rows: number,
  log: (line: string) => void,
): Promise<number> {
  const startedAt = performance.now();
  for (let written = 0; written < rows; written += ROWS_AT_ONCE) {
    await owner.unsafe(INSERT, [written + 1, Math.min(written + ROWS_AT_ONCE, rows)]);
    const now = written + ROWS_AT_ONCE;
    if (now % LOG_EVERY === 0) log(`${now} rows written`);
  }
  // As autovacuum leaves them.
  await owner`vacuum analyze ledger.audit`;
  return (performance.now() - startedAt) / 1_000;
}

/** Of ten rows six are of an order's life, two of the board, one a decision and one of master data. */
const INSERT = `
  insert into ledger.audit (actor, on_behalf_of, credential, act, subject_kind, subject_id, before, after, reason,
    request_id, source_address, occurred_at)
  select k.actor, k.on_behalf_of, k.credential, k.act, split_part(k.subject, ':', 1), k.subject, k.before, k.after,
    k.reason, 'req-' || md5(n::text), k.address, '2026-01-01T00:00:00Z'::timestamptz + n * interval '3 seconds'
  from generate_series($1::integer, $2::integer) n
  cross join lateral (select 'order:web:' || n / 10 as order_id) o
  cross join lateral (values
    (0, 'shop', null, 'key:llk_web', 'accept_orders', o.order_id, null::jsonb, '{"state": "accepted"}'::jsonb,
      null, '10.0.0.7'),
    (1, 'process:worker', null, null, 'begin_order', o.order_id, null,
      '{"event": "released", "state": "released"}', null, null),
    (2, 'process:worker', null, null, 'record_authorization', o.order_id, null,
      '{"event": "payment-authorized", "amountMinor": "1700", "currency": "GBP"}', null, null),
    (3, 'person:ware-' || n % 40, null, 'session:' || n % 40, 'dispatch_shipment', 'shipment:web:' || n / 10 || ':1', null,
      jsonb_build_object('event', 'dispatched', 'invoiceNumber', 'INV-' || n / 10, 'amountMinor', '1700'), null, '10.0.1.9'),
    (4, 'process:worker', null, null, 'advance_order', o.order_id, null,
      '{"event": "completed", "state": "completed"}', null, null),
    (5, 'process:worker', null, null, 'record_capture', o.order_id, null,
      '{"event": "captured", "state": "settled", "amountMinor": "1700", "currency": "GBP"}', null, null),
    (6, 'person:sup-' || n % 25, null, 'session:' || n % 25, 'claim_exception', 'exception:' || n / 10,
      '{"assignee": null}', jsonb_build_object('event', 'claimed', 'assignee', 'person:sup-' || n % 25), null, '10.0.2.4'),
    (7, 'person:sup-' || n % 25, null, 'session:' || n % 25, 'resolve_exception', 'exception:' || n / 10,
      '{"state": "open", "assignee": null, "owner": "support"}',
      '{"state": "resolved", "action": "release", "rootCause": "data-wrong"}', 'the address was completed', '10.0.2.4'),
    (8, 'person:app-' || n % 12, case when n % 50 = 8 then 'person:app-1' end, 'session:' || n % 12, 'submit_decision',
      'approval:return:R-' || n / 10 || ':1', '{"state": "open", "phase": "deciding", "run": 1}',
      '{"kind": "decide", "decision": "approve", "level": 0, "levelName": "approver", "subject": "refund", "amountMinor": "12050"}',
      'within the agreed terms', '10.0.3.2'),
    (9, 'person:adm-' || n % 5, null, 'session:' || n % 5, 'put_skus', 'sku:SKU-' || n % 5000,
      '{"description": "Mug", "leadTimeDays": 3}', '{"description": "Mug, blue", "leadTimeDays": 4}', null, '10.0.4.1')
  ) k(turn, actor, on_behalf_of, credential, act, subject, before, after, reason, address)
  where k.turn = n % 10`;
