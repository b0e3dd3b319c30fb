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
  rights: 'the rights given or taken',
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
    '## What approvals are about',
    '',
    'Whoever sees an approval, or says something about it, may see what it is about, up to their amount; or has a part in it: who is asked needs no scope of the subject, and who asked for it, was asked by name or a question, or has had a say, sees it whatever it is worth.',
    '',
    ...table(['kind of subject', 'scope that shows it', 'roles'], sightRows()),
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

/** Every route that asks for sight of an approval asks the same. */
function sightRows(): string[][] {
  const sights = Object.values(ROUTE_ACCESS).flatMap((access) =>
    access.guard === 'scope' && access.about !== undefined ? [access.about.cases] : [],
  );
  return Object.entries(sights[0] ?? {}).map(([kind, { scope }]) => [
    kind,
    coded(scope),
    rolesWith(scope).join(', '),
  ]);
}

function rowsOf(route: string, access: RouteAccess): string[][] {
  if (access.guard !== 'scope') return [[route, '', GUARDS[access.guard], '', access.why]];
  const { target, access: asked, about } = access;
  if ('scope' in asked) {
    const [scope = '', roles = '', held = ''] = cellsOf(asked, target);
    return [
      [route, '', scope, roles, about === undefined ? held : `${held}; sight of the subject`],
    ];
  }
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
