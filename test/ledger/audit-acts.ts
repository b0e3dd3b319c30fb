import type postgres from 'postgres';

/** Leaves one act in the audit, as a function of the ledger does. */
export async function act(
  sql: postgres.Sql | postgres.TransactionSql,
  name: string,
  by = '{"actor": "anna", "credential": "key_1", "requestId": "r-1", "sourceAddress": "10.0.0.7"}',
): Promise<void> {
  await sql`
    select ledger.audit(${by}::text::jsonb, ${name}, 'order', ${`order:web:${name}`}, now(), 'because', null, '{"state": "done"}')`;
}
