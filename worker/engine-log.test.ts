import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { shortOf, tellNowAndThen } from './engine-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loopline-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('every line is in the file; the terminal gets a short one a minute, with the number of the others', () => {
  const file = join(folder, 'engine.log');
  const told: string[] = [];
  let now = 0;
  const tell = tellNowAndThen(
    (line) => told.push(line),
    file,
    () => now,
  );
  tell('temporal warn: one {"attempt":1}', 'one');
  tell('temporal warn: two {"attempt":2}', 'two');
  now = 60_000;
  tell('temporal warn: three {"attempt":3}', 'three');

  expect(told).toEqual([
    `Temporal's SDK says: one; details: ${file}`,
    `Temporal's SDK says: three, and 1 more since the last such line; details: ${file}`,
  ]);
  expect(readFileSync(file, 'utf8').match(/"attempt":\d/g)).toHaveLength(3);
});

test('what cannot be written to the file is told in full', () => {
  const told: string[] = [];
  tellNowAndThen((line) => told.push(line), join(folder, 'missing', 'engine.log'))(
    'temporal warn: one {"attempt":1}',
    'one',
  );
  expect(told).toEqual(['temporal warn: one {"attempt":1}']);
});

test('a short line names the step, its process and the reason, and has no second line', () => {
  const meta = {
    activityType: 'capturePayment',
    workflowId: 'order:web:1001',
    error: new Error('payment gateway answered 503'),
  };
  expect(shortOf('Activity failed', meta)).toBe(
    'Activity failed (capturePayment of order:web:1001: payment gateway answered 503)',
  );
  expect(shortOf('Poll failed\n  at somewhere')).toBe('Poll failed');
});
