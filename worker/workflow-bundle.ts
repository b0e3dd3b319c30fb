import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { bundleWorkflowCode } from '@temporalio/worker';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(PROJECT, '.loopline', 'cache');

/**
 * The workflows as one bundle; bundling takes seconds, so the result is kept by its sources' hash. What
 * converts failures is part of it: the worker's converter has to be given here as well.
 */
export async function workflowBundle(converter?: DataConverter): Promise<{ codePath: string }> {
  const { failureConverterPath } = converter ?? {};
  const codePath = join(CACHE, `workflows-${await sourceHash(failureConverterPath)}.js`);
  try {
    await access(codePath);
    return { codePath };
  } catch {
    // Not there yet: made below.
  }
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(PROJECT, 'workflows', 'index.ts'),
    logger: QUIET,
    ...(failureConverterPath === undefined ? {} : { failureConverterPath }),
  });
  await mkdir(CACHE, { recursive: true });
  // Renamed into place, so that a reader never sees half of it.
  const draft = `${codePath}.${process.pid}`;
  await writeFile(draft, code);
  await rename(draft, codePath);
  return { codePath };
}

const ignore = () => undefined;
const QUIET = {
  log: ignore,
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: (message: string) => console.warn(message),
  error: (message: string) => console.error(message),
};

async function sourceHash(failureConverterPath: string | undefined): Promise<string> {
  const hash = createHash('sha256');
  hash.update(
    await readFile(createRequire(import.meta.url).resolve('@temporalio/workflow/package.json')),
  );
  for (const folder of ['workflows', 'rules']) {
    const files = (await readdir(join(PROJECT, folder), { recursive: true })).filter((file) =>
      file.endsWith('.ts'),
    );
    for (const file of files.toSorted()) {
      hash.update(file).update(await readFile(join(PROJECT, folder, file)));
    }
  }
  if (failureConverterPath !== undefined) hash.update(await readFile(failureConverterPath));
  return hash.digest('hex').slice(0, 16);
}
