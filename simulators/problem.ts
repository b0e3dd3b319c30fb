import type { z } from 'zod';

export type FieldError = { readonly path: string; readonly message: string };

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  404: 'Not found',
  409: 'Conflict',
  413: 'Body too large',
  422: 'Unprocessable request',
  500: 'Internal error',
  503: 'Service unavailable',
};

/** An answer in application/problem+json; thrown by handlers and turned into it at the edge. */
export class Problem extends Error {
  readonly status: number;
  readonly errors: readonly FieldError[];

  constructor(status: number, detail: string, errors: readonly FieldError[] = []) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.errors = errors;
  }

  toResponse(): Response {
    const body = {
      type: 'about:blank',
      title: TITLES[this.status] ?? 'Error',
      status: this.status,
      detail: this.message,
      errors: this.errors,
    };
    return jsonResponse(this.status, body, { 'Content-Type': 'application/problem+json' });
  }
}

export function jsonResponse(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}

/** The parsed value, or a 422 problem that names every field at fault, such as `lines[2].sku`. */
export function parseWith<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    return parsed.data;
  }
  const errors = parsed.error.issues.map((issue) => ({
    path: fieldPath(issue.path),
    message: issue.message,
  }));
  throw new Problem(422, `not valid: ${errors.map((error) => error.path).join(', ')}`, errors);
}

function fieldPath(path: readonly PropertyKey[]): string {
  const text = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('');
  return text === '' ? '(body)' : text.replace(/^\./, '');
}
