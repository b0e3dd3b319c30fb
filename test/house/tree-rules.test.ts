import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { violationsIn } from './tree-rules.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'loopline-tree-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text = 'export const answer = 42;\n'): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

test('a tree that keeps the rules has no violation', () => {
  write('rules/order/states.ts');
  write('workflows/index.ts');
  write('activities/ledger/sql/functions/order/accept.sql', 'SELECT 1;\n'.repeat(400));
  write(
    'docs/notes.md',
    'See ../shared/data and https://example.com/work/item and some/work/here.\n',
  );
  write('node_modules/other/utils/index.ts');
  expect(violationsIn(root)).toEqual([]);
});

test.each([
  ['rules/order/utils.ts', '"utils" names no subject'],
  ['api/order-helpers.ts', '"helpers" names no subject'],
  ['activities/common/clock.ts', '"common" names no subject'],
  ['worker/stack-manager.ts', '"manager" names no subject'],
  ['api/index.ts', 'no barrel files'],
  ['rules/order/index.ts', 'no barrel files'],
  ['rules/OrderStates.ts', 'file names are kebab-case'],
])('the name of %s is refused', (path, reason) => {
  write(path);
  expect(violationsIn(root)).toEqual([`${path}: ${reason}`]);
});

test.each(['activities/ledger/sql/functions/stock/reserve.sql', 'rules/stock/plan.ts'])(
  'a file of 401 lines is refused: %s',
  (path) => {
    write(path, '-- line\n'.repeat(401));
    expect(violationsIn(root)).toEqual([`${path}: 401 lines, at most 400`]);
  },
);

test.each(['work/shared', 'root/.npmrc', 'home/ann/loopline', 'tmp/report.json'])(
  'the path of one machine is refused with its line: /%s',
  (path) => {
    write('docs/notes.md', `First line.\nSee /${path}\n`);
    expect(violationsIn(root)).toEqual([expect.stringMatching(/^docs\/notes[.]md:2: "\//)]);
  },
);

test('an unknown folder at top level is refused', () => {
  write('lib/clock.ts');
  expect(violationsIn(root)).toEqual([
    'lib/: a new folder at top level needs a reason in docs/adr',
  ]);
});
