import { createHmac } from 'node:crypto';

/** What a webhook is signed over. */
export interface SignedContent {
  /** The same with every attempt; the receiver keeps one of each. */
  readonly webhookId: string;
  /** Seconds since 1970, of this attempt. */
  readonly timestamp: number;
  /** The body exactly as it is sent. */
  readonly body: string;
}

/**
 * The header `webhook-signature`: one signature for each secret that counts now, so that a receiver that
 * knows the old or the new one finds its own. Source: Standard Webhooks, "Signature scheme" (v1).
 */
export function signWebhook(
  { webhookId, timestamp, body }: SignedContent,
  secrets: readonly Buffer[],
): string {
  const content = `${webhookId}.${timestamp}.${body}`;
  return secrets
    .map((secret) => `v1,${createHmac('sha256', secret).update(content).digest('base64')}`)
    .join(' ');
}
