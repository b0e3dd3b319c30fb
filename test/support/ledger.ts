import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import { connectLedger, type Ledger } from '../../activities/ledger/connect.ts';
import { migrateLedger } from '../../activities/ledger/migrate.ts';

const TEMPLATE = 'loopline_template';

/** A ledger of its own: a database cloned from the migrated template. */
export interface TestLedger {
  readonly ledger: Ledger;
  /** The administrator's connection to the same database, to look and to break things on purpose. */
  readonly owner: postgres.Sql;
  readonly appUrl: string;
  close(): Promise<void>;
}

let template: Promise<string> | undefined;

/**
 * Opens a fresh ledger; `connections` bounds the application's pool. `databaseUrl` is the server's
 * administrator URL where no test run provides it.
 */
export async function openLedger(
  options: { connections?: number; databaseUrl?: string } = {},
): Promise<TestLedger> {
  const { databaseUrl = inject('databaseUrl'), ...pool } = options;
  template ??= prepareTemplate(databaseUrl);
  const appTemplateUrl = await template;
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  const admin = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    await underLock(admin, () => admin.unsafe(`create database ${database} template ${TEMPLATE}`));
  } finally {
    await admin.end();
  }
  const appUrl = withDatabase(appTemplateUrl, database);
  const ledger = connectLedger(appUrl, pool).as({ actor: 'test' });
  const owner = postgres(withDatabase(databaseUrl, database), {
    max: 2,
    onnotice: () => undefined,
  });
  return {
    ledger,
    owner,
    appUrl,
    close: async () => {
      await Promise.all([ledger.close(), owner.end({ timeout: 5 })]);
    },
  };
}

/** Cloning fails while anybody is connected to the template, so makers and cloners take turns. */
async function prepareTemplate(databaseUrl: string): Promise<string> {
  const admin = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    const { appUrl } = await underLock(admin, () =>
      migrateLedger({ url: databaseUrl, database: TEMPLATE }),
    );
    return appUrl;
  } finally {
    await admin.end();
  }
}

async function underLock<Result>(
  admin: postgres.Sql,
  act: () => PromiseLike<Result>,
): Promise<Result> {
  await admin`select pg_advisory_lock(4518)`;
  try {
    return await act();
  } finally {
    await admin`select pg_advisory_unlock(4518)`;
  }
}

function withDatabase(url: string, database: string): string {
  const named = new URL(url);
  named.pathname = `/${database}`;
  return named.toString();
}
