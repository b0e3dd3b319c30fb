import type { AskedChange, MasterRecord } from '../../../rules/master-data/judge-edit.ts';
import type { RecordNoun } from '../../../rules/master-data/record-fields.ts';
import { writeAsk } from '../approval-json.ts';
import type { Ledger } from '../connect.ts';

/** What became of one element; `errors` name the fields of a refused one. */
export interface PutResult {
  readonly result: 'created' | 'updated' | 'unchanged' | 'refused';
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** The same where people may be asked: of an element that waits `fields` do, and the rest of it is written. */
export interface EditResult extends Omit<PutResult, 'result'> {
  readonly result: PutResult['result'] | 'waiting';
  readonly changeId?: string;
  readonly approvalId?: string;
  readonly fields?: readonly string[];
}

/** A record as the rule lets it be written: what it was when the rule looked, and what of it waits for people. */
export interface JudgedRecord {
  readonly key: string;
  readonly apply: MasterRecord;
  /** Null for one that was not there. */
  readonly seen: MasterRecord | null;
  readonly change: AskedChange | null;
}

/** A SKU; costs and prices are decimal strings in major units of the base currency. */
export interface SkuInput {
  readonly sku: string;
  readonly description: string;
  readonly unitOfMeasure: string;
  readonly barcode?: string | null | undefined;
  readonly class: string;
  readonly costMethod: 'fifo' | 'average' | 'standard';
  readonly standardCost?: string | null | undefined;
  readonly supplier?: string | null | undefined;
  readonly supplierPrice?: string | null | undefined;
  readonly minimumQuantity?: number | undefined;
  readonly multipleQuantity?: number | undefined;
  readonly leadTimeDays?: number | null | undefined;
}

/** A supplier; `currency` is the one it invoices in. */
export interface SupplierInput {
  readonly supplier: string;
  readonly name: string;
  readonly currency: string;
  readonly leadTimeDays: number;
  readonly email?: string | null | undefined;
}

/** A warehouse; sourcing prefers the lower priority. */
export interface NodeInput {
  readonly node: string;
  readonly name: string;
  readonly country: string;
  readonly priority: number;
}

/**
 * A sales channel; `backorder` null leaves it to the sourcing policy, `trustsFile` marks facts as history,
 * `nodes` null lets every node send its orders.
 */
export interface ChannelInput {
  readonly channel: string;
  readonly name: string;
  readonly kind: 'web-shop' | 'marketplace' | 'b2b-portal';
  readonly backorder?: 'allow' | 'refuse' | null | undefined;
  readonly trustsFile?: boolean | undefined;
  readonly nodes?: readonly string[] | null | undefined;
}

/** A customer as their channel knows them. */
export interface CustomerInput {
  readonly channel: string;
  readonly externalId: string;
  readonly name?: string | null | undefined;
  readonly email?: string | null | undefined;
}

const PUTS = {
  sku: ['put_skus', 'skus'],
  supplier: ['put_suppliers', 'suppliers'],
  node: ['put_nodes', 'nodes'],
  channel: ['put_channels', 'channels'],
} as const satisfies Record<RecordNoun, readonly [string, string]>;

/**
 * Writes records that the rule has judged, and asks people about what of them waits; one result each, in order.
 * `moved` when one of them says something else by now: then nothing is done, and the rule has to look again.
 * Idempotent by content; the same change that waits is not asked twice. Errors: InvariantViolated (separated duties).
 */
export async function putJudgedRecords(
  ledger: Ledger,
  noun: RecordNoun,
  { records, at }: { readonly records: readonly JudgedRecord[]; readonly at: string },
): Promise<{ readonly moved: true } | { readonly moved?: never; readonly results: EditResult[] }> {
  const [name, plural] = PUTS[noun];
  const elements = records.map(({ key, apply, seen, change }) => ({
    ...apply,
    [noun]: key,
    seen,
    change: change && { ...change, approval: writeAsk(change.approval) },
  }));
  return ledger.call(name, { [plural]: elements, at });
}

/** Creates or replaces SKUs, at most 500; one result each, in order. Idempotent by content. */
export function putSkus(ledger: Ledger, skus: readonly SkuInput[]) {
  return ledger.call<{ results: ({ sku: string } & PutResult)[] }>('put_skus', { skus });
}

/** Creates or replaces suppliers, at most 500; one result each, in order. Idempotent by content. */
export function putSuppliers(ledger: Ledger, suppliers: readonly SupplierInput[]) {
  return ledger.call<{ results: ({ supplier: string } & PutResult)[] }>('put_suppliers', {
    suppliers,
  });
}

/** Creates or replaces nodes, at most 500; one result each, in order. Idempotent by content. */
export function putNodes(ledger: Ledger, nodes: readonly NodeInput[]) {
  return ledger.call<{ results: ({ node: string } & PutResult)[] }>('put_nodes', { nodes });
}

/** Creates or replaces channels, at most 500; one result each, in order. Idempotent by content. */
export function putChannels(ledger: Ledger, channels: readonly ChannelInput[]) {
  return ledger.call<{ results: ({ channel: string } & PutResult)[] }>('put_channels', {
    channels,
  });
}

/** Creates or replaces customers, at most 500; one result each, in order. Idempotent by content. */
export function putCustomers(ledger: Ledger, customers: readonly CustomerInput[]) {
  return ledger.call<{ results: ({ channel: string; externalId: string } & PutResult)[] }>(
    'put_customers',
    {
      customers,
    },
  );
}
