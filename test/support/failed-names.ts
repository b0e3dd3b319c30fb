import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** Names the failed tests once more behind everything else, a line each: a long log is read from its end. */
export class FailedNames implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      const file = relative(process.cwd(), module.moduleId);
      for (const error of module.errors()) console.error(`FAILED ${file}: ${firstLine(error)}`);
      for (const test of module.children.allTests('failed')) {
        const [error] = test.result().errors ?? [];
        console.error(`FAILED ${file} > ${test.fullName}: ${firstLine(error)}`);
      }
    }
  }
}

function firstLine(error: { readonly message: string } | undefined): string {
  return error?.message.split('\n', 1)[0]?.slice(0, 300) ?? '';
}
