import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(PROJECT, '.loopline', 'cache');

/** The workflows as one bundle; bundling takes seconds, so the result is kept by its sources' hash. */
export async function workflowBundle(): Promise<{ codePath: string }> {
  const codePath = join(CACHE, `workflows-${await sourceHash()}.js`);
  try {
    await access(codePath);
    return { codePath };
  } catch {
    // Not there yet: made below.
  }
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(PROJECT, 'workflows', 'index.ts'),
    logger: QUIET,
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

async function sourceHash(): Promise<string> {
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
  return hash.digest('hex').slice(0, 16);
}
