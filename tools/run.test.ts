import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { until } from '../tests/kit/until.ts';

// Goal: what npm's scripts rest on. Method: tools/run.mjs in a small project of its own, with an npx that notes how it
// was called and scripts that say what they got.

let project: string;
let children: ReturnType<typeof spawn>[];

beforeEach(async () => {
  project = await realpath(await mkdtemp(join(tmpdir(), 'run-mjs-')));
  children = [];
  await write('package.json', JSON.stringify({ type: 'module', packageManager: 'pnpm@12.21.0+sha512.abc' }));
  await write('pnpm-lock.yaml', 'lock: 1');
  await write('node_modules/.pnpm/lock.yaml', 'lock: 1');
  await mkdir(join(project, 'node_modules/node/bin'), { recursive: true });
  await symlink(process.execPath, join(project, 'node_modules/node/bin/node'));
  await write('bin/npx', '#!/bin/sh\necho "npx $*"\ncp pnpm-lock.yaml node_modules/.pnpm/lock.yaml\n');
  await chmod(join(project, 'bin/npx'), 0o755);
  await mkdir(join(project, 'tools'), { recursive: true });
  await copyFile(join(import.meta.dirname, 'run.mjs'), join(project, 'tools/run.mjs'));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(project, { recursive: true, force: true });
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(project, path)), { recursive: true });
  await writeFile(join(project, path), text);
}

function run(...args: string[]) {
  const { npm_execpath, npm_lifecycle_event, INIT_CWD, SAGA_TEST_REDIS, ...rest } = process.env;
  const env = { ...rest, PATH: `${join(project, 'bin')}:${rest.PATH}` };
  const child = spawn(process.execPath, [join(project, 'tools/run.mjs'), ...args], { cwd: join(project, 'bin'), env });
  children.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ ...said, code, signal }));
  return { child, said, ended };
}

const main = 'packages/launcher/src/main.ts';

test('a script on the pinned Node, from the root, with its arguments and the tools of the project on PATH', async () => {
  const got = 'execPath: process.execPath, argv: process.argv.slice(2), cwd: process.cwd()';
  const env = "path: process.env.PATH?.split(':')[0], from: process.env.INIT_CWD, channel: process.connected";
  await write(main, `console.log(JSON.stringify({ ${got}, ${env} })); process.disconnect?.();`);
  const { code, out, err } = await run('start', 'order', '--fresh').ended;
  expect([code, err]).toEqual([0, '']);
  expect(JSON.parse(out)).toEqual({
    execPath: await realpath(process.execPath),
    argv: ['order', '--fresh'],
    cwd: project,
    path: join(project, 'node_modules/.bin'),
    from: join(project, 'bin'),
    channel: true,
  });
});

test('test and test:containers run vitest once, with the arguments of the user', async () => {
  await write(
    'node_modules/vitest/vitest.mjs',
    'console.log(process.argv.slice(2).join(" "), process.env.SAGA_TEST_REDIS ?? "any", process.connected);',
  );
  expect((await run('test', 'some.test.ts').ended).out).toBe('run some.test.ts any undefined\n');
  expect((await run('test:containers').ended).out).toBe('run containers undefined\n');
});

test('the exit code is that of the script', async () => {
  await write('tools/check.ts', 'process.exitCode = 7;');
  expect((await run('check').ended).code).toBe(7);
});

test('a script that a signal ended ends this by the same signal', async () => {
  await write('tools/check.ts', "process.kill(process.pid, 'SIGKILL');");
  expect(await run('check').ended).toMatchObject({ code: null, signal: 'SIGKILL' });
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s reaches the script once, however often it comes',
  async (signal) => {
    await write(
      main,
      `process.on('${signal}', () => { console.log('got it'); setTimeout(() => process.exit(5), 300); });
     console.log('ready'); setInterval(() => {}, 1000);`,
    );
    const { child, said, ended } = run('start');
    await until('the script to be ready', () => said.out.includes('ready'));
    child.kill(signal);
    await until('the signal', () => said.out.includes('got it'));
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 5, out: 'ready\ngot it\n' });
  },
);

test('the script of start learns by its channel that this was killed', async () => {
  await write(
    main,
    `import { writeFileSync } from 'node:fs';
     process.on('disconnect', () => { writeFileSync('told', ''); process.exit(); }); console.log('ready');`,
  );
  const { child, said } = run('start');
  await until('the script to be ready', () => said.out.includes('ready'));
  child.kill('SIGKILL');
  await until('the script to be told', () => readFile(join(project, 'told')).then(() => true));
});

test('dependencies that are not those of the lockfile are installed first, and only then', async () => {
  await write('tools/check.ts', "console.log('checked');");
  await write('pnpm-lock.yaml', 'lock: 2');
  const first = await run('check').ended;
  expect(first).toMatchObject({ code: 0, out: 'checked\n' });
  expect(first.err).toBe(
    'installing dependencies with pnpm@12.21.0 (once, until the lockfile changes)\n' +
      'npx --yes pnpm@12.21.0 install --frozen-lockfile\n',
  );
  expect(await run('check').ended).toMatchObject({ code: 0, err: '', out: 'checked\n' });
});

test('an install is for the pinned Node, whichever one runs it: older ones would be told of engines that are not used', async () => {
  const root = join(import.meta.dirname, '..');
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { nodeVersion } = parse(await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8'));
  expect(nodeVersion).toBe(devDependencies.node);
});

test('an install that lacks the pinned Node is no install', async () => {
  await write('tools/check.ts', "console.log('checked');");
  await rm(join(project, 'node_modules/node'), { recursive: true });
  await write(
    'bin/npx',
    `#!/bin/sh\nmkdir -p node_modules/node/bin\nln -s ${process.execPath} node_modules/node/bin/node\n`,
  );
  expect(await run('check').ended).toMatchObject({ code: 0, out: 'checked\n' });
});

test('an install that fails: one clear line, exit 1', async () => {
  await write('pnpm-lock.yaml', 'lock: 2');
  await write('bin/npx', '#!/bin/sh\necho "ENOTFOUND the registry" >&2\nexit 3\n');
  const { code, err } = await run('check').ended;
  expect(code).toBe(1);
  expect(err.split('\n').slice(1)).toEqual([
    'ENOTFOUND the registry',
    'npm run: installing dependencies failed (pnpm@12.21.0 ended with 3); see the lines above',
    '',
  ]);
});

test('a command that there is not is named, with those that there are: the scripts of package.json, each by its own', async () => {
  const { scripts } = JSON.parse(await readFile(join(import.meta.dirname, '../package.json'), 'utf8'));
  const names = Object.keys(scripts);
  const { code, err } = await run('strat').ended;
  expect([code, err]).toEqual([1, `npm run: no command 'strat'; there are ${names.join(', ')}\n`]);
  expect(scripts).toEqual(Object.fromEntries(names.map((name) => [name, `exec node tools/run.mjs ${name}`])));
});
