import { Failure } from '../failures.ts';

const DEADLINE_MS = 5_000;

/** An answer of a provider: its status and its JSON body, whatever that is. */
export interface ProviderAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/**
 * Calls a provider over HTTP with a deadline of 5 s. Answers below 500 come back as they are, 429 and
 * everything that broke on the way are failures that a repeat with the same key may heal.
 * Errors: ProviderUnavailable, RateLimited.
 */
export async function callProvider(
  provider: string,
  url: string,
  request: { method: 'GET' | 'POST'; idempotencyKey?: string; body?: unknown },
): Promise<ProviderAnswer> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  if (request.idempotencyKey !== undefined) headers['Idempotency-Key'] = request.idempotencyKey;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: request.method,
      headers,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    text = await response.text();
  } catch (error) {
    throw new Failure(
      'ProviderUnavailable',
      `${provider} did not answer in time`,
      undefined,
      error,
    );
  }
  if (response.status === 429) throw new Failure('RateLimited', `${provider} asks to slow down`);
  if (response.status >= 500)
    throw new Failure('ProviderUnavailable', `${provider} answered ${response.status}`);
  return { status: response.status, body: parseBody(provider, text) };
}

function parseBody(provider: string, text: string): Record<string, unknown> {
  if (text === '') return {};
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return body as Record<string, unknown>;
  } catch {
    // Answered below as what it is.
  }
  throw new Failure('ProviderUnavailable', `${provider} answered what is not JSON`);
}

/** The failure for an answer that no repeat will change. */
export function refusedBy(provider: string, answer: ProviderAnswer): Failure {
  const detail =
    typeof answer.body['detail'] === 'string' ? answer.body['detail'] : `status ${answer.status}`;
  return new Failure('ProviderRefused', `${provider} refused: ${detail}`);
}
