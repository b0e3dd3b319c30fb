/** One thing compared between two books. */
export interface Comparison {
  readonly name: string;
  /** How many were compared. */
  readonly count: number;
  /** Each names the ids concerned. */
  readonly differences: readonly string[];
}

/** A table of all comparisons, one row each, with the first difference of each. */
export function tableOf(comparisons: readonly Comparison[]): string {
  const width = Math.max(...comparisons.map(({ name }) => name.length));
  return comparisons
    .map(({ name, count, differences }) => {
      const verdict = differences.length === 0 ? 'same' : `${differences.length} DIFFERENT`;
      const first = differences[0] === undefined ? '' : `  ${differences[0]}`;
      return `  ${name.padEnd(width)}  ${String(count).padStart(7)}  ${verdict}${first}`;
    })
    .join('\n');
}

/** How often each name occurs that occurs more than once. */
export function repeated(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([name, count]) => `${name}: ${count} times`);
}

/** Both sides by name: what one of them lacks, and where they differ. */
export function compareMaps(
  ours: ReadonlyMap<string, string>,
  theirs: ReadonlyMap<string, string>,
  names: { readonly ours: string; readonly theirs: string },
): string[] {
  const differences: string[] = [];
  for (const [id, value] of ours) {
    const other = theirs.get(id);
    if (other === undefined) differences.push(`${id} (${value}): ${names.theirs} has none`);
    else if (other !== value) {
      differences.push(`${id}: ${names.ours} ${value}, ${names.theirs} ${other}`);
    }
  }
  for (const [id, value] of theirs) {
    if (!ours.has(id)) differences.push(`${id} (${value}): ${names.ours} has none`);
  }
  return differences;
}
