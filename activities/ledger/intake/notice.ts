import type { NoticePreference } from '../../../rules/notice/notice-preference.ts';
import type { SealedSecret } from '../../notify/webhook-secrets.ts';
import type { Ledger } from '../connect.ts';
import type { WebhookEndpoint } from '../read/notice.ts';

/** An endpoint as it is wanted. */
export interface EndpointInput {
  /** 1 to 64 letters, digits, dots, underscores or dashes. */
  readonly endpointId: string;
  readonly url: string;
  readonly description: string;
  readonly kinds: readonly string[];
  readonly state: 'active' | 'disabled';
  /** Left out, an endpoint keeps the one it has. */
  readonly secret?: SealedSecret | undefined;
  /** How long the secret that is replaced signs as well. */
  readonly overlapHours: number;
}

/** What became of it; `missing`: it is new and no secret was given, so nothing was stored. */
export type PutEndpointResult =
  | { readonly result: 'created' | 'updated' | 'unchanged'; readonly endpoint: WebhookEndpoint }
  | { readonly result: 'missing'; readonly endpoint: null };

/** Replaces how notices reach a person. Idempotent by content. */
export function putNoticePreference(
  ledger: Ledger,
  request: { personId: string; preference: NoticePreference; at: string },
) {
  return ledger.call<{ changed: boolean }>('put_notice_preference', request);
}

/**
 * Creates or changes an endpoint. Another secret than its own replaces that, and both sign for the overlap.
 * One that is turned on again begins anew. Idempotent by content.
 */
export function putWebhookEndpoint(
  ledger: Ledger,
  request: { endpoint: EndpointInput; at: string },
): Promise<PutEndpointResult> {
  return ledger.call('put_webhook_endpoint', request);
}
