import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from '@hono/zod-openapi';
import { FAILURES, type Failure } from '../activities/failures.ts';

/** One field at fault: `lines[2].quantity` and what is wrong with it. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** RFC 9457 problem details with the fields at fault; `instance` is the request id. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    rule: z
      .string()
      .optional()
      .openapi({ description: 'Of a refusal: the rule that says no; `detail` says it in words.' }),
    errors: z.array(z.object({ path: z.string(), message: z.string() })),
  })
  .openapi('Problem');

/** Answers a problem; nothing internal goes out. */
export function problem(
  context: Context,
  status: ContentfulStatusCode,
  title: string,
  detail: string,
  errors: readonly FieldError[] = [],
  { rule, retryAfterSeconds = 1 }: { rule?: string; retryAfterSeconds?: number } = {},
): Response {
  if (status === 403) context.set('refusedBy', rule);
  const body = {
    type: `urn:loopline:problem:${title.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}`,
    title,
    status,
    detail,
    instance: String(context.get('requestId') ?? ''),
    ...(rule === undefined ? {} : { rule }),
    errors,
  };
  if (status === 503 || status === 429) context.header('Retry-After', String(retryAfterSeconds));
  return context.body(JSON.stringify(body), status, { 'Content-Type': 'application/problem+json' });
}

/** Turns a failure of the ledger into its problem, by the one table of failures. */
export function problemOf(context: Context, failure: Failure): Response {
  const { status, remedy } = FAILURES[failure.type];
  if (status === 500) return problem(context, 500, 'InternalError', 'Something broke on our side.');
  if (failure.type === 'IdempotencyMismatch') return mismatch(context, failure.message);
  if (failure.type === 'AccessDenied')
    return problem(context, status, failure.type, `${failure.message}.`, [], ruleOf(failure));
  const errors =
    failure.path === undefined ? [] : [{ path: failure.path, message: failure.message }];
  const detail = status === 503 ? `${whyNotNow(failure)}: ${remedy}.` : failure.message;
  return problem(context, status, failure.type, detail, errors);
}

/** Of a refusal the path is the rule that refused. */
function ruleOf({ path }: Failure): { rule?: string } {
  return path === undefined ? {} : { rule: path };
}

/** What stands in the way, without anything internal. */
function whyNotNow({ type, message }: Failure): string {
  if (type === 'Overloaded' || type === 'ProviderUnavailable') return message;
  if (type === 'LedgerDiskFull') return 'The disk of the ledger is full';
  if (type === 'LedgerConnectionsExhausted') return 'The ledger has no connection to spare';
  return 'The ledger cannot be reached';
}

/** The ledger names the key of its own; the caller is told the field that it was made of. */
function mismatch(context: Context, message: string): Response {
  const path = String(context.get('naturalKey') ?? 'body');
  return problem(context, 409, 'IdempotencyMismatch', `${path}: ${message}`, [{ path, message }]);
}

/** Every field that a schema refuses; a field that it does not know is named itself. */
export function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: fieldPath([...issue.path, key]),
          message: 'is not a field of this request',
        }))
      : [{ path: fieldPath(issue.path), message: issue.message }],
  );
}

/** Reads `["lines", 2, "quantity"]` as `lines[2].quantity`; no path at all is the body. */
function fieldPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'body';
  return path
    .map((part, index) =>
      typeof part === 'number' || part === ''
        ? `[${JSON.stringify(part)}]`
        : index === 0
          ? String(part)
          : `.${String(part)}`,
    )
    .join('');
}
