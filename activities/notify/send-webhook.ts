import { lookup as resolveName, type LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { AttemptOutcome } from '../../rules/notice/judge-delivery.ts';
import {
  judgeWebhookAddress,
  judgeWebhookUrl,
  type WebhookNetworks,
} from '../../rules/notice/judge-webhook-url.ts';
import { signWebhook } from './sign-webhook.ts';

const DEADLINE_MS = 10_000;
/** Nobody reads more of an answer, and nobody keeps any of it. */
const MAX_ANSWER_BYTES = 64 * 1024;
const GONE = 410;

/** One message to one endpoint. */
export interface WebhookMessage {
  readonly url: string;
  readonly webhookId: string;
  readonly body: string;
  /** One, or two while the old one still counts. */
  readonly secrets: readonly Buffer[];
}

/** How an attempt ended; `detail` says why it failed, in words that hold nothing of the answer. */
export interface WebhookAttempt {
  readonly outcome: AttemptOutcome;
  readonly status: number | null;
  readonly detail: string | null;
}

export type WebhookSender = (message: WebhookMessage) => Promise<WebhookAttempt>;

export interface WebhookSenderOptions {
  readonly networks: WebhookNetworks;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly deadlineMs?: number;
  /** Asks for the addresses of a name; the system's resolver when left out. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>;
}

/**
 * Posts signed webhooks: once each, with a deadline of 10 s for the whole of it, following no redirect, and
 * only to addresses of the networks that are allowed. The address that was judged is the one that is
 * connected to, so that a name cannot stand for another one in between. Never throws.
 */
export function webhookSender(options: WebhookSenderOptions): WebhookSender {
  const { networks, now = Date.now, deadlineMs = DEADLINE_MS, resolve = resolveAll } = options;
  return async (message) => {
    const verdict = judgeWebhookUrl(message.url, networks);
    if (verdict.outcome === 'refused') return failed(`the URL ${verdict.text}`);
    try {
      const status = await post(message, {
        timestamp: Math.floor(now() / 1_000),
        signal: AbortSignal.timeout(deadlineMs),
        lookup: judgedLookup(networks, resolve),
      });
      return attemptOf(status);
    } catch (error) {
      return failed(reasonOf(error));
    }
  };
}

function attemptOf(status: number): WebhookAttempt {
  if (status >= 200 && status < 300)
    return { outcome: { kind: 'delivered' }, status, detail: null };
  const kind = status === GONE ? 'gone' : 'failed';
  const isRedirect = status >= 300 && status < 400;
  const detail = isRedirect
    ? `answered ${status}: redirects are not followed`
    : `answered ${status}`;
  return { outcome: { kind }, status, detail };
}

function failed(detail: string): WebhookAttempt {
  return { outcome: { kind: 'failed' }, status: null, detail };
}

interface Call {
  readonly timestamp: number;
  readonly signal: AbortSignal;
  readonly lookup: LookupFunction;
}

/** Answers the status. Rejects when there is none in time. */
function post(
  { url, webhookId, body, secrets }: WebhookMessage,
  { timestamp, signal, lookup }: Call,
): Promise<number> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method: 'POST',
      // A connection of its own: one that is kept would have been judged for an earlier message.
      agent: false,
      signal,
      lookup,
      headers: {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'User-Agent': 'Loopline',
        'webhook-id': webhookId,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signWebhook({ webhookId, timestamp, body }, secrets),
      },
    });
    call.on('error', reject);
    call.on('response', (response: IncomingMessage) => {
      drain(response);
      resolve(response.statusCode ?? 0);
    });
    call.end(body);
  });
}

/** Lets the receiver finish its answer, if that is short. */
function drain(response: IncomingMessage): void {
  let bytes = 0;
  response.on('error', () => undefined);
  response.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) response.destroy();
  });
}

/** Resolves a name to those of its addresses that webhooks may go to; fails when there is none. */
function judgedLookup(
  networks: WebhookNetworks,
  resolve: (hostname: string) => Promise<readonly LookupAddress[]>,
): LookupFunction {
  const usableOf = async (hostname: string) => {
    const found = await resolve(hostname);
    const [first, ...others] = found.filter(
      ({ address }) => judgeWebhookAddress(address, networks).outcome === 'allowed',
    );
    if (first === undefined) throw new AddressRefusedError(found[0]?.address ?? '', networks);
    return [first, ...others] as const;
  };
  const answer = async (
    hostname: string,
    all: boolean,
    callback: Parameters<LookupFunction>[2],
  ): Promise<void> => {
    let usable: Awaited<ReturnType<typeof usableOf>>;
    try {
      usable = await usableOf(hostname);
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), '');
      return;
    }
    if (all) callback(null, [...usable]);
    else callback(null, usable[0].address, usable[0].family);
  };
  return (hostname, { all = false }, callback) => {
    void answer(hostname, all, callback);
  };
}

/** No address of a name is one that webhooks may go to. */
class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';

  constructor(address: string, networks: WebhookNetworks) {
    const verdict = judgeWebhookAddress(address, networks);
    super(`the URL ${verdict.outcome === 'refused' ? verdict.text : 'has no usable address'}`);
  }
}

function resolveAll(hostname: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    resolveName(hostname, { all: true, verbatim: true }, (error, addresses) =>
      error === null ? resolve(addresses) : reject(error),
    );
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof AddressRefusedError) return error.message;
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (name === 'AbortError' || name === 'TimeoutError') return 'did not answer in time';
  return typeof code === 'string' ? `could not be reached (${code})` : 'could not be reached';
}
