import { defineConfig } from 'vitest/config';
import { FailedNames } from './test/support/failed-names.ts';

/** Folders of test/ that need neither Postgres nor Temporal. */
const PURE_FOLDERS = 'test/{house,replay,simulators}/**/*.test.ts';

/**
 * Two projects share one run. `pure` needs no service; `services` starts one Postgres and one
 * Temporal for the whole run. Whatever lies in test/ and is not named pure is a services test, so
 * that no file can fall between the two.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', new FailedNames()],
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: [
            '{rules,workflows,activities,api,worker,simulators,bench}/**/*.test.ts',
            PURE_FOLDERS,
          ],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'services',
          include: ['test/**/*.test.ts'],
          exclude: [PURE_FOLDERS, '**/node_modules/**'],
          globalSetup: ['test/support/stack.ts'],
          // Each file owns a database and a task queue; more than three starve each other.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
