import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from 'launcher/processes/isAlive';
import { servicePorts } from 'launcher/services/serviceNames';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePortOffset } from '../tests/kit/freePort.ts';
import { type LauncherProcess, startLauncher } from '../tests/kit/launcherProcess.ts';
import { own } from '../tests/kit/standInLauncher.ts';
import { until } from '../tests/kit/until.ts';

// Goal: nothing is left, whoever of npm, its shell, tools/run.mjs and the launcher gets the signal. Method: npm itself,
// on a small project whose launcher runs stand-ins for the services.

const repository = join(import.meta.dirname, '..');
const hasNpm = spawnSync('npm', ['--version']).status === 0;
let project: string;
let launcher: LauncherProcess;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'npm-start-'));
  await mkdir(join(project, 'tools'));
  await mkdir(join(project, 'packages/launcher/src'), { recursive: true });
  await copyFile(join(repository, 'tools/run.mjs'), join(project, 'tools/run.mjs'));
  // The lockfile that is installed, so that nothing is ever installed through the link below.
  await copyFile(join(repository, 'node_modules/.pnpm/lock.yaml'), join(project, 'pnpm-lock.yaml'));
  await symlink(join(repository, 'node_modules'), join(project, 'node_modules'));
  const main = join(repository, 'packages/launcher/standIns/launcher.ts');
  await writeFile(join(project, 'packages/launcher/src/main.ts'), `import ${JSON.stringify(main)};\n`);
  const { scripts } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  await writeFile(join(project, 'package.json'), JSON.stringify({ type: 'module', scripts }));
  const offset = await freePortOffset(Object.values(servicePorts));
  launcher = startLauncher(['npm', 'start', '--', '--port-offset', String(offset)], {
    data: join(project, 'data'),
    cwd: project,
    ownGroup: true,
  });
  await launcher.untilSays('Ready after');
});
afterEach(async () => {
  await launcher?.end();
  await rm(project, { recursive: true, force: true });
});

async function processes(): Promise<number[]> {
  const { launcher: pid, redis, services } = await launcher.run();
  return [pid, redis.pid, ...services.map((service) => service.pid)].filter((each) => typeof each === 'number');
}

const ways: [string, () => void, number | string][] = [
  ['SIGINT to npm', () => launcher.signal('SIGINT'), 0],
  ['SIGTERM to npm', () => launcher.signal('SIGTERM'), 0],
  ['SIGKILL to npm', () => launcher.signal('SIGKILL'), 'SIGKILL'],
  ['SIGINT to the whole group, as a terminal sends it', () => process.kill(-launcher.pid, 'SIGINT'), 0],
  ['SIGTERM to the whole group', () => process.kill(-launcher.pid, 'SIGTERM'), 0],
];

test.runIf(hasNpm).each(ways)('%s', async (_, end, code) => {
  const pids = await processes();
  expect(pids).toHaveLength(own ? 7 : 6);
  const startedAt = performance.now();
  end();
  await until('everything to be gone', () => pids.filter(isAlive).length === 0);
  expect(await launcher.exited).toBe(code);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test.runIf(hasNpm)('quit on standard input: npm ends with 0', async () => {
  const pids = await processes();
  launcher.type('quit');
  expect(await launcher.exited).toBe(0);
  expect(pids.filter(isAlive)).toEqual([]);
});
