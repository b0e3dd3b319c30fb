import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The folders whose arrows are enforced, in the order in which docs/ARCHITECTURE.md tells them. */
const FOLDERS = [
  'rules',
  'workflows',
  'activities',
  'api',
  'worker',
  'simulators',
  'bench',
  'test',
];

/**
 * Arguments of dependency-cruiser as `npm run check` runs it below `root`; exits non-zero on an error.
 * Shared with the test, so that what is proven is what is run.
 */
export function boundaryArgs(root: string): string[] {
  const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
  return ['--config', '.dependency-cruiser.cjs', '--no-progress', ...folders];
}
