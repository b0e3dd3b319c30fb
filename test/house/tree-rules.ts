/**
 * What no linter looks at: names, sizes and places of files, and paths that exist on one machine only.
 * `violationsIn(root)` reads the tree below `root` and answers one line per violation.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

interface SourceFile {
  /** Path relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const MAX_LINES = 400;

/** Not ours, not kept, or written by a machine. */
const SKIPPED = new Set(['node_modules', '.git', '.loopline', 'dist', 'coverage']);
const TEXT_FILE =
  /(?:[.](?:ts|cjs|sql|md|json|ya?ml|toml|mod|sh|html|css)|(?:^|[/])(?:Dockerfile|run))$/;

/** Every folder at top level has its reason in docs/ARCHITECTURE.md; a new one needs one in docs/adr. */
const TOP_LEVEL_FOLDERS = new Set([
  'rules',
  'workflows',
  'activities',
  'api',
  'worker',
  'simulators',
  'console',
  'bench',
  'test',
  'docs',
  '.ci',
  '.github',
]);

/** A place for everything is a place for nothing in particular. */
const EMPTY_NAME = /^(?:utils?|helpers?|common|managers?)$/;
const KEBAB_CASE = /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/;
/** The one barrel: Temporal bundles all workflows from a single module. */
const BARREL_ALLOWED = 'workflows/index.ts';
/** Home, scratch and checkout folders; a path that continues another one (`some/work/…`) is not meant. */
const MACHINE_PATH =
  /(?<![\w.)}*-])\/(?:root\/|work\/|home\/[a-z]|Users\/[A-Za-z]|tmp\/[a-z])[\w.-]*/;

/**
 * Lines such as `activities/ledger/sql/functions/order/accept.sql: 412 lines, at most 400`.
 * An empty answer means that the tree keeps the rules.
 */
export function violationsIn(root: string): string[] {
  const topLevel = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !SKIPPED.has(entry.name))
    .filter((entry) => !TOP_LEVEL_FOLDERS.has(entry.name))
    .map((entry) => `${entry.name}/: a new folder at top level needs a reason in docs/adr`);
  return [...topLevel, ...filesBelow(root).flatMap(violationsOf)];
}

function violationsOf(file: SourceFile): string[] {
  return [...nameViolations(file.path), ...sizeViolations(file), ...pathViolations(file)].map(
    (violation) => `${file.path}${violation}`,
  );
}

function nameViolations(path: string): string[] {
  const isSource = /[.](?:ts|sql)$/.test(path);
  if (!isSource) return [];
  const stem = basename(path).replace(/[.](?:ts|sql)$/, '');
  const words = path.replace(/[.](?:ts|sql)$/, '').split(/[/.-]/);
  return [
    ...words.filter((word) => EMPTY_NAME.test(word)).map((word) => `: "${word}" names no subject`),
    ...(path.endsWith('.ts') && !KEBAB_CASE.test(stem) ? [': file names are kebab-case'] : []),
    ...(stem === 'index' && path !== BARREL_ALLOWED ? [': no barrel files'] : []),
  ];
}

function sizeViolations({ path, text }: SourceFile): string[] {
  const measured = path.endsWith('.ts') || /^activities\/.*[.]sql$/.test(path);
  const lines = text.replace(/\n$/, '').split('\n').length;
  return measured && lines > MAX_LINES ? [`: ${lines} lines, at most ${MAX_LINES}`] : [];
}

function pathViolations({ text }: SourceFile): string[] {
  return text.split('\n').flatMap((line, position) => {
    const match = MACHINE_PATH.exec(line);
    return match ? [`:${position + 1}: "${match[0]}" exists on one machine only`] : [];
  });
}

function filesBelow(root: string, folder = ''): SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !SKIPPED.has(entry.name) && entry.name !== 'package-lock.json')
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return filesBelow(root, path);
      if (!entry.isFile() || !TEXT_FILE.test(path)) return [];
      return [{ path, text: readFileSync(join(root, path), 'utf8') }];
    });
}
