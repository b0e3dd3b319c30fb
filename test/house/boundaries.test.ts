/**
 * Proves that the arrows between the folders are enforced: a small tree that breaks each rule once
 * is cruised with the real configuration, and so is one that breaks none.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { boundaryArgs } from './boundary-command.ts';

const CONFIG = '.dependency-cruiser.cjs';

/** What of the cruiser's answer the tests read. */
const reportSchema = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        rule: z.object({ name: z.string(), severity: z.string() }),
      }),
    ),
  }),
});
type Report = z.infer<typeof reportSchema>['summary'];
const configSchema = z.object({ forbidden: z.array(z.object({ name: z.string() })) });

/** Targets that every tree has; each is imported by somebody, so none is an orphan by itself. */
const TARGETS: Readonly<Record<string, string>> = {
  'rules/order/states.ts': `import { z } from 'zod';\nexport const states = z.string();`,
  'rules/order/decide.ts': `import { states } from './states.ts';\nexport const decide = states;`,
  'workflows/order/messages.ts': `import type { states } from '../../rules/order/states.ts';\nexport type Id = typeof states;`,
  'workflows/order/order.ts': `import type { Id } from './messages.ts';\nimport { states } from '../../rules/order/states.ts';\nimport type { decide } from '../../rules/order/decide.ts';\nimport type { capture } from '../../activities/payment/capture.ts';\nexport const order = (id: Id, d: typeof decide, c: typeof capture) => [id, d, c, states];`,
  'workflows/index.ts': `export { order } from './order/order.ts';`,
  'activities/payment/capture.ts': `import { decide } from '../../rules/order/decide.ts';\nexport const capture = decide;`,
  'activities/ledger/read/order.ts': `import postgres from 'postgres';\nexport const read = postgres;`,
  'activities/ledger/intake/order.ts': `import postgres from 'postgres';\nexport const accept = postgres;`,
  'api/server.ts': `import { Hono } from 'hono';\nimport { decide } from '../rules/order/decide.ts';\nimport type { Id } from '../workflows/order/messages.ts';\nimport { read } from '../activities/ledger/read/order.ts';\nimport { accept } from '../activities/ledger/intake/order.ts';\nimport type { capture } from '../activities/payment/capture.ts';\nexport const server = (id: Id, c: typeof capture) => [Hono, decide, id, read, accept, c];`,
  'worker/serve.ts': `import { server } from '../api/server.ts';\nimport { capture } from '../activities/payment/capture.ts';\nimport { order } from '../workflows/order/order.ts';\nconsole.log(server, capture, order);`,
  'simulators/gateway.ts': `import { createServer } from 'node:http';\nexport const gateway = createServer;`,
  'simulators/main.ts': `import { gateway } from './gateway.ts';\ngateway();`,
  'bench/replay/report.ts': `import { server } from '../../worker/serve.ts';\nexport const report = server;`,
  'bench/replay/main.ts': `import { report } from './report.ts';\nconsole.log(report);`,
  'test/support/stack.ts': `import { gateway } from '../../simulators/gateway.ts';\nexport const stack = gateway;`,
  'test/order.test.ts': `import { test } from 'vitest';\nimport { stack } from './support/stack.ts';\nimport { report } from '../bench/replay/report.ts';\nimport { server } from '../api/server.ts';\ntest('x', () => [stack, report, server]);`,
  'rules/order/decide.test.ts': `import { test } from 'vitest';\nimport { readFileSync } from 'node:fs';\nimport { decide } from './decide.ts';\ntest('x', () => [decide, readFileSync]);`,
};

interface Violation {
  readonly rule: string;
  readonly file: string;
  /** Import specifiers, each for its effect; none makes an orphan. */
  readonly imports: readonly string[];
  /** Part of the reported target, where it is not the file of the first import. */
  readonly to?: string;
}

/** One file per forbidden arrow. */
const VIOLATIONS: readonly Violation[] = [
  ...['../activities/payment/capture.ts', '../workflows/order/messages.ts', '../api/server.ts'].map(
    (target, position) => ({
      rule: 'rules-are-pure',
      file: `rules/a${position}.ts`,
      imports: [target],
    }),
  ),
  { rule: 'rules-are-pure', file: 'rules/a-package.ts', imports: ['hono'] },
  { rule: 'rules-are-pure', file: 'rules/a-clock.ts', imports: ['node:timers'], to: 'timers' },
  { rule: 'rules-reach-no-io', file: 'rules/disk.ts', imports: ['node:fs'], to: 'fs' },
  {
    rule: 'rules-reach-no-io',
    file: 'rules/detour.ts',
    imports: ['../activities/ledger/read/order.ts'],
    to: 'postgres',
  },
  {
    rule: 'rule-tests-see-rules-only',
    file: 'rules/order/far.test.ts',
    imports: ['../../activities/payment/capture.ts'],
  },
  {
    rule: 'workflows-see-activity-types-only',
    file: 'workflows/order/runs-activity.ts',
    imports: ['../../activities/payment/capture.ts'],
  },
  {
    rule: 'workflows-see-rule-states-and-types-only',
    file: 'workflows/order/runs-rule.ts',
    imports: ['../../rules/order/decide.ts'],
  },
  { rule: 'workflows-not-to-edges', file: 'workflows/edge-a.ts', imports: ['../api/server.ts'] },
  { rule: 'workflows-not-to-edges', file: 'workflows/edge-w.ts', imports: ['../worker/serve.ts'] },
  ...['../workflows/order/order.ts', '../api/server.ts', '../worker/serve.ts'].map(
    (target, position) => ({
      rule: 'activities-not-to-workflows-or-edges',
      file: `activities/edge-${position}.ts`,
      imports: [target],
    }),
  ),
  {
    rule: 'api-sees-workflow-types-only',
    file: 'api/runs-workflow.ts',
    imports: ['../workflows/order/order.ts'],
  },
  {
    rule: 'api-sees-only-ledger-reads-and-intake',
    file: 'api/captures.ts',
    imports: ['../activities/payment/capture.ts'],
  },
  { rule: 'api-not-to-worker', file: 'api/starts.ts', imports: ['../worker/serve.ts'] },
  ...['rules/order/decide.ts', 'api/server.ts', 'activities/payment/capture.ts'].map(
    (target, position) => ({
      rule: 'simulators-stand-alone',
      file: `simulators/s${position}.ts`,
      imports: [`../${target}`],
    }),
  ),
  {
    rule: 'providers-are-reached-over-http',
    file: 'activities/payment/shortcut.ts',
    imports: ['../../simulators/gateway.ts'],
  },
  { rule: 'nothing-imports-bench', file: 'worker/b.ts', imports: ['../bench/replay/report.ts'] },
  { rule: 'nothing-imports-test', file: 'worker/t.ts', imports: ['../test/support/stack.ts'] },
  {
    rule: 'product-needs-no-dev-dependency',
    file: 'worker/dev.ts',
    imports: ['fast-check'],
  },
  { rule: 'no-undeclared-package', file: 'worker/esbuild.ts', imports: ['esbuild'] },
  { rule: 'no-unresolvable', file: 'worker/gone.ts', imports: ['./gone-away.ts'], to: 'gone-away' },
  { rule: 'no-circular', file: 'worker/round.ts', imports: ['./trip.ts'] },
  { rule: 'no-orphans', file: 'worker/alone.ts', imports: [], to: 'worker/alone.ts' },
];

/** The way back of the circle; a circle is reported once, at one of its members. */
const RETURN_TRIP = { 'worker/trip.ts': `export * from './round.ts';` };

const roots: string[] = [];
afterAll(() => roots.forEach((root) => rmSync(root, { recursive: true, force: true })));

/** A checkout in small: the real configuration and packages over the given files. */
function plantTree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'loopline-arrows-'));
  roots.push(root);
  for (const name of [CONFIG, 'tsconfig.json', 'package.json'])
    copyFileSync(name, join(root, name));
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  return root;
}

interface Run {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs the boundary step of `npm run check` below `root`. */
function cruise(root: string, ...more: readonly string[]): Promise<Run> {
  return new Promise((done) => {
    execFile(
      resolve('node_modules/.bin/depcruise'),
      [...boundaryArgs(root), ...more],
      { cwd: root, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) =>
        done({
          exitCode: error === null ? 0 : Number(error.code ?? 1),
          output: stdout === '' ? stderr : stdout,
        }),
    );
  });
}

/** The same as data: which rule refuses which import. */
async function violationsBelow(root: string): Promise<Report> {
  const { output } = await cruise(root, '--output-type', 'json');
  return reportSchema.parse(JSON.parse(output)).summary;
}

let brokenRoot: string;
let broken: Report;
beforeAll(async () => {
  const files = VIOLATIONS.map(({ file, imports }) => [
    file,
    [...imports.map((target) => `import '${target}';`), 'export const x = 1;'].join('\n'),
  ]);
  brokenRoot = plantTree({ ...TARGETS, ...Object.fromEntries(files), ...RETURN_TRIP });
  broken = await violationsBelow(brokenRoot);
});

test('a tree that keeps every arrow passes', async () => {
  const root = plantTree(TARGETS);
  const report = await violationsBelow(root);
  expect(report.violations).toEqual([]);
  expect(report.totalCruised).toBeGreaterThanOrEqual(Object.keys(TARGETS).length);
  expect(await cruise(root)).toMatchObject({ exitCode: 0 });
});

test.each(VIOLATIONS)('$rule: $file is reported', ({ rule, file, imports, to }) => {
  const target = to ?? imports[0]?.replace(/^(?:[.]{1,2}[/])+/, '') ?? file;
  expect(broken.violations).toContainEqual({
    from: file,
    to: expect.stringContaining(target),
    rule: { name: rule, severity: 'error' },
  });
});

test('violations fail the check and name the rule', async () => {
  const { exitCode, output } = await cruise(brokenRoot);
  expect(exitCode).toBeGreaterThan(0);
  expect(output).toContain('rules-are-pure');
});

test('every rule of the configuration has a violation that proves it', () => {
  const loaded: unknown = createRequire(import.meta.url)(resolve(CONFIG));
  const names = configSchema.parse(loaded).forbidden.map(({ name }) => name);
  expect(new Set(VIOLATIONS.map(({ rule }) => rule))).toEqual(new Set(names));
});
