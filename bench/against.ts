import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PROJECT_FOLDER } from '../worker/stack/paths.ts';
import type { Figure, Findings } from './measure.ts';

interface Comparison {
  /** Another checkout of Loopline with its dependencies, such as one of before a change. */
  readonly folder: string;
  readonly quick: boolean;
  readonly rounds: number;
  readonly log: (line: string) => void;
}

/**
 * Runs a bench in turn in another checkout and in this one, round by round, so that both meet the same
 * machine. Figures of the other one stand where a bench's floor stands; what only one of them measures is
 * left out. Throws when either bench fails.
 */
export async function runAgainst(name: string, comparison: Comparison): Promise<Findings> {
  const { rounds, log } = comparison;
  const folder = resolve(comparison.folder);
  const before = new Map<string, number[]>();
  const after = new Map<string, { figure: Figure; rounds: number[] }>();
  for (let round = 1; round <= rounds; round += 1) {
    log(`--- round ${round} of ${rounds}, before: ${folder}`);
    for (const figure of await measureIn(folder, name, comparison)) {
      const known = before.get(keyOf(figure)) ?? [];
      before.set(keyOf(figure), [...known, ...figure.rounds]);
    }
    log(`--- round ${round} of ${rounds}, after: this checkout`);
    for (const figure of await measureIn(PROJECT_FOLDER, name, comparison)) {
      const known = after.get(keyOf(figure))?.rounds ?? [];
      after.set(keyOf(figure), { figure, rounds: [...known, ...figure.rounds] });
    }
  }
  const figures = [...after].flatMap(([key, { figure, rounds: values }]): Figure[] => {
    const earlier = before.get(key);
    if (earlier === undefined) return [];
    const { measure, unit, target } = figure;
    const floor = { name: 'before', rounds: earlier };
    return [{ measure, unit, rounds: values, floor, ...(target === undefined ? {} : { target }) }];
  });
  return {
    figures,
    notes: ['The floor is the same measure in the other checkout, taken in turn with this one.'],
  };
}

function keyOf({ measure, unit }: Figure): string {
  return `${measure}\n${unit}`;
}

/** One round of the bench as the checkout's own command runs it; its lines go where ours go. */
async function measureIn(
  folder: string,
  name: string,
  { quick }: Comparison,
): Promise<readonly Figure[]> {
  const answers = await mkdtemp(join(tmpdir(), 'loopline-bench-'));
  try {
    const json = join(answers, 'found.json');
    const command = ['--import', 'tsx', 'bench/main.ts', name, '--rounds', '1', '--json', json];
    const child = spawn(process.execPath, [...command, ...(quick ? ['--quick'] : [])], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`bench ${name} in ${folder} ended with ${code ?? 'a signal'}`);
    const report = JSON.parse(await readFile(json, 'utf8')) as {
      benches: Record<string, Findings | undefined>;
    };
    return report.benches[name]?.figures ?? [];
  } finally {
    await rm(answers, { recursive: true, force: true });
  }
}
