/**
 * `npm run schema`: writes docs/schema.sql, what a freshly migrated ledger consists of, as its own
 * catalogue tells it. Starts a Postgres for the time that it takes; DATABASE_URL names another one,
 * on which a database of its own is made and dropped again.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { migrateLedger } from '../activities/ledger/migrate.ts';
import { schemaText } from '../activities/ledger/schema-text.ts';
import { readEnv } from './env.ts';
import { PROJECT_FOLDER } from './stack/paths.ts';
import { freePort } from './stack/ports.ts';
import { removePostgresData, startPostgres } from './stack/postgres.ts';

const DATABASE = `loopline_schema_${process.pid}`;
const FILE = join(PROJECT_FOLDER, 'docs', 'schema.sql');

const { DATABASE_URL } = readEnv();
await writeFile(FILE, await (DATABASE_URL === undefined ? onOwnServer() : describe(DATABASE_URL)));
console.log(`${FILE} is written.`);

async function onOwnServer(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'loopline-schema-'));
  const dataDir = join(folder, 'postgres');
  const server = await startPostgres({ dataDir, port: await freePort(), log: () => undefined });
  try {
    return await describe(server.url);
  } finally {
    await server.stop();
    await removePostgresData(dataDir);
    await rm(folder, { recursive: true, force: true });
  }
}

async function describe(url: string): Promise<string> {
  const { ownerUrl } = await migrateLedger({ url, database: DATABASE });
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    return await schemaText(sql);
  } finally {
    await sql.end();
    await dropDatabase(url);
  }
}

async function dropDatabase(url: string): Promise<void> {
  const admin = postgres(url, { max: 1, onnotice: () => undefined });
  await admin.unsafe(`drop database ${DATABASE}`);
  await admin.end();
}
