import { callProvider, refusedBy } from '../http/call-provider.ts';
import type { NotifyProvider } from './notify.ts';

const NAME = 'mail service';

/** The mail service behind its HTTP API at `baseUrl`. */
export function httpMail(baseUrl: string): NotifyProvider {
  return {
    async send(notice) {
      const answer = await callProvider(NAME, `${baseUrl}/v1/messages`, {
        method: 'POST',
        idempotencyKey: notice.messageId,
        body: notice,
      });
      if (answer.status >= 400) throw refusedBy(NAME, answer);
    },
  };
}
