import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request as it goes out: nothing of it is made neat on the way. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | undefined;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Nobody waits longer for an answer; the ledger cuts a statement off after 2 s. */
const DEADLINE_MS = 15_000;
/** After a failed write the answer may still be on its way: a body that is too large is not read to its end. */
const AFTER_FAILED_WRITE_MS = 1_000;

const agent = new Agent({ keepAlive: true });

/** Sends a request over a real socket. Throws when nobody answers within the deadline. */
export async function send(port: number, request: WireRequest): Promise<WireAnswer> {
  try {
    return await sendOnce(port, request);
  } catch (error) {
    // The server had closed this connection while it was idle, so the request was never read.
    if (error instanceof Error && error.message === STALE) return sendOnce(port, request);
    throw error;
  }
}

/** Once the answer is here, nobody listens any more for the rest of a body that could not be sent. */
const afterAnswer = (): void => undefined;

const STALE = 'the connection had been closed';

function sendOnce(
  port: number,
  { method, target, headers, body }: WireRequest,
): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path: target,
      agent,
      headers: headers.flatMap(([name, value]) => [name, value]),
      timeout: DEADLINE_MS,
    });
    const limit = setTimeout(() => {
      outgoing.destroy();
      reject(new Error(`no answer within ${DEADLINE_MS} ms`));
    }, DEADLINE_MS);
    const settle = (act: () => void) => {
      clearTimeout(limit);
      act();
    };
    outgoing.on('socket', (socket) => {
      if (!socket.listeners('error').includes(afterAnswer)) socket.on('error', afterAnswer);
    });
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', (error) => settle(() => reject(error)));
      incoming.on('end', () =>
        settle(() =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        ),
      );
    });
    outgoing.on('error', (error) => {
      const isStale = outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
      void sleep(isStale ? 0 : AFTER_FAILED_WRITE_MS).then(() =>
        settle(() => reject(isStale ? new Error(STALE) : error)),
      );
    });
    outgoing.end(body);
  });
}

/** A line for a shell that sends the same request; a body that no line can hold is left in a file. */
export function curlLine(port: number, { method, target, headers, body }: WireRequest): string {
  const parts = [`curl -i --path-as-is -X ${method} ${quote(`http://127.0.0.1:${port}${target}`)}`];
  for (const [name, value] of headers) {
    if (!/^(host|content-length|connection)$/i.test(name))
      parts.push(`-H ${quote(`${name}: ${value}`)}`);
  }
  if (body === undefined) return parts.join(' ');
  const text = body.toString('utf8');
  const isPlain = Buffer.from(text).equals(body) && /^[\x20-\x7e]*$/.test(text);
  if (isPlain && text.length < 5_000) return `${parts.join(' ')} --data-binary ${quote(text)}`;
  const file = join(tmpdir(), `loopline-fuzz-${createHash('md5').update(body).digest('hex')}`);
  writeFileSync(file, body);
  return `${parts.join(' ')} --data-binary @${file}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
