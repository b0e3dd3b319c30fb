import type { BookFact } from './sim-books.ts';

type Pairs = readonly { readonly id: string; readonly value: string }[];

/** The ledger's side: a query that answers `id` and `value`. */
export type Ask = (query: string) => Promise<Map<string, string>>;

export const SIDES = { ours: 'the ledger', theirs: 'the provider' } as const;

export function mapOf(pairs: Pairs): Map<string, string> {
  return new Map(pairs.map(({ id, value }) => [id, value]));
}

export function factsOf(book: readonly BookFact[], kind: string): BookFact[] {
  return book.filter((fact) => fact['kind'] === kind);
}

/** A text of a fact; empty when there is none. */
export function textIn(fact: BookFact, name: string): string {
  const value = fact[name];
  return typeof value === 'string' ? value : '';
}
