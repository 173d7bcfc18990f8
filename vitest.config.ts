import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Coverage is of the whole suite on one's own Redis: a run of some files, a watcher, or one on containers measures nothing. */
const isWholeSuite = process.argv.slice(2).join(' ') === 'run' && process.env.SAGA_TEST_REDIS === undefined;

/** Ways to a Redis, of which a machine takes one: Docker's containers, or the packages of its distribution. */
const DEPENDS_ON_THE_MACHINE = [
  'fromDocker',
  'startContainer',
  'removeContainer',
  'fromDistribution',
  'unpackServer',
  'apt',
  'osRelease',
].map((file) => `packages/launcher/src/redis/${file}.ts`);

/** The minute of chaos begins first: on a fresh checkout small files come last, and everything would wait for it. */
class ChaosFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isFirst = ({ moduleId }: TestSpecification) => moduleId.endsWith('/chaos.redis.test.ts');
    return [...sorted.filter(isFirst), ...sorted.filter((file) => !isFirst(file))];
  }
}

/**
 * Node runs the test files itself (`viteModuleRunner: false`), so a test loads exactly the sources that a service
 * loads, and V8's positions mean the same in a worker of vitest and in a service started as a process of its own:
 * coverage of both adds up, without source maps.
 */
export default defineConfig({
  test: {
    include: ['packages/**/*.test.ts', 'tests/**/*.test.ts', 'tools/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    globalSetup: ['tests/kit/globalSetup.ts'],
    experimental: { viteModuleRunner: false, nodeLoader: false },
    pool: 'forks',
    // Most of a test's time is waiting for Redis or for a process, so more files than cores run at once.
    maxWorkers: 4,
    sequence: { sequencer: ChaosFirst },
    // Far above what any test takes: a machine with much else to do must not fail one.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', './tools/closingLine.ts'],
    coverage: {
      enabled: isWholeSuite,
      provider: 'v8',
      // Node writes what every child process ran when it ends; one ended by SIGKILL writes nothing.
      autoAttachSubprocess: true,
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', ...DEPENDS_ON_THE_MACHINE],
      reporter: [['text', { maxCols: 120, skipFull: true }]],
      reportOnFailure: true,
      thresholds: { lines: 90, perFile: true },
    },
  },
});
