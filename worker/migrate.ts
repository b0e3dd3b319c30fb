/** Brings the ledger and the Temporal namespace to this version, once, before any process starts. */
import { Connection } from '@temporalio/client';
import { migrateLedger } from '../activities/ledger/migrate.ts';
import { readEnv, WrongSettingError } from './env.ts';
import { ensureNamespace } from './temporal-namespace.ts';

const env = readEnv();
if (env.DATABASE_URL === undefined) {
  throw new WrongSettingError('DATABASE_URL must be set to an administrator of the database.');
}
const { appUrl } = await migrateLedger({
  url: env.DATABASE_URL,
  log: (line) => console.error(line),
});
if (env.TEMPORAL_ADDRESS !== undefined) {
  const connection = await Connection.connect({ address: env.TEMPORAL_ADDRESS });
  await ensureNamespace(connection, env.TEMPORAL_NAMESPACE);
  await connection.close();
}
// The only line on standard output: what the other processes need as DATABASE_URL.
console.log(appUrl);
