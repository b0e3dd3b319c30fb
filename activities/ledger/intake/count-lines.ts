/** The lines that one request, order or other fact holds by its shape; 0 of what has none. */
export function countLines(fact: unknown): number {
  if (typeof fact !== 'object' || fact === null || !('lines' in fact)) return 0;
  return Array.isArray(fact.lines) ? fact.lines.length : 0;
}

/** The lines of all of them together. */
export function countAllLines(facts: readonly unknown[]): number {
  return facts.reduce<number>((sum, fact) => sum + countLines(fact), 0);
}
