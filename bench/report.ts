import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { PROJECT_FOLDER } from '../worker/stack/paths.ts';
import { ratioToFloor, summarize, type Findings, type Figure } from './measure.ts';

/** One bench's findings as a table of text. */
export function tableOf({ figures, notes }: Findings): string {
  const header = ['measure', 'unit', 'min', 'median', 'max', 'floor', 'of floor', 'target'];
  const rows = [header, ...figures.map(rowOf)];
  const widths = header.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...notes.map((note) => `  ${note}`)].join('\n');
}

function rowOf(figure: Figure): string[] {
  const { min, median, max } = summarize(figure.rounds);
  const ratio = ratioToFloor(figure);
  const { floor } = figure;
  return [
    figure.measure,
    figure.unit,
    ...[min, median, max].map(shown),
    floor === undefined ? '' : `${shown(summarize(floor.rounds).median)} ${floor.name}`,
    ratio === undefined ? '' : `${(ratio * 100).toFixed(0)} %`,
    figure.target ?? '',
  ];
}

/** Three digits that count. */
function shown(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** What a run's JSON holds besides the findings: which code was measured, where and when. */
export async function sourceOf(startedAt: string) {
  const [first] = cpus();
  return {
    startedAt,
    commit: await commit(),
    node: process.version,
    cores: cpus().length,
    processor: first?.model ?? 'unknown',
    memoryBytes: totalmem(),
  };
}

/** The commit of this checkout, with `+` when files differ from it; null where there is no repository. */
async function commit(): Promise<string | null> {
  const git = async (...words: readonly string[]) =>
    (await promisify(execFile)('git', words, { cwd: PROJECT_FOLDER })).stdout.trim();
  try {
    const changed = await git('status', '--porcelain', '--untracked-files=no');
    return `${await git('rev-parse', 'HEAD')}${changed === '' ? '' : '+'}`;
  } catch {
    return null;
  }
}
