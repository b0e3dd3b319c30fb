import postgres from 'postgres';
import { Failure, type FailureType } from '../failures.ts';
import { countAllLines, countLines } from './intake/count-lines.ts';
import type { By } from './by.ts';
import { connectionGate, type ConnectionGate } from './connection-gate.ts';

/** JSON as the ledger's functions take and give it: money and big quantities as strings. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The way into the ledger: one call of one SQL function is one unit of work. */
export interface Ledger {
  /**
   * Calls `loopline.<name>(request jsonb)`; safe to repeat with the same key. An act is refused
   * (InvariantViolated) when nobody says who does it. The statement has 2 s, or 30 s when the request is a
   * long one: more than 200 lines, or orders of more than 1,000 lines together.
   * Errors: {@link Failure} of the type that the function or the connection met.
   */
  call<Result>(name: string, request: unknown): Promise<Result>;
  /** The same for long reads (checks, reports, cycles): 120 s instead of 2 s. */
  report<Result>(name: string, request: unknown): Promise<Result>;
  /** The same ledger, each call of which says that `by` acts, unless its request has a `by` of its own. */
  as(by: By): Ledger;
  close(): Promise<void>;
}

const STATEMENT_TIMEOUT_MS = 2_000;
const LONG_TIMEOUT_MS = 30_000;
const REPORT_TIMEOUT_MS = 120_000;
/** On a busy machine each line takes milliseconds; orders that share a call take less for each. */
const MANY_LINES = 200;
const MANY_LINES_OF_ORDERS = 1_000;
const MAX_ATTEMPTS = 4;
/** For the wait for a connection, beside the time of the statement; what takes long queues for two connections. */
const WAIT_MS = 2_000;
const LONG_WAIT_MS = 10_000;
const REPORT_WAIT_MS = 60_000;
/** The driver's own pauses between attempts to connect grow to 20 s, and callers would wait as long. */
const RECONNECT_SECONDS = 0.25;

/** Connects to the ledger as the application's role. `url` names that role and its database. */
export function connectLedger(url: string, options: { connections?: number } = {}): Ledger {
  const work = openWay(url, options.connections ?? 12, STATEMENT_TIMEOUT_MS, WAIT_MS);
  const long = openWay(url, 2, LONG_TIMEOUT_MS, LONG_WAIT_MS);
  const reports = openWay(url, 2, REPORT_TIMEOUT_MS, REPORT_WAIT_MS);
  const calledBy = (by: By | undefined): Ledger => {
    const told = (request: unknown) =>
      by === undefined ? request : { by, ...(request as Readonly<Record<string, unknown>>) };
    return {
      call: (name, request) => callFunction(isLong(request) ? long : work, name, told(request)),
      report: (name, request) => callFunction(reports, name, told(request)),
      as: calledBy,
      close: async () => {
        await Promise.all([work, long, reports].map(({ sql }) => sql.end({ timeout: 5 })));
      },
    };
  };
  return calledBy(undefined);
}

function isLong(request: unknown): boolean {
  if (typeof request !== 'object' || request === null) return false;
  return 'orders' in request && Array.isArray(request.orders)
    ? countAllLines(request.orders) > MANY_LINES_OF_ORDERS
    : countLines(request) > MANY_LINES;
}

/** Connections for calls that take about as long as each other, opened as they are needed. */
interface Way {
  readonly sql: postgres.Sql;
  readonly gate: ConnectionGate;
}

function openWay(url: string, max: number, statementTimeoutMs: number, waitMs: number): Way {
  return {
    sql: openPool(url, max, statementTimeoutMs),
    gate: connectionGate(waitMs + statementTimeoutMs),
  };
}

function openPool(url: string, max: number, statementTimeoutMs: number) {
  return postgres(url, {
    max,
    idle_timeout: 60,
    connect_timeout: 5,
    // Its type says boolean or function; the function gives seconds.
    backoff: () => RECONNECT_SECONDS,
    onnotice: () => undefined,
    // The driver asks for the array types of each new connection and hears the failure of that statement
    // from nobody: a server that dies just then would end this process. We use no arrays.
    fetch_types: false,
    connection: { application_name: 'loopline', statement_timeout: statementTimeoutMs },
  });
}

async function callFunction<Result>(
  { sql, gate }: Way,
  name: string,
  request: unknown,
): Promise<Result> {
  const statement = `select loopline.${name}($1::jsonb) as result`;
  const parameters = [request as postgres.JSONValue];
  const act = async () =>
    sql.unsafe<{ result: Result }[]>(statement, parameters, { prepare: true });
  for (let attempt = 1; ; attempt += 1) {
    try {
      const rows = await gate.pass(act, isUnreached);
      const row = rows[0];
      if (!row) throw new Failure('InvariantViolated', `${name} answered no row`);
      return row.result;
    } catch (error) {
      const failure = asFailure(error);
      // The keys make a repeat safe, so a lost connection is tried once more, a lost race at once.
      const limit = failure.type === 'SerializationConflict' ? MAX_ATTEMPTS : 2;
      const repeat = failure.type === 'SerializationConflict' || isLostConnection(error);
      if (!repeat || attempt >= limit) throw failure;
    }
  }
}

const CONFLICTS = new Set(['40001', '40P01', '23505', '55P03']);
/** The connection was there and has gone. */
const LOST = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'ECONNRESET',
  'EPIPE',
  '57P01',
]);
/** There is none: nobody listens, its name or its network is away, or it starts, recovers or is full. */
const UNREACHED = new Set([
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  '57P02',
  '57P03',
  '53300',
]);
/** It is there, but this statement could not be carried out now; it was undone whole. */
const HINDERED: ReadonlyMap<string, FailureType> = new Map([
  ['53100', 'LedgerDiskFull'],
  ['53300', 'LedgerConnectionsExhausted'],
  // Cut off by its time, or out of memory, out of files, not written or read by the system.
  ['57014', 'LedgerUnavailable'],
  ['53000', 'LedgerUnavailable'],
  ['53200', 'LedgerUnavailable'],
  ['58030', 'LedgerUnavailable'],
  // A standby that has not taken over yet.
  ['25006', 'LedgerUnavailable'],
]);

function isLostConnection(error: unknown): boolean {
  return LOST.has(codeOf(error));
}

function isUnreached(error: unknown): boolean {
  return isLostConnection(error) || UNREACHED.has(codeOf(error));
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const detail = error instanceof postgres.PostgresError ? error.detail : undefined;
  if (code === 'LL403') return new Failure('AccessDenied', message, detail, error);
  if (code === 'LL404') return new Failure('NotFound', message, undefined, error);
  if (code === 'LL409') return new Failure('IdempotencyMismatch', message, detail, error);
  if (code === 'LL422') return new Failure('InvalidInput', message, detail, error);
  if (CONFLICTS.has(code)) return new Failure('SerializationConflict', message, undefined, error);
  const hindered = HINDERED.get(code);
  if (hindered !== undefined) return new Failure(hindered, message, undefined, error);
  if (isUnreached(error)) return new Failure('LedgerUnavailable', message, undefined, error);
  return new Failure('InvariantViolated', message, undefined, error);
}
