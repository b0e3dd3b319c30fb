import { readFileSync } from 'node:fs';

/** Finds a table of a page by its first headings: its rows without heading and rule, code marks removed. */
export type TableOf = (...headings: readonly string[]) => string[][];

/** The tables of a page of the documentation. */
export function tablesOf(file: string): TableOf {
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
  return (...headings) => {
    const head = rows.findIndex((row) => headings.every((heading, at) => row[at] === heading));
    if (head < 0) return [];
    // A row before a rule is the head of the next table.
    const end = rows.findIndex((_row, at) => at > head && isRule(rows[at + 1]));
    return rows
      .slice(head + 2, end < 0 ? undefined : end)
      .map((row) => row.map((cell) => cell.replace(/^`([^`]+)`$/, '$1')));
  };
}

function isRule(row: readonly string[] | undefined): boolean {
  return row !== undefined && row.every((cell) => /^-+$/.test(cell));
}
