import { expect, test } from 'vitest';
import { chooseCut, commandsOf, timeOf } from './appendOnlyTail.ts';

const written = (...args: string[]) =>
  `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`;
const event = (at: number) => written('XADD', 'choreography.deadline:{0}', '*', 'eventType', 'x', 'timestamp', `${at}`);
const piece = (...commands: string[]) => Buffer.from(commands.join(''));
const first = (commands: readonly { args: string[] }[]) => commands.map(({ args }) => args[0]);

test('commands are found in a piece that begins and ends in the middle of one', () => {
  const tail = piece('xx\r\n', written('SET', 'a', 'ü'), written('MULTI'), event(5), '*2\r\n$3\r\nGE');
  expect(first(commandsOf(tail, false))).toEqual(['SET', 'MULTI', 'XADD']);
});

test('a value that looks like the beginning of a command is none', () => {
  const tail = piece(
    'xx\r\n',
    written('SET', 'a', '\r\n*1\r\n$4\r\nPING\r\n'),
    written('A'),
    written('B'),
    written('C'),
  );
  expect(first(commandsOf(tail, false))).toEqual(['SET', 'A', 'B', 'C']);
});

test('events and signs of life tell the time, other commands do not', () => {
  const commands = commandsOf(
    piece(event(7), written('ZADD', 'choreography.deadline.lease:{0}:x', '9', 'n'), written('SET', 'a', '1')),
    true,
  );
  expect(commands.map(timeOf)).toEqual([7, 9, undefined]);
});

test('the cut takes what was written in the last ms, and tells from when on writes are lost', () => {
  const commands = commandsOf(piece(event(100), written('SET', 'a', '1'), event(200), event(300)), true);
  const cut = chooseCut(commands, { ms: 100, killedAt: 250 }, () => 0);
  expect(cut).toEqual({ offset: commands[2]?.start, commands: 2, lostFrom: 100, wroteUntil: 300 });
});

test('within a transaction: Redis keeps nothing of it, so what is lost begins before it', () => {
  const commands = commandsOf(
    piece(event(100), written('MULTI'), event(200), event(201), written('EXEC'), event(300)),
    true,
  );
  const cut = chooseCut(commands, { ms: 99, killedAt: 300 }, () => 0);
  expect(cut).toEqual({ offset: commands[3]?.start, commands: 5, lostFrom: 100, wroteUntil: 300 });
});

test('nothing to cut where the file tells no time', () => {
  expect(
    chooseCut(commandsOf(piece(written('SET', 'a', '1')), true), { ms: 100, killedAt: 0 }, () => 0),
  ).toBeUndefined();
});

test('nothing to cut where nothing was written in the time before the kill: it was synced long ago', () => {
  const commands = commandsOf(piece(event(100), event(200)), true);
  expect(chooseCut(commands, { ms: 900, killedAt: 1_101 }, () => 0)).toBeUndefined();
});
