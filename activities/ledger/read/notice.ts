import type { Ledger } from '../connect.ts';
import type { Page, PageRequest } from './page.ts';

/** A preference as it was stored; its kinds may be older than ours. */
export interface StoredPreference {
  readonly kinds: Readonly<Record<string, string>>;
  readonly quietHours: { readonly from: string; readonly to: string } | null;
  readonly timeZone: string;
  readonly digestHour: number;
}

/** A program that is told, without its secrets. */
export interface WebhookEndpoint {
  readonly endpointId: string;
  readonly url: string;
  readonly description: string;
  readonly kinds: string[];
  readonly state: 'active' | 'disabled';
  /** Why it is turned off. */
  readonly disabledReason: string | null;
  /** Until when the secret before this one signs as well. */
  readonly oldSecretUntil: string | null;
  /** Attempts that failed since the last one that was taken. */
  readonly failures: number;
  readonly failingSince: string | null;
  readonly changedAt: string;
  readonly recordedAt: string;
}

/** How notices reach a person; null of whoever has said nothing. */
export function readNoticePreference(ledger: Ledger, request: { personId: string }) {
  return ledger.call<{ preference: StoredPreference | null }>('read_notice_preference', request);
}

/** Endpoints newest first. Errors: InvalidInput (cursor). */
export function listWebhookEndpoints(
  ledger: Ledger,
  request: PageRequest,
): Promise<Page<WebhookEndpoint>> {
  return ledger.call('list_webhook_endpoints', request);
}
