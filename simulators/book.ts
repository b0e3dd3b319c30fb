import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 1 << 20;

export type BookLine<Entry> = {
  readonly seq: number;
  readonly recordedAt: string;
  readonly entry: Entry;
};

export type BookPage<Entry> = {
  readonly data: readonly BookLine<Entry>[];
  readonly nextCursor: string | null;
};

/**
 * An append-only file with one JSON line per thing a simulator did.
 * The line is handed to the operating system before `append` returns, so it survives a kill of the
 * process. Only the position of each line is kept in memory; a page is read back from the file.
 * A last line without its end is what a kill in mid-write leaves: it is cut off. Any other line
 * that is not JSON stops the start, because silently losing history would hide a fault.
 */
export class Book<Entry> {
  readonly #file: number;
  readonly #path: string;
  #offsets: number[] = [];
  #endOffset = 0;
  #closed = false;

  /** Opens or creates the file and hands every line in it to `onLine`, oldest first. */
  constructor(path: string, onLine: (line: BookLine<Entry>) => void) {
    mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    this.#file = openSync(path, 'a+');
    for (const { text, offset } of this.#completeLines()) {
      onLine(this.#parse(text, offset));
      this.#offsets.push(offset);
      this.#endOffset = offset + Buffer.byteLength(text) + 1;
    }
    ftruncateSync(this.#file, this.#endOffset);
  }

  append(entry: Entry): BookLine<Entry> {
    if (this.#closed) {
      throw new Error(`the book ${this.#path} is closed`);
    }
    const line = { seq: this.#offsets.length + 1, recordedAt: new Date().toISOString(), entry };
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    let written = 0;
    while (written < bytes.length) {
      written += writeSync(this.#file, bytes, written);
    }
    this.#offsets.push(this.#endOffset);
    this.#endOffset += bytes.length;
    return line;
  }

  /** Lines after the cursor (a sequence number), oldest first. */
  page(limit: number, cursor = 0): BookPage<Entry> {
    const last = Math.min(cursor + limit, this.#offsets.length);
    const start = this.#offsets[cursor];
    if (start === undefined || last <= cursor) {
      return { data: [], nextCursor: null };
    }
    const end = this.#offsets[last] ?? this.#endOffset;
    const texts = this.#read(start, end - start)
      .toString('utf8')
      .trimEnd()
      .split('\n');
    return {
      data: texts.map((text) => this.#parse(text, start)),
      nextCursor: last < this.#offsets.length ? String(last) : null,
    };
  }

  /** Empties the book. */
  reset(): void {
    ftruncateSync(this.#file, 0);
    this.#offsets = [];
    this.#endOffset = 0;
  }

  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      closeSync(this.#file);
    }
  }

  #parse(text: string, offset: number): BookLine<Entry> {
    try {
      return JSON.parse(text) as BookLine<Entry>;
    } catch (cause) {
      throw new Error(`${this.#path} has a line that is not JSON at byte ${offset}`, { cause });
    }
  }

  /** Every line that ends in a newline, read in pieces so that a large book needs little memory. */
  *#completeLines(): Generator<{ text: string; offset: number }> {
    const size = fstatSync(this.#file).size;
    let rest: Buffer = Buffer.alloc(0);
    let restOffset = 0;
    for (let position = 0; position < size; position += CHUNK_BYTES) {
      const chunk = this.#read(position, Math.min(CHUNK_BYTES, size - position));
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let to = rest.indexOf(NEWLINE); to >= 0; to = rest.indexOf(NEWLINE, from)) {
        yield { text: rest.toString('utf8', from, to), offset: restOffset + from };
        from = to + 1;
      }
      rest = rest.subarray(from);
      restOffset += from;
    }
  }

  #read(position: number, length: number): Buffer {
    const buffer = Buffer.alloc(length);
    let read = 0;
    while (read < length) {
      const bytes = readSync(this.#file, buffer, read, length - read, position + read);
      if (bytes === 0) {
        throw new Error(`${this.#path} ended before byte ${position + length}`);
      }
      read += bytes;
    }
    return buffer;
  }
}
