import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { until } from '../../kit/until.ts';

// A frozen process does not hear that its run was killed: it would stay for ever.
const RUN = `
  import { Instance } from '${import.meta.resolve('./instance.ts')}';
  const args = ['--eval', 'setInterval(() => {}, 1_000_000)'];
  const instance = new Instance({ name: 'order', url: '', args, env: process.env, logFile: '/dev/null' });
  instance.start();
  instance.freeze(true);
  console.log(instance.pid);
  setInterval(() => {}, 1_000_000);`;

const stateOf = (pid: number) => execFileSync('ps', ['-o', 'stat=', '-p', `${pid}`], { encoding: 'utf8' }).trim();

test('nothing stays frozen when a run is killed', async () => {
  const run = spawn(process.execPath, ['--input-type=module-typescript', '--eval', RUN], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: run.stdout }), 'line');
  const pid = Number(line);
  try {
    await until('it to be frozen', async () => stateOf(pid).startsWith('T'));
    run.kill('SIGKILL');
    await until('it to go on', async () => !stateOf(pid).startsWith('T'));
    expect(stateOf(pid)).not.toBe('');
  } finally {
    run.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
  }
});
