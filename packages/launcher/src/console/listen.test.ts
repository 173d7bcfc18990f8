import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { until } from '../../../../tests/kit/until.ts';
import type { Command } from '../cli/readCommand.ts';
import { serviceNames } from '../services/serviceNames.ts';
import { type Input, listen } from './listen.ts';

function listening(isTTY: boolean) {
  const raw: boolean[] = [];
  const stream = new PassThrough();
  const input: Input = Object.assign(stream, { isTTY, setRawMode: (on: boolean) => raw.push(on) });
  const commands: Command[] = [];
  const said: string[] = [];
  let echoed = '';
  const giveBack = listen(input, serviceNames, {
    command: (command) => commands.push(command),
    say: (message) => said.push(message),
    echo: (text) => {
      echoed += text;
    },
  });
  return { stream, raw, commands, said, echoed: () => echoed, giveBack };
}

test('a terminal: keys at once, lines at Enter, and it is given back as it was', async () => {
  const { stream, raw, commands, said, echoed, giveBack } = listening(true);
  stream.write('1start point\rdance\rx2');
  await until('the keys to be read', () => commands.length === 3);
  expect(commands).toEqual([
    { verb: 'toggle', name: 'order' },
    { verb: 'start', name: 'point' },
    { verb: 'kill', name: 'exchange' },
  ]);
  expect(said).toEqual(["'dance' is no command; there are: stop S, start S, kill S, status, quit"]);
  expect(echoed()).toContain('start point\r\n');
  giveBack();
  expect(raw).toEqual([true, false]);
});

test('anything else: lines only, an empty one and the end of the input mean nothing', async () => {
  const { stream, raw, commands, said, giveBack } = listening(false);
  stream.end('1\n\nstop order\n');
  await until('the line to be read', () => commands.length === 1);
  expect(commands).toEqual([{ verb: 'stop', name: 'order' }]);
  expect(said).toHaveLength(1);
  giveBack();
  expect(raw).toEqual([]);
});
