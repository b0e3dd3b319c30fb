import { expect } from 'vitest';
import { ACTS } from '../../activities/ledger/audited-functions.ts';
import type { By } from '../../activities/ledger/by.ts';
import type { Ledger } from '../../activities/ledger/connect.ts';
import type { TestLedger } from '../support/ledger.ts';
import { watchChanges } from '../support/watch-changes.ts';

/** A row of the audit as a call left it. */
export interface LeftRow {
  readonly actor: string;
  readonly act: string;
  readonly subject: string;
}

/** The acts that each of the walks calls, so that none is forgotten. */
export const WALKS = {
  /** audited-sales.test.ts */
  sales: [
    'abandon_return',
    'accept_orders',
    'advance_order',
    'begin_order',
    'begin_return',
    'cancel_order',
    'close_return_receipt',
    'dispatch_shipment',
    'erase_customer',
    'expire_holds',
    'expire_order_wait',
    'export_customer',
    'give_goodwill',
    'heal_failure',
    'hold_stock',
    'inspect_return',
    'put_channels',
    'put_customers',
    'put_nodes',
    'put_skus',
    'put_suppliers',
    'receive_return',
    'record_authorization',
    'record_capture',
    'record_fact',
    'record_give_back',
    'record_refund',
    'record_return_label',
    'record_screening',
    'release_hold',
    'remind_capture',
    'remind_inspection',
    'report_failure',
    'request_return',
    'resolve_exception',
    'run_dues',
    'skip_return_label',
  ],
  /** audited-supply.test.ts */
  supply: [
    'create_purchase_order',
    'end_replenishment',
    'escalate_late_supplier',
    'receive_goods',
    'receive_stock',
    'record_acknowledgement',
    'record_finance_entry',
    'record_replenishment',
    'record_shipping_notice',
    'record_supplier_invoice',
    'report_supplier_refusal',
    'resolve_exception',
    'send_purchase_order',
    'settle_purchase_order',
  ],
  /** audited-decisions.test.ts */
  decisions: [
    'activate_policy_draft',
    'adjust_stock',
    'append_approval_events',
    'assign_exception',
    'change_stock_adjustment',
    'claim_exception',
    'comment_exception',
    'end_person',
    'end_sessions_of_person',
    'finish_repair',
    'make_key',
    'merge_exceptions',
    'note_policy_simulation',
    'put_delegation',
    'put_notice_preference',
    'put_people',
    'put_policy_draft',
    'rate_risk',
    'report_failure',
    'request_repair',
    'resolve_exception',
    'revoke_key',
    'roll_back_policy',
    'rotate_key',
    'snooze_exception',
    'submit_decision',
    'submit_policy_draft',
    'withdraw_policy_draft',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Acts that no walk calls, or not so that they change anything: why. */
export const NOT_WALKED: Readonly<Record<string, string>> = {
  advance_return:
    'carries on what receipts, inspections and refunds have begun; they left the rows',
  advance_goodwill:
    'carries on what its gift and its refunds have begun; they left the rows: test/api/goodwill.test.ts',
  begin_goodwill: 'changes nothing unless facts have come before its process was there',
  begin_purchase_order: 'changes nothing unless facts have come before its process was there',
  escalate_exceptions: 'goes by the real clock: test/ledger/exception-board-clock.test.ts',
  put_webhook_endpoint: 'needs sealed secrets: test/ledger/notices-webhooks.test.ts',
};

/** What one call of an act left. */
export interface AuditedCall {
  readonly name: string;
  readonly rows: readonly LeftRow[];
  /** `<table> insert|update|delete`, each once. */
  readonly changed: ReadonlySet<string>;
}

/** A ledger that is held to account: each call of an act is made twice, and judged by the rows that it leaves. */
export interface AuditedLedger extends TestLedger {
  readonly calls: AuditedCall[];
}

/** Reads that leave a row: somebody has taken personal data. */
const WATCHED_READS = new Set(['export_customer']);

/** What goes on each time that it is told the same time, step by step, until nothing is left to do. */
const GOES_ON = new Set(['run_dues']);

/** What carries the processes on and says nothing of the shop. */
const BOOKKEEPING = /^(step|process|due|outbox|stock_item|replenishment_part) /;

/**
 * Wraps a ledger so that every call of an act is checked: one row where something was changed, none where
 * nothing was; none for the same call again; and none for a call that is refused.
 */
export async function auditedLedger(test: TestLedger): Promise<AuditedLedger> {
  const changes = await watchChanges(test.owner);
  const calls: AuditedCall[] = [];
  let lastId = 0;
  const rowsSince = async (): Promise<LeftRow[]> => {
    const rows = await test.owner<(LeftRow & { id: number })[]>`
      select audit_id::int as id, actor, act, subject_id as subject from ledger.audit
      where audit_id > ${lastId} order by audit_id`;
    lastId = rows.at(-1)?.id ?? lastId;
    return rows.map(({ actor, act, subject }) => ({ actor, act, subject }));
  };

  const judged = async <Result>(
    name: string,
    request: unknown,
    call: () => Promise<Result>,
  ): Promise<Result> => {
    if (ACTS[name] === undefined) return call();
    await changes();
    await rowsSince();
    let result: Result;
    try {
      result = await call();
    } catch (error) {
      expect(await changes(), `${name} was refused`).toEqual([]);
      throw error;
    }
    const all = await changes();
    const rows = await rowsSince();
    const said = `${name} ${JSON.stringify(request).slice(0, 300)} changed ${all.join(', ')}`;
    const told = all.filter((what) => !BOOKKEEPING.test(what) && what !== 'audit insert');
    expect(rows.length > 0, said).toBe(told.length > 0 || WATCHED_READS.has(name));
    if (ACTS[name] !== 'own') expect(rows.length, said).toBeLessThanOrEqual(1);
    for (const { act } of rows) if (ACTS[name] !== 'own') expect(act, said).toBe(name);
    calls.push({ name, rows, changed: new Set(all) });

    await call();
    const again = await rowsSince();
    if (!GOES_ON.has(name)) expect(again, `${name} a second time: ${said}`).toEqual([]);
    return result;
  };

  const wrap = (ledger: Ledger): Ledger => ({
    call: (name, request) => judged(name, request, () => ledger.call(name, request)),
    report: (name, request) => judged(name, request, () => ledger.report(name, request)),
    as: (by: By) => wrap(ledger.as(by)),
    close: () => ledger.close(),
  });
  return { ...test, ledger: wrap(test.ledger), calls };
}

/** Which acts have left a row, each once, sorted. */
export function actsOf(calls: readonly AuditedCall[]): string[] {
  const left = calls.filter(({ rows }) => rows.length > 0).map(({ name }) => name);
  return [...new Set(left)].toSorted();
}

/** The rows that calls of one act have left. */
export function rowsOf(calls: readonly AuditedCall[], name: string): LeftRow[] {
  return calls.filter((call) => call.name === name).flatMap(({ rows }) => rows);
}
