import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { parseMessage, type ParsedMessage } from './parse-message.ts';

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** What a mailbox says to a message: 250 takes it, 4xx asks for it again later, 5xx never wants it. */
export type SmtpReply = { readonly code: number; readonly text: string };

export type Mailbox = {
  /** Whether there is such a recipient. */
  readonly judgeRecipient: (address: string) => SmtpReply;
  readonly take: (recipient: string, message: ParsedMessage) => Promise<SmtpReply>;
};

export type ListeningSmtp = { readonly url: string; readonly close: () => Promise<void> };

/** Speaks SMTP at the port (0: a free one), without TLS and login. Rejects when the port is taken. */
export async function listenSmtp(
  mailbox: Mailbox,
  port: number,
  host: string,
): Promise<ListeningSmtp> {
  const server = new SMTPServer({
    name: 'mail.simulator',
    banner: 'delivers to nobody',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    authOptional: true,
    size: MAX_MESSAGE_BYTES,
    rejectOversized: true,
    onRcptTo: ({ address }, _session, callback) =>
      callback(errorOf(mailbox.judgeRecipient(address))),
    onData: (stream, session, callback) => {
      const answer = async () => {
        const reply = await answerData(mailbox, stream, session);
        callback(errorOf(reply), reply.text);
      };
      void answer();
    },
  });
  // A client that goes away in the middle is its own affair.
  server.on('error', () => undefined);
  const listener = server.listen(port, host);
  try {
    await once(listener, 'listening');
  } catch (cause) {
    throw new Error(`the mail simulator cannot listen for SMTP at ${host}:${port}`, { cause });
  }
  const shownHost = host === '0.0.0.0' ? '127.0.0.1' : host;
  return {
    url: `smtp://${shownHost}:${(listener.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // Connections that wait for their next message, or hang on purpose, do not hold the end up.
        for (const connection of server.connections) connection.close();
      }),
  };
}

/** What the mailbox says to a whole message. Never rejects. */
async function answerData(
  mailbox: Mailbox,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<SmtpReply> {
  const recipient = session.envelope.rcptTo.map(({ address }) => address).join(', ');
  try {
    return await mailbox.take(recipient, parseMessage(await readAll(stream)));
  } catch (error) {
    console.error('mail simulator:', error);
    return { code: 451, text: 'the simulator failed; its log says why' };
  }
}

class ReplyError extends Error {
  override readonly name = 'ReplyError';
  readonly responseCode: number;

  constructor({ code, text }: SmtpReply) {
    super(text);
    this.responseCode = code;
  }
}

function errorOf(reply: SmtpReply): ReplyError | null {
  return reply.code < 400 ? null : new ReplyError(reply);
}

async function readAll(stream: SMTPServerDataStream): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
