import postgres from 'postgres';
import { Failure } from '../failures.ts';

/** JSON as the ledger's functions take and give it: money and big quantities as strings. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The way into the ledger: one call of one SQL function is one unit of work. */
export interface Ledger {
  /**
   * Calls `loopline.<name>(request jsonb)`; safe to repeat with the same key.
   * Errors: {@link Failure} of the type that the function or the connection met.
   */
  call<Result>(name: string, request: unknown): Promise<Result>;
  /** The same for long reads (checks, reports, cycles): 120 s instead of 2 s. */
  report<Result>(name: string, request: unknown): Promise<Result>;
  close(): Promise<void>;
}

const STATEMENT_TIMEOUT_MS = 2_000;
const REPORT_TIMEOUT_MS = 120_000;
const MAX_ATTEMPTS = 4;

/** Connects to the ledger as the application's role. `url` names that role and its database. */
export function connectLedger(url: string, options: { connections?: number } = {}): Ledger {
  const work = openPool(url, options.connections ?? 12, STATEMENT_TIMEOUT_MS);
  const reports = openPool(url, 2, REPORT_TIMEOUT_MS);
  return {
    call: (name, request) => callFunction(work, name, request),
    report: (name, request) => callFunction(reports, name, request),
    close: async () => {
      await Promise.all([work.end({ timeout: 5 }), reports.end({ timeout: 5 })]);
    },
  };
}

function openPool(url: string, max: number, statementTimeoutMs: number) {
  return postgres(url, {
    max,
    idle_timeout: 60,
    connect_timeout: 5,
    onnotice: () => undefined,
    connection: { application_name: 'loopline', statement_timeout: statementTimeoutMs },
  });
}

async function callFunction<Result>(
  sql: postgres.Sql,
  name: string,
  request: unknown,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const rows = await sql.unsafe<{ result: Result }[]>(
        `select loopline.${name}($1::jsonb) as result`,
        [request as postgres.JSONValue],
        { prepare: true },
      );
      const row = rows[0];
      if (!row) throw new Failure('InvariantViolated', `${name} answered no row`);
      return row.result;
    } catch (error) {
      const failure = asFailure(error);
      // The keys make a repeat safe, so a lost connection is tried once more, a lost race at once.
      const limit = failure.type === 'LedgerUnavailable' ? 2 : MAX_ATTEMPTS;
      const repeat = failure.type === 'SerializationConflict' || isLostConnection(error);
      if (!repeat || attempt >= limit) throw failure;
    }
  }
}

const CONFLICTS = new Set(['40001', '40P01', '23505', '55P03']);
const LOST = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'ECONNRESET',
  'EPIPE',
  '57P01',
]);
const AWAY = new Set([
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  '57P02',
  '57P03',
  '53300',
  '57014',
  '53100',
]);

function isLostConnection(error: unknown): boolean {
  return LOST.has(codeOf(error));
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const detail = error instanceof postgres.PostgresError ? error.detail : undefined;
  if (code === 'LL404') return new Failure('NotFound', message, undefined, error);
  if (code === 'LL409') return new Failure('IdempotencyMismatch', message, detail, error);
  if (code === 'LL422') return new Failure('InvalidInput', message, detail, error);
  if (CONFLICTS.has(code)) return new Failure('SerializationConflict', message, undefined, error);
  if (LOST.has(code) || AWAY.has(code))
    return new Failure('LedgerUnavailable', message, undefined, error);
  return new Failure('InvariantViolated', message, undefined, error);
}
