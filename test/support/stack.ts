import { access, chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { stopLeftovers } from '../../worker/stack/children.ts';
import { lockOwner, tryLock } from '../../worker/stack/lock.ts';
import { freePort } from '../../worker/stack/ports.ts';
import { removePostgresData, startPostgres } from '../../worker/stack/postgres.ts';
import type { StackLog } from '../../worker/stack/processes.ts';
import { startTemporal } from '../../worker/stack/temporal.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser URL of the run's Postgres, database `postgres`; make databases of your own. */
    databaseUrl: string;
    /** host:port of the run's Temporal, namespace `default`, where time may be skipped. */
    temporalAddress: string;
  }
}

/** Workflows are told early to continue as new, so that a test can see them do it. */
const SHORT_HISTORIES = { 'limit.historyCount.suggestContinueAsNew': 150 };

const FOLDER_PREFIX = 'loopline-test-';
const log: StackLog = (line) => console.log(`[stack] ${line}`);

/**
 * Starts one Postgres and one Temporal for the whole test run, on free ports and over data that
 * is thrown away afterwards; test files read the addresses with vitest's `inject`.
 * TEST_DATABASE_URL and TEST_TEMPORAL_ADDRESS name servers that run already. Such a Postgres is
 * used as superuser; such a Temporal needs `frontend.WorkflowTimeSkippingEnabled=true`.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeAbandonedStacks();
  const dataDir = await mkdtemp(join(tmpdir(), FOLDER_PREFIX));
  const lock = await tryLock(join(dataDir, 'owner.lock'));
  if (!lock.held) throw new Error(`${dataDir} was new and yet belongs to ${lock.owner.pid}`);
  // As root, Postgres runs under another account, which has to pass through this folder.
  await chmod(dataDir, 0o711);
  const parts = await Promise.allSettled([
    providePostgres(project, dataDir),
    provideTemporal(project, dataDir),
  ]);
  const teardown = async () => {
    for (const part of parts) {
      if (part.status === 'fulfilled') await part.value();
    }
    await removeStack(dataDir);
  };
  const failed = parts.find((part) => part.status === 'rejected');
  if (failed === undefined) return teardown;
  await teardown();
  throw failed.reason;
}

type Stop = () => Promise<void>;

async function providePostgres(project: TestProject, dataDir: string): Promise<Stop> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') {
    project.provide('databaseUrl', given);
    return async () => undefined;
  }
  const server = await startPostgres({
    dataDir: join(dataDir, 'postgres'),
    port: await freePort(),
    log,
    durable: false,
  });
  project.provide('databaseUrl', server.url);
  return () => server.stop();
}

async function provideTemporal(project: TestProject, dataDir: string): Promise<Stop> {
  const given = process.env['TEST_TEMPORAL_ADDRESS'];
  if (given !== undefined && given !== '') {
    project.provide('temporalAddress', given);
    return async () => undefined;
  }
  const server = await startTemporal({
    dataDir,
    log,
    timeSkipping: true,
    inMemory: true,
    settings: SHORT_HISTORIES,
  });
  project.provide('temporalAddress', server.address);
  return () => server.stop({ force: true });
}

/** A run that was killed leaves its servers alive; the next run ends them. */
async function removeAbandonedStacks(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(FOLDER_PREFIX)) continue;
    const dataDir = join(tmpdir(), name);
    const lock = join(dataDir, 'owner.lock');
    const begun = await access(lock).then(
      () => true,
      () => false,
    );
    if (begun && (await lockOwner(lock)) === undefined) await removeStack(dataDir);
  }
}

async function removeStack(dataDir: string): Promise<void> {
  await stopLeftovers(dataDir, log);
  await removePostgresData(join(dataDir, 'postgres'));
  await rm(dataDir, { recursive: true, force: true });
}
