import { DIMENSIONS } from '../rules/policy/simulate-returns.ts';
import type { SimulationReport, SumsReport } from '../rules/policy/simulation-report.ts';

/** A simulation as people read it: sentences, one table of the whole, one of each kind of segment, examples. */
export function simulationTable(report: SimulationReport): string {
  const parts = [
    report.summary.join('\n'),
    table('', [
      { name: 'before', sums: report.before },
      { name: 'after', sums: report.after },
    ]),
    ...DIMENSIONS.map((dimension) =>
      table(
        dimension,
        report.segments[dimension].flatMap(({ name, before, after }) => [
          { name: `${name} before`, sums: before },
          { name: `${name} after`, sums: after },
        ]),
      ),
    ),
    examplesOf(report),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function table(title: string, rows: readonly { name: string; sums: SumsReport }[]): string {
  if (rows.length === 0) return '';
  return columns([
    [
      title,
      'returns',
      'automatic',
      'early',
      'asked',
      'decisions',
      'refused',
      'hours',
      'at risk (minor)',
    ],
    ...rows.map(({ name, sums }) => [
      name,
      String(sums.returns),
      String(sums.refundsAutomatic),
      String(sums.refundsEarly),
      String(sums.approvalsAsked),
      String(sums.decisionsNeeded),
      String(sums.refused),
      sums.waitingHours,
      sums.moneyAtRisk.map(({ amountMinor, currency }) => `${amountMinor} ${currency}`).join(', '),
    ]),
  ]);
}

function examplesOf({ examples }: SimulationReport): string {
  if (examples.length === 0) return '';
  return columns([
    ['example', 'requested', 'opens at', 'what would have happened'],
    ...examples.map(({ returnId, requestedAt, href, text }) => [returnId, requestedAt, href, text]),
  ]);
}

/** The first column and texts to the left, numbers to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          const isNumber =
            column > 0 && rows.slice(1).every((other) => /^[\d.]+$/.test(other[column] ?? ''));
          return isNumber ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
