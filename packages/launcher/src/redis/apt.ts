import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../refusal.ts';
import { run } from './run.ts';
import type { Search } from './way.ts';

/** The distribution's package tool, used without root: it reads the machine's configuration and writes to one folder. */
export type Apt = {
  /** Packages that `name` needs and this machine lacks, itself included, with their upstream versions. */
  missingFor(name: string): Promise<Map<string, string>>;
  /** Downloads packages and answers the files. */
  download(packages: readonly string[]): Promise<string[]>;
};

/**
 * @param lists `system` reads the package lists that the machine has; `fresh` fetches lists into the folder
 * @param folder an empty folder for lists and downloads
 */
export async function aptWith(lists: 'system' | 'fresh', folder: string, search: Search): Promise<Apt> {
  const config = join(folder, 'apt.conf');
  const downloads = join(folder, 'downloads');
  for (const path of ['lists/partial', 'archives/partial', 'downloads']) {
    await mkdir(join(folder, path), { recursive: true });
  }
  await writeFile(config, configuration(lists, folder));
  const env = { ...search.env, APT_CONFIG: config, LC_ALL: 'C' };
  if (lists === 'fresh') {
    search.onProgress('fetching package lists, for there are none that serve');
    await update(env, search);
  }
  return {
    async missingFor(name) {
      return installed(await run('apt-get', ['install', '--simulate', '--no-install-recommends', name], { env }));
    },
    async download(packages) {
      await run('apt-get', ['download', '-q', ...packages], { env, cwd: downloads, timeoutMs: 300_000 });
      return (await readdir(downloads)).map((file) => join(downloads, file));
    },
  };
}

/** A source that fails is told and passed over: the others may have what is needed. */
async function update(env: NodeJS.ProcessEnv, { onProgress }: Search): Promise<void> {
  try {
    await run('apt-get', ['update', '-q'], { env, timeoutMs: 300_000 });
  } catch (error) {
    onProgress(reasonOf(error));
  }
}

/** Reads lines such as `Inst redis-tools (5:7.0.15-1~deb12u7 Debian:12 [amd64])`; an epoch is no part of the version. */
export function installed(simulation: string): Map<string, string> {
  const lines = simulation.matchAll(/^Inst (\S+)(?: \[[^\]]*\])? \((?:\d+:)?([^\s)]+)/gm);
  return new Map(Array.from(lines, ([, name = '', version = '']) => [name, version]));
}

function configuration(lists: 'system' | 'fresh', folder: string): string {
  return [
    ...(lists === 'fresh' ? [`Dir::State::lists "${folder}/lists";`] : []),
    `Dir::Cache "${folder}";`,
    `Dir::Cache::archives "${folder}/archives";`,
    'Acquire::Languages "none";',
    'APT::Sandbox::User "";',
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
    '',
  ].join('\n');
}
