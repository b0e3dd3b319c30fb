import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedger, type TestLedger } from '../support/ledger.ts';

/**
 * Columns that hold no word of or about a person, by their name wherever it stands, or one by one: what things
 * are called, states, codes, texts of our own, amounts. Any other is personal data until somebody has looked.
 */
const NOTHING_PERSONAL = new Set(
  `
    account account.name act action actions adjustment_id after anchor applied approval_id
    asked_roles attempt attributes backorder barcode before bucket capture_id carrier cause
    change_id channel channel.name channels class closed_by code content cost_method country cover credit
    credit_note_number currency cycle_id debit decision decision_id dedupe_key delegation_id
    delivery_id description digest_id disabled_reason dispatch_id disposition document draft_id
    dropped due_id duty endpoint_id entry_id escalate_to escalated_to open_levels root_causes event exception_id external_line_id fact_id facts fields
    finance_entry.external_ref finding from_bucket goodwill.external_ref goodwill_id grade hash hold hold_id inspection_id
    invoice_number item_id key key_id kind kinds lines lot matrix_subject merged_into method
    next_step node node.name nodes noun notice.plan notice_id notice_key number occurrence old_secret
    order_class order_id outcome owner owner_id passed_over payment_id phase policy
    policy_draft_event.detail policy_version policy_versions pool process_id provider
    provider_id purchase_order.external_ref purchase_order_id quiet_from quiet_to reach_channels
    reach_nodes reach_regions reason_code reason_code.subject reasons receipt_id record_key refund_id
    refusal
    refund_policy_version refund_release refund_rule region regions repair_id replaced_by request_id resolution result return_id role roles
    root_cause rule scopes screening secret secret_digest service_key.name settles severity
    shipment_id sku source source_key source_ref state step stock_adjustment.external_ref
    subject_id subject_kind subjects supplier terms thing time_zone to_bucket unit_of_measure
    url wanted_by
  `
    .trim()
    .split(/\s+/),
);

let test: TestLedger;
let documented: string[];
let columns: { column: string; name: string }[];

beforeAll(async () => {
  test = await openLedger();
  const text = await readFile(new URL('../../docs/PRIVACY.md', import.meta.url), 'utf8');
  documented = [...text.matchAll(/^\| `([a-z_]+\.[a-z_]+)` /gm)].flatMap(([, name]) => name ?? []);
  columns = await test.owner<{ column: string; name: string }[]>`
    select table_name || '.' || column_name as column, column_name as name
    from information_schema.columns
    where table_schema = 'ledger' and (data_type in ('text', 'jsonb', 'json', 'ARRAY', 'inet', 'character varying'))
      and table_name <> 'schema_migration'
    order by 1`;
});
afterAll(() => test?.close());

describe('docs/PRIVACY.md', () => {
  it('names every column that may hold something of a person', () => {
    expect(columns.length).toBeGreaterThan(150);
    const silent = columns
      .filter(
        ({ column, name }) =>
          !documented.includes(column) &&
          !NOTHING_PERSONAL.has(name) &&
          !NOTHING_PERSONAL.has(column),
      )
      .map(({ column }) => column);
    expect(silent).toEqual([]);
  });

  it('names no column twice, and none that there is not', () => {
    expect(documented.length).toBeGreaterThan(60);
    expect(documented.toSorted()).toEqual([...new Set(documented)].toSorted());
    const known = new Set(columns.map(({ column }) => column));
    expect(documented.filter((column) => !known.has(column))).toEqual([]);
  });
});
