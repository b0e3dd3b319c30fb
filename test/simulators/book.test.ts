import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Book } from '../../simulators/book.ts';
import type { BookLine } from '../../simulators/book.ts';
import { newDataDir, send, startForTest } from './running.ts';

type Note = { text: string };

function openBook(path: string): { book: Book<Note>; seen: BookLine<Note>[] } {
  const seen: BookLine<Note>[] = [];
  return { book: new Book<Note>(path, (line) => seen.push(line)), seen };
}

describe('the book of a simulator', () => {
  test('tells every line again after a restart, in order', () => {
    const path = join(newDataDir(), 'a.jsonl');
    const first = openBook(path).book;
    for (let n = 1; n <= 250; n += 1) {
      first.append({ text: `grün ${n}` });
    }
    // Not closed: a killed process closes nothing.
    const { book, seen } = openBook(path);
    expect(seen.map((line) => line.entry.text)).toEqual(
      Array.from({ length: 250 }, (_, n) => `grün ${n + 1}`),
    );
    expect(book.page(2, 248).data.map((line) => line.seq)).toEqual([249, 250]);
    expect(book.page(2, 248).nextCursor).toBeNull();
    expect(book.page(2, 10)).toMatchObject({ nextCursor: '12' });
  });

  test('a torn last line is dropped and the next line stands on its own', () => {
    const path = join(newDataDir(), 'a.jsonl');
    openBook(path).book.append({ text: 'whole' });
    appendFileSync(path, '{"seq":2,"recordedAt":"2010-12-01T0');
    const { book, seen } = openBook(path);
    expect(seen.map((line) => line.entry.text)).toEqual(['whole']);
    book.append({ text: 'next' });
    expect(openBook(path).seen.map((line) => line.entry.text)).toEqual(['whole', 'next']);
  });

  test('damage before the last line stops the start instead of losing history', () => {
    const path = join(newDataDir(), 'a.jsonl');
    const { book } = openBook(path);
    book.append({ text: 'one' });
    book.append({ text: 'two' });
    writeFileSync(path, readFileSync(path, 'utf8').replace('"one"', '"on'));
    expect(() => openBook(path)).toThrow(/not JSON at byte 0/);
  });

  test('a line longer than the read buffer survives', () => {
    const path = join(newDataDir(), 'a.jsonl');
    const long = 'é'.repeat(1_500_000);
    const { book } = openBook(path);
    book.append({ text: long });
    book.append({ text: 'after' });
    expect(openBook(path).seen.map((line) => line.entry.text)).toEqual([long, 'after']);
  });

  test('reset empties the book and the state, and keeps the settings', async () => {
    const { urls, stop } = await startForTest();
    await send('PUT', `${urls.gateway}/_sim/settings`, { latencyMs: 0 });
    const authorization = { reference: 'r', amountMinor: '500', currency: 'GBP' };
    await send('POST', `${urls.gateway}/v1/authorizations`, authorization, 'key');
    await send('POST', `${urls.gateway}/_sim/reset`);
    expect((await send('GET', `${urls.gateway}/_sim/book`)).body).toEqual({
      data: [],
      nextCursor: null,
    });
    expect((await send('GET', `${urls.gateway}/_sim/payments`)).body['data']).toEqual([]);
    expect((await send('GET', `${urls.gateway}/_sim/settings`)).body).toMatchObject({
      latencyMs: 0,
    });
    await stop();
  });
});
