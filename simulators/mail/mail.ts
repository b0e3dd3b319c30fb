import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { happens } from '../faults.ts';
import { baseFaults, baseSettings, NO_FAULTS, pageQuery, share } from '../fields.ts';
import { jsonResponse, parseWith } from '../problem.ts';
import { ProviderService } from '../service.ts';
import type { ParsedMessage } from './parse-message.ts';
import { listenSmtp, type ListeningSmtp, type SmtpReply } from './smtp.ts';

const mailSettings = z.strictObject({
  ...baseSettings,
  faults: z.strictObject({
    ...baseFaults,
    /** The share of recipients that do not exist: 550, for good. */
    refuseRate: share,
  }),
});
type MailSettings = z.infer<typeof mailSettings>;

interface Message {
  readonly messageId: string;
  readonly to: string;
  readonly template: string;
  readonly subject: string;
  readonly body: string;
}
type MailFact = Message & { readonly kind: 'message' };

/** A mail server that delivers to itself, over SMTP and HTTP; a message is accepted once per Message-ID. */
export class MailSimulator {
  readonly #messages: Message[] = [];
  readonly #byId = new Map<string, Message>();
  readonly #service: ProviderService<MailSettings, MailFact>;
  #smtp: ListeningSmtp | undefined;

  constructor(options: { readonly dataDir: string; readonly seed: number }) {
    this.#service = new ProviderService<MailSettings, MailFact>({
      name: 'mail',
      dataDir: options.dataDir,
      settingsSchema: mailSettings,
      settings: {
        seed: options.seed,
        latencyMs: 2,
        hangMs: 15_000,
        faults: { ...NO_FAULTS, refuseRate: 0 },
      },
      apply: ({ kind: _kind, ...message }) => {
        this.#messages.push(message);
        this.#byId.set(message.messageId, message);
      },
      clear: () => {
        this.#messages.splice(0);
        this.#byId.clear();
      },
    });
    this.#addRoutes();
  }

  get app() {
    return this.#service.app;
  }

  /** Speaks SMTP at the port too (0: a free one); answers the URL. */
  async startSmtp(port: number, host: string): Promise<string> {
    const mailbox = {
      judgeRecipient: (address: string) => this.#judgeRecipient(address),
      take: (recipient: string, message: ParsedMessage) => this.#take(recipient, message),
    };
    this.#smtp = await listenSmtp(mailbox, port, host);
    return this.#smtp.url;
  }

  async stopWork(): Promise<void> {
    await this.#smtp?.close();
  }

  close(): void {
    this.#service.close();
  }

  #judgeRecipient(address: string): SmtpReply {
    const { seed, faults } = this.#service.settings;
    return happens(faults.refuseRate, seed, 'no-such-mailbox', address)
      ? { code: 550, text: '5.1.1 no such mailbox' }
      : { code: 250, text: 'OK' };
  }

  async #take(to: string, { headers, text: body }: ParsedMessage): Promise<SmtpReply> {
    const message: Message = {
      messageId: idOf(headers.get('message-id') ?? ''),
      to,
      template: headers.get('x-loopline-template') ?? 'none',
      subject: headers.get('subject') ?? '',
      body,
    };
    if (message.messageId === '') return { code: 550, text: '5.6.0 a message needs a Message-ID' };
    await this.#service.latency();
    // Nothing awaits from here until the message is booked.
    const known = this.#byId.get(message.messageId);
    if (known !== undefined)
      return isSame(known, message)
        ? { code: 250, text: '2.0.0 known already' }
        : { code: 550, text: '5.6.0 the Message-ID was used before with another message' };
    if (this.#service.failsNow(`smtp:${message.messageId}`))
      return { code: 451, text: '4.3.0 the simulator was told to fail; try again' };
    this.#service.record({ kind: 'message', ...message });
    const { seed, faults, hangMs } = this.#service.settings;
    if (happens(faults.timeoutAfterEffectRate, seed, 'smtp-hang', message.messageId))
      await sleep(hangMs, undefined, { ref: false });
    return { code: 250, text: '2.0.0 accepted' };
  }

  #addRoutes(): void {
    const { app } = this.#service;
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

/** What the sender calls the message: the part of `<…@domain>` before the domain, unescaped. */
function idOf(header: string): string {
  const local = /^<(.+)@[^@]*>$/.exec(header.trim())?.[1] ?? '';
  try {
    return decodeURIComponent(local);
  } catch {
    return local;
  }
}

function isSame(known: Message, message: Message): boolean {
  return (['to', 'template', 'subject', 'body'] as const).every(
    (field) => known[field] === message[field],
  );
}
