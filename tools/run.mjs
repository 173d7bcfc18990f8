// What `npm start`, `npm test` and the other scripts of package.json run. Plain JavaScript for any Node from 20 on:
// it installs the locked dependencies where they are missing, and then runs the command on the Node 24 among them.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const vitest = 'node_modules/vitest/vitest.mjs';

/**
 * Every command: a script for the pinned Node with its first arguments, and variables that it gets. Arguments of the
 * user follow. `channel`: the script is told by a closed IPC channel when this process dies.
 * @type {Record<string, { script: string, args?: string[], env?: Record<string, string>, channel?: boolean }>}
 */
const commands = {
  start: { script: 'packages/launcher/src/main.ts', channel: true },
  test: { script: vitest, args: ['run'] },
  'test:containers': { script: vitest, args: ['run'], env: { SAGA_TEST_REDIS: 'containers' } },
  chaos: { script: 'tests/chaos/main.ts' },
  check: { script: 'tools/check.ts' },
  explore: { script: 'tests/exploration/explore.ts' },
  simulate: { script: 'tests/simulation/main.ts' },
  bench: { script: 'bench/load.ts' },
  soak: { script: 'bench/soak.ts' },
};

const oldestNode = 20;
const interruptGraceMs = 500;
const parentCheckMs = 250;

await main(process.argv[2] ?? '', process.argv.slice(3));

/**
 * @param {string} name
 * @param {string[]} args
 */
async function main(name, args) {
  const command = commands[name];
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    return refuse(`Node ${oldestNode} or later is needed, this is ${process.versions.node}`);
  }
  if (command === undefined) {
    return refuse(`no command '${name}'; there are ${Object.keys(commands).join(', ')}`);
  }
  if (!isInstalled() && !(await install())) return;
  // The real binary, so that its process id is the command's; tools of the project come first on PATH.
  const path = [join(modules, '.bin'), process.env.PATH].filter(Boolean).join(delimiter);
  // Relative paths of the user start where the user is; npm notes that place in the same variable.
  const env = { INIT_CWD: process.cwd(), ...process.env, PATH: path, ...command.env };
  const stdio = command.channel ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit';
  endAs(await run(realpathSync(pinnedNode()), [command.script, ...(command.args ?? []), ...args], { env, stdio }));
}

/** Whether node_modules is what pnpm-lock.yaml asks for: pnpm keeps a copy of the lockfile that it installed last. */
function isInstalled() {
  const installed = join(modules, '.pnpm/lock.yaml');
  if (!existsSync(installed) || !existsSync(pinnedNode())) return false;
  return readFileSync(installed).equals(readFileSync(join(root, 'pnpm-lock.yaml')));
}

async function install() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const pnpm = packageManager.replace(/\+.*/, '');
  console.error(`installing dependencies with ${pnpm} (once, until the lockfile changes)`);
  const [npx, first] = npxCommand();
  // Standard input is the command's, not the installer's; its progress is no part of the command's output.
  const args = [...first, '--yes', pnpm, 'install', '--frozen-lockfile'];
  const { code, signal, error } = await run(npx, args, { stdio: ['ignore', 2, 2] });
  if (code === 0) return true;
  refuse(`installing dependencies failed (${error ?? `${pnpm} ended with ${code ?? signal}`}); see the lines above`);
  return false;
}

/** npx of the npm that runs this, where there is one: PATH may know another or none. */
function npxCommand() {
  const npm = process.env.npm_execpath ?? '';
  const npx = join(dirname(npm), 'npx-cli.js');
  return basename(npm) === 'npm-cli.js' && existsSync(npx) ? [process.execPath, [npx]] : ['npx', []];
}

function pinnedNode() {
  return join(modules, 'node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/**
 * Runs a program to its end and hands signals on to it, each once.
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null, error?: string }>}
 */
function run(program, args, options) {
  const child = spawn(program, args, { cwd: root, ...options });
  const sent = new Set();
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    if (!sent.has(signal)) child.kill(signal);
    sent.add(signal);
  };
  // A terminal sends Ctrl-C to the child as well: only one that does not end by that has not got it.
  const grace = process.stdin.isTTY ? interruptGraceMs : 0;
  const handlers = {
    SIGTERM: () => pass('SIGTERM'),
    SIGHUP: () => pass('SIGHUP'),
    SIGINT: () => setTimeout(() => pass('SIGINT'), grace).unref(),
  };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  const watch = followParent(() => pass('SIGTERM'));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error: error.message }));
    child.once('exit', (code, signal) => {
      clearInterval(watch);
      for (const [name, handler] of Object.entries(handlers)) process.off(name, handler);
      resolve({ code, signal });
    });
  });
}

/**
 * npm passes SIGINT and SIGTERM on (to this, for its scripts `exec`: the shell between them would not), but when it is
 * killed nobody is told.
 * @param {() => void} orphaned
 */
function followParent(orphaned) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  return setInterval(() => process.ppid !== parent && orphaned(), parentCheckMs).unref();
}

/** @param {{ code: number | null, signal: NodeJS.Signals | null, error?: string }} end */
function endAs({ code, signal, error }) {
  if (error !== undefined) return refuse(error);
  if (signal === null) process.exit(code);
  process.kill(process.pid, signal);
}

/** @param {string} reason */
function refuse(reason) {
  console.error(`npm ${process.env.npm_lifecycle_event ?? 'run'}: ${reason}`);
  process.exitCode = 1;
}
