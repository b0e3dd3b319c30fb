import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { startSimulators } from '../../simulators/start-simulators.ts';
import type { RunningSimulators, SimulatorOptions } from '../../simulators/start-simulators.ts';

export type JsonAnswer = { status: number; body: Record<string, unknown>; headers: Headers };

/** The six simulators at free ports with a data folder of their own. */
export function startForTest(options: Partial<SimulatorOptions> = {}): Promise<RunningSimulators> {
  return startSimulators({
    ports: {},
    dataDir: newDataDir(),
    seed: 7,
    mode: 'replay',
    apiUrl: 'http://127.0.0.1:9',
    apiKey: 'key-for-tests',
    ...options,
  });
}

const dataDirs: string[] = [];
// Registered first, so it runs after the hooks of the test file that stop the simulators.
afterAll(() => {
  for (const dataDir of dataDirs) {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

/** A folder that is removed when the test file has ended. */
export function newDataDir(): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'simulators-'));
  dataDirs.push(dataDir);
  return dataDir;
}

export async function send(
  method: 'GET' | 'POST' | 'PUT',
  url: string,
  body?: object,
  key?: string,
): Promise<JsonAnswer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const parsed = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body: parsed, headers: response.headers };
}

/** Waits until the condition holds; fails when the time is up. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  withinMs = 5_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error('the condition did not come true in time');
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
