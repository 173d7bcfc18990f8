import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

// Goal: the coverage that `npm test` ends with counts what only a child process ran, and a file that is not covered fails
// the run. Method: the real vitest.config.ts in a small tree, run once as it is run for the project.

const checkout = join(import.meta.dirname, '..');
const root = mkdtempSync(join(tmpdir(), 'coverage-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const write = (path: string, ...lines: string[]) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), `${lines.join('\n')}\n`);
};
for (const file of ['vitest.config.ts', 'package.json', 'tools/closingLine.ts'])
  cpSync(join(checkout, file), join(root, file));
symlinkSync(join(checkout, 'node_modules'), join(root, 'node_modules'));
write('tests/kit/globalSetup.ts', 'export const setup = () => {};');

const src = 'packages/order/src';
write(
  `${src}/main.ts`,
  "import { double } from './both.ts';",
  "process.once('SIGTERM', () => process.exit(double(21)));",
  "console.log('ready');",
  'setInterval(() => {}, 60_000);',
);
write(
  `${src}/both.ts`,
  'export function half(n: number): number {',
  '  return n / 2;',
  '}',
  '',
  'export function double(n: number): number {',
  '  return n * 2;',
  '}',
);
write(`${src}/declared.ts`, 'export type Declared = { nothing: string };');
write(`${src}/forgotten.ts`, 'export function forgotten(): number {', '  const a = 1;', '  return a;', '}');
write(
  `${src}/both.test.ts`,
  "import { spawn } from 'node:child_process';",
  "import { once } from 'node:events';",
  "import { join } from 'node:path';",
  "import { expect, test } from 'vitest';",
  "import { half } from './both.ts';",
  "test('here', () => expect(half(2)).toBe(1));",
  "test('in a process of its own', async () => {",
  "  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')]);",
  "  await once(child.stdout, 'data');",
  '  child.kill();',
  "  expect(await once(child, 'exit')).toEqual([42, null]);",
  '});',
);

const run = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run'], {
  cwd: root,
  encoding: 'utf8',
  env: { ...process.env, SAGA_TEST_REDIS: undefined, NO_COLOR: '1', FORCE_COLOR: undefined },
});

test('lines that only a child process ran are covered', () => {
  expect(run.stdout).toContain('tests: 2 passed, 0 failed');
  expect(run.stderr).not.toMatch(/both\.ts|main\.ts/);
});

test('a file that no test runs fails the run by name, one of types alone does not', () => {
  expect(run.stderr).toMatch(
    /lines \(0%\) does not meet global threshold \(90%\) for packages\/order\/src\/forgotten\.ts/,
  );
  expect(run.stderr).not.toContain('declared.ts');
  expect(run.status).toBe(1);
});
