import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connections } from 'common/redis/connections';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { until } from '../../../../tests/kit/until.ts';
import { defineScript } from './script.ts';
import { ScriptRunner } from './scriptRunner.ts';

// Goal: a script runs by its digest, whatever the server has forgotten, and its answer is what was declared. Method: a
// server of its own, flushed and killed; how often a text was sent is what the server counts.
const folder = mkdtempSync(join(tmpdir(), 'saga-lua-'));
const server = await startTestRedis();
const connections = new Connections(server.url, 'scripts', pino({ level: 'silent' }));
const redis = connections.commands;
beforeAll(() => connections.connect());
afterAll(async () => {
  await connections.closeAll();
  await server.stop();
  rmSync(folder, { recursive: true });
});

function script(name: string, text: string) {
  const file = join(folder, `${name}.lua`);
  writeFileSync(file, text);
  return defineScript({ name, file, keys: ['counter'], args: ['by'], replies: ['COUNTED'] });
}

const count = script('count', `#!lua\nreturn { 'COUNTED', redis.call('INCRBY', KEYS[1], ARGV[1]), unpack(ARGV, 2) }`);
const runner = new ScriptRunner();
const run = (by: number, more: string[] = []) => runner.run(redis, count, { counter: 'counter' }, { by }, more);

/** How often a script's text was sent since the server began. */
async function textsSent(): Promise<number> {
  return Number(/cmdstat_eval:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
}

test('the text is sent once, then only its digest', async () => {
  expect(await run(2)).toEqual({ word: 'COUNTED', rest: [2] });
  expect(await run(3)).toEqual({ word: 'COUNTED', rest: [5] });
  expect(await textsSent()).toBe(1);
});

test('after SCRIPT FLUSH it is sent again, and runs once', async () => {
  await redis.script('FLUSH');
  const before = Number(await redis.get('counter'));
  expect((await run(1)).rest).toEqual([before + 1]);
  expect(await textsSent()).toBe(2);
});

test('after a restart of Redis it is sent again', async () => {
  await server.kill();
  await server.restart();
  await until('a connection', () => redis.status === 'ready');
  expect((await run(7)).rest).toEqual([7]);
  expect(await textsSent()).toBe(1);
});

test('a list after the named arguments reaches the script', async () => {
  expect((await run(1, ['a', 'b'])).rest.slice(1)).toEqual(['a', 'b']);
});

test('an answer that was not declared is refused, by name', async () => {
  const other = script('other', `#!lua\nreturn { 'LOST' }`);
  const none = script('none', `#!lua\nreturn 1`);
  const parameters = [{ counter: 'counter' }, { by: 1 }] as const;
  await expect(runner.run(redis, other, ...parameters)).rejects.toThrow('other answered LOST, not one of COUNTED');
  await expect(runner.run(redis, none, ...parameters)).rejects.toThrow('none answered 1 instead of a list');
});

test("an error of the script is the caller's, and nothing is run twice for it", async () => {
  await redis.set('counter', 'no number');
  await expect(run(1)).rejects.toThrow('not an integer');
  expect(await redis.get('counter')).toBe('no number');
});

test('a part may be put in the place of a file, in every script', async () => {
  const timed = script('timed', `#!lua\nlocal tag = '0'\n-- @include clock\nreturn { 'COUNTED', now }`);
  const virtual = new ScriptRunner({ clock: 'local now = 42' });
  expect((await virtual.run(redis, timed, { counter: 'counter' }, { by: 0 })).rest).toEqual([42]);
  expect(virtual.source(timed)).not.toContain('TIME');
  const { rest } = await runner.run(redis, timed, { counter: 'counter' }, { by: 0 });
  expect(Math.abs(Number(rest[0]) - Date.now())).toBeLessThan(5_000);
});
