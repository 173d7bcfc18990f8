import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackendName } from 'common/config/readConfig';
import { type ServiceProcess, startProcess } from 'launcher/services/serviceProcess';
import { until } from '../kit/until.ts';

const ROOT = join(import.meta.dirname, '../..');
const PACKAGES = ['common', 'order', 'exchange', 'point', 'deadline'];
const START_MS_MAX = 60_000;

/** A service of the next release, as a process of its own. */
export type NextService = { url: string; stop(): Promise<void> };

/**
 * A release that is really another one: these sources in a folder of their own, changed as the next release may change them. It
 * reads events of version 1 and 2, and each that it publishes has a field more, `channel`, which it passes on.
 *
 * @param publishes the version of the events that it publishes
 */
export function nextRelease(publishes: 1 | 2) {
  const folder = mkdtempSync(join(tmpdir(), 'saga-next-'));
  for (const name of PACKAGES)
    cpSync(join(ROOT, 'packages', name), join(folder, 'packages', name), { recursive: true, verbatimSymlinks: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const change = (file: string, from: string, to: string) => {
    const path = join(folder, 'packages/common/src', file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no ${from}: say how a next release would change it`);
    writeFileSync(path, text.replaceAll(from, to));
  };
  change('events/catalog.ts', 'EVENT_VERSION = 1', 'EVENT_VERSION = 2');
  change('events/catalog.ts', 'causationId: text(64)', 'causationId: text(64), channel: text(64)');
  const channel = "'channel', cause and cause.channel or 'next', ";
  change('script/lua/plan.lua', "'version', '1', ", `'version', '${publishes}', ${channel}`);

  const running = new Set<ServiceProcess>();
  return {
    async start(name: BackendName, env: NodeJS.ProcessEnv): Promise<NextService> {
      let url: string | undefined;
      const program = {
        args: [join(folder, 'packages', name, 'src/main.ts')],
        env: { ...process.env, PORT: '0', ...env },
        logFile: join(folder, `${name}.log`),
      };
      const started = startProcess(program, (line) => {
        if (line.includes('"msg":"listening"')) url = JSON.parse(line).url;
      });
      running.add(started);
      const isUp = () =>
        url ?? (started.alive() ? undefined : Promise.reject(new Error(started.lastWords().join(' '))));
      await until(`the next ${name} to listen`, isUp, { timeoutMs: START_MS_MAX });
      return { url: url ?? '', stop: () => end(started) };
    },
    async remove(): Promise<void> {
      for (const started of running) await end(started);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function end(started: ServiceProcess): Promise<void> {
  if (started.alive()) started.signal('SIGTERM');
  await started.exited;
}
