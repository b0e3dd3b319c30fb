import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from './search-attributes.ts';

const SECONDS_PER_DAY = 86_400;

/** How long closed workflows stay readable. The ledger remembers for good. */
const RETENTION_DAYS = 90;

/**
 * Gives the namespace our retention and search attributes. Idempotent; run at every start, since
 * the development server has a retention of one day and ignores attributes on an existing file.
 */
export async function ensureNamespace(connection: Connection, namespace: string): Promise<void> {
  await ensureRetention(connection, namespace);
  await ensureSearchAttributes(connection, namespace);
}

async function ensureRetention(connection: Connection, namespace: string): Promise<void> {
  const wanted = RETENTION_DAYS * SECONDS_PER_DAY;
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  if (Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) === wanted) return;
  await connection.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: msToTs(wanted * 1000) },
  });
}

async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !(name in customAttributes));
  if (missing.length === 0) return;
  const types = {
    Keyword: proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  };
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map(([name, type]) => [name, types[type]])),
  });
}
