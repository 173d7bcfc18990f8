import { expect, test } from 'vitest';
import { readCommand } from './readCommand.ts';

test.each([
  ['stop exchange', { verb: 'stop', name: 'exchange' }],
  ['  start   point ', { verb: 'start', name: 'point' }],
  ['kill order\r', { verb: 'kill', name: 'order' }],
  ['status', { verb: 'status' }],
  ['quit', { verb: 'quit' }],
  ['', undefined],
  ['   ', undefined],
])('%j', (line, command) => {
  expect(readCommand(line)).toEqual(command);
});

test.each(['stop', 'stop a b', 'quit now', 'status order', 'restart order', 'toggle order'])(
  '%j is no command',
  (line) => {
    expect(() => readCommand(line)).toThrow(
      `'${line}' is no command; there are: stop S, start S, kill S, status, quit`,
    );
  },
);

test('an unknown service is named', () => {
  expect(() => readCommand('stop bank')).toThrow("no service 'bank'; there are order, exchange");
});
