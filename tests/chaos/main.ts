import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { findRedis } from 'launcher/redis/findRedis';
import { emptyFolder } from './emptyFolder.ts';
import { type ChaosCommand, HELP, readOptions } from './options.ts';
import { commandOf, report } from './report.ts';
import { runChaos } from './runChaos.ts';

/** `npm run chaos`: one run, its report, and exit 1 where something that must hold did not. */
const { reportFile, data, ...options } = asked();
const home = process.env.INIT_CWD ?? process.cwd();
const dir = resolve(home, data ?? join('.data', 'chaos'));
await emptyFolder(dir).catch(refuse);
const { REDIS_URL, ...env } = process.env;
const onProgress = (line: string) => console.error(`chaos: ${line}`);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
const source = await findRedis({ env, onProgress });
if (source.kind !== 'binary') {
  console.error('chaos: a redis-server on PATH is needed: its process is killed and its files are cut');
  process.exit(1);
}
onProgress(`seed ${options.seed}; data, logs and history in ${dir}`);
const result = await runChaos(options, { source, dir, onProgress });
const text = report(options, result);
if (reportFile !== undefined) {
  const path = resolve(home, reportFile);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
console.log(text);
if (result.violations.length > 0) {
  console.error(`chaos: ${result.violations.length} violations; repeat with: ${commandOf(options)}`);
}
process.exit(result.violations.length > 0 ? 1 : 0);

function asked(): ChaosCommand {
  try {
    const command = readOptions(process.argv.slice(2));
    if (command !== 'help') return command;
  } catch (error) {
    return refuse(error);
  }
  console.log(HELP);
  process.exit(0);
}

function refuse(error: unknown): never {
  console.error(`chaos: ${error instanceof Error ? error.message : error}; see --help`);
  process.exit(2);
}
