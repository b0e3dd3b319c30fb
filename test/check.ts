/**
 * `npm run check`: format, types, lint, boundaries and cycles, unused code, names and sizes.
 * Needs no service. One line per step, the output of those that failed, exit code 1 if any did.
 */
import { spawn } from 'node:child_process';
import { boundaryArgs } from './house/boundary-command.ts';
import { violationsIn } from './house/tree-rules.ts';

interface StepResult {
  readonly passed: boolean;
  readonly output: string;
}

interface Step {
  readonly name: string;
  readonly check: () => StepResult | Promise<StepResult>;
}

const steps: readonly Step[] = [
  { name: 'format', check: () => runTool('oxfmt', '--check', '.') },
  { name: 'types', check: () => runTool('tsc', '--noEmit', '--pretty', 'false', '-p', '.') },
  { name: 'lint', check: () => runTool('oxlint', '--type-aware') },
  {
    name: 'boundaries and cycles',
    check: () => runTool('depcruise', ...boundaryArgs('.')),
  },
  { name: 'unused code', check: () => runTool('knip', '--no-progress', '--no-config-hints') },
  { name: 'names, sizes and paths', check: checkTree },
];

const results = await Promise.all(steps.map(runStep));
const failed = results.filter((result) => !result.passed);
for (const { name, output } of failed) console.error(`\n=== ${name}\n${output.trim()}`);
console.log(
  failed.length === 0
    ? `\nAll ${steps.length} checks passed.`
    : `\n${failed.length} of ${steps.length} checks failed: ${failed.map(({ name }) => name).join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Side by side: each step is a process of its own, and none of them writes. */
async function runStep({ name, check }: Step): Promise<StepResult & { readonly name: string }> {
  const startedAt = performance.now();
  const result = await check();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
  console.log(`${result.passed ? 'pass' : 'FAIL'} ${seconds} s  ${name}`);
  return { name, ...result };
}

function runTool(tool: string, ...args: readonly string[]): Promise<StepResult> {
  return new Promise((resolve) => {
    const child = spawn(`node_modules/.bin/${tool}`, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error) => resolve({ passed: false, output: error.message }));
    child.on('close', (code) =>
      resolve({ passed: code === 0, output: Buffer.concat(chunks).toString('utf8') }),
    );
  });
}

function checkTree(): StepResult {
  const violations = violationsIn('.');
  return { passed: violations.length === 0, output: violations.join('\n') };
}
