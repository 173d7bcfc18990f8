import type { Reporter, TestModule } from 'vitest/node';

/**
 * Prints how many tests passed and failed as one plain line for whoever reads the log. What failed outside any test, a
 * file that did not load or an error that nothing caught, counts as a failure too.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      counts.failed += module.errors().length;
    }
    const skipped = counts.skipped + counts.pending;
    console.log(`tests: ${counts.passed} passed, ${counts.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }
}
