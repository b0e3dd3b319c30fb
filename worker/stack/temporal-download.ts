import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { errorText, type StackLog } from './processes.ts';

const execFileAsync = promisify(execFile);

/** The first release of the CLI whose server is 1.32.0. */
const CLI_VERSION = '1.9.1';
const FIRST_BYTE_WITHIN_MS = 10_000;
const SILENCE_LIMIT_MS = 15_000;

/**
 * Puts the official Temporal CLI at `target`. False, with the reason in the log, when it cannot be
 * had from here: no network, a proxy in between, an unknown platform. Never throws for that.
 */
export async function downloadTemporal(target: string, log: StackLog): Promise<boolean> {
  const platform = { linux: 'linux', darwin: 'darwin' }[process.platform as string];
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  if (platform === undefined || arch === undefined) {
    log(`There is no official Temporal CLI for ${process.platform} on ${process.arch}.`);
    return false;
  }
  const url = `https://temporal.download/cli/archive/v${CLI_VERSION}?platform=${platform}&arch=${arch}`;
  const archive = `${target}.tar.gz`;
  try {
    log(`Downloading the Temporal CLI ${CLI_VERSION} (gives up after 10 s without an answer).`);
    await fetchToFile(url, archive, log);
    await execFileAsync('tar', ['-xzf', archive, '-C', dirname(target), 'temporal']);
    await rename(join(dirname(target), 'temporal'), target);
    return true;
  } catch (error) {
    log(`The download did not work: ${reason(error)}.`);
    return false;
  } finally {
    await rm(archive, { force: true });
  }
}

async function fetchToFile(url: string, file: string, log: StackLog): Promise<void> {
  const silence = new AbortController();
  const giveUp = (limitMs: number) =>
    setTimeout(() => silence.abort(new Error(`no data for ${limitMs / 1000} s`)), limitMs);
  let timer = giveUp(FIRST_BYTE_WITHIN_MS);
  try {
    const response = await fetch(url, { signal: silence.signal });
    if (!response.ok || response.body === null) throw new Error(`HTTP status ${response.status}`);
    const total = Number(response.headers.get('content-length') ?? 0);
    let received = 0;
    let toldAt = performance.now();
    const watch = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        clearTimeout(timer);
        timer = giveUp(SILENCE_LIMIT_MS);
        received += chunk.byteLength;
        if (performance.now() - toldAt >= 2_000) {
          toldAt = performance.now();
          log(`  ${megabytes(received)} MB${total > 0 ? ` of ${megabytes(total)} MB` : ''}`);
        }
        done(null, chunk);
      },
    });
    await pipeline(response.body, watch, createWriteStream(file));
  } finally {
    clearTimeout(timer);
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

/** fetch says only "fetch failed"; why is in its cause. */
function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return errorText(cause ?? error);
}
