import { z } from 'zod';
import { baseFaults, baseSettings, HANG_MS, NO_FAULTS, pageQuery, text } from '../fields.ts';
import { jsonResponse, parseWith } from '../problem.ts';
import { ProviderService } from '../service.ts';

const mailSettings = z.strictObject({ ...baseSettings, faults: z.strictObject(baseFaults) });
type MailSettings = z.infer<typeof mailSettings>;

const messageBody = z.object({
  messageId: text,
  to: z.string().min(1).max(320),
  template: text,
  subject: z.string().max(1_000),
  body: z.string().max(200_000),
});

type Message = z.infer<typeof messageBody>;
type MailFact = Message & { readonly kind: 'message' };

/** A mail server that delivers to itself; a message is accepted once per messageId. */
export class MailSimulator {
  readonly #messages: Message[] = [];
  readonly #service: ProviderService<MailSettings, MailFact>;

  constructor(options: { readonly dataDir: string; readonly seed: number }) {
    this.#service = new ProviderService<MailSettings, MailFact>({
      name: 'mail',
      dataDir: options.dataDir,
      settingsSchema: mailSettings,
      settings: { seed: options.seed, latencyMs: 2, hangMs: HANG_MS, faults: NO_FAULTS },
      apply: ({ kind: _kind, ...message }) => this.#messages.push(message),
      clear: () => this.#messages.splice(0),
    });
    this.#addRoutes();
  }

  get app() {
    return this.#service.app;
  }

  close(): void {
    this.#service.close();
  }

  #addRoutes(): void {
    const { app } = this.#service;
    app.post('/v1/messages', async (c) => {
      const rawBody = await this.#service.readJson(c);
      const message = parseWith(messageBody, rawBody);
      return this.#service.mutate(c, {
        rawBody,
        naturalKey: message.messageId,
        perform: () => ({
          status: 202,
          body: { messageId: message.messageId, state: 'accepted' },
          fact: { kind: 'message', ...message },
        }),
      });
    });
    app.get('/_sim/messages', (c) => {
      const { limit, cursor } = parseWith(pageQuery, c.req.query());
      const to = c.req.query('to');
      const found = this.#messages.filter((message) => to === undefined || message.to === to);
      const next = cursor + limit;
      return jsonResponse(200, {
        data: found.slice(cursor, next),
        nextCursor: next < found.length ? String(next) : null,
      });
    });
  }
}
