import type postgres from 'postgres';
import { createPurchaseOrder } from '../../activities/ledger/intake/create-purchase-order.ts';
import type { Ledger } from '../../activities/ledger/connect.ts';
import {
  beginPurchaseOrder,
  recordAcknowledgement,
  sendPurchaseOrder,
} from '../../activities/ledger/steps/purchase-order.ts';
import type { ApprovalMatrix } from '../../rules/policy/approval-matrix.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { decideWithApproval } from '../../rules/purchase-order/approve-order.ts';
import { seedPeople } from '../support/people.ts';

/** The shop of the purchasing tests: one node, one supplier, one SKU of each cost method. */
export async function seedPurchasing(owner: postgres.Sql): Promise<void> {
  await owner.unsafe(`
    insert into ledger.node (node, name, country) values ('N1', 'Main', 'GB'), ('N2', 'North', 'GB');
    insert into ledger.channel (channel, name, kind, backorder) values ('web', 'Web', 'web-shop', 'allow');
    insert into ledger.supplier (supplier, name, currency, lead_time_days) values
      ('S1', 'First', 'GBP', 5), ('S2', 'Second', 'GBP', 10);
    insert into ledger.sku (sku, cost_method, standard_cost, supplier) values
      ('FIFO', 'fifo', null, 'S1'), ('AVG', 'average', null, 'S1'), ('STD', 'standard', 2, 'S1'),
      ('OTHER', 'fifo', null, 'S2');
    insert into ledger.supplier_sku (supplier, sku, unit_price, minimum_quantity, multiple_quantity) values
      ('S1', 'FIFO', 1.25, 1, 1), ('S1', 'AVG', 3.335, 1, 1), ('S1', 'STD', 2.10, 1, 1), ('S2', 'OTHER', 4, 10, 6)`);
  await seedPeople(owner);
}

let references = 0;

/** The matrix alone asks nobody for an order: the threshold of the test does. */
const UP_TO_THE_POLICY: ApprovalMatrix = {
  ...DEFAULT_POLICIES['approval-matrix'],
  rows: DEFAULT_POLICIES['approval-matrix'].rows.flatMap((row) =>
    row.subject === 'purchase-order' && Object.keys(row.when).length === 0
      ? [
          {
            ...row,
            id: 'purchase-order-asked',
            when: { supplierRisks: ['high'] },
            levels: row.levels.slice(0, 1),
          },
          { ...row, id: 'purchase-order-free', levels: [] },
        ]
      : row.subject === 'purchase-order'
        ? []
        : [row],
  ),
};

/** Times on the day of the tests. */
export const ORDERED = '2026-03-02T09:00:00Z';
export const EXPECTED = '2026-03-07T09:00:00Z';

/** A purchase order as the rules and the ledger make it; `approvalAboveMinor` moves the threshold. */
export async function placeOrder(
  ledger: Ledger,
  lines: readonly { sku: string; quantity: number; unitPrice: string }[],
  options: { approvalAboveMinor?: string } = {},
): Promise<string> {
  references += 1;
  const document = {
    ...DEFAULT_POLICIES.replenishment,
    approvalAboveMinor: options.approvalAboveMinor ?? '100000000',
  };
  const approvalMatrix = { version: 'approval-matrix@1', document: UP_TO_THE_POLICY };
  const wish = {
    supplier: 'S1',
    node: 'N1',
    currency: 'GBP',
    atMs: Date.parse(ORDERED),
    lines,
    actor: 'buyer',
  };
  const { purchaseOrderId } = await createPurchaseOrder(ledger, {
    externalRef: `TEST-${references}`,
    supplier: 'S1',
    node: 'N1',
    orderedAt: ORDERED,
    currency: 'GBP',
    lines,
    actor: 'buyer',
    decision: decideWithApproval(
      {
        policy: {
          version: 'replenishment/1',
          document,
        },
        approvalMatrix,
        region: 'GB',
        classes: ['B'],
      },
      wish,
    ),
  });
  return purchaseOrderId;
}

/** The same, sent to its supplier and acknowledged in full. */
export async function placeAcknowledged(
  ledger: Ledger,
  lines: readonly { sku: string; quantity: number; unitPrice: string }[],
): Promise<string> {
  const processId = await placeOrder(ledger, lines);
  await beginPurchaseOrder(ledger, { processId });
  await sendPurchaseOrder(ledger, { processId });
  await recordAcknowledgement(ledger, {
    processId,
    acknowledgementId: `ack-${processId}`,
    lines: lines.map(({ quantity }, position) => ({
      lineNo: position + 1,
      quantity,
      expectedAt: EXPECTED,
    })),
  });
  return processId;
}

/** An order that waits for `quantity` units of a SKU at N1, with a running process. */
export async function addBackorder(
  owner: postgres.Sql,
  order: { id: string; sku: string; quantity: number; priority?: number; queuedAt: string },
): Promise<void> {
  const orderId = `order:web:${order.id}`;
  await owner`insert into ledger.orders (order_id, channel, external_id, currency, ship_to, state, total_minor, placed_at)
    values (${orderId}, 'web', ${order.id}, 'GBP', '{}', 'accepted', 0, ${order.queuedAt})`;
  await owner`insert into ledger.order_line (order_id, line_no, external_line_id, kind, code, node, quantity, unit_price,
      amount_minor, placed_at, backordered)
    values (${orderId}, 1, '1', 'goods', ${order.sku}, 'N1', ${order.quantity}, 0, 0, ${order.queuedAt}, ${order.quantity})`;
  await owner`insert into ledger.stock_item (sku, node) values (${order.sku}, 'N1') on conflict do nothing`;
  await owner`insert into ledger.backorder (order_id, line_no, sku, node, quantity, priority, queued_at)
    values (${orderId}, 1, ${order.sku}, 'N1', ${order.quantity}, ${order.priority ?? 100}, ${order.queuedAt})`;
  await owner`insert into ledger.process (process_id, kind, state) values (${orderId}, 'order', 'running')`;
}

/** Account balances, debit positive, in minor units; accounts that stand at zero are left out. */
export async function balances(owner: postgres.Sql): Promise<Record<string, number>> {
  const rows = await owner<{ account: string; minor: string }[]>`
    select account, sum(minor)::text as minor from (
      select debit as account, amount_minor as minor from ledger.posting
      union all select credit, -amount_minor from ledger.posting) p
    group by 1 having sum(minor) <> 0`;
  return Object.fromEntries(rows.map(({ account, minor }) => [account, Number(minor)]));
}

/** Units per bucket of a SKU at N1; buckets at zero are left out. */
export async function buckets(owner: postgres.Sql, sku: string): Promise<Record<string, number>> {
  const rows = await owner<{ bucket: string; quantity: string }[]>`
    select bucket, sum(quantity)::text as quantity from ledger.stock_balance
    where sku = ${sku} and node = 'N1' and quantity > 0 group by 1`;
  return Object.fromEntries(rows.map(({ bucket, quantity }) => [bucket, Number(quantity)]));
}

/** Closes the open exception of a kind as a person would; answers the fact that its process is told of. */
export async function resolveException(
  ledger: Ledger,
  owner: postgres.Sql,
  kind: string,
  action: string,
): Promise<string> {
  const [open] = await owner<{ id: string; occurrence: string }[]>`
    select exception_id as id, ledger.occurrence_of(e) as occurrence from ledger.exception e where kind = ${kind} and state = 'open'`;
  if (open === undefined) throw new Error(`no open exception of kind ${kind}`);
  await ledger.call('resolve_exception', {
    exceptionId: open.id,
    resolutionId: `resolve-${open.occurrence}`,
    action,
    note: 'as agreed',
    actor: 'person',
  });
  return open.occurrence;
}

/** What the ledger's own check names; empty when all projections agree with the entries. */
export async function drift(ledger: Ledger): Promise<unknown> {
  const { drift: found } = await ledger.report<{ ok: boolean; drift: unknown[] }>(
    'check_ledger',
    {},
  );
  return found;
}
