import { join } from 'node:path';
import type { Env } from './env.ts';
import { ledgerUrl } from './ledger-address.ts';
import { dataFolder } from './stack/paths.ts';
import { findPostgres } from './stack/postgres.ts';

/**
 * The ledger that a command looks at, and how it was found: the server that DATABASE_URL names, else the
 * one that `npm start` runs on this data folder. Its own lock file tells the port, so that a start with
 * other ports is found as well. Throws with what to do when there is none.
 */
export async function findLedger(
  env: Env,
): Promise<{ readonly url: string; readonly from: string }> {
  if (env.DATABASE_URL !== undefined) {
    return { url: ledgerUrl(env.DATABASE_URL), from: 'from DATABASE_URL' };
  }
  const dataDir = dataFolder(env.LOOPLINE_DATA);
  const found = await findPostgres(join(dataDir, 'postgres'));
  if (found.state === 'running') {
    return { url: ledgerUrl(found.url), from: `the Postgres of ${dataDir}` };
  }
  const folder = env.LOOPLINE_DATA === undefined ? '' : ' with the same LOOPLINE_DATA';
  throw new Error(
    found.state === 'none'
      ? `There is no ledger in ${dataDir} yet: start one with \`npm start\`, name its folder in LOOPLINE_DATA, or a server in DATABASE_URL.`
      : `The ledger in ${dataDir} is stopped: its Postgres does not run. Start it with \`npm start\`${folder} and try again, or name another server in DATABASE_URL.`,
  );
}
