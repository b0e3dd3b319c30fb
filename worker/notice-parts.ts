import { createHmac } from 'node:crypto';
import { webhookSender } from '../activities/notify/send-webhook.ts';
import { smtpMail, type SmtpMail } from '../activities/notify/smtp-mail.ts';
import { webhookSecrets } from '../activities/notify/webhook-secrets.ts';
import { KeyRing } from '../activities/sealing/key-ring.ts';
import type { ApiContext } from '../api/context.ts';
import type { WebhookNetworks } from '../rules/notice/judge-webhook-url.ts';
import type { NoticeSettings } from './deliver-notices.ts';
import type { Env } from './env.ts';

/** What a process has to be told to reach people and programs. */
export interface NoticePartsSettings {
  readonly smtpUrl: string;
  readonly mailFrom: string;
  /** Where people reach the API, without a slash at its end. */
  readonly publicUrl: string;
  readonly secretKeys: KeyRing;
  readonly webhookNetworks: WebhookNetworks;
}

/** What reaches them, for the dispatcher and for the API. */
export interface NoticeParts {
  readonly mail: SmtpMail;
  readonly notices: NoticeSettings;
  readonly webhooks: NonNullable<ApiContext['webhooks']>;
}

/**
 * The settings from the environment. Without LOOPLINE_SECRET_KEYS the secrets of endpoints are sealed with a
 * key that is made of the API key: whoever changes that has to give every endpoint a new secret.
 */
export function noticeSettings(
  env: Env,
  given: { readonly apiKey: string; readonly smtpUrl: string; readonly baseUrl: string },
): NoticePartsSettings {
  return {
    smtpUrl: env.MAIL_SMTP_URL ?? given.smtpUrl,
    mailFrom: env.MAIL_FROM,
    publicUrl: env.PUBLIC_URL ?? given.baseUrl,
    secretKeys: env.LOOPLINE_SECRET_KEYS ?? ringOf(given.apiKey),
    webhookNetworks: env.LOOPLINE_WEBHOOK_NETWORKS,
  };
}

/** Opens no connection before the first mail; `mail.close()` ends those that there are then. */
export function openNoticeParts(settings: NoticePartsSettings): NoticeParts {
  const { smtpUrl, mailFrom, publicUrl, secretKeys, webhookNetworks: networks } = settings;
  const secrets = webhookSecrets(secretKeys);
  return {
    mail: smtpMail({ url: smtpUrl, from: mailFrom }),
    notices: { publicUrl, secrets, sendWebhook: webhookSender({ networks }) },
    webhooks: { secrets, networks },
  };
}

function ringOf(apiKey: string): KeyRing {
  const key = createHmac('sha256', apiKey).update('webhook secrets').digest();
  return new KeyRing([{ id: 'api-key', key }]);
}
