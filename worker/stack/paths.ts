import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const PROJECT_FOLDER = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The data folder: `LOOPLINE_DATA` (relative to the project), else `.loopline` in the project. */
export function dataFolder(override?: string): string {
  return resolve(PROJECT_FOLDER, override ?? '.loopline');
}

/** The user's cache folder for what can be fetched or built again; honours XDG_CACHE_HOME. */
export function cacheFolder(source: NodeJS.ProcessEnv = process.env): string {
  const configured = source['XDG_CACHE_HOME'];
  // The XDG base directory specification says that a relative path is to be ignored.
  const base =
    configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), '.cache');
  return join(base, 'loopline');
}

/** Creates the data folder and its logs folder; others may pass through, not list. */
export async function prepareDataFolder(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  await mkdir(join(dataDir, 'logs'), { recursive: true, mode: 0o700 });
}
