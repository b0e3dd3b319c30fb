import type { Check } from './checks.ts';
import type { ReplayReport } from './report.ts';
import type { SourceSummary } from './source/summary.ts';

/** The report for a screen: a block for each part, then every check with the figures of both sides. */
export function printReport(
  report: ReplayReport,
  summary: SourceSummary,
  checks: readonly Check[],
): string {
  const { check, byClassMinor, ...ledger } = report.ledger;
  const classes = Object.entries(report.classes).map(([name, { rows, units }]) => [
    name,
    `${rows} rows`,
    `${units} units`,
    `file ${summary.classSums[name as keyof typeof report.classes] ?? '0'}`,
    `ledger ${byClassMinor[name] ?? '0'} pence`,
  ]);
  return [
    section('source', pairs(report.source)),
    section('classes', classes),
    section('coverage', pairs(report.coverage)),
    section('ledger', [
      ...pairs(ledger),
      ['check', check.ok ? 'ok' : `${check.drift.length} differences`],
    ]),
    section('orders', pairs(report.orders)),
    section('returns', pairs(report.returns)),
    section('purchaseOrders', pairs(report.purchaseOrders)),
    section('approvals', pairs(report.approvals)),
    section('exceptions', pairs(report.exceptions)),
    section('gateway', pairs(report.gateway)),
    section('speed', pairs(report.speed)),
    section('checks', checks.map(checkRow)),
  ].join('\n');
}

function checkRow({ name, ok, left, right }: Check): string[] {
  return [ok ? 'ok' : 'FAILED', name, left, right];
}

function pairs(values: object): string[][] {
  return Object.entries(values).map(([name, value]) => [name, String(value)]);
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    }
  }
  const lines = rows.map((row) =>
    `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd(),
  );
  return [title, ...(lines.length === 0 ? ['  none'] : lines), ''].join('\n');
}
