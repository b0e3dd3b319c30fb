import { execFile, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { StackLog } from './processes.ts';

const execFileAsync = promisify(execFile);

/** go.mod and go.sum there pin the CLI, the server and everything below them by checksum. */
const MODULE_FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'temporal-module');
const PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
const ATTEMPTS = 3;
const PROGRESS_EVERY_MS = 5_000;

/**
 * Builds the Temporal CLI with Server 1.32.0 at `target` from the pinned module, with progress in
 * the log. Needs Go, about 1.5 GB for modules and 4 minutes on two cores.
 * Throws with Go's own words, or with what to do when there is no Go.
 */
export async function buildTemporal(target: string, log: StackLog): Promise<void> {
  const go = await findGo();
  const progress = startProgress(log);
  try {
    log('Building Temporal with Go from the pinned module; this is done once and takes minutes.');
    const packages = await listPackages(go, progress);
    progress.packagesInAll = packages;
    const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-v'];
    await runGo(go, ['build', ...flags, '-o', target, PACKAGE], progress);
    log(`Temporal is built (${progress.elapsedSeconds()} s).`);
  } finally {
    progress.end();
  }
}

type Progress = {
  modulesDownloaded: number;
  packagesCompiled: number;
  packagesInAll: number;
  elapsedSeconds(): number;
  end(): void;
};

function startProgress(log: StackLog): Progress {
  const startedAt = performance.now();
  const progress: Progress = {
    modulesDownloaded: 0,
    packagesCompiled: 0,
    packagesInAll: 0,
    elapsedSeconds: () => Math.round((performance.now() - startedAt) / 1000),
    end: () => clearInterval(timer),
  };
  const timer = setInterval(() => {
    const total = progress.packagesInAll === 0 ? '' : ` of at most ${progress.packagesInAll}`;
    log(
      `  ${progress.elapsedSeconds()} s: ${progress.modulesDownloaded} modules downloaded, ` +
        `${progress.packagesCompiled}${total} packages compiled`,
    );
  }, PROGRESS_EVERY_MS);
  return progress;
}

/** Downloads the modules that are needed and counts the packages; what came once is kept by Go. */
async function listPackages(go: string, progress: Progress): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await runGo(go, ['list', '-mod=readonly', '-deps', PACKAGE], progress)).length;
    } catch (error) {
      if (attempt >= ATTEMPTS) throw error;
    }
  }
}

/** Runs Go in our terminal session, so Ctrl-C ends it too. Returns the lines of its output. */
async function runGo(go: string, args: readonly string[], progress: Progress): Promise<string[]> {
  const child = spawn(go, args, {
    cwd: MODULE_FOLDER,
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Only a terminal's Ctrl-C reaches Go by itself.
  const endWithUs = () => child.kill();
  process.once('exit', endWithUs);
  const output: string[] = [];
  const complaints: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => output.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.startsWith('go: downloading ')) progress.modulesDownloaded += 1;
    else if (/^[\w./~-]+$/.test(line)) progress.packagesCompiled += 1;
    else complaints.push(line);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => process.off('exit', endWithUs));
  if (code === 0) return output;
  throw new Error(`go ${args[0] ?? ''} failed:\n${complaints.slice(-15).join('\n')}`);
}

async function findGo(): Promise<string> {
  for (const go of ['go', '/usr/local/go/bin/go']) {
    const found = await execFileAsync(go, ['version']).then(
      () => true,
      () => false,
    );
    if (found) return go;
  }
  throw new Error(
    'Temporal could not be downloaded, and there is no Go to build it with. Do one of these: ' +
      'install the Temporal CLI (Server 1.32.0 or newer) on PATH; name it in TEMPORAL_CLI; ' +
      'install Go 1.26.8 or newer; or set TEMPORAL_ADDRESS to a server that runs already.',
  );
}
