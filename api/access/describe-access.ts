import { ACCESS_RULES, type Requirement } from '../../rules/access/decide-access.ts';
import { ROLE_NAMES, ROLES, rolesWith, scopesOf } from '../../rules/access/roles.ts';
import { SCOPE_NAMES, SCOPES } from '../../rules/access/scopes.ts';
import { ROUTE_ACCESS, type ReachTarget, type RouteAccess } from './route-access.ts';

const GUARDS = {
  open: 'open to everybody',
  signature: 'signed by its sender',
  known: 'everybody who is known',
} as const;

const TARGETS: Readonly<Record<ReachTarget, string>> = {
  subject: 'what it names',
  elements: 'each element',
  rows: 'filters the list',
  whole: 'only who reaches all',
};

/** The tables of roles, routes, scopes and rules as Markdown: the generated part of docs/ACCESS.md. */
export function describeAccess(): string {
  return [
    '## Roles',
    '',
    ...table(
      ['role', 'what for', 'scopes'],
      ROLE_NAMES.map((role) => [role, ROLES[role].why, scopesOf([role]).map(coded).join(' ')]),
    ),
    '',
    '## Routes',
    '',
    ...table(['route', 'case', 'scope', 'roles', 'reach'], routeRows()),
    '',
    '## Scopes',
    '',
    ...table(
      ['scope', 'lets', 'roles'],
      SCOPE_NAMES.map((scope) => [coded(scope), SCOPES[scope], rolesWith(scope).join(', ')]),
    ),
    '',
    '## Why something is refused',
    '',
    ...table(
      ['rule', 'meaning'],
      Object.entries(ACCESS_RULES).map(([rule, meaning]) => [coded(rule), meaning]),
    ),
    '',
  ].join('\n');
}

function routeRows(): string[][] {
  return Object.entries(ROUTE_ACCESS).flatMap(([route, access]) => rowsOf(coded(route), access));
}

function rowsOf(route: string, access: RouteAccess): string[][] {
  if (access.guard !== 'scope') return [[route, '', GUARDS[access.guard], '', access.why]];
  const { target, access: asked } = access;
  if ('scope' in asked) return [[route, '', ...cellsOf(asked, target)]];
  return Object.entries(asked.cases).map(([name, requirement]) => [
    route,
    `${asked.by}: ${name}`,
    ...cellsOf(requirement, target),
  ]);
}

function cellsOf({ scope, reach }: Requirement, target: ReachTarget): string[] {
  const held = reach.length === 0 ? '' : `${reach.join(', ')}: ${TARGETS[target]}`;
  return [coded(scope), rolesWith(scope).join(', '), held];
}

function coded(text: string): string {
  return `\`${text}\``;
}

/** Columns as wide as their widest cell, as the formatter of the documentation writes them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((name, column) =>
    Math.max(3, name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
