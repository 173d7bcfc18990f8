import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { startSystem } from './kit/system.ts';
import { until } from './kit/until.ts';
import { isAsShown, requestOfCurl, requestOfHttpie, stepsOf } from './readmeSteps.ts';

// Goal: README's walk works as it is written. Method: every fenced command is run in order, in a shell, against a fresh
// system that the launcher runs as `npm start` does. What README shows must be in the answer. Only the port is another, and
// the deadline is shorter: the scenarios run with the real one, and here three orders wait for theirs.
const root = join(import.meta.dirname, '..');
const markdown = readFileSync(join(root, 'README.md'), 'utf8');
const steps = stepsOf(markdown);
const system = await startSystem({ env: { DEADLINE_MS: '3000' } });
afterAll(() => system.stop());

/** Commands of npm, by what they stand for here: this system is the one, this run of the tests is the other. */
const NPM = ['npm start', 'npm test'];
const here = (command: string) => command.replace('localhost:8088', system.urlOf('gateway').replace('http://', ''));
const run = promisify(execFile);
const said: Record<string, string> = { stop: 'stopped', start: 'up' };

describe('the walk', () => {
  test.each(steps)('$typed', async ({ typed, where, twin, shows }) => {
    if (where === 'launcher') {
      const [verb = '', name = ''] = typed.split(' ');
      await system.say(typed, `${name}: ${said[verb]}`);
      return;
    }
    if (NPM.includes(typed)) {
      expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts).toHaveProperty(typed.slice(4));
      return;
    }
    expect(requestOfHttpie(twin ?? '')).toEqual(requestOfCurl(typed));
    if (typed.startsWith('curl -sN ')) return expectStream(typed);
    let answer: unknown;
    const ask = async () => {
      answer = JSON.parse((await run('bash', ['-c', here(typed)])).stdout);
      return isAsShown(answer, shows);
    };
    expect(shows, `README shows what ${typed} answers`).toBeDefined();
    // Who reads and types is slower than the events: reading again is what waits for them.
    if (typed.includes(' -d ')) await ask();
    else await until(`${typed} to answer as shown`, ask).catch(() => undefined);
    expect(isAsShown(answer, shows), `answered ${JSON.stringify(answer)}\nshown    ${JSON.stringify(shows)}`).toBe(
      true,
    );
  });
});

/** What has happened comes at once, and the stream stays open until it is interrupted. */
async function expectStream(command: string): Promise<void> {
  const child = spawn('bash', ['-c', `exec ${here(command)}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  try {
    await until('the last event', () => output.includes('event: OrderPlaced'));
    expect(output).toContain('event: OrderCreated');
    expect(child.exitCode).toBeNull();
  } finally {
    child.kill('SIGINT');
  }
}

test('the walk passes through every scenario that can be walked', () => {
  const all = steps.map(({ typed }) => typed).join('\n');
  for (const part of ['"50000"', 'stop exchange', '"currencyId":"100"', '"currencyId":"200"', '/events']) {
    expect(all).toContain(part);
  }
});

const pages = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))];
const readmes = readdirSync(join(root, 'packages')).map((name) => join('packages', name, 'README.md'));

test.each([...pages, ...readmes].filter((path) => path.endsWith('.md')))('the links of %s lead somewhere', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const targets = [...text.matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g)].map(([, target = '']) => target);
  const local = targets.filter((target) => !/^https?:/.test(target));
  expect(local.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
});
