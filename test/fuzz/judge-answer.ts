import type { FuzzedRoute } from './build-request.ts';
import type { FuzzShop } from './fuzz-shop.ts';
import { curlLine, send, type WireAnswer, type WireRequest } from './wire.ts';

/** Node reads 16 KiB of request line and headers; separators count too. */
const MAX_HEAD_BYTES = 15 * 1024;

type Body = Record<string, unknown>;

/** Answers that refuse a request and yet leave a note of it, with the tables that hold the note. */
const NOTED_REFUSALS: Readonly<Record<string, readonly string[]>> = {
  // Other content under a known name stands on the exception board.
  'POST /v1/orders 409': [
    'intake_refusal insert',
    'intake_refusal_person insert',
    'exception insert',
    'exception update',
    'exception_event insert',
    'timeline insert',
    // Whoever owns the board hears of it.
    'outbox insert',
    'audit insert',
  ],
};

/** Words of the database and of the runtime: they help nobody who asked, but an attacker. */
const INTERNALS =
  /violates|syntax for type|stack depth|duplicate key|out of range for type|Maximum call stack|node_modules|postgres error|Cannot read prop|is not a function|is not iterable/i;

/** Sends one request and throws what is wrong with the answer, with a line that sends it again. */
export async function judge(
  shop: FuzzShop,
  route: FuzzedRoute | undefined,
  request: WireRequest,
): Promise<WireAnswer> {
  const faults: string[] = [];
  let answer: WireAnswer | undefined;
  try {
    answer = await send(shop.port, request);
    // A ledger that was too slow for once says so; one that always is has been asked for too much.
    if (answer.status === 503) answer = await send(shop.port, request);
    faults.push(...faultsOf(shop, request, answer));
  } catch (error) {
    faults.push(`no answer: ${String(error)}`);
  }
  const changed = await shop.changes();
  if (answer !== undefined && isRefused(request, answer)) {
    const allowed = NOTED_REFUSALS[`${route?.name} ${answer.status}`] ?? [];
    // Somebody known who may not leaves one row that says so, and nothing else.
    const refusal = answer.status === 403 ? changed.indexOf('audit insert') : -1;
    const wrong = changed.filter((what, row) => row !== refusal && !allowed.includes(what));
    if (wrong.length > 0)
      faults.push(`a refused request changed ${[...new Set(wrong)].join(', ')}`);
  }
  faults.push(...shop.reported.splice(0).map((error) => `reported: ${inFull(error)}`));
  if (faults.length === 0 && answer !== undefined) return answer;
  const said = `${answer?.status} ${answer?.text.slice(0, 600)}`;
  throw new Error(`${faults.join('\n')}\nanswer: ${said}\n${curlLine(shop.port, request)}\n`);
}

function inFull(error: unknown): string {
  return error instanceof Error ? `${error.stack} ${inFull(error.cause ?? '')}` : String(error);
}

/** Whether the answer says that nothing was done: reads, refusals, and repeats of what was done. */
function isRefused({ method }: WireRequest, { status, headers, text }: WireAnswer): boolean {
  if (method === 'GET' || method === 'HEAD' || status >= 400) return true;
  if (headers['idempotent-replayed'] === 'true') return true;
  if (status !== 207) return false;
  const parsed = JSON.parse(text) as Body[] | { results: Body[] };
  const results = Array.isArray(parsed) ? parsed : parsed.results;
  return results.every(
    (one) =>
      one['result'] === 'refused' ||
      one['state'] === 'refused' ||
      one['replayed'] === true ||
      one['status'] === 422,
  );
}

function faultsOf(shop: FuzzShop, request: WireRequest, answer: WireAnswer): string[] {
  const { status, headers, text } = answer;
  if (status >= 500) return [`answered ${status}`];
  if (isUnreadable(request) && [400, 431].includes(status) && text === '') return [];
  const type = headers['content-type'] ?? '';
  const faults: string[] = [];
  let body: unknown = {};
  if (/json\b/.test(type) && request.method !== 'HEAD') {
    try {
      body = JSON.parse(text);
    } catch {
      return ['the answer is no JSON'];
    }
  }
  if (headers['x-request-id'] === undefined) faults.push('the answer names no request');
  if (INTERNALS.test(text) && status >= 400) faults.push('the answer tells of our inside');
  if (status >= 400 && request.method !== 'HEAD')
    faults.push(...problemFaults(status, type, body as Body));
  try {
    const path = request.target.split(/[?#]/, 1)[0] ?? '';
    const response = new Response(null, { status, headers: flat(headers) });
    if (request.method !== 'HEAD') shop.conforms(request.method, path, response, body);
  } catch (error) {
    faults.push(`not as declared: ${error instanceof Error ? error.message : String(error)}`);
  }
  return faults;
}

/** What no HTTP server has to read: it is turned away before it becomes a request of ours. */
function isUnreadable({ target, headers }: WireRequest): boolean {
  const headBytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return /[^\x21-\x7e]|\\/.test(target) || target.length + headBytes > MAX_HEAD_BYTES;
}

function flat(headers: WireAnswer['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** A refusal is a problem by RFC 9457; one that the caller can mend names where. */
function problemFaults(status: number, type: string, body: Body): string[] {
  if (!type.startsWith('application/problem+json')) return [`${status} is no problem+json`];
  const faults: string[] = [];
  const errors = body['errors'];
  if (typeof body['detail'] !== 'string' || body['detail'] === '') faults.push('no detail');
  if (body['status'] !== status) faults.push('the body says another status');
  if (!Array.isArray(errors)) return [...faults, 'no errors'];
  const named = errors as Body[];
  const mustName = [400, 415, 422].includes(status) || body['title'] === 'IdempotencyMismatch';
  if (mustName && named.length === 0) faults.push('names no field');
  for (const { path, message } of named) {
    if (typeof path !== 'string' || path === '') faults.push('an empty path');
    if (typeof message !== 'string' || message === '') faults.push('an empty message');
  }
  return faults;
}
