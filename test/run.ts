/**
 * `npm test`: every test in order, with a heading before each step, and a real month of trade at the end.
 * Arguments go to vitest alone, for example `npm test -- --project pure` or `npm test -- test/ledger`.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A month of a real merchant's trade; it is not part of the project. */
const MONTH = '../shared/data/online_retail/online_retail_2010-12.csv.gz';

interface Step {
  readonly heading: string;
  readonly command: string;
  readonly args: readonly string[];
}

const vitestArgs = process.argv.slice(2);
const steps: Step[] = [
  {
    heading: 'Rules and house without services; then ledger, workflows and API on real services',
    command: 'node_modules/.bin/vitest',
    args: ['run', ...vitestArgs],
  },
];
if (vitestArgs.length > 0) console.log('Arguments were given: the replay of a month is left out.');
else if (!existsSync(MONTH)) console.log(`No ${MONTH}: the replay of a month is left out.`);
else {
  steps.push({
    heading: 'A real month of trade through the whole loop',
    command: process.execPath,
    args: ['--import', 'tsx', 'bench/replay/main.ts', MONTH],
  });
}

const startedAt = performance.now();
for (const [position, step] of steps.entries()) {
  console.log(`\n=== ${position + 1}/${steps.length} ${step.heading}\n`);
  const exitCode = await run(step);
  if (exitCode !== 0) {
    console.error(`\nFAILED: ${step.heading} (exit code ${exitCode})`);
    process.exit(exitCode);
  }
}
console.log(`\nAll tests passed in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);

/** Runs one step on this terminal; a step that was killed by a signal counts as exit code 1. */
function run(step: Step): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(step.command, step.args, { stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
