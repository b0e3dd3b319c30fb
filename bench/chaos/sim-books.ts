import { setTimeout as sleep } from 'node:timers/promises';

const PAGE = 1_000;
const ATTEMPTS = 60;

/** One thing that a simulator did; its shape is the simulator's own affair. */
export type BookFact = Readonly<Record<string, unknown>>;

interface BookLine {
  readonly seq: number;
  readonly fact: BookFact;
}

/** The facts of a simulator's book after a line. Throws when it is away. */
export async function readNewLines(url: string, after: number): Promise<BookLine[]> {
  const lines: BookLine[] = [];
  let cursor: string | null = String(after);
  while (cursor !== null) {
    const response = await fetch(`${url}/_sim/book?limit=${PAGE}&cursor=${cursor}`, {
      signal: AbortSignal.timeout(5_000),
    });
    const page = (await response.json()) as {
      data: { seq: number; entry: { kind: string; fact?: BookFact } }[];
      nextCursor: string | null;
    };
    for (const { seq, entry } of page.data) lines.push({ seq, fact: entry.fact ?? {} });
    cursor = page.nextCursor;
  }
  return lines;
}

/** The whole book, oldest first; waits for a simulator that is being started again. */
export async function readBook(url: string): Promise<BookFact[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const lines = await readNewLines(url, 0);
      return lines.map(({ fact }) => fact).filter((fact) => 'kind' in fact);
    } catch (error) {
      if (attempt >= ATTEMPTS) throw error;
      await sleep(500);
    }
  }
}
