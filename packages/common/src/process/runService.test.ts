/** Services as processes: what they print, how they end. Each test runs a small service of its own in a real process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';

const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

const runService = import.meta.resolve('./runService.ts');
const startRefusal = import.meta.resolve('../config/startRefusal.ts');

/** A service whose factory returns `members` on top of one that works. */
function run(members: string, env: NodeJS.ProcessEnv = {}) {
  const source = `
    import { runService } from '${runService}';
    import { StartRefusal } from '${startRefusal}';
    const say = (word) => process.stdout.write(word + '\\n');
    await runService('order', () => ({
      name: 'order',
      fetch: () => new Response('here'),
      async start() {},
      async stop() { say('stopped'); },
      ${members}
    }));`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  const listening = new Promise<string>((resolve) =>
    child.once('message', (message: { listening: { url: string } }) => resolve(message.listening.url)),
  );
  const ended = async () => {
    if (!child.stdout || !child.stderr) throw new Error('its output is not piped');
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { code, stdout, stderr };
  };
  return { child, listening, ended: ended() };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: the service stops, exit 0, nothing on standard error',
  async (signal) => {
    const { child, listening, ended } = run('');
    expect(await (await fetch(await listening)).text()).toBe('here');
    child.kill(signal);
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('stopped');
    expect(stdout).toContain(`"because":"${signal}"`);
  },
);

test('the end of the launcher ends the service', async () => {
  const { child, listening, ended } = run('');
  await listening;
  child.disconnect();
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
});

test('more signals change nothing', async () => {
  const { child, listening, ended } = run(`
    async stop() {
      process.kill(process.pid, 'SIGINT');
      process.kill(process.pid, 'SIGTERM');
      await new Promise((resolve) => setTimeout(resolve, 50));
      say('stopped');
    },`);
  await listening;
  child.kill('SIGTERM');
  const { code, stdout } = await ended;
  expect([code, stdout.match(/^stopped$/gm)?.length]).toEqual([0, 1]);
});

test('an answer under way is given before the service stops and the process ends', async () => {
  const { child, listening, ended } = run(`
    async fetch(request, { stopping }) {
      process.kill(process.pid, 'SIGTERM');
      await new Promise((resolve) => stopping.addEventListener('abort', resolve));
      await new Promise((resolve) => setImmediate(resolve));
      say('answered');
      return new Response('late');
    },`);
  expect(await (await fetch(await listening)).text()).toBe('late');
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  expect(stdout.match(/^(answered|stopped)$/gm)).toEqual(['answered', 'stopped']);
  expect(child.exitCode).toBe(0);
});

test('a refusal to start is one line on standard error, exit 1, what was begun is stopped', async () => {
  const { ended } = run(`async start() { throw new StartRefusal('no Redis at redis://x (REDIS_URL)'); },`);
  const { code, stdout, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'order: no Redis at redis://x (REDIS_URL)\n' });
  expect(stdout).toBe('stopped\n');
});

test('a bad variable is one line', async () => {
  const { code, stdout, stderr } = await run('', { PORT: 'eighty', PARTITIONS: '0' }).ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^order: PORT must be [^\n]+ is "eighty"; PARTITIONS must be [^\n]+ is "0"\n$/);
});

test('a busy port is one line, and the started service is stopped', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const { code, stdout, stderr } = await run('', { PORT: `${port}` }).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'stopped\n' });
    expect(stderr).toMatch(new RegExp(`^order: port ${port} on 127.0.0.1 is busy[^\n]*\n$`));
  } finally {
    server.close();
  }
});

test('a fault at the start is one line too, and says where', async () => {
  const { code, stderr } = await run(`async start() { throw new TypeError('no such thing'); },`).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^order: TypeError: no such thing \| at [^\n]+\n$/);
});

test('a Redis that refuses to be written to is one line without a stack', async () => {
  const refused = 'NOREPLICAS Not enough good replicas to write.';
  const { code, stderr } = await run(`async start() { throw new Error('${refused}'); },`).ended;
  expect(code).toBe(1);
  expect(stderr).toBe(`order: Redis (REDIS_URL) does not work for it now: ${refused}\n`);
});

test('a start that waits for ever can be ended', async () => {
  const { child, ended } = run(
    `async start() { say('starting'); await new Promise(() => setInterval(() => {}, 1000)); },`,
  );
  await once(child.stdout ?? child, 'data');
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
});

test('a stop that hangs is not waited for longer than the system may take: exit 1', async () => {
  const { child, listening, ended } = run('stop: () => new Promise(() => {}),');
  await listening;
  child.kill('SIGTERM');
  const { code, stdout } = await ended;
  expect(code).toBe(1);
  expect(stdout).toContain('not stopped within 2800 ms');
});

test('a fault that nobody caught ends the process with a record of it', async () => {
  const { ended } = run(`async start() { setTimeout(() => Promise.reject(new Error('lost')), 1); },`);
  const { code, stdout } = await ended;
  expect(code).toBe(1);
  expect(stdout).toMatch(/"level":"fatal".*"message":"lost"/);
});
