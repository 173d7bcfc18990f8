import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { isInForeground } from './foreground.ts';

test.each([
  ['S 1 7 5 34816 7 0 0', true],
  ['S 1 7 5 34816 9 0 0', false],
  ['S 1 7 5 0 -1 0 0', true],
  ['', true],
])('%j: %j', (stat, answer) => {
  expect(isInForeground(stat.split(' '))).toBe(answer);
});

/** Of util-linux: runs a command in a terminal of its own. */
const terminalProgram = 'script';
const hasTerminals = process.platform === 'linux' && spawnSync(terminalProgram, ['--version']).status === 0;

test.runIf(hasTerminals)('what a shell of a terminal runs is in the foreground, but for what it runs with &', () => {
  const program = `import(${JSON.stringify(import.meta.resolve('./foreground.ts'))}).then((m) => console.log(m.isInForeground()))`;
  const run = `'${process.execPath}' -e '${program}'`;
  const answerOf = (command: string) => {
    const shell = `bash -ic ${JSON.stringify(command)}`;
    return spawnSync(terminalProgram, ['-qec', shell, '/dev/null'], { encoding: 'utf8' }).stdout;
  };
  expect(answerOf(run)).toContain('true');
  expect(answerOf(`${run} & wait`)).toContain('false');
});
