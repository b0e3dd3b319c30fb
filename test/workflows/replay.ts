import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { bundleWorkflowCode, Worker, type InjectedSinks } from '@temporalio/worker';
import type { InputSinks } from './capture-inputs.ts';

const { History } = proto.temporal.api.history.v1;
type IHistory = Parameters<typeof History.create>[0];

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const HISTORIES = fileURLToPath(new URL('histories', import.meta.url));
const CAPTURE = fileURLToPath(new URL('capture-inputs.ts', import.meta.url));

/** What a step was asked. */
export interface StepInput {
  readonly step: string;
  readonly args: unknown[];
}

/** A recorded run of a workflow, with what its steps were asked when it was recorded. */
export interface Recording {
  /** Workflow type and case: `orderProcess/straight`. */
  readonly name: string;
  /** The history as Temporal's JSON. */
  readonly history: object;
  readonly inputs: readonly StepInput[];
}

/** How a replay went: no error, and what the code asks its steps now. */
export interface Replayed {
  readonly error: Error | undefined;
  readonly inputs: readonly StepInput[];
}

/** A change of the source: in this file, this text becomes that one. */
export interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Bundles the workflows as they are, or a copy of their source with changes. */
export async function bundleForReplay(changes: readonly Change[] = []): Promise<{ code: string }> {
  if (changes.length === 0) return bundleFrom(PROJECT);
  // Inside the project, so that the copy finds the same packages.
  const cache = join(PROJECT, '.loopline', 'cache');
  await mkdir(cache, { recursive: true });
  const copy = await mkdtemp(join(cache, 'changed-'));
  try {
    for (const folder of ['workflows', 'rules'])
      await cp(join(PROJECT, folder), join(copy, folder), { recursive: true });
    for (const { file, from, to } of changes) {
      const source = await readFile(join(copy, file), 'utf8');
      if (!source.includes(from)) throw new Error(`${file} does not contain: ${from}`);
      await writeFile(join(copy, file), source.replace(from, to));
    }
    return await bundleFrom(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

const quiet = () => undefined;

async function bundleFrom(root: string): Promise<{ code: string }> {
  return bundleWorkflowCode({
    workflowsPath: join(root, 'workflows', 'index.ts'),
    workflowInterceptorModules: [CAPTURE],
    logger: {
      log: quiet,
      trace: quiet,
      debug: quiet,
      info: quiet,
      warn: quiet,
      error: console.error,
    },
  });
}

/**
 * A history as plain JSON: bytes as base64, big numbers and enumerations as text. What names the machine
 * that recorded it, and no replay asks for, is left out.
 */
export function historyAsJson(history: IHistory): object {
  const plain = History.toObject(History.create(history), {
    bytes: String,
    longs: String,
    enums: String,
  });
  const text = JSON.stringify(plain, (key, value: unknown) => {
    if (MACHINE_FIELDS.has(key)) return undefined;
    return typeof value === 'string' && /^\d+@/.test(value) ? 'sticky' : value;
  });
  return JSON.parse(text) as object;
}

const MACHINE_FIELDS = new Set([
  'identity',
  'stackTrace',
  'workerVersion',
  'stickyAttributes',
  'lastWorkerVersion',
  'buildId',
]);

/** Every kept recording, by name. */
export async function readRecordings(): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for (const type of (await readdir(HISTORIES)).toSorted()) {
    for (const file of (await readdir(join(HISTORIES, type))).toSorted()) {
      const text = await readFile(join(HISTORIES, type, file), 'utf8');
      recordings.push({
        name: `${type}/${file.replace('.json', '')}`,
        ...(JSON.parse(text) as Omit<Recording, 'name'>),
      });
    }
  }
  return recordings;
}

/**
 * Keeps a recording. One of the same case that went another way is superseded and stays beside it, so
 * that runs which began under older code are still replayed. Answers the file's name, if one was written.
 */
export async function keepRecording(
  type: string,
  caseName: string,
  recording: Omit<Recording, 'name'>,
): Promise<string | undefined> {
  await mkdir(join(HISTORIES, type), { recursive: true });
  for (let number = 1; ; number += 1) {
    const file = join(HISTORIES, type, `${caseName}${number === 1 ? '' : `.${number}`}.json`);
    const kept = await readFile(file, 'utf8').catch(() => undefined);
    if (kept === undefined) {
      await writeFile(file, `${JSON.stringify(recording, null, 1)}\n`);
      return file;
    }
    const { inputs } = JSON.parse(kept) as Recording;
    if (wayOf(inputs) === wayOf(recording.inputs)) return undefined;
  }
}

/** The steps that a run took and the names of what they were asked; ids and amounts differ from run to run. */
function wayOf(inputs: readonly StepInput[]): string {
  return inputs
    .map(
      ({ step, args }) =>
        `${step}(${args
          .map((arg) =>
            Object.keys(arg ?? {})
              .toSorted()
              .join(),
          )
          .join(';')})`,
    )
    .join(' ');
}

/** Replays the histories against the bundle; the answers have the recordings' names. */
export async function replay(
  workflowBundle: { code: string },
  recordings: readonly Pick<Recording, 'name' | 'history'>[],
): Promise<Map<string, Replayed>> {
  const asked = new Map<string, StepInput[]>();
  const sinks: InjectedSinks<InputSinks> = {
    inputs: {
      asked: {
        callDuringReplay: true,
        fn(info, step, args) {
          const inputs = asked.get(info.workflowId) ?? [];
          inputs.push({ step, args: JSON.parse(JSON.stringify(args)) as unknown[] });
          asked.set(info.workflowId, inputs);
        },
      },
    },
  };
  const histories = recordings.map(({ name, history }) => ({
    workflowId: name,
    history: History.fromObject(history),
  }));
  const results = new Map<string, Replayed>();
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle, sinks },
    histories,
  )) {
    results.set(workflowId, { error, inputs: asked.get(workflowId) ?? [] });
  }
  return results;
}
