/** A message as it came over SMTP, read as far as a person would see it. */
export type ParsedMessage = {
  /** By their names in small letters, decoded, each on one line; of repeated ones the first. */
  readonly headers: ReadonlyMap<string, string>;
  /** Decoded, with plain line ends, without empty lines at its end. */
  readonly text: string;
};

/** Reads a message of one part of text. Source: RFC 5322 (lines and folding), 2045 and 2047 (encodings). */
export function parseMessage(raw: Buffer): ParsedMessage {
  const source = raw.toString('latin1');
  const end = source.indexOf('\r\n\r\n');
  const headers = parseHeaders(end < 0 ? source : source.slice(0, end));
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase() ?? '7bit';
  const body = end < 0 ? '' : source.slice(end + 4);
  const text = decodeBody(body, encoding).toString('utf8');
  return { headers, text: text.replaceAll('\r\n', '\n').replace(/\n+$/, '') };
}

function parseHeaders(source: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of source.replaceAll(/\r\n(?=[ \t])/g, '').split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && !headers.has(name))
      headers.set(name, decodeWords(line.slice(colon + 1).trim()));
  }
  return headers;
}

const WORD = /=\?([^?]+)\?([BbQq])\?([^?]*)\?=/g;

/** Encoded words; the space between two of them is not part of the text. */
function decodeWords(value: string): string {
  const joined = value.replaceAll(/\?=[ \t]+(?==\?)/g, '?=');
  return joined.replaceAll(WORD, (_word, charset: string, kind: string, content: string) => {
    const bytes =
      kind.toUpperCase() === 'B'
        ? Buffer.from(content, 'base64')
        : decodeQuoted(content.replaceAll('_', ' '));
    return new TextDecoder(charset).decode(bytes);
  });
}

function decodeBody(body: string, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body, 'base64');
  if (encoding === 'quoted-printable') return decodeQuoted(body.replaceAll(/=[ \t]*\r\n/g, ''));
  return Buffer.from(body, 'latin1');
}

function decodeQuoted(text: string): Buffer {
  const bytes = text.replaceAll(/=([0-9A-Fa-f]{2})/g, (_code, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1');
}
