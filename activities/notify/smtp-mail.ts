import { createTransport, type SMTPPoolOptions } from 'nodemailer';
import { Failure } from '../failures.ts';
import type { NotifyProvider } from './notify.ts';

const NAME = 'mail server';
/** From the call to the server's last word, waiting for a connection included; shorter than any lease. */
const DEADLINE_MS = 10_000;
/** So many mails can be handed over at once. */
export const MAIL_CONNECTIONS = 5;

export interface SmtpMailOptions {
  /** `smtp://host:port`; `smtps://` speaks TLS from the start, `?requireTLS=true` insists on STARTTLS. */
  readonly url: string;
  /** `Name <address>`. */
  readonly from: string;
  /** Of one message; 10 s when left out. */
  readonly deadlineMs?: number;
}

/** A mail server over SMTP, and the connections to it. */
export interface SmtpMail extends NotifyProvider {
  /** Closes the connections; what is being sent fails. */
  close(): void;
}

/**
 * Hands mail over to a server, over a few connections that are kept open. A notice has the same Message-ID
 * however often it is sent: a server or a mailbox that has seen it keeps one.
 */
export function smtpMail({ url, from, deadlineMs = DEADLINE_MS }: SmtpMailOptions): SmtpMail {
  const options: SMTPPoolOptions & { pool: true } = {
    pool: true,
    url,
    maxConnections: MAIL_CONNECTIONS,
    maxMessages: Infinity,
    // A message that was under way when its connection broke may have been taken: the outbox sends it again.
    maxRequeues: 0,
    connectionTimeout: deadlineMs,
    greetingTimeout: deadlineMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  const transport = createTransport(options);
  const domain = /@([^@<>\s]+?)>?\s*$/.exec(from)?.[1] ?? 'localhost';
  return {
    async send({ messageId, to, template, subject, body }) {
      try {
        await transport.sendMail({
          from,
          // As an object it is one address, whatever it holds; as a text it would be a list.
          to: { name: '', address: to },
          subject,
          text: body,
          // Where lines are long or hold other letters: the encoding that people can still read.
          textEncoding: 'quoted-printable',
          messageId: `<${localPart(messageId)}@${domain}>`,
          headers: { 'X-Loopline-Template': template, 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.timeout(deadlineMs),
        });
      } catch (error) {
        throw asFailure(error);
      }
    },
    close: () => transport.close(),
  };
}

/** An id with everything escaped that a Message-ID may not hold. */
function localPart(messageId: string): string {
  return encodeURIComponent(messageId).replaceAll(
    /[()]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
}

interface SmtpError {
  readonly code?: unknown;
  readonly responseCode?: unknown;
  readonly permanent?: unknown;
}

/**
 * What the server says of the sender, the recipient or the message for good, a repeat will not change.
 * Whatever else goes wrong lies between us and the server, a login that it refuses included.
 */
function asFailure(error: unknown): Failure {
  const { code, responseCode, permanent } = error as SmtpError;
  const isAboutMessage = code === 'EENVELOPE' || code === 'EMESSAGE';
  // The server's text may name the recipient; its number says enough.
  const reply = typeof responseCode === 'number' ? `answered ${responseCode}` : undefined;
  if (isAboutMessage && (permanent === true || reply === undefined))
    return new Failure('ProviderRefused', `${NAME} refused: ${reply ?? 'no usable address'}`);
  return new Failure(
    'ProviderUnavailable',
    `${NAME} ${reply ?? `did not take the mail (${typeof code === 'string' ? code : 'unknown'})`}`,
    undefined,
    error,
  );
}
